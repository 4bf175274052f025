"""A person at Discord's own client who presses buttons, chooses from menus, fills in forms."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from playground.discord.components import SELECTS, Kind
from playground.discord.interactions import Interaction, InteractionType
from playground.discord.modals import modal_fields
from playground.discord.option_rules import ClientRefusal

if TYPE_CHECKING:
    from playground.discord.desk import Desk
    from playground.discord.interaction_payloads import Resolved
    from playground.discord.messages import Message
    from playground.discord.payloads import Json
    from playground.discord.world import Member

_TEXT_INPUT: Final = 4
_MAX_TEXT_INPUT: Final = 4000


class ComponentClient:
    """Every deed returns as soon as the bot was told; ClientRefusal where it cannot be done."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def press(self, member: "Member", message: "Message", custom_id: str) -> Interaction:
        """Press a button."""
        button = _component(member, message, custom_id, frozenset({Kind.BUTTON}))
        return self._act(member, message, button, None)

    def choose(
        self, member: "Member", message: "Message", custom_id: str, values: Sequence[Any]
    ) -> Interaction:
        """Choose from a select menu: texts, or members, roles and channels."""
        menu = _component(member, message, custom_id, SELECTS)
        if not menu["min_values"] <= len(values) <= menu["max_values"]:
            raise ClientRefusal("Too few or too many were chosen.")
        if "options" in menu and not set(values) <= {o["value"] for o in menu["options"]}:
            raise ClientRefusal("That is not in the menu.")
        return self._act(member, message, menu, values)

    def submit_modal(self, asked: Interaction, values: Mapping[str, Any]) -> Interaction:
        """Fill in the form that the bot showed in answer to `asked`, by custom ids, and send it."""
        if asked.modal is None:
            raise ClientRefusal("There is no form to fill in.")
        for field in modal_fields(asked.modal["components"]):
            _check_field(field, values.get(field["custom_id"]))
        resolved = self._desk.resolved(asked.member, asked.channel)
        filled = [_filled(part, values, resolved) for part in asked.modal["components"]]
        data = {"custom_id": asked.modal["custom_id"], "components": filled}
        interaction = self._desk.begin(
            InteractionType.MODAL, asked.member, asked.channel, source=asked.source
        )
        interaction.metadata["triggering_interaction_metadata"] = asked.metadata
        return self._desk.send(interaction, data, resolved)

    def _act(
        self,
        member: "Member",
        message: "Message",
        component: "Json",
        values: Sequence[Any] | None,
    ) -> Interaction:
        resolved = self._desk.resolved(member, message.channel)
        data: Json = {
            "component_type": component["type"],
            "custom_id": component["custom_id"],
            "id": component["id"],
        }
        if values is not None:
            data["values"] = [resolved.value(value) for value in values]
        interaction = self._desk.begin(
            InteractionType.COMPONENT, member, message.channel, source=message
        )
        return self._desk.send(interaction, data, resolved)


def _component(
    member: "Member", message: "Message", custom_id: str, kinds: frozenset[int]
) -> "Json":
    if message.deleted or message.viewer not in (None, member.user):
        raise ClientRefusal("You do not see this message.")
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


def _check_field(field: "Json", value: Any) -> None:  # noqa: ANN401 - whatever the person gave
    label = field.get("label") or field["custom_id"]
    if not value:
        if field.get("required") is not False:
            raise ClientRefusal(f"“{label}” is required.")
        return
    if field["type"] == _TEXT_INPUT:
        low, high = field.get("min_length") or 0, field.get("max_length") or _MAX_TEXT_INPUT
        if not low <= len(value) <= high:
            raise ClientRefusal(f"“{label}” must have {low} to {high} characters.")


def _filled(part: "Json", values: Mapping[str, Any], resolved: "Resolved") -> "Json":
    if "component" in part:
        return {"type": part["type"], "id": 1} | {
            "component": _answer(part["component"], values, resolved)
        }
    fields = [_answer(field, values, resolved) for field in part.get("components", [])]
    return {"type": part["type"], "id": 1, "components": fields}


def _answer(field: "Json", values: Mapping[str, Any], resolved: "Resolved") -> "Json":
    answer: Json = {"type": field["type"], "id": 1, "custom_id": field["custom_id"]}
    value = values.get(field["custom_id"])
    if field["type"] == _TEXT_INPUT:
        return answer | {"value": value or ""}
    chosen = value if isinstance(value, list | tuple) else [value] if value else []
    return answer | {"values": [resolved.value(entry) for entry in chosen]}
