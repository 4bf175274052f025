"""Moderators' changes of the blocked words, each with its audit event."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.guilds import audit
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.moderation import blocked_words
from bot.moderation.errors import BlockedWordRuleError, BlockedWordRuleProblem, UnknownWordError
from bot.moderation.normalized_text import normalize

if TYPE_CHECKING:
    from bot.base import Clock, Database, Transaction
    from bot.guilds.audit import AuditValues
    from bot.moderation.blocked_words import BlockedWord
    from bot.moderation.normalized_text import NormalizedText


@dataclass(frozen=True, slots=True)
class WordTestResult:
    """The blocked words and patterns in a text, and how many were tried."""

    normalized: NormalizedText
    found: tuple[BlockedWord, ...]
    tried: int


@dataclass(frozen=True, slots=True)
class BlockedWordService:
    """Adds, removes, lists and tests the blocked words of any guild."""

    database: Database
    clock: Clock

    async def add(
        self, guild_id: int, actor_id: int, word: BlockedWord
    ) -> tuple[BlockedWord, bool]:
        """Block a word or a pattern, from the next request on.

        Returns:
            The word as stored, and whether it is new; if not, nothing is recorded.

        Raises:
            BlockedWordRuleError: The word cannot be blocked, or the guild has too many.
        """
        stored = blocked_words.check(word)

        def put(tx: Transaction) -> bool:
            others = blocked_words.of_guild(tx, guild_id)
            if stored in others:
                return False
            if len(others) >= blocked_words.MAX_WORDS:
                raise BlockedWordRuleError(BlockedWordRuleProblem.TOO_MANY)
            sizes = map(blocked_words.pattern_size, [stored, *others])
            if sum(sizes) > blocked_words.MAX_TOTAL_SIZE:
                raise BlockedWordRuleError(BlockedWordRuleProblem.TOO_LARGE)
            blocked_words.add(tx, guild_id, stored)
            after = _audit_values(stored)
            event = AuditEvent(actor_id, AuditAction.WORDS, AuditSubject.GUILD, after=after)
            audit.record(tx, guild_id, event, self.clock())
            return True

        return stored, await self.database.write(put)

    async def remove(self, guild_id: int, actor_id: int, word: BlockedWord) -> BlockedWord:
        """Allow a word or a pattern again; return the word as it was stored.

        Raises:
            UnknownWordError: The word is not blocked.
        """

        def remove(tx: Transaction) -> BlockedWord:
            stored = _stored(word, blocked_words.of_guild(tx, guild_id))
            blocked_words.remove(tx, guild_id, stored)
            before = _audit_values(stored)
            event = AuditEvent(actor_id, AuditAction.WORDS, AuditSubject.GUILD, before=before)
            audit.record(tx, guild_id, event, self.clock())
            return stored

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


def _stored(word: BlockedWord, others: list[BlockedWord]) -> BlockedWord:
    # Also as typed: a word that an earlier version stored otherwise must be removable.
    alike = {word.text, word.text.strip()}
    if not word.is_pattern:
        alike.add(blocked_words.stored_form(word.text))
    for other in others:
        if other.is_pattern == word.is_pattern and other.text in alike:
            return other
    raise UnknownWordError(word.text)


def _audit_values(word: BlockedWord) -> AuditValues:
    return {"word": word.text, "is_pattern": word.is_pattern}
