"""Checks of the text that people type: prompts, reasons, blocked words."""

from __future__ import annotations

import re
from typing import Final

from bot.base.errors import TextError, TextProblem

MAX_CHARACTERS: Final = 1500
"""Longest prompt, in characters. Pika documents no bound for Pika 2.5; this is ours."""

# Controls, and the overrides that make text read other than it is. Joiners stay: emoji and
# several scripts need them.
_UNWANTED: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb]"
)
_BLANKS: Final = re.compile(r"[\t\n\v\f\r \u2028\u2029]+")


def check_text(field: str, text: str) -> str:
    """Make each run of line breaks and blanks a single space.

    Raises:
        TextError: The text is over `MAX_CHARACTERS`, or has characters that nobody sees.
    """
    tidy = _BLANKS.sub(" ", text).strip()
    if len(tidy) > MAX_CHARACTERS:
        raise TextError(field, TextProblem.TOO_LONG, len(tidy))
    # Refused rather than dropped: what they hide is not what the member would see.
    if _UNWANTED.search(tidy):
        raise TextError(field, TextProblem.CONTROL_CHARACTERS, len(tidy))
    return tidy
