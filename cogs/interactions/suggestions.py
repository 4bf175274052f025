"""What Discord suggests while an option is typed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, TypeAlias

from discord import app_commands

from cogs.interactions.acknowledging import is_passing
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


def _shorten_record(record: logging.LogRecord) -> bool:
    """Make a warning of discord.py's traceback where suggestions were lost on their way."""
    error = record.exc_info[1] if record.exc_info else None
    if error is not None and is_passing(error):
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg, record.args = "%s: %r", (record.getMessage(), error)
        record.exc_info = None
    return True


# Whoever types on has been sent newer ones: it is no reason to alarm anybody, and cannot be mended.
logging.getLogger("discord.app_commands.tree").addFilter(_shorten_record)
