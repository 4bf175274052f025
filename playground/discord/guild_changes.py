"""What happens to a guild besides what is said in it: members, roles and channels change."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from playground.discord.payloads.place_payloads import channel_for_bot_json
from playground.discord.payloads.state_payloads import (
    channel_json,
    guild_json,
    member_with_user_json,
    role_json,
    user_json,
)
from playground.discord.state.channel_kinds import ChannelKind
from playground.discord.state.default_world import INVITED_BOT
from playground.discord.state.entities import (
    Channel,
    Guild,
    Member,
    Overwrite,
    Role,
    User,
    permissions_in_guild,
)
from playground.discord.state.permissions import NO_PERMISSIONS, Permission
from playground.json_types import Json

if TYPE_CHECKING:
    from playground.discord.composition import Composition


class GuildChanges:
    """Changes the world and tells the bot. `guild` is the first one when not said."""

    def __init__(self, parts: "Composition") -> None:
        self._parts = parts
        self.world = parts.world
        self.gateway = parts.gateway

    def set_roles(self, member: Member, roles: Sequence[Role]) -> None:
        """Let the member have exactly these roles beside @everyone, as a moderator decides."""
        with self._views_of_bot(member.guild):
            member.roles[:] = roles
        payload = member_with_user_json(member) | {"guild_id": str(member.guild.id)}
        self.gateway.publish("GUILD_MEMBER_UPDATE", payload, member.guild)
        self._parts.changes.notify()

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with everything in it, its threads too; what was in a category stays."""
        for child in [it for it in channel.guild.channels.values() if it.parent is channel]:
            if child.kind.is_thread:
                self.delete_channel(child)
            else:
                child.parent = None
                self.tell_of_channel("CHANNEL_UPDATE", child)
        for message in channel.messages.values():
            message.deleted = True
        if channel.kind.is_thread:
            payload = channel_json(channel)
            self.gateway.publish("THREAD_DELETE", payload, channel.guild, channel)
        else:
            self.tell_of_channel("CHANNEL_DELETE", channel)
        channel.deleted = True
        del channel.guild.channels[channel.id]
        self._parts.changes.notify()

    def remove_bot_permissions(self, channel: Channel, permissions: Permission) -> None:
        """Deny the bot these permissions in the channel."""
        self._overwrite_bot(channel, Overwrite("member", deny=permissions))

    def grant_bot_permissions(self, channel: Channel, permissions: Permission) -> None:
        """Let the bot do this in the channel, whatever its roles say."""
        self._overwrite_bot(channel, Overwrite("member", allow=permissions))

    def _overwrite_bot(self, channel: Channel, overwrite: Overwrite) -> None:
        channel.overwrites[self.world.bot.id] = overwrite
        self.tell_of_channel("CHANNEL_UPDATE", channel)
        self._parts.changes.notify()

    @contextmanager
    def _views_of_bot(self, guild: Guild) -> Generator[None, None, None]:
        """Tell the bot of each channel that a change hides from it, or shows to it."""
        bot = guild.members.get(self.world.bot.id)
        places = [it for it in guild.channels.values() if not it.kind.is_thread]
        before = [bot is not None and bot.may(it, Permission.VIEW_CHANNEL) for it in places]
        yield
        for channel, could in zip(places, before, strict=True):
            if bot is not None and bot.may(channel, Permission.VIEW_CHANNEL) is not could:
                self.tell_of_channel("CHANNEL_UPDATE", channel)

    def tell_of_channel(self, event: str, channel: Channel) -> None:
        """Tell the bot of a channel, without what is in it where the bot may not view it."""
        bot = channel.guild.members.get(self.world.bot.id)
        if bot is not None:
            self.gateway.deliver(event, channel_for_bot_json(channel, bot), channel.guild)

    def add_member(
        self, username: str, roles: Sequence[Role] = (), *, guild: Guild | None = None
    ) -> Member:
        """A new person in the guild (the first one when not said)."""
        return self.world.join(guild or self.world.guild, self.world.new_user(username), [*roles])

    def remove_member(self, member: Member) -> None:
        """Let a person leave the guild; their account and messages stay."""
        guild = member.guild
        self.world.leave(member)
        payload = {"guild_id": str(guild.id), "user": user_json(member.user)}
        self.gateway.publish("GUILD_MEMBER_REMOVE", payload, guild)
        self._parts.changes.notify()

    def time_out(self, member: Member, until: datetime | None) -> None:
        """Let a person say nothing in the guild until then, as a moderator decides."""
        member.timed_out_until = until
        payload = member_with_user_json(member) | {"guild_id": str(member.guild.id)}
        self.gateway.publish("GUILD_MEMBER_UPDATE", payload, member.guild)
        self._parts.changes.notify()

    def add_role(self, name: str, *, guild: Guild | None = None) -> Role:
        """A new role in the guild (the first one when not said), without permissions."""
        guild = guild or self.world.guild
        role = self.world.add_role(guild, name, NO_PERMISSIONS)
        self._tell_of_role("GUILD_ROLE_CREATE", guild, {"role": role_json(role)})
        return role

    def rename_role(self, role: Role, name: str, *, guild: Guild | None = None) -> None:
        """Give a role another name."""
        role.name = name
        guild = guild or self.world.guild
        self._tell_of_role("GUILD_ROLE_UPDATE", guild, {"role": role_json(role)})

    def set_role_permissions(self, role: Role, permissions: Permission, guild: Guild) -> None:
        """Change what a role of the guild lets its members do."""
        with self._views_of_bot(guild):
            role.permissions = permissions
        self._tell_of_role("GUILD_ROLE_UPDATE", guild, {"role": role_json(role)})

    def delete_role(self, role: Role, *, guild: Guild | None = None) -> None:
        """Take a role away from the guild and all who have it."""
        guild = guild or self.world.guild
        del guild.roles[role.id]
        for member in guild.members.values():
            if role in member.roles:
                self.set_roles(member, [one for one in member.roles if one is not role])
        self._tell_of_role("GUILD_ROLE_DELETE", guild, {"role_id": str(role.id)})

    def _tell_of_role(self, event: str, guild: Guild, data: Json) -> None:
        self.gateway.publish(event, {"guild_id": str(guild.id), **data}, guild)
        self._parts.changes.notify()

    def add_automod_rule(self, name: str, *, guild: Guild | None = None, **changes: Any) -> Json:  # noqa: ANN401 - JSON
        """A new AutoMod rule of the guild (the first one when not said), which blocks messages.

        It has no words; `changes` replaces keys of Discord's object, `trigger_metadata` in part.
        """
        guild = guild or self.world.guild
        words: Json = {"keyword_filter": [], "regex_patterns": [], "allow_list": []}
        rule: Json = {
            "id": str(self.world.new_id()),
            "guild_id": str(guild.id),
            "creator_id": str(guild.owner_id),
            "name": name,
            "event_type": 1,
            "trigger_type": 1,
            "actions": [{"type": 1, "metadata": {}}],
            "enabled": True,
            "exempt_roles": [],
            "exempt_channels": [],
            **changes,
            "trigger_metadata": words | changes.get("trigger_metadata", {}),
        }
        guild.automod_rules[int(rule["id"])] = rule
        self._tell_of_rule("CREATE", rule, guild)
        return rule

    def delete_automod_rule(self, rule: Json, *, guild: Guild | None = None) -> None:
        """Take a rule away."""
        guild = guild or self.world.guild
        del guild.automod_rules[int(rule["id"])]
        self._tell_of_rule("DELETE", rule, guild)

    def _tell_of_rule(self, what: str, rule: Json, guild: Guild) -> None:
        bot = guild.members.get(self.world.bot.id)
        if bot and permissions_in_guild(bot) & Permission.MANAGE_GUILD:
            self.gateway.publish(f"AUTO_MODERATION_RULE_{what}", rule, guild)
        self._parts.changes.notify()

    def add_channel(
        self,
        name: str,
        *,
        guild: Guild | None = None,
        kind: ChannelKind = ChannelKind.TEXT,
        parent: Channel | None = None,
        nsfw: bool = False,
    ) -> Channel:
        """A new channel or thread in the guild (the first one when not said), open to everyone.

        `parent` is the category of a channel, and the channel or forum of a thread.
        """
        channel = self.world.add_channel(guild or self.world.guild, name, kind=kind, parent=parent)
        channel.nsfw = nsfw
        if kind.is_thread:
            payload = channel_json(channel) | {"newly_created": True}
            self.gateway.publish("THREAD_CREATE", payload, channel.guild, channel)
        else:
            self.tell_of_channel("CHANNEL_CREATE", channel)
        return channel

    def add_guild(self, name: str, owner: User | None = None) -> Guild:
        """A new guild with the channel general, into which the bot was invited."""
        owner = owner or self.world.new_user(f"owner of {name}")
        guild = self.world.add_guild(name, owner, INVITED_BOT)
        self.world.add_channel(guild, "general")
        self.gateway.announce_guild(guild)
        return guild

    def give_guild(self, guild: Guild, owner: User) -> None:
        """Let another person own the guild."""
        guild.owner_id = owner.id
        self.gateway.publish("GUILD_UPDATE", guild_json(guild), guild)

    def remove_bot(self, guild: Guild) -> None:
        """Throw the bot out of the guild."""
        self.gateway.publish("GUILD_DELETE", {"id": str(guild.id)}, guild)
        self.world.leave(guild.members[self.world.bot.id])
        self._parts.changes.notify()
