"""Forms that a bot shows: Discord's limits on them."""

from typing import Final

from playground.discord.forms import Form
from playground.discord.payloads import Json

_ROW: Final = 1
_TEXT_INPUT: Final = 4
_TEXT_DISPLAY: Final = 10
_LABEL: Final = 18
_TITLE_CHARACTERS: Final = 45
_LABEL_CHARACTERS: Final = 45


def check_modal(modal: Json) -> None:
    """ApiError 50035 unless a form has a title, a custom id and one to five good components."""
    form = Form()
    form.text("data.title", modal.get("title"), 1, _TITLE_CHARACTERS)
    form.text("data.custom_id", modal.get("custom_id"), 1, 100)
    components = form.objects("data.components", modal.get("components"), 1, 5)
    custom_ids: set[str] = set()
    for index, component in enumerate(components):
        path = f"data.components.{index}"
        form.choice(f"{path}.type", component.get("type"), (_ROW, _TEXT_DISPLAY, _LABEL))
        for field in modal_fields([component]):
            _check_field(form, path, field, custom_ids)
        if component.get("type") == _LABEL:
            form.text(f"{path}.label", component.get("label"), 1, _LABEL_CHARACTERS)
    form.finish()


def modal_fields(components: list[Json]) -> list[Json]:
    """The fields to fill in, out of their rows and labels."""
    fields: list[Json] = []
    for component in components:
        if component.get("type") == _ROW:
            fields += component.get("components") or []
        elif component.get("type") == _LABEL and component.get("component"):
            fields.append(component["component"])
    return fields


def _check_field(form: Form, path: str, field: Json, custom_ids: set[str]) -> None:
    custom_id = form.text(f"{path}.custom_id", field.get("custom_id"), 1, 100)
    if custom_id in custom_ids:
        form.fault(f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Used twice.")
    custom_ids.add(custom_id)
    if field.get("type") == _TEXT_INPUT:
        form.choice(f"{path}.style", field.get("style"), (1, 2))
        form.text(f"{path}.value", field.get("value"), 0, 4000, required=False)
        form.text(f"{path}.placeholder", field.get("placeholder"), 0, 100, required=False)
