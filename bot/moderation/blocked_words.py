"""Words and patterns that prompts may not contain, however they are disguised.

A word is found as a whole word: in any case, with or without accents, in look-alike letters or
digits, with joints in it (`b-a-d`), all spaced out (`b a d`) or stretched (`baaad`). It is not
found inside other words, nor in two that meet (`pen is`). What a whole word is, is told by
spaces and punctuation. Chinese, Japanese, Thai, Lao, Khmer and Burmese have none between words:
there a word is found anywhere. Korean glues particles to the ends of words: there one is found
at a word's beginning. Other languages' endings take further words, or a pattern.

A pattern (RE2 syntax, matched in linear time) is found anywhere in any of the readings of
`bot.moderation.normalized_text`, in any case.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import re2

from bot.moderation import word_patterns
from bot.moderation.errors import BlockedWordRuleError, BlockedWordRuleProblem
from bot.moderation.normalized_text import normalize, without_accents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.base import Transaction

MAX_WORDS: Final = 500
"""Of one guild, patterns included."""
MAX_LENGTH: Final = 98
"""Characters of a word or pattern."""
MAX_SIZE: Final = 1000
"""RE2 instructions of a pattern. A search takes 5 ms at worst where they are so many."""
MAX_TOTAL_SIZE: Final = 25_000
"""RE2 instructions of all patterns of a guild."""
_MEMORY: Final = 1 << 18
"""Bytes that RE2 may take to compile and search one pattern."""
_ORDINARY: Final = (
    "slow zoom on an old lighthouse, waves roll below",
    "her hair moves in the wind and she blinks twice",
    "my dog jumps up",
    "fog drifts by",
)
"""Prompts that no pattern may match all of: it would leave nothing to write."""


@dataclass(frozen=True, slots=True, order=True)
class BlockedWord:
    """A word as `readings.plain` has it, or an RE2 pattern as it was typed."""

    text: str
    is_pattern: bool = False


def check(word: BlockedWord) -> BlockedWord:
    """Return it as it is stored.

    Raises:
        BlockedWordRuleError: It is empty, too long, holds nothing to match, matches all or nothing,
            or is a pattern that RE2 does not take or that would be slow.
    """
    text = word.text.strip() if word.is_pattern else stored_form(word.text)
    if not text or len(text) > MAX_LENGTH or len(word.text) > MAX_LENGTH:
        raise BlockedWordRuleError(BlockedWordRuleProblem.LENGTH)
    stored = BlockedWord(text, word.is_pattern)
    if not word.is_pattern and not _needle(text) and not _is_sign(text):
        raise BlockedWordRuleError(BlockedWordRuleProblem.EMPTY)
    if word.is_pattern and pattern_size(stored) > MAX_SIZE:
        raise BlockedWordRuleError(BlockedWordRuleProblem.SLOW)
    if first_match([stored], "") or all(first_match([stored], one) for one in _ORDINARY):
        raise BlockedWordRuleError(BlockedWordRuleProblem.EVERYTHING)
    return stored


def stored_form(text: str) -> str:
    """Return a word as it is stored, whether or not it can be blocked."""
    return " ".join(without_accents(text).split())


def pattern_size(word: BlockedWord) -> int:
    """Return how large a pattern is, in RE2 instructions; 0 for a word.

    Raises:
        BlockedWordRuleError: RE2 does not take it.
    """
    return int(_pattern(word.text).programsize) if word.is_pattern else 0


def first_match(words: Iterable[BlockedWord], *texts: str) -> BlockedWord | None:
    """Return the first word that any of the texts contains.

    Many words, or patterns that are hard to search for, take tens of milliseconds: it is for
    a thread.
    """
    return next(find_matches(words, *texts), None)


def find_matches(words: Iterable[BlockedWord], *texts: str) -> Iterator[BlockedWord]:
    """Yield the words that any of the texts contains. Each must have been checked."""
    seen = [_Text.of(text) for text in texts]
    for word in words:
        if any(text.has(word) for text in seen):
            yield word


@dataclass(frozen=True, slots=True)
class _Text:
    normalized: tuple[str, ...]
    outlines: tuple[str, ...]
    without_numbers: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> _Text:
        found = normalize(text)
        outlines = tuple(
            dict.fromkeys(
                map(
                    word_patterns.outline,
                    (found.without_accents, found.look_alike_latin, found.with_tall_letters),
                )
            )
        )
        readings = tuple(
            dict.fromkeys(
                (
                    found.without_accents,
                    found.look_alike_latin,
                    found.with_tall_letters,
                    found.typed,
                )
            )
        )
        return cls(readings, outlines, tuple(map(word_patterns.without_numbers, outlines)))

    def has(self, word: BlockedWord) -> bool:
        if word.is_pattern:
            regex = _pattern(word.text)
            return any(regex.search(reading) is not None for reading in self.normalized)
        if _is_sign(word.text):
            return word.text in self.normalized[0]
        outlines = self.without_numbers if word_patterns.is_lettered(word.text) else self.outlines
        # Words of other scripts know their Latin look-alikes themselves.
        looked_at = outlines if word.text.isascii() else outlines[:1]
        regex = _needle(word.text)
        return any(regex.search(outline) is not None for outline in looked_at)


def of_guild(tx: Transaction, guild_id: int) -> list[BlockedWord]:
    """Return a guild's words, in order."""
    rows = tx.all(
        "SELECT word, is_pattern FROM blocked_words WHERE guild_id = :guild"
        " ORDER BY is_pattern, word",
        {"guild": guild_id},
    )
    return [BlockedWord(row["word"], bool(row["is_pattern"])) for row in rows]


def add(tx: Transaction, guild_id: int, word: BlockedWord) -> bool:
    """Add a checked word; return whether it was new."""
    added = tx.execute(
        "INSERT INTO blocked_words (guild_id, word, is_pattern)"
        " VALUES (:guild, :word, :pattern) ON CONFLICT DO NOTHING",
        {"guild": guild_id, "word": word.text, "pattern": int(word.is_pattern)},
    )
    return added == 1


def remove(tx: Transaction, guild_id: int, word: BlockedWord) -> bool:
    """Remove a word; return whether it was there."""
    removed = tx.execute(
        "DELETE FROM blocked_words WHERE guild_id = :guild AND word = :word"
        " AND is_pattern = :pattern",
        {"guild": guild_id, "word": word.text, "pattern": int(word.is_pattern)},
    )
    return removed == 1


def _is_sign(word: str) -> bool:
    """Whether it has symbols in it (`c++`, emoji), which are looked for as they stand."""
    return any(unicodedata.category(character).startswith("S") for character in word)


@lru_cache(maxsize=4096)
def _needle(word: str) -> Any:  # noqa: ANN401 - re2 has no types
    """Return what finds a word in outlines; `None` if it has no letters."""
    source = word_patterns.find_pattern(word)
    return re2.compile(source, _options()) if source else None


@lru_cache(maxsize=1024)
def _pattern(source: str) -> Any:  # noqa: ANN401 - re2 has no types
    options = _options()
    options.max_mem = _MEMORY
    options.case_sensitive = False
    try:
        return re2.compile(source, options)
    except UnicodeEncodeError as error:
        raise BlockedWordRuleError(
            BlockedWordRuleProblem.BAD, "it holds half a character"
        ) from error
    except re2.error as error:
        told = _told(error)
        problem = BlockedWordRuleProblem.SLOW if "too large" in told else BlockedWordRuleProblem.BAD
        raise BlockedWordRuleError(problem, told) from error


def _options() -> Any:  # noqa: ANN401 - re2 has no types
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    return options


def _told(error: BaseException) -> str:
    told = error.args[0] if error.args else b""
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
