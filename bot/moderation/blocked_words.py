"""Words and patterns that prompts may not contain, however they are disguised.

A word is found as a whole word: in any case, with or without accents, in look-alike letters or
digits, with joints in it (`b-a-d`), all spaced out (`b a d`) or stretched (`baaad`). It is not
found inside other words, nor across two words (`pen is`). Spaces and punctuation bound a word.
Chinese, Japanese, Thai, Lao, Khmer and Burmese have none between words: there a word is found
anywhere. Korean glues particles to the ends of words: there it is found at a word's beginning.
A star opens a word to one side: `bad*` is found at the beginning of words, `*bad` at their end,
`*bad*` anywhere.

A pattern (RE2 syntax, `/between slashes/`) is found anywhere in any variant of
`bot.moderation.normalized_text`, in any case.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from bot.base import value
from bot.moderation import word_patterns
from bot.moderation.errors import BlockedWordRuleError, BlockedWordRuleProblem
from bot.moderation.normalized_text import normalize, without_accents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.base import Transaction

MAX_WORDS: Final = 1000
"""The most words of one guild, patterns included."""
MAX_LENGTH: Final = 98
"""The most characters of a word or pattern."""
MAX_SIZE: Final = 1000
"""The most RE2 instructions of a pattern; so many take 5 ms at worst to search a prompt."""
MAX_TOTAL_SIZE: Final = 40_000
"""The most RE2 instructions of all patterns of a guild."""
_MAX_MEMORY: Final = 1 << 18
"""Bytes that RE2 may take to compile and search one pattern."""
_MAX_OWN_MEMORY: Final = 1 << 26
"""The same for an expression of the program's own: 1,000 words of 60 letters take a tenth."""


@dataclass(frozen=True, slots=True, order=True)
class BlockedWord:
    """A word without accents, as `stored_form` makes it, or an RE2 pattern as it was typed."""

    text: str
    is_pattern: bool = False

    @classmethod
    def parse(cls, typed: str) -> BlockedWord:
        """Read what a moderator typed: a pattern between slashes, or else a word."""
        text = typed.strip()
        if len(text) > 1 and text.startswith("/") and text.endswith("/"):
            return cls(text[1:-1], is_pattern=True)
        return cls(text)

    @property
    def name(self) -> str:
        """The word as `parse` takes it."""
        return f"/{self.text}/" if self.is_pattern else self.text


class Reach(StrEnum):
    """Where in a text a word is found."""

    WHOLE_WORD = "whole_word"
    SHORT_WORD = "short_word"
    """A whole word too, but neither spaced out nor in digits: too many harmless texts are."""
    BEGINNING = "beginning"
    END = "end"
    ANYWHERE = "anywhere"
    AS_TYPED = "as_typed"
    """Anywhere, in no disguise: it has a symbol in it."""
    PATTERN = "pattern"


def reach(word: BlockedWord) -> Reach:
    """Tell where a checked word is found."""
    if word.is_pattern:
        return Reach.PATTERN
    if _has_symbol(word.text):
        return Reach.AS_TYPED
    match word_patterns.bounds(word.text):
        case (True, True):
            is_short = word_patterns.is_short(word.text)
            return Reach.SHORT_WORD if is_short else Reach.WHOLE_WORD
        case (True, False):
            return Reach.BEGINNING
        case (False, True):
            return Reach.END
    return Reach.ANYWHERE


def check(word: BlockedWord) -> BlockedWord:
    """Check that a word or pattern can be blocked, and bring it into its stored form.

    Raises:
        BlockedWordRuleError: It is empty, too long, has nothing to match, or is a pattern that
            RE2 rejects or that would be slow.
    """
    text = word.text.strip() if word.is_pattern else stored_form(word.text)
    if not text or len(text) > MAX_LENGTH or len(word.text) > MAX_LENGTH:
        raise BlockedWordRuleError(BlockedWordRuleProblem.LENGTH)
    stored = BlockedWord(text, word.is_pattern)
    if not word.is_pattern and not _word_regex(text) and not _has_symbol(text):
        raise BlockedWordRuleError(BlockedWordRuleProblem.EMPTY)
    if word.is_pattern and pattern_size(stored) > MAX_SIZE:
        raise BlockedWordRuleError(BlockedWordRuleProblem.SLOW)
    return stored


def stored_form(text: str) -> str:
    """A word in lower case, without accents and repeated blanks; `check` may still refuse it.

    Of stars at its ends, one stays on each side.
    """
    return word_patterns.with_single_stars(" ".join(without_accents(text).split()))


def pattern_size(word: BlockedWord) -> int:
    """The size of a pattern in RE2 instructions; 0 for a word.

    Raises:
        BlockedWordRuleError: RE2 rejects the pattern.
    """
    return int(_pattern(word.text).programsize) if word.is_pattern else 0


def find_matches(words: Iterable[BlockedWord], *texts: str) -> Iterator[BlockedWord]:
    """Yield the checked words that are in any of the texts.

    Hundreds of words take tens of milliseconds: for a thread, not for the event loop.
    """
    searchable = [SearchableText.of(text) for text in texts]
    for word in words:
        if any(text.has(word) for text in searchable):
            yield word


@value
class SearchableText:
    """A text in all its readings, made once to be searched for many words."""

    variants: tuple[str, ...]
    outlines: tuple[str, ...]
    without_numbers: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> SearchableText:
        """Read a text."""
        found = normalize(text)
        variants = found.without_accents, found.look_alike_latin, found.with_tall_letters
        # Most texts have fewer variants than that, and each costs a search for every word.
        outlines = tuple(dict.fromkeys(map(word_patterns.outline, variants)))
        without_numbers = tuple(map(word_patterns.without_numbers, outlines))
        return cls(tuple(dict.fromkeys((*variants, found.typed))), outlines, without_numbers)

    def has(self, word: BlockedWord) -> bool:
        """Whether a checked word is in the text."""
        if word.is_pattern:
            regex = _pattern(word.text)
            return any(regex.search(variant) is not None for variant in self.variants)
        if _has_symbol(word.text):
            return word.text.strip("*") in self.variants[0]
        # `$2.00` and `50` are no letters, unless a part of the word is a number itself.
        outlines = self.without_numbers if word_patterns.is_lettered(word.text) else self.outlines
        # Words of other scripts know their Latin look-alikes themselves.
        searched = outlines if word.text.isascii() else outlines[:1]
        regex = _word_regex(word.text)
        return any(regex.search(outline) is not None for outline in searched)


def of_guild(tx: Transaction, guild_id: int) -> list[BlockedWord]:
    """A guild's words, then its patterns, each in alphabetical order."""
    rows = tx.all(
        "SELECT word, is_pattern FROM blocked_words WHERE guild_id = :guild"
        " ORDER BY is_pattern, word",
        {"guild": guild_id},
    )
    return [BlockedWord(row["word"], bool(row["is_pattern"])) for row in rows]


def add(tx: Transaction, guild_id: int, word: BlockedWord) -> None:
    """Add a checked word that is not there yet."""
    tx.execute(
        "INSERT INTO blocked_words (guild_id, word, is_pattern) VALUES (:guild, :word, :pattern)",
        {"guild": guild_id, "word": word.text, "pattern": int(word.is_pattern)},
    )


def remove(tx: Transaction, guild_id: int, word: BlockedWord) -> None:
    """Remove a word in its stored form."""
    tx.execute(
        "DELETE FROM blocked_words WHERE guild_id = :guild AND word = :word"
        " AND is_pattern = :pattern",
        {"guild": guild_id, "word": word.text, "pattern": int(word.is_pattern)},
    )


def _has_symbol(word: str) -> bool:
    """Whether a word has symbols in it (`c++`, emoji), so that it is searched for as it is."""
    return any(unicodedata.category(character).startswith("S") for character in word)


def _re2() -> Any:  # noqa: ANN401 - it has no types
    """RE2 and not `re`, whose worst case is exponential: patterns meet members' prompts.

    It is loaded once a server blocks words, so that an idle bot is small.
    """
    import re2  # noqa: PLC0415 - as said above

    return re2


@lru_cache(maxsize=4096)
def _word_regex(word: str) -> Any:  # noqa: ANN401 - re2 has no types
    """The compiled `find_pattern` of a word; `None` if the word has no letters."""
    source = word_patterns.find_pattern(word)
    return _re2().compile(source, _options()) if source else None


@lru_cache(maxsize=2048)
def _pattern(source: str) -> Any:  # noqa: ANN401 - re2 has no types
    options = _options()
    options.max_mem = _MAX_MEMORY
    options.case_sensitive = False
    try:
        return _re2().compile(source, options)
    except UnicodeEncodeError as error:
        raise BlockedWordRuleError(
            BlockedWordRuleProblem.BAD, "it holds half a character"
        ) from error
    except _re2().error as error:
        detail = _detail(error)
        is_large = "too large" in detail
        problem = BlockedWordRuleProblem.SLOW if is_large else BlockedWordRuleProblem.BAD
        raise BlockedWordRuleError(problem, detail) from error


def compile_expression(source: str) -> Any:  # noqa: ANN401 - re2 has no types
    """Compile an expression of the program's own, of many words, for texts in lower case."""
    options = _options()
    options.max_mem = _MAX_OWN_MEMORY
    return _re2().compile(source, options)


def escaped(text: str) -> str:
    """The expression that finds this text as it is."""
    return str(_re2().escape(text))


def _options() -> Any:  # noqa: ANN401 - re2 has no types
    options = _re2().Options()
    # RE2 writes to stderr by itself, past the logs: what a moderator typed does not belong there.
    options.log_errors = False
    # Nobody reads groups, and a search without them is faster.
    options.never_capture = True
    return options


def _detail(error: BaseException) -> str:
    detail = error.args[0] if error.args else b""
    return detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
