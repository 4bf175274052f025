"""What a person sees: the server, its people, their messages, and what they have not read."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from playground.discord import Channel, DiscordStandIn, Member, Message, Permission
from playground.discord.payloads.message_payloads import message_json
from playground.discord.payloads.state_payloads import channel_json, role_json
from playground.discord.rules.place_rules import may_write
from playground.json_types import Json
from playground.stack.stack import LocalStack

Version = tuple[int, ...]


@dataclass(slots=True)
class View:
    """One state for all pages: what everybody has read, and what they waved away.

    Of the members who are counted in the crowd only their number is told, not who they are: a
    page plays nobody of them, and to look through hundreds of eyes would take it too long.
    """

    stack: LocalStack
    _read: dict[tuple[int, int], int] = field(default_factory=dict)
    _dismissed: set[int] = field(default_factory=set)
    _crowd: set[int] = field(default_factory=set)

    @property
    def discord(self) -> DiscordStandIn:
        """The stand-in that is looked at."""
        return self.stack.discord

    def state_json(self) -> Json:
        """The server as it is now; `playground/README.md` documents it."""
        guild = self.discord.world.guild
        members = [it for it in guild.members.values() if it.id not in self._crowd]
        people = [member for member in members if not member.user.bot]
        people.sort(key=lambda member: member.id == guild.owner_id)
        roles = sorted(guild.roles.values(), key=lambda role: -role.position)
        return {
            "guild": {"id": str(guild.id), "name": guild.name, "owner": str(guild.owner_id)},
            "channels": [self._place(channel) for channel in guild.channels.values()],
            "roles": [role_json(role) for role in roles if role is not guild.everyone],
            "people": [self._person(member) for member in people],
            "apps": [self._account(member) for member in members if member.user.bot],
            "crowd": self.crowd,
            "bot": {
                "running": self.stack.bot.running,
                "connected": self.discord.gateway.connected,
            },
        }

    @property
    def crowd(self) -> int:
        """How many members are not told of one by one."""
        return len(self._crowd)

    def count_in_crowd(self, member: Member) -> None:
        """Do not tell of this member, but count them."""
        self._crowd.add(member.id)

    def messages(self, channel: Channel, viewer: Member) -> list[Message]:
        """The messages that the viewer sees and has not dismissed, oldest first."""
        seen = self.discord.visible(channel, viewer)
        return [message for message in seen if message.id not in self._dismissed]

    def message_json(self, message: Message, viewer: Member) -> Json:
        """A message as Discord's JSON, without the one it answers where the viewer sees none."""
        shown = message_json(message, self.discord.world)
        answered = message.reference
        if answered is not None and answered.viewer not in (None, viewer.user):
            shown["referenced_message"] = None
        return shown

    def version(self, message: Message) -> Version:
        """What changes whenever the message looks different."""
        answered = message.reference
        reference = (len(answered.revisions), answered.deleted) if answered is not None else ()
        return (len(message.revisions), *reference)

    def dismiss(self, message: Message) -> None:
        """Hide an ephemeral message from its viewer; the bot does not hear of it."""
        self._dismissed.add(message.id)

    def mark_read(self, channel: Channel, viewer: Member) -> None:
        """The viewer looks at the channel."""
        self._read[viewer.id, channel.id] = max(channel.messages, default=0)

    def _place(self, channel: Channel) -> Json:
        bot = channel.guild.members.get(self.discord.world.bot.id)
        sees = bot is not None and bot.may(channel, Permission.VIEW_CHANNEL)
        return channel_json(channel) | {"bot_sees": sees}

    def _person(self, member: Member) -> Json:
        channels = {str(channel.id): mark for channel, mark in self._marks(member)}
        account = self._account(member)
        facts = {"locale": member.user.locale, "timed_out": member.is_timed_out}
        return account | facts | {"channels": channels}

    def _account(self, member: Member) -> Json:
        return {
            "id": str(member.id),
            "username": member.user.username,
            "name": member.name,
            "bot": member.user.bot,
            "roles": [str(role.id) for role in member.roles],
        }

    def _marks(self, member: Member) -> Iterator[tuple[Channel, Json]]:
        for channel in member.guild.channels.values():
            if not member.may(channel, Permission.VIEW_CHANNEL):
                continue
            since = self._read.get((member.id, channel.id), 0)
            news = [m for m in self.messages(channel, member) if m.id > since]
            pings = [n for n in self.discord.notifications if n.user is member.user]
            yield (
                channel,
                {
                    "unread": any(message.author is not member.user for message in news),
                    "pings": sum(ping.message in news for ping in pings),
                    "may_send": may_write(channel, member),
                },
            )
