"""Forms that a bot shows: Discord's limits on them, and what a person may fill in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from playground.discord.component_kinds import SELECTS
from playground.discord.entities import Member
from playground.discord.forms import Form
from playground.discord.interaction_payloads import Resolved
from playground.discord.messages import Upload
from playground.discord.option_rules import ClientRefusal
from playground.discord.select_rules import (
    CHECKBOX,
    CHECKBOX_GROUP,
    RADIO_GROUP,
    check_choice,
    check_select,
    span_of,
)
from playground.json_types import Json

MOST_PARTS: Final = 5
"""Rows, labels and texts of a form."""

_ROW: Final = 1
_TEXT_INPUT: Final = 4
_TEXT_DISPLAY: Final = 10
_LABEL: Final = 18
_FILE_UPLOAD: Final = 19
_CHOOSABLE: Final = SELECTS | {RADIO_GROUP, CHECKBOX_GROUP}
_LABELLED: Final = tuple(sorted(_CHOOSABLE | {_TEXT_INPUT, _FILE_UPLOAD, CHECKBOX}))
_TITLE_CHARACTERS: Final = 45
_LABEL_CHARACTERS: Final = 45
_MAX_TEXT_INPUT: Final = 4000


@dataclass(frozen=True, slots=True)
class Field:
    """Something to fill in, by the words that the person reads beside it."""

    label: str
    component: Json
    path: str

    @property
    def custom_id(self) -> str:
        """What its answer goes by."""
        return str(self.component.get("custom_id"))

    @property
    def kind(self) -> int:
        """Its component type."""
        return int(self.component.get("type", 0))

    @property
    def required(self) -> bool:
        """Whether the form cannot be sent without it; a check box always has an answer."""
        return self.component.get("required") is not False and self.kind != CHECKBOX


def check_modal(modal: Json) -> None:
    """ApiError 50035 unless a form has a title, a custom id and one to five good components."""
    form = Form()
    form.text("data.title", modal.get("title"), 1, _TITLE_CHARACTERS)
    form.text("data.custom_id", modal.get("custom_id"), 1, 100)
    components = form.objects("data.components", modal.get("components"), 1, MOST_PARTS)
    for index, component in enumerate(components):
        _check_part(form, f"data.components.{index}", component)
    custom_ids: set[str] = set()
    for field in modal_fields(components):
        _check_field(form, field, custom_ids)
    form.finish()


def _check_part(form: Form, path: str, part: Json) -> None:
    kind = part.get("type")
    form.choice(f"{path}.type", kind, (_ROW, _TEXT_DISPLAY, _LABEL))
    if kind == _ROW:
        for field in form.objects(f"{path}.components", part.get("components"), 1, 1):
            form.choice(f"{path}.components.0.type", field.get("type"), (_TEXT_INPUT,))
            where = f"{path}.components.0.label"
            form.text(where, field.get("label"), 1, _LABEL_CHARACTERS)
    elif kind == _LABEL:
        form.text(f"{path}.label", part.get("label"), 1, _LABEL_CHARACTERS)
        form.text(f"{path}.description", part.get("description"), 1, 100, required=False)
        inner = part.get("component")
        wanted = inner.get("type") if isinstance(inner, dict) else None
        form.choice(f"{path}.component.type", wanted, _LABELLED)
    elif kind == _TEXT_DISPLAY:
        form.text(f"{path}.content", part.get("content"), 1, _MAX_TEXT_INPUT)


def modal_fields(components: list[Json]) -> list[Field]:
    """The fields to fill in, out of their rows and labels."""
    fields: list[Field] = []
    for index, part in enumerate(components):
        path = f"data.components.{index}"
        if part.get("type") == _ROW:
            fields += [
                Field(str(inner.get("label")), inner, f"{path}.components.{place}")
                for place, inner in enumerate(part.get("components") or [])
            ]
        elif part.get("type") == _LABEL and isinstance(part.get("component"), dict):
            fields.append(Field(str(part.get("label")), part["component"], f"{path}.component"))
    return fields


def _check_field(form: Form, field: Field, custom_ids: set[str]) -> None:
    path, component = field.path, field.component
    custom_id = form.text(f"{path}.custom_id", component.get("custom_id"), 1, 100)
    if custom_id in custom_ids:
        form.fault(f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Used twice.")
    custom_ids.add(custom_id)
    if field.kind == _TEXT_INPUT:
        form.choice(f"{path}.style", component.get("style"), (1, 2))
        form.text(f"{path}.value", component.get("value"), 0, _MAX_TEXT_INPUT, required=False)
        form.text(f"{path}.placeholder", component.get("placeholder"), 0, 100, required=False)
    elif field.kind in _CHOOSABLE:
        check_select(form, path, component)
        if component.get("disabled"):
            form.fault(f"{path}.disabled", "COMPONENT_DISABLED", "Not in a form.")


def check_answers(modal: Json, values: Mapping[str, Any], person: Member) -> None:
    """ClientRefusal where the person's client would not send the form; values by custom ids."""
    fields = modal_fields(modal["components"])
    for stranger in values.keys() - {field.custom_id for field in fields}:
        raise ClientRefusal(f"The form has no field “{stranger}”.")
    for field in fields:
        _check_answer(field, values.get(field.custom_id), person)


def _check_answer(field: Field, value: Any, person: Member) -> None:  # noqa: ANN401 - whatever the person gave
    if not value:
        if field.required and span_of_field(field)[0]:
            raise ClientRefusal(f"“{field.label}” is required.")
        return
    if field.kind == _TEXT_INPUT:
        low = field.component.get("min_length") or 0
        high = field.component.get("max_length") or _MAX_TEXT_INPUT
        if not low <= len(value) <= high:
            raise ClientRefusal(f"“{field.label}” must have {low} to {high} characters.")
    elif field.kind in _CHOOSABLE:
        check_choice(field.component, _listed(value), person)
    elif field.kind == _FILE_UPLOAD and not all(isinstance(v, Upload) for v in _listed(value)):
        raise ClientRefusal(f"“{field.label}” takes files.")


def span_of_field(field: Field) -> tuple[int, int]:
    """The least and most answers that the field takes."""
    return span_of(field.component) if field.kind in _CHOOSABLE else (1, 1)


def answers_json(modal: Json, values: Mapping[str, Any], resolved: Resolved) -> list[Json]:
    """The filled form as the bot is sent it, numbered in reading order."""
    filled: list[Json] = []
    number = 0
    for part in modal["components"]:
        number += 1
        sent: Json = {"type": part["type"], "id": part.get("id") or number}
        inner = modal_fields([part])
        number += len(inner)
        answers = [_answer(field, values, resolved, number) for field in inner]
        if part["type"] == _LABEL:
            sent["component"] = answers[0]
        elif part["type"] == _ROW:
            sent["components"] = answers
        filled.append(sent)
    return filled


def _answer(field: Field, values: Mapping[str, Any], resolved: Resolved, number: int) -> Json:
    answer: Json = {
        "type": field.kind,
        "id": field.component.get("id") or number,
        "custom_id": field.custom_id,
    }
    value = values.get(field.custom_id)
    if field.kind == _TEXT_INPUT:
        return answer | {"value": value or ""}
    if field.kind == CHECKBOX:
        return answer | {"value": bool(value)}
    chosen = [resolved.value(entry) for entry in _listed(value)]
    if field.kind == RADIO_GROUP:
        return answer | {"value": chosen[0] if chosen else None}
    return answer | {"values": chosen}


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - as _check_answer
    return [*value] if isinstance(value, list | tuple) else [value] if value else []
