"""What a bot does with an interaction's token after the first answer."""

from typing import TYPE_CHECKING, Any

from playground.discord.activity.chat import Chat, MessageDetails
from playground.discord.activity.interactions import Callback, Interaction, Interactions
from playground.discord.payloads.message_payloads import message_json
from playground.discord.rest.message_builder import MessageBuilder, wanted_flags
from playground.discord.rest.rest import Answer, Call, Route
from playground.discord.rules.errors import unknown_channel, unknown_message
from playground.discord.rules.mentions import BY_DEFAULT_IN_WEBHOOKS, allowed_mentions
from playground.discord.rules.place_rules import check_answering, check_editing
from playground.discord.state.entities import Message
from playground.discord.state.messages import MessageFlag, MessageType

if TYPE_CHECKING:
    from playground.discord.rest.uploads import Body
    from playground.discord.state.clock import Clock
    from playground.discord.state.entities import Channel, Member
    from playground.discord.state.world import World

_WEBHOOK = "/webhooks/{application_id}/{token}"
_ORIGINAL = _WEBHOOK + "/messages/@original"
_FOLLOWUP = _WEBHOOK + "/messages/{message_id:[0-9]+}"


class WebhooksApi:
    """The original answer and follow-ups; the token in the path is all the authentication."""

    def __init__(
        self,
        world: "World",
        chat: Chat,
        message_builder: MessageBuilder,
        interactions: Interactions,
        clock: "Clock",
    ) -> None:
        self._world = world
        self._chat = chat
        self._message_builder = message_builder
        self._interactions = interactions
        self._clock = clock

    def routes(self) -> list[Route]:
        """Create, read, edit and delete."""
        return [
            Route("POST", _WEBHOOK, "discord.followup", self._follow_up, "path"),
            Route("GET", _ORIGINAL, "discord.get_original", self._get, "path"),
            Route("PATCH", _ORIGINAL, "discord.edit_original", self._edit, "path"),
            Route("DELETE", _ORIGINAL, "discord.delete_original", self._delete, "path"),
            Route("GET", _FOLLOWUP, "discord.get_followup", self._get, "path"),
            Route("PATCH", _FOLLOWUP, "discord.edit_followup", self._edit, "path"),
            Route("DELETE", _FOLLOWUP, "discord.delete_followup", self._delete, "path"),
        ]

    def _interaction(self, call: Call) -> Interaction:
        token = call.request.match_info["token"]
        return self._interactions.to_follow_up(call.id("application_id"), token)

    def _message(self, call: Call) -> Message:
        interaction = self._interaction(call)
        message = interaction.original
        if "message_id" in call.request.match_info:
            wanted = call.id("message_id")
            mine = [*interaction.followups, *([message] if message else [])]
            message = next((m for m in mine if m.id == wanted), None)
        if message is None or message.deleted:
            raise unknown_message()
        return message

    async def _get(self, call: Call) -> Answer:
        return 200, message_json(self._message(call), self._world)

    async def _edit(self, call: Call) -> Answer:
        message = self._message(call)
        self._check_editing(message)
        self._show(message, call.body.object(), call.body)
        return 200, message_json(message, self._world)

    async def _delete(self, call: Call) -> Answer:
        self._chat.delete(self._message(call))
        return 204, None

    async def _follow_up(self, call: Call) -> Answer:
        interaction = self._interaction(call)
        if interaction.channel.deleted:
            raise unknown_channel()
        message = self._thinking(interaction)
        if message is None:
            in_private = bool(wanted_flags(call.body.object()) & MessageFlag.EPHEMERAL)
            bot = self._bot(interaction.channel)
            check_answering(interaction.channel, bot, in_private=in_private)
            message = self._new(interaction, call)
        else:
            self._check_editing(message)
            self._show(message, call.body.object(), call.body)
        self._interactions.follow_up(interaction, message)
        return 200, message_json(message, self._world)

    def _check_editing(self, message: Message) -> None:
        # What its viewer alone sees is no part of the thread.
        if not message.ephemeral:
            check_editing(message.channel, self._bot(message.channel))

    def _bot(self, channel: "Channel") -> "Member | None":
        return channel.guild.members.get(self._world.bot.id)

    def _thinking(self, interaction: Interaction) -> Message | None:
        # The first follow-up after a defer takes the place of "… is thinking".
        message = interaction.original
        waits = interaction.callback is Callback.DEFER and message is not None
        return message if waits and message and message.loading and not message.deleted else None

    def _new(self, interaction: Interaction, call: Call) -> Message:
        data = call.body.object()
        channel_id = interaction.channel.id
        shown = self._message_builder.new(data, call.body, self._clock.now(), channel_id)
        original = interaction.original
        ephemeral = shown.flags & MessageFlag.EPHEMERAL
        origin = MessageDetails(
            kind=MessageType.REPLY if original else MessageType.DEFAULT,
            viewer=interaction.member.user if ephemeral else None,
            reference=original,
            interaction=interaction.metadata | _original_id(original),
        )
        allowed = allowed_mentions(data, BY_DEFAULT_IN_WEBHOOKS)
        return self._chat.post(interaction.channel, self._world.bot, shown, allowed, origin)

    def _show(self, message: Message, data: dict[str, Any], body: "Body") -> None:
        shown = self._message_builder.edited(data, body, message, self._clock.now())
        allowed = allowed_mentions(data, BY_DEFAULT_IN_WEBHOOKS)
        self._chat.edit(message, shown, allowed, mark_edited=not message.loading)


def _original_id(original: Message | None) -> dict[str, str]:
    return {} if original is None else {"original_response_message_id": str(original.id)}
