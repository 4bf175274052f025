"""What Discord accepts as an application command."""

import unicodedata
from enum import IntEnum
from typing import Any, Final

from playground.discord.rules.errors import ApiError
from playground.discord.rules.forms import FormCheck
from playground.json_types import Json

MAX_CHARACTERS: Final = 8000
"""Of all names, descriptions and choice values of a command, longest localisations counted."""


class CommandType(IntEnum):
    """Where a command is found: behind the slash, or in the menu of a person or message."""

    CHAT_INPUT = 1
    USER = 2
    MESSAGE = 3


class OptionType(IntEnum):
    """What an option takes."""

    SUBCOMMAND = 1
    GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


NUMERIC: Final = frozenset({OptionType.INTEGER, OptionType.NUMBER})
"""Option types that take a number."""

NESTING: Final = frozenset({OptionType.SUBCOMMAND, OptionType.GROUP})
"""Option types that hold options."""

_CHOOSABLE: Final = NUMERIC | {OptionType.STRING}
_VALUE_TYPES: Final[dict[object, type | tuple[type, ...]]] = {
    OptionType.STRING: str,
    OptionType.INTEGER: int,
    OptionType.NUMBER: (int, float),
}


class CommandCheck:
    """One look over one command; faults go to the form under the given path."""

    def __init__(self, form: FormCheck) -> None:
        self._form = form

    def check(self, path: str, command: Json) -> None:
        """Note each fault of the command."""
        kind = command.get("type") or CommandType.CHAT_INPUT
        self._form.choice(f"{path}type", kind, tuple(CommandType))
        if kind == CommandType.CHAT_INPUT:
            self._slash_name(path, command)
            self._form.text(f"{path}description", command.get("description"), 1, 100)
            self._options(path, command, frozenset(OptionType))
        else:
            self._form.text(f"{path}name", command.get("name"), 1, 32)
            for key in ("description", "options"):
                if command.get(key):
                    self._form.fault(
                        f"{path}{key}", "APPLICATION_COMMAND_MENU", f"Menus have no {key}"
                    )
        if characters(command) > MAX_CHARACTERS:
            self._form.fault(
                path.rstrip(".") or "_",
                "APPLICATION_COMMAND_TOO_LARGE",
                "Command exceeds maximum size (8000)",
            )

    def _slash_name(self, path: str, given: Json) -> None:
        for where, name in _names(path, given):
            if self._form.text(where, name, 1, 32) and not is_slash_name(name):
                self._form.fault(
                    where, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid"
                )

    def _options(self, path: str, holder: Json, allowed: frozenset[OptionType]) -> None:
        options = self._form.objects(f"{path}options", holder.get("options"), 0, 25)
        names: set[str] = set()
        optional = False
        for index, option in enumerate(options):
            where = f"{path}options.{index}."
            self._option(where, option, allowed)
            if option.get("name") in names:
                self._form.fault(
                    f"{where}name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Used twice"
                )
            names.add(str(option.get("name")))
            if option.get("required") and optional:
                self._form.fault(
                    where.rstrip("."),
                    "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                    "Required options must be placed before non-required options",
                )
            optional |= not option.get("required")
        nested = {option.get("type") in NESTING for option in options}
        if len(nested) > 1:
            self._form.fault(
                f"{path}options",
                "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                "Sub-command and sub-command group option types are mutually exclusive "
                "to all other types",
            )

    def _option(self, path: str, option: Json, allowed: frozenset[OptionType]) -> None:
        kind = option.get("type")
        self._form.choice(f"{path}type", kind, tuple(sorted(allowed)))
        self._slash_name(path, option)
        self._form.text(f"{path}description", option.get("description"), 1, 100)
        if kind == OptionType.GROUP:
            self._options(path, option, frozenset({OptionType.SUBCOMMAND}))
        elif kind == OptionType.SUBCOMMAND:
            self._options(path, option, frozenset(OptionType) - NESTING)
        else:
            self._bounds(path, option)
            self._choices(path, option)

    def _bounds(self, path: str, option: Json) -> None:
        kind = option.get("type")
        for keys, fitting in (
            (("min_value", "max_value"), kind in NUMERIC),
            (("min_length", "max_length"), kind == OptionType.STRING),
        ):
            low, high = (option.get(key) for key in keys)
            if (low is not None or high is not None) and not fitting:
                self._form.fault(f"{path}{keys[0]}", "OPTION_BOUNDS", "Not for this type")
            elif low is not None and high is not None and low > high:
                self._form.fault(f"{path}{keys[0]}", "OPTION_BOUNDS", "The least is over the most")

    def _choices(self, path: str, option: Json) -> None:
        choices = self._form.objects(f"{path}choices", option.get("choices"), 0, 25)
        kind = option.get("type")
        if (choices or option.get("autocomplete")) and kind not in _CHOOSABLE:
            self._form.fault(f"{path}choices", "OPTION_CHOICES", "Not for this type")
            return
        if choices and option.get("autocomplete"):
            self._form.fault(f"{path}autocomplete", "OPTION_CHOICES", "Choices or autocomplete")
        for index, choice in enumerate(choices):
            where = f"{path}choices.{index}."
            self._form.text(f"{where}name", choice.get("name"), 1, 100)
            if not isinstance(choice.get("value"), _VALUE_TYPES[kind]):
                self._form.fault(f"{where}value", "BASE_TYPE", "Not of the option's type")
        for key in ("name", "value"):
            given = [choice.get(key) for choice in choices]
            if len(set(given)) < len(given):
                self._form.fault(f"{path}choices", "OPTION_CHOICES", f"A {key} is used twice")


def is_slash_name(name: str) -> bool:
    """Whether a name may stand behind the slash: letters, digits, - _ ', in lower case."""
    return name == name.lower() and all(_is_name_character(character) for character in name)


def _is_name_character(character: str) -> bool:
    category = unicodedata.category(character)
    if character in "-_'" or category[0] in "LN":
        return True
    # Vowel signs belong to words in Devanagari and Thai.
    return category[0] == "M" and unicodedata.name(character, "").startswith(("DEVA", "THAI"))


def _names(path: str, given: Json) -> list[tuple[str, Any]]:
    localized = given.get("name_localizations") or {}
    return [
        (f"{path}name", given.get("name")),
        *((f"{path}name_localizations.{locale}", name) for locale, name in localized.items()),
    ]


def characters(part: Json) -> int:
    """What a command, option or choice counts towards the 8,000 characters."""
    own = _longest(part, "name") + _longest(part, "description")
    if isinstance(part.get("value"), str):
        own += len(part["value"])
    inner = [*(part.get("options") or []), *(part.get("choices") or [])]
    return own + sum(characters(entry) for entry in inner if isinstance(entry, dict))


def _longest(part: Json, key: str) -> int:
    texts = [part.get(key) or "", *(part.get(f"{key}_localizations") or {}).values()]
    return max(len(str(text)) for text in texts)


def too_many() -> ApiError:
    """30032: a hundred slash commands are the most."""
    return ApiError(400, 30032, "Maximum number of application commands reached (100)")
