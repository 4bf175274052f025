"""Lists of blocked words, and patterns on which an engine that backtracks never ends."""

from __future__ import annotations

import random
import string
from typing import TYPE_CHECKING

from bot.moderation.blocked_words import BlockedWord, check, find_matches

if TYPE_CHECKING:
    from collections.abc import Iterable

HARDEST = [
    "[ab]*a[ab]{80}c",
    "(.*a){20}z",
    "(a?){100}a{100}z",
    "[^x]{90}x",
    "(?:a|b|ab|ba){90}z",
    "(?:(?:a{1,20}){1,20})x",
]


def many_words(count: int, *, patterns: bool) -> list[BlockedWord]:
    dice = random.Random(7)
    made = ["".join(dice.choices(string.ascii_lowercase, k=8)) for _ in range(count)]
    return [
        check(BlockedWord(rf"\b{it}\w*(s|ed|ing)?\b" if patterns else it, patterns)) for it in made
    ]


def first_match(words: Iterable[BlockedWord], *texts: str) -> BlockedWord | None:
    return next(find_matches(words, *texts), None)
