"""Words and patterns that prompts may not contain, however they are spelt.

A word matches whole words, a pattern (RE2 syntax, matched in linear time) anywhere. Both see
the text as `decancer` reads it: look-alike letters as the ones they look like, in lower case.
A word is also found with its letters spaced out (`b a d`, `b.a.d`) or doubled by nothing else.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import decancer_py
import re2

from bot.errors import PatternError, PatternProblem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.storage import Transaction

MAX_WORDS: Final = 500
"""Of one guild."""
MAX_LENGTH: Final = 100
"""Characters of a word or pattern."""
_PATTERN_BYTES: Final = 1 << 18
"""What RE2 may need for a compiled pattern; larger ones are refused as slow."""
_BETWEEN: Final = r"[^\pL\pN]*"


@dataclass(frozen=True, slots=True, order=True)
class BlockedWord:
    """A word, or an RE2 pattern."""

    text: str
    is_pattern: bool = False


def check(word: BlockedWord) -> BlockedWord:
    """Return it as it is stored.

    Raises:
        PatternError: It is empty, too long, holds nothing to match, matches everything, or is
            a pattern that RE2 does not take or that would grow too large.
    """
    text = word.text.strip()
    if not text or len(text) > MAX_LENGTH:
        raise PatternError(PatternProblem.LENGTH)
    if not word.is_pattern:
        text = plain(text)
        if not any(map(str.isalnum, text)):
            raise PatternError(PatternProblem.EMPTY)
    stored = BlockedWord(text, word.is_pattern)
    if _compiled(stored).search("") is not None:
        raise PatternError(PatternProblem.EMPTY)
    return stored


def first_match(words: Iterable[BlockedWord], *texts: str) -> BlockedWord | None:
    """Return the first word that any of the texts contains."""
    seen = [plain(text) for text in texts if text]
    for word in words:
        if any(_compiled(word).search(text) is not None for text in seen):
            return word
    return None


def plain(text: str) -> str:
    """Return text as it looks: look-alike letters replaced, in lower case, marks removed."""
    # Marks above and below letters are stripped first, and what nobody sees.
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) not in _UNSEEN
    )
    return str(decancer_py.parse(bare)).casefold()


async def of_guild(tx: Transaction, guild_id: int) -> list[BlockedWord]:
    """Return a guild's words, in order."""
    rows = await tx.all(
        "SELECT word, is_pattern FROM blocked_words WHERE guild_id = :guild"
        " ORDER BY word, is_pattern",
        {"guild": guild_id},
    )
    return [BlockedWord(row["word"], bool(row["is_pattern"])) for row in rows]


async def add(tx: Transaction, guild_id: int, word: BlockedWord) -> bool:
    """Add a checked word; return whether it was new."""
    added = await tx.execute(
        "INSERT INTO blocked_words (guild_id, word, is_pattern)"
        " VALUES (:guild, :word, :pattern) ON CONFLICT DO NOTHING",
        {"guild": guild_id, "word": word.text, "pattern": int(word.is_pattern)},
    )
    return added == 1


async def remove(tx: Transaction, guild_id: int, word: BlockedWord) -> bool:
    """Remove a word; return whether it was there."""
    removed = await tx.execute(
        "DELETE FROM blocked_words WHERE guild_id = :guild AND word = :word"
        " AND is_pattern = :pattern",
        {"guild": guild_id, "word": word.text, "pattern": int(word.is_pattern)},
    )
    return removed == 1


_UNSEEN: Final = frozenset({"Mn", "Me", "Cf", "Cc"})


@lru_cache(maxsize=4096)
def _compiled(word: BlockedWord) -> Any:  # noqa: ANN401 - re2 has no types
    options = re2.Options()
    options.max_mem = _PATTERN_BYTES
    options.log_errors = False
    source = word.text
    if not word.is_pattern:
        letters = [re2.escape(c) for c in word.text if not c.isspace()]
        source = rf"(?:^|[^\pL\pN]){_BETWEEN.join(letters)}(?:$|[^\pL\pN])"
    try:
        return re2.compile(source, options)
    except re2.error as error:
        problem = PatternProblem.SLOW if b"too large" in _told(error) else PatternProblem.BAD
        raise PatternError(problem) from error


def _told(error: BaseException) -> bytes:
    told = error.args[0] if error.args else b""
    return told if isinstance(told, bytes) else str(told).encode()
