"""Components in the form in which they come back: numbered, with defaults, media resolved."""

from collections.abc import Iterator
from itertools import count
from typing import Protocol

from playground.discord.rules.component_types import SELECTS, ComponentType
from playground.json_types import Json


class Media(Protocol):
    """What the URLs lead to that a bot gave, attachment:// or not."""

    def unfurled(self, url: str) -> Json:
        """An unfurled media object."""
        ...

    def named(self, url: str) -> Json:
        """Name and size in bytes of a file, null where it is none of the message's."""
        ...


def components_json(components: list[Json], media: Media) -> list[Json]:
    """The components as messages show them, numbered from 1 in reading order."""
    numbers = count(1)
    return [_component(component, media, numbers) for component in components]


def _component(component: Json, media: Media, numbers: Iterator[int]) -> Json:
    shown = _without_nulls(component)
    if not shown.get("id"):
        shown["id"] = next(numbers)
    shown |= _defaults(component)
    if "emoji" in shown:
        emoji = shown["emoji"]
        shown["emoji"] = {key: value for key, value in emoji.items() if value is not None}
    for key in ("media", "file"):
        if key in shown:
            shown |= media.named(shown[key]["url"]) if key == "file" else {}
            shown[key] = media.unfurled(shown[key]["url"])
    if "items" in shown:
        shown["items"] = [_gallery_item(item, media) for item in shown["items"]]
    if "default_values" in shown:
        shown["default_values"] = [
            {"id": str(preset["id"]), "type": preset["type"]} for preset in shown["default_values"]
        ]
    if "components" in shown:
        shown["components"] = [_component(c, media, numbers) for c in shown["components"]]
    if "accessory" in shown:
        shown["accessory"] = _component(shown["accessory"], media, numbers)
    return shown


def _without_nulls(part: Json) -> Json:
    """What was given, emoji and the options of menus without nulls too."""
    shown = {key: value for key, value in part.items() if value is not None}
    if "emoji" in shown:
        shown["emoji"] = _without_nulls(shown["emoji"])
    if "options" in shown:
        shown["options"] = [_without_nulls(option) for option in shown["options"]]
    return shown


def _gallery_item(item: Json, media: Media) -> Json:
    return {
        "media": media.unfurled(item["media"]["url"]),
        "description": item.get("description"),
        "spoiler": bool(item.get("spoiler")),
    }


def _defaults(component: Json) -> Json:
    spoiler = bool(component.get("spoiler"))
    match component["type"]:
        case ComponentType.CONTAINER:
            return {"accent_color": component.get("accent_color"), "spoiler": spoiler}
        case ComponentType.THUMBNAIL:
            return {"description": component.get("description"), "spoiler": spoiler}
        case ComponentType.FILE:
            return {"spoiler": spoiler}
        case ComponentType.SEPARATOR:
            spacing = component.get("spacing") or 1
            return {"spacing": spacing, "divider": component.get("divider") is not False}
        case kind if kind in SELECTS:
            given = {key: component.get(key) for key in ("min_values", "max_values")}
            return {key: 1 if value is None else value for key, value in given.items()}
    return {}
