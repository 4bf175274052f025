"""The first answer to an interaction."""

from typing import TYPE_CHECKING, Any

from playground.discord.activity.chat import Chat, MessageDetails
from playground.discord.activity.interactions import (
    Callback,
    Interaction,
    Interactions,
    InteractionType,
)
from playground.discord.payloads.message_payloads import message_json
from playground.discord.rest.message_builder import MessageBuilder, blank, wanted_flags
from playground.discord.rest.rest import Answer, Call, Route
from playground.discord.rules.errors import invalid_form, unknown_channel
from playground.discord.rules.forms import FormCheck
from playground.discord.rules.mentions import BY_DEFAULT_IN_WEBHOOKS, allowed_mentions
from playground.discord.rules.modal_rules import check_modal
from playground.discord.rules.place_rules import check_answering
from playground.discord.state.messages import MessageFlag, MessageType
from playground.json_types import Json

if TYPE_CHECKING:
    from playground.discord.rest.uploads import Body
    from playground.discord.state.clock import Clock
    from playground.discord.state.entities import Message
    from playground.discord.state.world import World

_ANY_MESSAGE = {Callback.MESSAGE, Callback.DEFER}
_ON_MESSAGES = {Callback.DEFER_UPDATE, Callback.UPDATE}
_ALLOWED = {
    InteractionType.COMMAND: _ANY_MESSAGE | {Callback.MODAL},
    InteractionType.COMPONENT: _ANY_MESSAGE | _ON_MESSAGES | {Callback.MODAL},
    InteractionType.AUTOCOMPLETE: {Callback.AUTOCOMPLETE},
    InteractionType.MODAL: _ANY_MESSAGE | _ON_MESSAGES,
}
_CALLBACK_PATH = "/interactions/{interaction_id}/{token}/callback"


class InteractionsApi:
    """The callback route; it needs no bot token, the interaction's own is in the path."""

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
        """The one endpoint."""
        return [
            Route(
                "POST",
                _CALLBACK_PATH,
                "discord.callback",
                self._callback,
                auth="path",
                tells_limits=False,
            ),
        ]

    async def _callback(self, call: Call) -> Answer:
        token = call.request.match_info["token"]
        interaction = self._interactions.to_acknowledge(call.id("interaction_id"), token)
        body = call.body.object()
        callback = _callback_type(body, interaction)
        if interaction.channel.deleted:
            raise unknown_channel()
        data = body.get("data") or {}
        if callback in _ANY_MESSAGE:
            bot = interaction.channel.guild.members.get(self._world.bot.id)
            in_private = bool(wanted_flags(data) & MessageFlag.EPHEMERAL)
            check_answering(interaction.channel, bot, in_private=in_private)
        message = self._perform(interaction, callback, data, call.body)
        self._interactions.acknowledge(interaction, callback)
        if not call.flag("with_response"):
            return 204, None
        return 200, self._response_json(interaction, callback, message)

    def _perform(
        self, interaction: Interaction, callback: Callback, data: Json, body: "Body"
    ) -> "Message | None":
        match callback:
            case Callback.MESSAGE | Callback.DEFER:
                interaction.original = self._first_message(interaction, callback, data, body)
            case Callback.UPDATE:
                interaction.original = self._update(interaction, data, body)
            case Callback.DEFER_UPDATE:
                interaction.original = interaction.source
            case Callback.AUTOCOMPLETE:
                interaction.choices = _choices(data)
            case Callback.MODAL:
                check_modal(data)
                interaction.modal = data
        return interaction.original

    def _first_message(
        self, interaction: Interaction, callback: Callback, data: Json, body: "Body"
    ) -> "Message":
        now = self._clock.now()
        if callback is Callback.DEFER:
            ephemeral = wanted_flags(data) & MessageFlag.EPHEMERAL
            shown = blank(now, ephemeral | MessageFlag.LOADING)
        else:
            shown = self._message_builder.new(data, body, now, interaction.channel.id)
        ephemeral = shown.flags & MessageFlag.EPHEMERAL
        origin = MessageDetails(
            kind=_kind(interaction),
            viewer=interaction.member.user if ephemeral else None,
            reference=interaction.source if _kind(interaction) is MessageType.REPLY else None,
            interaction=interaction.metadata,
            interaction_name=interaction.name,
        )
        allowed = allowed_mentions(data, BY_DEFAULT_IN_WEBHOOKS)
        return self._chat.post(interaction.channel, self._world.bot, shown, allowed, origin)

    def _update(self, interaction: Interaction, data: Json, body: "Body") -> "Message":
        message = interaction.source
        if message is None:
            raise invalid_form({"type": ("CALLBACK_TYPE", "There is no message to update.")})
        shown = self._message_builder.edited(data, body, message, self._clock.now())
        self._chat.edit(message, shown, allowed_mentions(data, BY_DEFAULT_IN_WEBHOOKS))
        return message

    def _response_json(
        self, interaction: Interaction, callback: Callback, message: "Message | None"
    ) -> Json:
        described: Json = {
            "id": str(interaction.id),
            "type": int(interaction.type),
            "channel_id": str(interaction.channel.id),
        }
        if interaction.channel.recipient is None:
            described["guild_id"] = str(interaction.channel.guild.id)
        answer: Json = {"interaction": described}
        if message is not None:
            described |= {
                "response_message_id": str(message.id),
                "response_message_loading": message.loading,
                "response_message_ephemeral": message.ephemeral,
            }
        if message is not None and callback in {Callback.MESSAGE, Callback.UPDATE}:
            shown = message_json(message, self._world)
            answer["resource"] = {"type": int(callback), "message": shown}
        return answer


def _callback_type(body: Json, interaction: Interaction) -> Callback:
    allowed = _ALLOWED[interaction.type]
    if interaction.type is InteractionType.MODAL and interaction.source is None:
        allowed = allowed - _ON_MESSAGES
    form = FormCheck()
    form.choice("type", body.get("type"), tuple(sorted(allowed)))
    form.finish()
    return Callback(body["type"])


def _kind(interaction: Interaction) -> MessageType:
    if interaction.type is not InteractionType.COMMAND:
        return MessageType.REPLY if interaction.source is not None else MessageType.DEFAULT
    is_menu = interaction.metadata.keys() & {"target_user", "target_message_id"}
    return MessageType.CONTEXT_MENU_COMMAND if is_menu else MessageType.CHAT_INPUT_COMMAND


def _choices(data: Json) -> list[Any]:
    form = FormCheck()
    choices = form.objects("data.choices", data.get("choices"), 0, 25)
    for index, choice in enumerate(choices):
        form.text(f"data.choices.{index}.name", choice.get("name"), 1, 100)
        if isinstance(choice.get("value"), str):
            form.text(f"data.choices.{index}.value", choice["value"], 0, 100)
    form.finish()
    return choices
