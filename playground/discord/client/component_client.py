"""A person at Discord's own client who presses buttons, chooses from menus, fills in forms."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from playground.discord.activity.interactions import Interaction, InteractionType
from playground.discord.client.modal_answers import answers_json
from playground.discord.rules.component_types import SELECTS, ComponentType
from playground.discord.rules.modal_rules import check_answers
from playground.discord.rules.option_rules import ClientRefusal
from playground.discord.rules.select_rules import check_choice
from playground.discord.state.permissions import Permission

if TYPE_CHECKING:
    from playground.discord.client.client_parts import ClientParts
    from playground.discord.state.entities import Member, Message
    from playground.json_types import Json


class ComponentClient:
    """Every action returns as soon as the bot was told; ClientRefusal where it cannot be done."""

    def __init__(self, parts: "ClientParts") -> None:
        self._parts = parts

    def press(self, member: "Member", message: "Message", custom_id: str) -> Interaction:
        """Press a button."""
        button = _component(member, message, custom_id, frozenset({ComponentType.BUTTON}))
        return self._act(member, message, button, None)

    def choose(
        self, member: "Member", message: "Message", custom_id: str, values: Sequence[Any]
    ) -> Interaction:
        """Choose from a select menu: texts, or members, roles and channels."""
        menu = _component(member, message, custom_id, SELECTS)
        check_choice(menu, values, member)
        return self._act(member, message, menu, values)

    def submit_modal(self, asked: Interaction, values: Mapping[str, Any]) -> Interaction:
        """Fill in the form that the bot showed in answer to `asked`, by custom ids, and send it."""
        if asked.modal is None:
            raise ClientRefusal("There is no form to fill in.")
        check_answers(asked.modal, values, asked.member)
        resolved = self._parts.resolved(asked.member, asked.channel)
        filled = answers_json(asked.modal, values, resolved)
        data = {"custom_id": asked.modal["custom_id"], "components": filled}
        interaction = self._parts.new_interaction(
            InteractionType.MODAL, asked.member, asked.channel, source=asked.source
        )
        interaction.metadata["triggering_interaction_metadata"] = asked.metadata
        return self._parts.send(interaction, data, resolved)

    def _act(
        self,
        member: "Member",
        message: "Message",
        component: "Json",
        values: Sequence[Any] | None,
    ) -> Interaction:
        resolved = self._parts.resolved(member, message.channel)
        data: Json = {
            "component_type": component["type"],
            "custom_id": component["custom_id"],
            "id": component["id"],
        }
        if values is not None:
            data["values"] = [resolved.value(value) for value in values]
        interaction = self._parts.new_interaction(
            InteractionType.COMPONENT, member, message.channel, source=message
        )
        return self._parts.send(interaction, data, resolved)


def _component(
    member: "Member", message: "Message", custom_id: str, kinds: frozenset[int]
) -> "Json":
    seen = member.may(message.channel, Permission.VIEW_CHANNEL)
    if not seen or message.deleted or message.viewer not in (None, member.user):
        raise ClientRefusal("You do not see this message.")
    if member.is_timed_out:
        raise ClientRefusal("You are timed out: until it is over you cannot do this.")
    for component in _flat(message.components):
        if component["type"] in kinds and component.get("custom_id") == custom_id:
            if component.get("disabled"):
                raise ClientRefusal("This is disabled.")
            return component
    raise ClientRefusal("There is no such button or menu on the message.")


def _flat(components: "list[Json]") -> "list[Json]":
    found: list[Json] = []
    for component in components:
        found += [component, *_flat(component.get("components", []))]
        if "accessory" in component:
            found.append(component["accessory"])
    return found
