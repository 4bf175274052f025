"""INTERACTION_CREATE: what the bot is told when a person does something with it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from playground.discord.payloads.message_payloads import attachment_json, message_json
from playground.discord.payloads.state_payloads import (
    member_json,
    member_with_user_json,
    partial_channel_json,
    role_json,
    user_json,
)
from playground.discord.rules.command_rules import OptionType
from playground.discord.state.entities import (
    Channel,
    Guild,
    Member,
    Message,
    Role,
    User,
    permissions_in,
)
from playground.discord.state.messages import Attachment, Upload
from playground.discord.state.permissions import NO_PERMISSIONS
from playground.json_types import Json

if TYPE_CHECKING:
    from playground.discord.activity.cdn import Cdn
    from playground.discord.activity.interactions import Interaction
    from playground.discord.state.world import World


def metadata_json(interaction_id: int, kind: int, member: Member, guild: Guild) -> Json:
    """What messages say later about the interaction that caused them."""
    return {
        "id": str(interaction_id),
        "type": kind,
        "user": user_json(member.user),
        "authorizing_integration_owners": {"0": str(guild.id)},
    }


def interaction_json(
    interaction: "Interaction", world: "World", data: Json, size_limit: int
) -> Json:
    """The whole event; `size_limit` in bytes is what Discord claims for attachments."""
    guild, channel = interaction.channel.guild, interaction.channel
    bot = guild.members.get(world.bot.id)
    may = permissions_in(channel, interaction.member)
    member = member_with_user_json(interaction.member) | {"permissions": str(int(may))}
    payload: Json = {
        "id": str(interaction.id),
        "application_id": str(world.application_id),
        "type": int(interaction.type),
        "data": data,
        "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
        "guild_id": str(guild.id),
        "channel": partial_channel_json(channel, interaction.member),
        "channel_id": str(channel.id),
        "member": member,
        "token": interaction.token,
        "version": 1,
        "app_permissions": str(int(permissions_in(channel, bot) if bot else NO_PERMISSIONS)),
        "locale": interaction.member.user.locale,
        "guild_locale": guild.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": {"0": str(guild.id)},
        "context": 0,
        "attachment_size_limit": size_limit,
    }
    if interaction.source is not None and interaction.name is None:
        payload["message"] = message_json(interaction.source, world)
    if channel.recipient is not None:
        for key in ("guild", "guild_id", "guild_locale", "member"):
            del payload[key]
        payload |= {"user": user_json(interaction.member.user), "context": 1}
    return payload


class Resolved:
    """Collects what the values of an interaction refer to, by kind and id."""

    def __init__(self, channel: Channel, viewer: Member, world: "World", cdn: "Cdn") -> None:
        self._channel = channel
        self._guild = channel.guild
        self._viewer = viewer
        self._world = world
        self._cdn = cdn
        self.json: dict[str, Json] = {}

    def value(self, value: Any) -> Any:  # noqa: ANN401 - any option value
        """The value as it stands in the options; what has an id is described beside them.

        A bare id, of somebody who left or of a deleted role, stands alone.
        """
        match value:
            case Upload():
                return self._attachment(self._cdn.keep(value, self._channel.id, ephemeral=True))
            case User() | Member():
                return self.user(value)
            case Role():
                return self._put("roles", value.id, role_json(value))
            case Channel():
                shown = partial_channel_json(value, self._viewer)
                return self._put("channels", value.id, shown)
        return value

    def user(self, value: User | Member) -> str:
        """An account, and its membership if it is still in the guild."""
        account = value.user if isinstance(value, Member) else value
        member = self._guild.members.get(account.id)
        if member is not None:
            shown = member_json(member)
            del shown["mute"], shown["deaf"]
            self._put("members", account.id, shown | {"permissions": self._may(member)})
        return self._put("users", account.id, user_json(account))

    def message(self, message: Message) -> str:
        """A message."""
        return self._put("messages", message.id, message_json(message, self._world))

    def _attachment(self, attachment: Attachment) -> str:
        return self._put("attachments", attachment.id, attachment_json(attachment))

    def _may(self, member: Member) -> str:
        return str(int(permissions_in(self._channel, member)))

    def _put(self, kind: str, key: int, described: Json) -> str:
        self.json.setdefault(kind, {})[str(key)] = described
        return str(key)


def options_json(schemas: list[Json], values: Mapping[str, Any], resolved: Resolved) -> list[Json]:
    """The filled options; unknown names pass as text."""
    types = {schema["name"]: schema["type"] for schema in schemas}
    return [
        {
            "name": name,
            "type": int(types.get(name, OptionType.STRING)),
            "value": resolved.value(value),
        }
        for name, value in values.items()
    ]


def nested_options(path: list[Json], options: list[Json]) -> list[Json]:
    """The options below the subcommand groups and subcommands on the path."""
    for step in reversed(path):
        options = [{"name": step["name"], "type": int(step["type"]), "options": options}]
    return options
