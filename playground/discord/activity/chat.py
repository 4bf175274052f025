"""What happens in channels: messages appear, change and go, and people are pinged."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.discord.payloads.message_payloads import gateway_message_json
from playground.discord.payloads.place_payloads import thread_for_member_json
from playground.discord.payloads.state_payloads import channel_json
from playground.discord.rules.mentions import AllowedMentions, find_mentions, pinged
from playground.discord.state.entities import Message, Notification, permissions_in
from playground.discord.state.messages import MessageType, Revision
from playground.discord.state.permissions import Permission
from playground.json_types import Json

if TYPE_CHECKING:
    from playground.discord.gateway.gateway import Gateway
    from playground.discord.state.changes import Changes
    from playground.discord.state.clock import Clock
    from playground.discord.state.entities import Channel, User
    from playground.discord.state.snowflakes import Snowflakes
    from playground.discord.state.world import World


@dataclass(frozen=True, slots=True)
class MessageDetails:
    """Where a new message comes from beside its author, as the fields of `Message` say.

    `id` is a new one unless given.
    """

    kind: MessageType = MessageType.DEFAULT
    viewer: "User | None" = None
    nonce: str | int | None = None
    reference: Message | None = None
    interaction: Json | None = None
    interaction_name: str | None = None
    id: int | None = None


class Chat:
    """The only one who touches messages, so that every change is dispatched and noticed."""

    def __init__(
        self,
        world: "World",
        gateway: "Gateway",
        clock: "Clock",
        snowflakes: "Snowflakes",
        changes: "Changes",
    ) -> None:
        self._world = world
        self._gateway = gateway
        self._clock = clock
        self._snowflakes = snowflakes
        self._changes = changes
        self.notifications: list[Notification] = []

    def post(
        self,
        channel: "Channel",
        author: "User",
        shown: Revision,
        allowed: AllowedMentions,
        details: MessageDetails,
    ) -> Message:
        """A new message; pings whom it mentions, and opens an archived thread."""
        message = Message(
            id=details.id or self._snowflakes.next(),
            channel=channel,
            author=author,
            kind=details.kind,
            revisions=[shown],
            viewer=details.viewer,
            nonce=details.nonce,
            reference=details.reference,
            interaction=details.interaction,
            interaction_name=details.interaction_name,
        )
        self._mention(message, allowed)
        if channel.kind.is_thread and not message.ephemeral:
            self._enter(message)
        channel.messages[message.id] = message
        now = self._clock.now()
        self.notifications += [Notification(user, message, now) for user in pinged(message)]
        self._announce("MESSAGE_CREATE", message)
        return message

    def _enter(self, message: Message) -> None:
        """A message opens an archived thread; who writes it or is named in it joins the thread."""
        thread = message.channel
        members = [thread.guild.members.get(user.id) for user in message.mentions.users]
        may_view = Permission.VIEW_CHANNEL
        named = {it.id for it in members if it and permissions_in(thread, it) & may_view}
        # Whether an answer to a command makes the bot a member, Discord does not say.
        who = named if message.interaction else {message.author.id, *named}
        is_new = self._world.bot.id in who - thread.joined
        thread.joined |= who
        if is_new:
            payload = thread_for_member_json(thread, self._world.bot.id)
            self._gateway.publish("THREAD_CREATE", payload, thread.guild, thread)
        if thread.archived:
            thread.archived = False
            self._gateway.publish("THREAD_UPDATE", channel_json(thread), thread.guild, thread)

    def edit(
        self,
        message: Message,
        shown: Revision,
        allowed: AllowedMentions,
        *,
        mark_edited: bool = True,
    ) -> None:
        """Show something else; pings nobody."""
        message.revisions.append(shown)
        if mark_edited:
            message.edited_at = shown.at
        self._mention(message, allowed)
        self._announce("MESSAGE_UPDATE", message)

    def delete(self, message: Message) -> None:
        """Take the message away; its revisions stay to be looked at."""
        message.deleted = True
        if not message.ephemeral:
            guild = message.channel.guild
            data = {
                "id": str(message.id),
                "channel_id": str(message.channel.id),
            }
            if message.channel.recipient is None:
                data["guild_id"] = str(guild.id)
            self._gateway.publish("MESSAGE_DELETE", data, guild, message.channel)
        self._changes.notify()

    def _mention(self, message: Message, allowed: AllowedMentions) -> None:
        replied = None
        if message.kind is MessageType.REPLY and message.reference is not None:
            replied = message.reference.author
        guild = message.channel.guild
        message.mentions = find_mentions(message.now.text, guild, allowed, replied)

    def _announce(self, event: str, message: Message) -> None:
        if not message.ephemeral:
            payload = gateway_message_json(message, self._world)
            self._gateway.publish(event, payload, message.channel.guild, message.channel)
        self._changes.notify()
