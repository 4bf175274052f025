"""The languages that the bot speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH: Final = "en"
"""What it speaks unless told otherwise."""

LANGUAGES: Final[Mapping[str, str]] = {ENGLISH: "English"}
"""Each language by its code, under its own name."""
