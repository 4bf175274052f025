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
from cogs.texts.languages import N_, _, ngettext
from cogs.texts.markdown import escape, plural, quote, shorten
from cogs.texts.punctuation import joined, listed, sentences, with_note

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

NO_WORDS: Final = N_("No words are blocked here. Add some with `/clips words add`.")
TO_UNDO: Final = N_(
    "Some of the file was blocked before. To undo this import alone, give "
    "`added-words.txt`, which has what it added, to `/clips words remove`."
)
NO_HITS: Final = N_("No prompt was refused for a blocked word in the last {days} days.")

_REACHES: Final = {
    Reach.WHOLE_WORD: N_("as a whole word, in look-alike letters, spaced out and stretched too"),
    Reach.SHORT_WORD: N_("as a whole word, in look-alike letters too; it is too short for more"),
    Reach.BEGINNING: N_("at the beginning of words"),
    Reach.END: N_("at the end of words"),
    Reach.ANYWHERE: N_("anywhere, inside words too"),
    Reach.AS_TYPED: N_("anywhere, as it is typed: it has a symbol in it"),
    Reach.PATTERN: N_("wherever the pattern matches"),
}


def counted(words: Sequence[BlockedWord]) -> str:
    """Say how many words and patterns are blocked."""
    patterns = sum(word.is_pattern for word in words)
    parts = ((len(words) - patterns, "word"), (patterns, "pattern"))
    return f"**{joined(plural(count, noun) for count, noun in parts if count)}**"


def added_lines(result: AddedWords, write: Callable[[str], str]) -> Iterator[str]:
    """Say what a list added; `write` makes what was typed safe where it is shown."""
    if result.added:
        yield _(
            "{words} blocked from the next request on:",
            words=counted(result.added),
        )
        for kind in _REACHES:
            if words := [word for word in result.added if reach(word) is kind]:
                how, named = _(_REACHES[kind]), _named(words, write)
                yield "- " + _("{named}: found {how}.", named=named, how=how)
        if any(reach(word) is Reach.WHOLE_WORD for word in result.added):
            yield _("-# `word*` is also found at the beginning of longer words, `*word*` anywhere.")
    if result.present:
        yield _("Blocked already: {named}.", named=_named(result.present, write))
    for one in result.refused:
        name, problem = write(shorten(one.entry.text, MAX_LENGTH)), _problem_text(one.error)
        if one.entry.line > 1:
            yield _(
                "Line {line}, {name} was **not** blocked: {problem}",
                line=one.entry.line,
                name=name,
                problem=problem,
            )
        else:
            yield _("{name} was **not** blocked: {problem}", name=name, problem=problem)
    if not result.added:
        yield _(UNCHANGED)


def removed_lines(
    result: RemovedWords, still: Collection[BlockedWord], write: Callable[[str], str]
) -> Iterator[str]:
    """Say what a list removed, and which words are still found in that; `write` as above."""
    if result.removed:
        named = _named(result.removed, write)
        yield ngettext(
            "{named} is no longer blocked.",
            "{named} are no longer blocked.",
            len(result.removed),
            named=named,
        )
    if still:
        yield ngettext(
            "It is still refused, because of {named}.",
            "Some of that is still refused, because of {named}.",
            len(result.removed),
            named=_named(still, write),
        )
    if result.unknown:
        names = (write(shorten(it, MAX_LENGTH)) for it in result.unknown)
        yield ngettext(
            "{named} is not blocked here. `/clips words list` shows what is.",
            "{named} are not blocked here. `/clips words list` shows what is.",
            len(result.unknown),
            named=listed(names),
        )
    if not result.removed:
        yield _(UNCHANGED)


def _named(words: Iterable[BlockedWord], write: Callable[[str], str]) -> str:
    return listed(write(word.name) for word in words)


def verdict(tested: WordTestResult) -> str:
    """Say which words are in a text, and what it was read as."""
    normalized = tested.normalized
    read = quote(normalized.without_accents, _QUOTED)
    if normalized.look_alike_latin != normalized.without_accents:
        read += _(
            "or, in Latin letters:\n{words}", words=quote(normalized.look_alike_latin, _QUOTED)
        )
    if not tested.found:
        many = _("none of the {tried} blocked words", tried=tested.tried)
        of = many if tested.tried > 1 else _("no blocked word")
        return _("**Allowed**: it contains {of}. I read it as:\n{read}", of=of, read=read)
    found = shorten(_named(tested.found, escape), _NAMED)
    return _("**Refused**: it contains {found}. I read it as:\n{read}", found=found, read=read)


def hits_lines(hits: Iterable[MemberHits], blocked: Collection[BlockedWord]) -> Iterator[str]:
    """Say how often each word was hit, when the last time, and by whom most."""
    yield _("Refused prompts of the last {kept_days} days, by blocked word:", kept_days=KEPT_DAYS)
    for word, group in groupby(hits, key=lambda it: it.word):
        of_word = list(group)
        members = [with_note(f"<@{it.member_id}>", it.hits) for it in of_word[:_MEMBERS_SHOWN]]
        if len(of_word) > _MEMBERS_SHOWN:
            members.append(_("{of_word} more", of_word=len(of_word) - _MEMBERS_SHOWN))
        times = plural(sum(it.hits for it in of_word), "time")
        last = timestamp(max(it.last_at for it in of_word))
        gone = "" if word in blocked else _(", no longer blocked")
        yield (
            "- "
            + _(
                "{name}{gone}: {times}, last {last}, by {members}",
                name=escape(word.name),
                gone=gone,
                times=times,
                last=last,
                members=listed(members),
            )
        )


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
    BlockedWordRuleProblem.LENGTH: N_("A blocked word or pattern has 1 to {longest} characters."),
    BlockedWordRuleProblem.EMPTY: N_(
        "There is no letter, digit or symbol in that word to look for."
    ),
    BlockedWordRuleProblem.EVERYDAY: (
        N_(
            "It would refuse {detail} of a list of everyday prompts. If you mean that, "
            "send it again with `anyway:True`."
        )
    ),
    BlockedWordRuleProblem.BAD: (
        N_(
            "That is not a pattern that I can read: {detail}. Patterns are in RE2 syntax, "
            "without look-arounds and back-references."
        )
    ),
    BlockedWordRuleProblem.SLOW: (
        N_(
            "That pattern would be slow to search for. Please make its repetitions "
            "smaller, or split it in two."
        )
    ),
    BlockedWordRuleProblem.TOO_MANY: (
        N_(
            "This server has {most} blocked words and patterns, and cannot have more. "
            "Please remove one first, or put several into one pattern."
        )
    ),
    BlockedWordRuleProblem.TOO_LARGE: (
        N_("This server's patterns are too large together. Please remove or shorten one first.")
    ),
}


def _problem_text(error: BlockedWordRuleError) -> str:
    detail = escape(shorten(error.detail, _DETAIL))
    numbers = {"longest": MAX_LENGTH, "most": MAX_WORDS}
    return _(_PROBLEMS[error.problem], detail=detail, **numbers)


@error_text.register
def _unfit(error: BlockedWordRuleError) -> str:
    return sentences(_problem_text(error), _(UNCHANGED))


@error_text.register
def _no_list(error: WordListError) -> str:
    if not error.entries:
        return _(
            "There is no word in that. Please send words, separated by commas. {unchanged}",
            unchanged=_(UNCHANGED),
        )
    return _(
        "That are {entries} words and patterns, and I look at {max_entries} in one go. "
        "Please send fewer. {unchanged}",
        entries=error.entries,
        max_entries=MAX_ENTRIES,
        unchanged=_(UNCHANGED),
    )
