"""Forms that a bot shows: Discord's limits on them, and what a person may fill in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from playground.discord.rules.component_types import SELECTS
from playground.discord.rules.forms import FormCheck
from playground.discord.rules.option_rules import ClientRefusal
from playground.discord.rules.select_rules import (
    CHECKBOX,
    CHECKBOX_GROUP,
    RADIO_GROUP,
    answer_limits,
    check_choice,
    check_select,
)
from playground.discord.state.entities import Member
from playground.discord.state.messages import Upload
from playground.json_types import Json

MOST_PARTS: Final = 5
"""Rows, labels and texts of a form."""

ROW: Final = 1
TEXT_INPUT: Final = 4
LABEL: Final = 18
"""The component types that hold a field, and that of the field for text."""

_TEXT_DISPLAY: Final = 10
_FILE_UPLOAD: Final = 19
_CHOOSABLE: Final = SELECTS | {RADIO_GROUP, CHECKBOX_GROUP}
_LABELLED: Final = tuple(sorted(_CHOOSABLE | {TEXT_INPUT, _FILE_UPLOAD, CHECKBOX}))
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
    form = FormCheck()
    form.text("data.title", modal.get("title"), 1, _TITLE_CHARACTERS)
    form.text("data.custom_id", modal.get("custom_id"), 1, 100)
    components = form.objects("data.components", modal.get("components"), 1, MOST_PARTS)
    for index, component in enumerate(components):
        _check_part(form, f"data.components.{index}", component)
    custom_ids: set[str] = set()
    for field in modal_fields(components):
        _check_field(form, field, custom_ids)
    form.finish()


def _check_part(form: FormCheck, path: str, part: Json) -> None:
    kind = part.get("type")
    form.choice(f"{path}.type", kind, (ROW, _TEXT_DISPLAY, LABEL))
    if kind == ROW:
        for field in form.objects(f"{path}.components", part.get("components"), 1, 1):
            form.choice(f"{path}.components.0.type", field.get("type"), (TEXT_INPUT,))
            where = f"{path}.components.0.label"
            form.text(where, field.get("label"), 1, _LABEL_CHARACTERS)
    elif kind == LABEL:
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
        if part.get("type") == ROW:
            fields += [
                Field(str(inner.get("label")), inner, f"{path}.components.{place}")
                for place, inner in enumerate(part.get("components") or [])
            ]
        elif part.get("type") == LABEL and isinstance(part.get("component"), dict):
            fields.append(Field(str(part.get("label")), part["component"], f"{path}.component"))
    return fields


def _check_field(form: FormCheck, field: Field, custom_ids: set[str]) -> None:
    path, component = field.path, field.component
    custom_id = form.text(f"{path}.custom_id", component.get("custom_id"), 1, 100)
    if custom_id in custom_ids:
        form.fault(f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Used twice.")
    custom_ids.add(custom_id)
    if field.kind == TEXT_INPUT:
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
        if field.required and field_limits(field)[0]:
            raise ClientRefusal(f"“{field.label}” is required.")
        return
    if field.kind == TEXT_INPUT:
        low = field.component.get("min_length") or 0
        high = field.component.get("max_length") or _MAX_TEXT_INPUT
        if not low <= len(value) <= high:
            raise ClientRefusal(f"“{field.label}” must have {low} to {high} characters.")
    elif field.kind in _CHOOSABLE:
        check_choice(field.component, as_list(value), person)
    elif field.kind == _FILE_UPLOAD and not all(isinstance(v, Upload) for v in as_list(value)):
        raise ClientRefusal(f"“{field.label}” takes files.")


def field_limits(field: Field) -> tuple[int, int]:
    """The least and most answers that the field takes."""
    return answer_limits(field.component) if field.kind in _CHOOSABLE else (1, 1)


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 - as _check_answer
    """The answers in what the person gave for one field: none, one, or a list of them."""
    return [*value] if isinstance(value, list | tuple) else [value] if value else []
