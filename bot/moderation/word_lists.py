"""Lists of blocked words as moderators type them or keep them in files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.base import value
from bot.moderation import blocked_words
from bot.moderation.blocked_words import BlockedWord
from bot.moderation.errors import BlockedWordRuleError, BlockedWordRuleProblem, WordListError
from bot.moderation.everyday_prompts import everyday_hits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_ENTRIES: Final = 2 * blocked_words.MAX_WORDS
"""The most words and patterns that are looked at in one go."""

_SEPARATORS: Final = ",\uff0c\u3001\u060c"
"""The commas of Latin, Chinese, Japanese and Arabic writing."""
_ENTRY: Final = re.compile(
    # A pattern goes on to the slash that a comma or the line's end follows, so that it may have
    # commas itself. It has no more than 200 characters: else a list of slashes took quadratic time.
    rf"\s*(?P<text>/(?:\\.|[^\\]){{1,200}}?/(?=\s*(?:[{_SEPARATORS}]|$))|[^{_SEPARATORS}]*)"
    rf"\s*(?:[{_SEPARATORS}]|$)"
)


@value
class ListEntry:
    """A word or a `/pattern/` as it stands in a list, and its line, from 1 on."""

    line: int
    text: str


@value
class RefusedEntry:
    """An entry that cannot be blocked, and why."""

    entry: ListEntry
    error: BlockedWordRuleError


@dataclass(frozen=True, slots=True)
class CheckedList:
    """The words of a list that can be blocked, each with where it stands, and the rest."""

    words: dict[BlockedWord, ListEntry] = field(default_factory=dict)
    refused: list[RefusedEntry] = field(default_factory=list)


def split(text: str, *, is_file: bool = False) -> list[ListEntry]:
    """Split a list at commas and line ends.

    In a file, lines that are `#` alone or begin with `# ` are left out; `#word` is a word.

    Raises:
        WordListError: There are no entries, or more than `MAX_ENTRIES`.
    """
    entries = list(_entries(text, has_comments=is_file))
    if not 1 <= len(entries) <= MAX_ENTRIES:
        raise WordListError(len(entries))
    return entries


def _entries(text: str, *, has_comments: bool) -> Iterator[ListEntry]:
    for number, line in enumerate(text.splitlines(), 1):
        if has_comments and f"{line.strip()} ".startswith("# "):
            continue
        for found in _ENTRY.finditer(line):
            if entry := found["text"].strip():
                yield ListEntry(number, entry)


def check(entries: Iterable[ListEntry], *, anyway: bool) -> CheckedList:
    """Check each entry; one that cannot be blocked stops no other.

    Args:
        entries: Thousands take a second: for a thread, not for the event loop.
        anyway: Whether words that are in many everyday prompts are among those that can be.
    """
    checked, size = CheckedList(), 0
    for entry in entries:
        try:
            word = blocked_words.check(BlockedWord.parse(entry.text))
            if word in checked.words:
                continue
            size += blocked_words.pattern_size(word)
            _check_cost(word, size, anyway=anyway)
            checked.words[word] = entry
        except BlockedWordRuleError as error:
            checked.refused.append(RefusedEntry(entry, error))
    return checked


def _check_cost(word: BlockedWord, size: int, *, anyway: bool) -> None:
    """Refuse what is too large beside the patterns before it, or costs members their everyday."""
    if size > blocked_words.MAX_TOTAL_SIZE:
        raise BlockedWordRuleError(BlockedWordRuleProblem.TOO_LARGE)
    if anyway:
        return
    hits = everyday_hits(word)
    if hits.are_too_many:
        detail = f"{hits.refused} of {hits.prompts} in {hits.language}"
        raise BlockedWordRuleError(BlockedWordRuleProblem.EVERYDAY, detail)


class WordFinder:
    """Finds blocked words by what is typed, also those that could not be blocked any more.

    An earlier version may have stored a word otherwise, or taken it for a pattern or the other
    way round.
    """

    def __init__(self, words: Iterable[BlockedWord]) -> None:
        self._by_name: dict[str, BlockedWord] = {}
        self._by_form: dict[str, BlockedWord] = {}
        self._by_text: dict[str, BlockedWord] = {}
        for word in words:
            self._by_name.setdefault(word.name, word)
            self._by_text.setdefault(word.text.strip(), word)
            if not word.is_pattern:
                self._by_form.setdefault(blocked_words.stored_form(word.text), word)

    def find(self, typed: str) -> BlockedWord | None:
        """The word that is meant; `None` if it is not blocked."""
        text = typed.strip()
        named = BlockedWord.parse(text)
        return (
            self._by_name.get(BlockedWord(named.text.strip(), named.is_pattern).name)
            or self._by_name.get(text)
            or self._by_form.get(blocked_words.stored_form(text))
            or self._by_text.get(text)
        )
