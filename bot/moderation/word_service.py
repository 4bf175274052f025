"""A guild's blocked words in the hands of its moderators: each change with its record."""

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
    """What a text would be refused for.

    Attributes:
        found: The words and patterns in it.
        tried: How many the guild has.
    """

    normalized: NormalizedText
    found: tuple[BlockedWord, ...]
    tried: int


@dataclass(frozen=True, slots=True)
class BlockedWordService:
    """Adds, removes, shows and tries the blocked words of any guild."""

    database: Database
    clock: Clock

    async def add(
        self, guild_id: int, actor_id: int, word: BlockedWord
    ) -> tuple[BlockedWord, bool]:
        """Block a word or a pattern, from the next request on.

        Returns:
            It as it is stored, and whether it is new. One that was blocked already stays so,
            without a record.

        Raises:
            BlockedWordRuleError: It cannot be blocked, or the guild has too many.
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
            event = AuditEvent(
                actor_id, AuditAction.WORDS, AuditSubject.GUILD, after=_audit_values(stored)
            )
            audit.record(tx, guild_id, event, self.clock())
            return True

        return stored, await self.database.write(put)

    async def remove(self, guild_id: int, actor_id: int, word: BlockedWord) -> BlockedWord:
        """Allow a word or a pattern again; return it as it was stored.

        Raises:
            UnknownWordError: It is not blocked.
        """

        def remove(tx: Transaction) -> BlockedWord:
            stored = _stored(word, blocked_words.of_guild(tx, guild_id))
            blocked_words.remove(tx, guild_id, stored)
            event = AuditEvent(
                actor_id, AuditAction.WORDS, AuditSubject.GUILD, before=_audit_values(stored)
            )
            audit.record(tx, guild_id, event, self.clock())
            return stored

        return await self.database.write(remove)

    async def all(self, guild_id: int) -> list[BlockedWord]:
        """Return a guild's words, then its patterns, in order."""
        return await self.database.read(lambda tx: blocked_words.of_guild(tx, guild_id))

    async def test(self, guild_id: int, text: str) -> WordTestResult:
        """Try a text against a guild's words."""
        words = await self.all(guild_id)
        return await asyncio.to_thread(_tested, words, text)


def _tested(words: list[BlockedWord], text: str) -> WordTestResult:
    return WordTestResult(
        normalize(text), tuple(blocked_words.find_matches(words, text)), len(words)
    )


def _stored(word: BlockedWord, others: list[BlockedWord]) -> BlockedWord:
    alike = {word.text, word.text.strip()}
    if not word.is_pattern:
        alike.add(blocked_words.stored_form(word.text))
    for other in others:
        if other.is_pattern == word.is_pattern and other.text in alike:
            return other
    raise UnknownWordError(word.text)


def _audit_values(word: BlockedWord) -> AuditValues:
    return {"word": word.text, "is_pattern": word.is_pattern}
