"""What Discord suggests while an option is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from discord import app_commands

from cogs.texts.markdown import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

Choices: TypeAlias = list[app_commands.Choice[str]]
CHOICES: Final = 25
"""Suggestions that Discord takes at once."""
# Characters. Discord refuses all suggestions if the name or the value of one is longer.
_LONGEST_NAME: Final = 100


def matching_choices(names: Iterable[tuple[str, str]], typed: str) -> Choices:
    """Suggest the values, the best first, whose names contain what was typed, in any case."""
    wanted = typed.strip().casefold()
    found = [
        app_commands.Choice(name=shorten(name, _LONGEST_NAME), value=value)
        for name, value in names
        if wanted in name.casefold() and len(value) <= _LONGEST_NAME
    ]
    return found[:CHOICES]
