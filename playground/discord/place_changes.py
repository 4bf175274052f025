"""What happens to channels and threads: archived, locked, slowed, hidden from the bot."""

from playground.discord.guild_changes import GuildChanges
from playground.discord.payloads.place_payloads import thread_for_member_json
from playground.discord.state.channel_kinds import ChannelKind
from playground.discord.state.entities import Channel, Member, Overwrite
from playground.discord.state.permissions import Permission
from playground.json_types import Json


class PlaceChanges(GuildChanges):
    """Changes places and tells the bot of those that it may view."""

    def add_thread(
        self, name: str, channel: Channel, *members: Member, is_private: bool = False
    ) -> Channel:
        """A thread with these members, of the kind that its channel has; in a forum, a post."""
        kind = ChannelKind.PRIVATE_THREAD if is_private else ChannelKind.PUBLIC_THREAD
        if channel.kind is ChannelKind.ANNOUNCEMENT:
            kind = ChannelKind.ANNOUNCEMENT_THREAD
        thread = self.world.add_channel(channel.guild, name, kind=kind, parent=channel)
        thread.joined |= {member.id for member in members}
        self._tell_of_thread("THREAD_CREATE", thread, {"newly_created": True})
        return thread

    def join_thread(self, thread: Channel, member: Member) -> None:
        """Add a member to a thread, as by a mention in it."""
        thread.joined.add(member.id)
        if member.user is self.world.bot:
            self._tell_of_thread("THREAD_CREATE", thread)
        self._parts.changes.notify()

    def set_thread(
        self, thread: Channel, *, archived: bool | None = None, locked: bool | None = None
    ) -> None:
        """Archive or lock a thread, or undo it, as a moderator or its age does."""
        thread.archived = thread.archived if archived is None else archived
        thread.locked = thread.locked if locked is None else locked
        self._tell_of_thread("THREAD_UPDATE", thread)
        self._parts.changes.notify()

    def set_slowmode(self, channel: Channel, seconds: int) -> None:
        """Let people write in a channel only once in so many seconds; 0 is as often as they like.

        Bots are exempt.
        """
        channel.slowmode_seconds = seconds
        if channel.kind.is_thread:
            self._tell_of_thread("THREAD_UPDATE", channel)
        else:
            self.tell_of_channel("CHANNEL_UPDATE", channel)
        self._parts.changes.notify()

    def hide_from_bot(self, channel: Channel, *, hidden: bool = True) -> None:
        """Deny the bot the view of a channel and of all in it, or take that back."""
        if hidden:
            self.remove_bot_permissions(channel, Permission.VIEW_CHANNEL)
            return
        allow = Overwrite("member", allow=Permission.VIEW_CHANNEL)
        bot = channel.guild.members[self.world.bot.id]
        channel.overwrites.pop(bot.id, None)
        if not bot.may(channel, Permission.VIEW_CHANNEL):
            channel.overwrites[bot.id] = allow
        self.tell_of_channel("CHANNEL_UPDATE", channel)
        places = channel.guild.channels.values()
        threads = [it for it in places if it.parent is channel and it.kind.is_thread]
        open_ = [it for it in threads if not it.archived and bot.may(it, Permission.VIEW_CHANNEL)]
        payload = {
            "guild_id": str(channel.guild.id),
            "channel_ids": [str(channel.id)],
            "threads": [thread_for_member_json(it, bot.id) for it in open_],
            "members": [],
        }
        self.gateway.publish("THREAD_LIST_SYNC", payload, channel.guild)
        self._parts.changes.notify()

    def _tell_of_thread(self, event: str, thread: Channel, more: Json | None = None) -> None:
        payload = thread_for_member_json(thread, self.world.bot.id) | (more or {})
        self.gateway.publish(event, payload, thread.guild, thread)
