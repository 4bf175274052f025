"""A server's own AutoMod rules, held against prompts: Discord does not look at what bots write.

Rules are read as Discord describes them: a keyword is found in any case as a whole word, or as a
part of one on the sides where it has a star; what is on the allow list of a rule is taken out of
the prompt before. Patterns are written for Rust's `regex`, and searched by RE2, after which that
was made: neither needs more than linear time.

https://docs.discord.com/developers/resources/auto-moderation
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.moderation import blocked_words
from bot.moderation.blocked_words import BlockedWord, SearchableText
from bot.moderation.errors import BlockedWordRuleError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

KEYWORD: Final = 1
"""Discord's `trigger_type` of rules with words and patterns of the server's own."""
_BLOCK_MESSAGE: Final = 1
_WORD: Final = r"[\pL\pM\pN_]"
_MAX_SIZE: Final = 4_000
"""The most RE2 instructions of a pattern: `\\p{L}` alone has over a thousand."""
# Of what Rust has and RE2 has not, RE2 takes this as other characters and says nothing.
_RUST_SET: Final = re.compile(r"\[[^\]]*(?:&&|~~|--|\[(?!:))")
_ESCAPED: Final = re.compile(r"\\.")
_BEFORE: Final = r"(?:^|[^\pL\pM\pN_])"
_AFTER: Final = r"(?:[^\pL\pM\pN_]|$)"


class _Metadata(BaseModel, defer_build=True):
    keyword_filter: list[str] = []
    regex_patterns: list[str] = []
    allow_list: list[str] = []


class _Action(BaseModel, defer_build=True):
    type: int


class _DiscordRule(BaseModel, defer_build=True):
    """The part of Discord's rule object that is read."""

    name: str
    trigger_type: int
    enabled: bool
    actions: list[_Action] = []
    exempt_roles: frozenset[int] = frozenset()
    exempt_channels: frozenset[int] = frozenset()
    trigger_metadata: _Metadata = Field(default_factory=_Metadata)


class AutomodRule(BaseModel):
    """A rule whose words and patterns prompts may not contain.

    Attributes:
        exempt_roles: Ids of roles whose members it does not concern.
        exempt_channels: Ids of channels and categories where it does not hold.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    name: str
    keywords: tuple[str, ...]
    patterns: tuple[str, ...]
    allowed: tuple[str, ...]
    exempt_roles: frozenset[int]
    exempt_channels: frozenset[int]

    def is_in(self, text: str) -> bool:
        """Whether a text breaks the rule."""
        text = _without(_folded(text), self.allowed)
        if self.keywords and _any_of(self.keywords).search(text) is not None:
            return True
        searchable = SearchableText.of(text) if self.patterns else None
        patterns = (BlockedWord(it, is_pattern=True) for it in self.patterns)
        return searchable is not None and any(searchable.has(it) for it in patterns)


class AutomodRules(BaseModel):
    """The rules of a guild.

    Attributes:
        applied: Those that are held against prompts.
        left_out: Names of enabled rules of which that is not so: they have no words of the
            server's own, or they do not block messages.
        left_out_patterns: Patterns that RE2 does not take, or that would be slow.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    applied: tuple[AutomodRule, ...] = ()
    left_out: tuple[str, ...] = ()
    left_out_patterns: tuple[str, ...] = ()

    def broken_by(
        self, role_ids: Collection[int], channel_ids: Collection[int], *texts: str
    ) -> Iterator[AutomodRule]:
        """Yield the rules that one of the texts breaks. For a thread, not for the event loop."""
        for rule in self.applied:
            is_exempt = not (
                rule.exempt_roles.isdisjoint(role_ids)
                and rule.exempt_channels.isdisjoint(channel_ids)
            )
            if not is_exempt and any(rule.is_in(text) for text in texts):
                yield rule


def read_rules(answer: Iterable[Any] | None) -> AutomodRules:
    """Read what Discord lists. Compiles patterns: for a thread, not for the event loop."""
    applied, left_out, room = [], [], _Room()
    for data in answer or ():
        try:
            rule = _DiscordRule.model_validate(data)
        except ValidationError:
            # Of a kind that did not exist when this was written.
            continue
        if not rule.enabled:
            continue
        blocks = any(action.type == _BLOCK_MESSAGE for action in rule.actions)
        if rule.trigger_type != KEYWORD or not blocks:
            left_out.append(rule.name)
            continue
        applied.append(
            AutomodRule(
                name=rule.name,
                keywords=tuple(_clean(rule.trigger_metadata.keyword_filter)),
                patterns=tuple(it for it in rule.trigger_metadata.regex_patterns if room.has(it)),
                allowed=tuple(_clean(rule.trigger_metadata.allow_list)),
                exempt_roles=rule.exempt_roles,
                exempt_channels=rule.exempt_channels,
            )
        )
    return AutomodRules(
        applied=tuple(applied),
        left_out=tuple(left_out),
        left_out_patterns=tuple(room.refused),
    )


@lru_cache(maxsize=32)
def from_json(text: str) -> AutomodRules:
    """Read what `AutomodRules.model_dump_json` wrote."""
    return AutomodRules.model_validate_json(text)


class _Room:
    """The size of all patterns of a guild is bounded, as that of moderators' own."""

    def __init__(self) -> None:
        self._left = blocked_words.MAX_TOTAL_SIZE
        self.refused: list[str] = []

    def has(self, pattern: str) -> bool:
        try:
            size = blocked_words.pattern_size(BlockedWord(pattern, is_pattern=True))
        except BlockedWordRuleError:
            size = self._left + 1
        has_set = _RUST_SET.search(_ESCAPED.sub("", pattern)) is not None
        if has_set or size > min(self._left, _MAX_SIZE):
            self.refused.append(pattern)
            return False
        self._left -= size
        return True


def _clean(keywords: Iterable[str]) -> Iterator[str]:
    """Leave out what would be found in every text."""
    return (it for it in keywords if _folded(it).strip("* "))


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _without(text: str, allowed: tuple[str, ...]) -> str:
    if not allowed:
        return text
    # Twice: two that are next to each other share the blank between them.
    for _ in range(2):
        text = _any_of(allowed, whole=True).sub(" ", text)
    return text


@lru_cache(maxsize=64)
def _any_of(keywords: tuple[str, ...], *, whole: bool = False) -> Any:  # noqa: ANN401 - re2 has no types
    """The compiled expression that finds any of the keywords; `whole` with the rest of its word."""
    groups = defaultdict[tuple[str, str], list[str]](list)
    for keyword in map(_folded, keywords):
        word = keyword.strip("* ")
        groups[_edges(keyword, word, whole=whole)].append(blocked_words.escaped(word))
    # By their edges, as these are large: there are hundreds of ranges of letters.
    found = (f"{start}(?:{'|'.join(words)}){end}" for (start, end), words in groups.items())
    return blocked_words.compile_expression("|".join(found))


def _edges(keyword: str, word: str, *, whole: bool) -> tuple[str, str]:
    rest = f"{_WORD}*" if whole else ""
    # A sign at its edge bounds a keyword by itself.
    start = rest if keyword.startswith("*") else _BEFORE if _is_word(word[0]) else ""
    end = rest if keyword.endswith("*") else _AFTER if _is_word(word[-1]) else ""
    return start, end


def _is_word(character: str) -> bool:
    return character == "_" or unicodedata.category(character)[0] in "LMN"
