"""Reads `docs/discord.md`: what the bot uses of Discord, and what it needs for that."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from playground.faults import Exchange

_DOCUMENT = Path(__file__).parents[1] / "docs" / "discord.md"
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
_PREFIX = "/api/v10"
OPTIONAL = "optional"
"""Before the permission of what a server has to switch on: the invite does not ask for it."""


def _rows(heading: str) -> Iterator[list[str]]:
    section = _DOCUMENT.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2]
    for line in section.partition("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if line.startswith("| `"):
            yield [cell.strip("`") for cell in cells]


def listed_routes() -> set[tuple[str, str]]:
    return {(method, path) for method, path, _, _ in _rows("Routes")}


def invited_permissions() -> discord.Permissions:
    """The union of what the listed routes need, but for what is optional."""
    names = {
        name.strip().lower().replace(" ", "_")
        for *_, needed in _rows("Routes")
        if not needed.startswith((OPTIONAL, "none"))
        for name in needed.split(",")
    }
    return discord.Permissions(**dict.fromkeys(names, True))


def listed_events() -> set[str]:
    return {name for name, _, _ in _rows("Events")}


def listed_intents() -> discord.Intents:
    names = {intent for _, intent, _ in _rows("Events")} - {"none"}
    return discord.Intents(**dict.fromkeys(names, True))


def unlisted_routes(exchanges: Iterable[Exchange]) -> set[str]:
    """What was called and is not in the document."""
    called = {(one.method, one.path.removeprefix(_PREFIX)) for one in exchanges}
    return {
        f"{method} {path}"
        for method, path in called
        if not any(method == listed and form.fullmatch(path) for listed, form in _forms())
    }


@cache
def _forms() -> list[tuple[str, re.Pattern[str]]]:
    forms = []
    for method, path in listed_routes():
        assert method in _METHODS
        # An id is digits; a token may be masked.
        form = re.sub(r"\\\{(?:token|emoji)\\\}", "[^/]+", re.escape(path))
        forms.append((method, re.compile(re.sub(r"\\\{[a-z]+\\\}", "[0-9]+", form))))
    return forms
