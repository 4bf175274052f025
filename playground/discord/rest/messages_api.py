"""Messages in channels by bot token: everything here needs the bot's own permissions."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.discord.activity.chat import Chat, MessageDetails
from playground.discord.payloads.message_payloads import message_json
from playground.discord.rest.message_builder import MessageBuilder, wanted_flags
from playground.discord.rest.rest import Answer, Call, Route
from playground.discord.rules.errors import (
    cannot_message_user,
    invalid_form,
    missing_access,
    missing_permissions,
    no_history,
    no_messages_here,
    not_the_author,
    thread_archived,
    unknown_channel,
    unknown_message,
)
from playground.discord.rules.forms import FormCheck, is_snowflake
from playground.discord.rules.mentions import BY_DEFAULT_IN_CHANNELS, allowed_mentions
from playground.discord.rules.place_rules import check_editing, check_posting
from playground.discord.state.entities import Message
from playground.discord.state.messages import MessageFlag, MessageType
from playground.discord.state.permissions import Permission
from playground.json_types import Json

if TYPE_CHECKING:
    from playground.discord.state.clock import Clock
    from playground.discord.state.entities import Channel, Member
    from playground.discord.state.world import World

NONCE_SECONDS: Final = 180.0
"""How long an enforced nonce brings back the first message: "the past few minutes"."""

_CHANNEL = "/channels/{channel_id:[0-9]+}/messages"
_MESSAGE = _CHANNEL + "/{message_id:[0-9]+}"
_REACTION = _MESSAGE + "/reactions/{emoji}/@me"
_MAX_NONCE: Final = 25
_MAX_LISTED: Final = 100


@dataclass(frozen=True, slots=True)
class _Nonce:
    channel_id: int
    nonce: str


class MessagesApi:
    """Create, list, read, edit and delete."""

    def __init__(
        self, world: "World", chat: Chat, message_builder: MessageBuilder, clock: "Clock"
    ) -> None:
        self._world = world
        self._chat = chat
        self._message_builder = message_builder
        self._clock = clock
        self._nonces: dict[_Nonce, tuple[float, Message]] = {}

    def routes(self) -> list[Route]:
        """The endpoints."""
        return [
            Route("POST", _CHANNEL, "discord.create_message", self._create),
            Route("GET", _CHANNEL, "discord.list_messages", self._list),
            Route("GET", _MESSAGE, "discord.get_message", self._get),
            Route("PATCH", _MESSAGE, "discord.edit_message", self._edit),
            Route("DELETE", _MESSAGE, "discord.delete_message", self._delete),
            Route("PUT", _REACTION, "discord.add_reaction", self._react),
        ]

    def _channel(self, call: Call, needed: Permission) -> "Channel":
        channel = self._world.channel(call.id("channel_id"))
        if channel is None:
            raise unknown_channel()
        bot = channel.guild.members.get(self._world.bot.id)
        if bot is None or not bot.may(channel, Permission.VIEW_CHANNEL):
            raise missing_access()
        if needed & Permission.READ_MESSAGE_HISTORY and not _may_listen(channel, bot):
            raise missing_access()
        if not channel.kind.has_messages:
            raise no_messages_here()
        if call.body.files:
            needed |= Permission.ATTACH_FILES
        if not bot.may(channel, needed):
            raise missing_permissions()
        return channel

    def _message(self, call: Call, needed: Permission) -> Message:
        channel = self._channel(call, needed)
        message = channel.messages.get(call.id("message_id"))
        if message is None or message.deleted or message.ephemeral:
            raise unknown_message()
        return message

    async def _create(self, call: Call) -> Answer:
        channel = self._channel(call, Permission.SEND_MESSAGES)
        check_posting(channel, channel.guild.members[self._world.bot.id])
        if channel.recipient is not None and not channel.recipient.takes_direct_messages:
            raise cannot_message_user()
        data = call.body.object()
        nonce = _nonce(data)
        if data.get("enforce_nonce") and (first := self._sent_before(channel, nonce)):
            return 200, message_json(first, self._world)
        reference = self._reference(channel, data)
        data = data | {"flags": int(wanted_flags(data) & ~MessageFlag.EPHEMERAL)}
        shown = self._message_builder.new(data, call.body, self._clock.now(), channel.id)
        kind = MessageType.DEFAULT if reference is None else MessageType.REPLY
        origin = MessageDetails(kind, nonce=nonce, reference=reference)
        allowed = allowed_mentions(data, BY_DEFAULT_IN_CHANNELS)
        message = self._chat.post(channel, self._world.bot, shown, allowed, origin)
        if nonce is not None:
            key = _Nonce(channel.id, str(nonce))
            self._nonces[key] = (self._clock.seconds(), message)
        return 200, message_json(message, self._world)

    def _sent_before(self, channel: "Channel", nonce: str | int | None) -> Message | None:
        at, message = self._nonces.get(_Nonce(channel.id, str(nonce)), (0.0, None))
        return message if self._clock.seconds() - at < NONCE_SECONDS else None

    def _reference(self, channel: "Channel", data: Json) -> Message | None:
        given = data.get("message_reference")
        if given is None:
            return None
        bot = channel.guild.members[self._world.bot.id]
        if not bot.may(channel, Permission.READ_MESSAGE_HISTORY):
            raise no_history()
        place = given.get("guild_id")
        if place is not None and (channel.recipient or str(place) != str(channel.guild.id)):
            code = "MESSAGE_REFERENCE_GUILD_MISMATCH"
            raise invalid_form({"message_reference": (code, "Of another guild")})
        wanted = given.get("message_id")
        found = channel.messages.get(int(wanted)) if is_snowflake(wanted) else None
        if found is not None and not found.deleted and not found.ephemeral:
            return found
        if given.get("fail_if_not_exists") is not False:
            code = "REPLIES_UNKNOWN_MESSAGE"
            raise invalid_form({"message_reference": (code, "Unknown message")})
        return None

    async def _list(self, call: Call) -> Answer:
        channel = self._channel(call, Permission.READ_MESSAGE_HISTORY)
        form = FormCheck()
        limit = call.request.query.get("limit", "50")
        form.choice("limit", int(limit) if limit.isdigit() else None, range(1, _MAX_LISTED + 1))
        after = call.request.query.get("after")
        if after is not None and not is_snowflake(after):
            form.fault("after", "NUMBER_TYPE_COERCE", f'Value "{after}" is not snowflake.')
        form.finish()
        shown = [m for m in channel.messages.values() if not m.deleted and not m.ephemeral]
        shown.sort(key=lambda message: message.id)
        if after is None:
            listed = shown[-int(limit) :]
        else:
            listed = [message for message in shown if message.id > int(after)][: int(limit)]
        return 200, [message_json(message, self._world) for message in reversed(listed)]

    async def _get(self, call: Call) -> Answer:
        message = self._message(call, Permission.READ_MESSAGE_HISTORY)
        return 200, message_json(message, self._world)

    async def _edit(self, call: Call) -> Answer:
        message = self._message(call, Permission.SEND_MESSAGES)
        if message.author is not self._world.bot:
            raise not_the_author()
        check_editing(message.channel, message.channel.guild.members[self._world.bot.id])
        data = call.body.object()
        shown = self._message_builder.edited(data, call.body, message, self._clock.now())
        self._chat.edit(message, shown, allowed_mentions(data, BY_DEFAULT_IN_CHANNELS))
        return 200, message_json(message, self._world)

    async def _delete(self, call: Call) -> Answer:
        message = self._message(call, Permission.VIEW_CHANNEL)
        if message.channel.archived:
            raise thread_archived()
        if message.author is not self._world.bot:
            self._channel(call, Permission.MANAGE_MESSAGES)
        self._chat.delete(message)
        return 204, None

    async def _react(self, call: Call) -> Answer:
        needed = Permission.READ_MESSAGE_HISTORY | Permission.ADD_REACTIONS
        message = self._message(call, needed)
        if message.channel.archived:
            raise thread_archived()
        emoji = call.request.match_info["emoji"]
        if emoji not in message.reactions:
            message.reactions.append(emoji)
        return 204, None


def _may_listen(channel: "Channel", bot: "Member") -> bool:
    # The chat of a voice channel is read only by who may connect to it.
    return not channel.kind.has_voice or bot.may(channel, Permission.CONNECT)


def _nonce(data: Json) -> str | int | None:
    nonce: str | int | None = data.get("nonce")
    form = FormCheck()
    if isinstance(nonce, str):
        form.text("nonce", nonce, 0, _MAX_NONCE)
    form.finish()
    return nonce
