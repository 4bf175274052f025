"""What members type, checked before anything else happens."""

from __future__ import annotations

import re
from typing import Final

from bot.base.errors import TextError, TextProblem

MAX_CHARACTERS: Final = 1500
"""Longest prompt. Pika documents no bound for Pika 2.5; this is ours."""

_UNWANTED: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb]"
)
"""Controls, and the overrides that make text read other than it is. Joiners stay: emoji
and several scripts need them."""
_BLANKS: Final = re.compile(r"[\t\n\v\f\r \u2028\u2029]+")


def check_text(field: str, text: str) -> str:
    """Return the text with its line breaks and blanks made single spaces.

    Raises:
        TextError: It is over `MAX_CHARACTERS`, or holds characters that nobody sees.
    """
    tidy = _BLANKS.sub(" ", text).strip()
    if len(tidy) > MAX_CHARACTERS:
        raise TextError(field, TextProblem.TOO_LONG, len(tidy))
    if _UNWANTED.search(tidy):
        raise TextError(field, TextProblem.CONTROL_CHARACTERS, len(tidy))
    return tidy
