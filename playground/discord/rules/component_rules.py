"""Message components: which may stand where, and Discord's limits on them."""

from typing import TYPE_CHECKING, Any, Final

from playground.discord.rules.component_types import SELECTS, ComponentType
from playground.discord.rules.forms import FormCheck
from playground.discord.rules.select_rules import check_select

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_COMPONENTS: Final = 40
"""Components of a V2 message, nested ones counted."""

MAX_DISPLAY_CHARACTERS: Final = 4000
"""Characters in all text displays of a message together."""


_V2_TOP: Final = frozenset({1, 9, 10, 12, 13, 14, 17})
_IN_CONTAINER: Final = _V2_TOP - {ComponentType.CONTAINER}
_LINK_STYLE: Final = 5
_PREMIUM_STYLE: Final = 6


class ComponentCheck:
    """One look over the components of a message; faults go to the form."""

    def __init__(self, form: FormCheck, *, v2: bool) -> None:
        self._form = form
        self._v2 = v2
        self._count = 0
        self._characters = 0
        self._custom_ids: set[str] = set()
        self._checks: dict[int, Callable[[str, dict[str, Any]], None]] = {
            ComponentType.ROW: self._row,
            ComponentType.BUTTON: self._button,
            ComponentType.SECTION: self._section,
            ComponentType.TEXT: self._text,
            ComponentType.THUMBNAIL: self._thumbnail,
            ComponentType.GALLERY: self._gallery,
            ComponentType.FILE: self._file,
            ComponentType.SEPARATOR: self._separator,
            ComponentType.CONTAINER: self._container,
        } | dict.fromkeys(SELECTS, self._select)

    def check(self, components: object) -> None:
        """Note each fault in the list of top-level components."""
        allowed = _V2_TOP if self._v2 else frozenset({ComponentType.ROW})
        highest = MAX_COMPONENTS if self._v2 else 5
        self._children("components", components, allowed, 0, highest)
        if self._count > MAX_COMPONENTS:
            self._form.fault(
                "components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "More than 40 components."
            )
        if self._characters > MAX_DISPLAY_CHARACTERS:
            self._form.fault(
                "components",
                "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
                "The displayable text exceeds 4000 characters.",
            )

    def _children(
        self, path: str, components: object, allowed: frozenset[int], low: int, high: int
    ) -> None:
        for index, component in enumerate(self._form.objects(path, components, low, high)):
            self._one(f"{path}.{index}", component, allowed)

    def _one(self, path: str, component: dict[str, Any], allowed: frozenset[int]) -> None:
        self._count += 1
        kind = component.get("type")
        if kind not in allowed:
            self._form.choice(f"{path}.type", kind, tuple(sorted(allowed)))
            return
        self._checks[kind](path, component)

    def _custom_id(self, path: str, component: dict[str, Any]) -> None:
        custom_id = self._form.text(f"{path}.custom_id", component.get("custom_id"), 1, 100)
        if custom_id in self._custom_ids:
            self._form.fault(
                f"{path}.custom_id",
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            )
        if custom_id:
            self._custom_ids.add(custom_id)

    def _row(self, path: str, row: dict[str, Any]) -> None:
        children = row.get("components")
        selects = isinstance(children, list) and any(
            isinstance(child, dict) and child.get("type") in SELECTS for child in children
        )
        allowed = SELECTS if selects else frozenset({ComponentType.BUTTON})
        self._children(f"{path}.components", children, allowed, 1, 1 if selects else 5)

    def _button(self, path: str, button: dict[str, Any]) -> None:
        style = button.get("style")
        self._form.choice(f"{path}.style", style, range(1, 7))
        self._form.text(f"{path}.label", button.get("label"), 0, 80, required=False)
        if style == _LINK_STYLE:
            self._form.text(f"{path}.url", button.get("url"), 1, 512)
        elif style != _PREMIUM_STYLE:
            self._custom_id(path, button)
        if style == _LINK_STYLE and button.get("custom_id"):
            self._form.fault(
                path,
                "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                "A custom id and url cannot both be specified",
            )
        if style != _PREMIUM_STYLE and not (button.get("label") or button.get("emoji")):
            self._form.fault(path, "BUTTON_COMPONENT_REQUIRES_LABEL", "A label or emoji is needed")

    def _select(self, path: str, select: dict[str, Any]) -> None:
        self._custom_id(path, select)
        check_select(self._form, path, select)

    def _section(self, path: str, section: dict[str, Any]) -> None:
        texts = frozenset({ComponentType.TEXT})
        self._children(f"{path}.components", section.get("components"), texts, 1, 3)
        accessory = section.get("accessory")
        if isinstance(accessory, dict):
            allowed = frozenset({ComponentType.BUTTON, ComponentType.THUMBNAIL})
            self._one(f"{path}.accessory", accessory, allowed)
        else:
            self._form.fault(f"{path}.accessory", "BASE_TYPE_REQUIRED", "This field is required")

    def _text(self, path: str, display: dict[str, Any]) -> None:
        content = self._form.text(
            f"{path}.content", display.get("content"), 1, MAX_DISPLAY_CHARACTERS
        )
        self._characters += len(content)

    def _media(self, path: str, media: object) -> None:
        url = media.get("url") if isinstance(media, dict) else None
        self._form.text(f"{path}.url", url, 1, 2048)

    def _thumbnail(self, path: str, thumbnail: dict[str, Any]) -> None:
        self._media(f"{path}.media", thumbnail.get("media"))

    def _gallery(self, path: str, gallery: dict[str, Any]) -> None:
        for index, item in enumerate(
            self._form.objects(f"{path}.items", gallery.get("items"), 1, 10)
        ):
            self._media(f"{path}.items.{index}.media", item.get("media"))

    def _file(self, path: str, file: dict[str, Any]) -> None:
        self._media(f"{path}.file", file.get("file"))

    def _separator(self, path: str, separator: dict[str, Any]) -> None:
        if separator.get("spacing") is not None:
            self._form.choice(f"{path}.spacing", separator["spacing"], (1, 2))

    def _container(self, path: str, container: dict[str, Any]) -> None:
        self._children(
            f"{path}.components", container.get("components"), _IN_CONTAINER, 1, MAX_COMPONENTS
        )
