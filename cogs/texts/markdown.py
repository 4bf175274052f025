"""Making strings safe and short for Discord's markdown."""

from __future__ import annotations

import re
from typing import Final

CONTENT_LIMIT: Final = 2000
"""Characters that Discord takes as a message's content."""

_SPECIAL: Final = re.compile(r"([\\*_~|`>#\-\[\]()<@:./])")
"""What markdown, mentions, emoji, timestamps, links and bare invites are made of. Discord
never shows a backslash before punctuation, and it always disarms it."""


def escape(text: str) -> str:
    """Return text that Discord shows letter by letter.

    No markdown, mention, link, custom emoji or timestamp in it has any effect.
    """
    return _SPECIAL.sub(r"\\\1", text)


def shorten(text: str, most: int) -> str:
    """Return at most `most` characters, with an ellipsis where something was left out."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def quote(text: str, most: int) -> str:
    """Return a member's words as a quoted line, at most `2 * most + 3` characters long."""
    return f"> {escape(shorten(text, most))}\n" if text else ""


def usd(micro_usd: int) -> str:
    """Return an amount as people read it: whole cents, or as many digits as it has."""
    dollars, rest = divmod(micro_usd, 1_000_000)
    digits = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"${dollars}.{digits}"


def plural(count: int, noun: str) -> str:
    """Return `1 clip` or `3 clips`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
