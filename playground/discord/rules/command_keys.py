"""The keys that Discord knows in commands, their options and choices; it passes over all others."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playground.json_types import Json

_LOCALIZED: Final = frozenset({"name", "name_localizations"})
_DESCRIBED: Final = _LOCALIZED | {"description", "description_localizations"}
_COMMAND: Final = _DESCRIBED | {
    "id",
    "type",
    "options",
    "default_member_permissions",
    "dm_permission",
    "contexts",
    "integration_types",
    "nsfw",
    "handler",
}
_OPTION: Final = _DESCRIBED | {
    "type",
    "required",
    "options",
    "choices",
    "autocomplete",
    "channel_types",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
}
_CHOICE: Final = _LOCALIZED | {"value"}
_INNER: Final = {"options": _OPTION, "choices": _CHOICE}


def known_part(command: "Json") -> "Json":
    """The command as Discord keeps it: without keys that it does not know, and without nulls."""
    return _known_part(command, _COMMAND)


def _known_part(part: "Json", keys: frozenset[str]) -> "Json":
    kept = {key: value for key, value in part.items() if key in keys and value is not None}
    for key, inner in _INNER.items():
        if key in kept:
            kept[key] = [_known_part(entry, inner) for entry in kept[key]]
    return kept


def unknown_keys(command: "Json") -> list[str]:
    """The dotted paths of the keys that Discord passes over, which are mistakes of the bot."""
    return list(_unknown_keys("", command, _COMMAND))


def _unknown_keys(path: str, part: "Json", keys: frozenset[str]) -> "Iterator[str]":
    for key, value in part.items():
        if key not in keys:
            yield f"{path}{key}"
        elif key in _INNER:
            for index, entry in enumerate(value or ()):
                yield from _unknown_keys(f"{path}{key}.{index}.", entry, _INNER[key])
