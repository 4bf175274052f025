"""Moderators' changes of the blocked words, each with its audit event."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from typing import TYPE_CHECKING

from bot.base import Timeouts, service, value
from bot.guilds import audit
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.moderation import blocked_words, word_hits, word_lists
from bot.moderation.errors import BlockedWordRuleError, BlockedWordRuleProblem
from bot.moderation.normalized_text import normalize
from bot.moderation.word_lists import RefusedEntry, WordFinder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.base import Clock, Database, Transaction
    from bot.guilds.audit import AuditValues
    from bot.moderation.blocked_words import BlockedWord
    from bot.moderation.normalized_text import NormalizedText
    from bot.moderation.word_hits import MemberHits
    from bot.moderation.word_lists import CheckedList

log = logging.getLogger(__name__)


@value
class AddedWords:
    """What became of a list: words that are blocked now, those that were, and the rest."""

    added: tuple[BlockedWord, ...]
    present: tuple[BlockedWord, ...]
    refused: tuple[RefusedEntry, ...]


@value
class RemovedWords:
    """What became of a list: words that are allowed again, and entries that were not blocked."""

    removed: tuple[BlockedWord, ...]
    unknown: tuple[str, ...]


@value
class WordTestResult:
    """The blocked words and patterns in a text, and how many were tried."""

    normalized: NormalizedText
    found: tuple[BlockedWord, ...]
    tried: int


@service
class BlockedWordService:
    """Adds, removes, lists and tests the blocked words of any guild, and tells what they hit."""

    database: Database
    clock: Clock

    async def add(
        self,
        guild_id: int,
        actor_id: int,
        text: str,
        *,
        anyway: bool = False,
        is_file: bool = False,
    ) -> AddedWords:
        """Block the words and patterns of a list, as `word_lists.split` reads it.

        Args:
            guild_id: Where, from the next request on.
            actor_id: The moderator.
            text: One that cannot be blocked stops no other.
            anyway: Whether those that are in many everyday prompts are blocked too.
            is_file: Whether it has comments.

        Raises:
            WordListError: There are no entries, or too many.
        """
        entries = await asyncio.to_thread(word_lists.split, text, is_file=is_file)
        checked = await asyncio.to_thread(word_lists.check, entries, anyway=anyway)
        return await self.database.write(lambda tx: self._put(tx, guild_id, actor_id, checked))

    def _put(
        self, tx: Transaction, guild_id: int, actor_id: int, checked: CheckedList
    ) -> AddedWords:
        before = blocked_words.of_guild(tx, guild_id)
        size = sum(map(blocked_words.pattern_size, before))
        present = set(before).intersection(checked.words)
        added: list[BlockedWord] = []
        refused = list(checked.refused)
        for word in checked.words:
            if word in present:
                continue
            size += (own := blocked_words.pattern_size(word))
            problem = _no_room(len(before) + len(added), size if own else 0)
            if problem is None:
                blocked_words.add(tx, guild_id, word)
                added.append(word)
            else:
                size -= own
                error = BlockedWordRuleError(problem)
                refused.append(RefusedEntry(checked.words[word], error))
        self._record(tx, guild_id, actor_id, after=added)
        refused.sort(key=lambda it: it.entry.line)
        return AddedWords(tuple(added), tuple(sorted(present)), tuple(refused))

    async def remove(
        self, guild_id: int, actor_id: int, text: str, *, is_file: bool = False
    ) -> RemovedWords:
        """Allow the words and patterns of a list again, however they were typed.

        Raises:
            WordListError: There are no entries, or too many.
        """
        entries = await asyncio.to_thread(word_lists.split, text, is_file=is_file)

        def remove(tx: Transaction) -> RemovedWords:
            finder = WordFinder(blocked_words.of_guild(tx, guild_id))
            # A pattern without its slashes may have commas.
            whole = None if is_file else finder.find(text)
            typed = [text] if whole else [entry.text for entry in entries]
            found = {one: finder.find(one) for one in typed}
            removed = tuple(dict.fromkeys(word for word in found.values() if word))
            for word in removed:
                blocked_words.remove(tx, guild_id, word)
            self._record(tx, guild_id, actor_id, before=removed)
            return RemovedWords(removed, tuple(one for one, word in found.items() if not word))

        return await self.database.write(remove)

    async def all(self, guild_id: int) -> list[BlockedWord]:
        """A guild's words, then its patterns, each in alphabetical order."""
        return await self.database.read(lambda tx: blocked_words.of_guild(tx, guild_id))

    async def test(self, guild_id: int, text: str) -> WordTestResult:
        """Match a text against a guild's words and patterns."""
        words = await self.all(guild_id)

        def match() -> WordTestResult:
            found = tuple(blocked_words.find_matches(words, text))
            return WordTestResult(normalize(text), found, len(words))

        # Hundreds of patterns take tens of milliseconds: too long for the event loop.
        return await asyncio.to_thread(match)

    async def hits(self, guild_id: int) -> list[MemberHits]:
        """Whose prompts were refused for which words lately, as `word_hits.of_guild` sorts them."""
        return await self.database.read(lambda tx: word_hits.of_guild(tx, guild_id, self.clock()))

    async def sweep_hits(self) -> None:
        """Delete what is older than `word_hits.KEPT_DAYS`, now and then, until cancelled."""
        while True:
            try:
                await self.database.write(lambda tx: word_hits.sweep(tx, self.clock()))
            except sqlite3.OperationalError:
                log.exception("the database did not answer")
            await asyncio.sleep(Timeouts.SWEEP_SECONDS)

    def _record(
        self,
        tx: Transaction,
        guild_id: int,
        actor_id: int,
        *,
        before: Sequence[BlockedWord] = (),
        after: Sequence[BlockedWord] = (),
    ) -> None:
        sides = _audit_values(before), _audit_values(after)
        if any(sides):  # the audit log has changes alone
            event = AuditEvent(actor_id, AuditAction.WORDS, AuditSubject.GUILD, 0, *sides)
            audit.record(tx, guild_id, event, self.clock())


def _no_room(words: int, size: int) -> BlockedWordRuleProblem | None:
    if words >= blocked_words.MAX_WORDS:
        return BlockedWordRuleProblem.TOO_MANY
    return BlockedWordRuleProblem.TOO_LARGE if size > blocked_words.MAX_TOTAL_SIZE else None


def _audit_values(words: Sequence[BlockedWord]) -> AuditValues | None:
    if not words:
        return None
    if len(words) == 1:
        return {"word": words[0].text, "is_pattern": words[0].is_pattern}
    return {"words": ", ".join(it.name for it in words), "count": len(words)}
