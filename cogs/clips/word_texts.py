"""What moderators read about blocked words."""

from __future__ import annotations

import csv
import io
from datetime import UTC
from itertools import groupby
from typing import TYPE_CHECKING, Final

from bot.moderation.blocked_words import MAX_LENGTH, MAX_WORDS, Reach, reach
from bot.moderation.errors import BlockedWordRuleError, BlockedWordRuleProblem, WordListError
from bot.moderation.word_hits import KEPT_DAYS
from bot.moderation.word_lists import MAX_ENTRIES
from bot.reports.csv_export import without_formula
from cogs.texts.amounts import timestamp
from cogs.texts.error_texts import UNCHANGED, error_text
from cogs.texts.markdown import escape, plural, quote, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from bot.moderation.blocked_words import BlockedWord
    from bot.moderation.word_hits import MemberHits
    from bot.moderation.word_service import AddedWords, RemovedWords, WordTestResult

# Characters. A quoted text may be twice as long once it is escaped, and is shown up to twice.
_QUOTED: Final = 300
_NAMED: Final = 600
_DETAIL: Final = 120
_MEMBERS_SHOWN: Final = 5

NO_WORDS: Final = "No words are blocked here. Add some with `/clips words add`."
TO_UNDO: Final = (
    "Some of the file was blocked before. To undo this import alone, give `added-words.txt`, which "
    "has what it added, to `/clips words remove`."
)
NO_HITS: Final = f"No prompt was refused for a blocked word in the last {KEPT_DAYS} days."

_REACHES: Final = {
    Reach.WHOLE_WORD: "as a whole word, in look-alike letters, spaced out and stretched too",
    Reach.SHORT_WORD: "as a whole word, in look-alike letters too; it is too short for more",
    Reach.BEGINNING: "at the beginning of words",
    Reach.END: "at the end of words",
    Reach.ANYWHERE: "anywhere, inside words too",
    Reach.AS_TYPED: "anywhere, as it is typed: it has a symbol in it",
    Reach.PATTERN: "wherever the pattern matches",
}


def counted(words: Sequence[BlockedWord]) -> str:
    """Say how many words and patterns are blocked."""
    patterns = sum(word.is_pattern for word in words)
    parts = ((len(words) - patterns, "word"), (patterns, "pattern"))
    kinds = " and ".join(plural(count, noun) for count, noun in parts if count)
    return f"**{kinds}** blocked here"


def added_lines(result: AddedWords, write: Callable[[str], str]) -> Iterator[str]:
    """Say what a list added; `write` makes what was typed safe where it is shown."""
    if result.added:
        yield f"{counted(result.added).removesuffix(' here')} from the next request on:"
        for kind, how in _REACHES.items():
            if words := [word for word in result.added if reach(word) is kind]:
                yield f"- {_named(words, write)}: found {how}."
        if any(reach(word) is Reach.WHOLE_WORD for word in result.added):
            yield "-# `word*` is also found at the beginning of longer words, `*word*` anywhere."
    if result.present:
        yield f"Blocked already: {_named(result.present, write)}."
    for one in result.refused:
        place = f"Line {one.entry.line}, " if one.entry.line > 1 else ""
        name = write(shorten(one.entry.text, MAX_LENGTH))
        yield f"{place}{name} was **not** blocked: {_problem_text(one.error)}"
    if not result.added:
        yield UNCHANGED


def removed_lines(
    result: RemovedWords, still: Collection[BlockedWord], write: Callable[[str], str]
) -> Iterator[str]:
    """Say what a list removed, and which words are still found in that; `write` as above."""
    if result.removed:
        is_one = len(result.removed) == 1
        yield f"{_named(result.removed, write)} {'is' if is_one else 'are'} no longer blocked."
    if still:
        what = "It is" if len(result.removed) == 1 else "Some of that is"
        yield f"{what} still refused, because of {_named(still, write)}."
    if result.unknown:
        names = (write(shorten(it, MAX_LENGTH)) for it in result.unknown)
        is_one = len(result.unknown) == 1
        yield (
            f"{', '.join(names)} {'is' if is_one else 'are'} not blocked here. "
            "`/clips words list` shows what is."
        )
    if not result.removed:
        yield UNCHANGED


def _named(words: Iterable[BlockedWord], write: Callable[[str], str]) -> str:
    return ", ".join(write(word.name) for word in words)


def verdict(tested: WordTestResult) -> str:
    """Say which words are in a text, and what it was read as."""
    normalized = tested.normalized
    read = quote(normalized.without_accents, _QUOTED)
    if normalized.look_alike_latin != normalized.without_accents:
        read += f"or, in Latin letters:\n{quote(normalized.look_alike_latin, _QUOTED)}"
    if not tested.found:
        many = f"none of the {tested.tried} blocked words"
        of = many if tested.tried > 1 else "no blocked word"
        return f"**Allowed**: it contains {of}. I read it as:\n{read}"
    found = shorten(_named(tested.found, escape), _NAMED)
    return f"**Refused**: it contains {found}. I read it as:\n{read}"


def hits_lines(hits: Iterable[MemberHits], blocked: Collection[BlockedWord]) -> Iterator[str]:
    """Say how often each word was hit, when the last time, and by whom most."""
    yield f"Refused prompts of the last {KEPT_DAYS} days, by blocked word:"
    for word, group in groupby(hits, key=lambda it: it.word):
        of_word = list(group)
        members = [f"<@{it.member_id}> ({it.hits})" for it in of_word[:_MEMBERS_SHOWN]]
        if len(of_word) > _MEMBERS_SHOWN:
            members.append(f"{len(of_word) - _MEMBERS_SHOWN} more")
        times = plural(sum(it.hits for it in of_word), "time")
        last = timestamp(max(it.last_at for it in of_word))
        gone = "" if word in blocked else ", no longer blocked"
        yield f"- {escape(word.name)}{gone}: {times}, last {last}, by {', '.join(members)}"


def hits_csv(hits: Iterable[MemberHits]) -> str:
    """Write all hits as a table, a line for each word and member."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("word", "member", "times", "last_utc"))
    for it in hits:
        last = it.last_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        # As a mention: a spreadsheet program rounds a bare id to 15 digits.
        writer.writerow((without_formula(it.word.name), f"<@{it.member_id}>", it.hits, last))
    return out.getvalue()


_PROBLEMS: Final = {
    BlockedWordRuleProblem.LENGTH: f"A blocked word or pattern has 1 to {MAX_LENGTH} characters.",
    BlockedWordRuleProblem.EMPTY: "There is no letter, digit or symbol in that word to look for.",
    BlockedWordRuleProblem.EVERYDAY: (
        "It would refuse {detail} of a list of everyday prompts. If you mean that, "
        "send it again with `anyway:True`."
    ),
    BlockedWordRuleProblem.BAD: (
        "That is not a pattern that I can read: {detail}. "
        "Patterns are in RE2 syntax, without look-arounds and back-references."
    ),
    BlockedWordRuleProblem.SLOW: (
        "That pattern would be slow to search for. Please make its repetitions smaller, "
        "or split it in two."
    ),
    BlockedWordRuleProblem.TOO_MANY: (
        f"This server has {MAX_WORDS} blocked words and patterns, and cannot have more. "
        "Please remove one first, or put several into one pattern."
    ),
    BlockedWordRuleProblem.TOO_LARGE: (
        "This server's patterns are too large together. Please remove or shorten one first."
    ),
}


def _problem_text(error: BlockedWordRuleError) -> str:
    return _PROBLEMS[error.problem].format(detail=escape(shorten(error.detail, _DETAIL)))


@error_text.register
def _unfit(error: BlockedWordRuleError) -> str:
    return f"{_problem_text(error)} {UNCHANGED}"


@error_text.register
def _no_list(error: WordListError) -> str:
    if not error.entries:
        return f"There is no word in that. Please send words, separated by commas. {UNCHANGED}"
    return (
        f"That are {error.entries} words and patterns, and I look at {MAX_ENTRIES} in one go. "
        f"Please send fewer. {UNCHANGED}"
    )
