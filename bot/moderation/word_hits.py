"""Which blocked words were in members' prompts, by whom and how often; never the prompt itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import from_ms, to_ms, value
from bot.moderation.blocked_words import BlockedWord

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.base import Transaction

KEPT_DAYS: Final = 30
"""Days of UTC for which hits are kept, today's included."""
_DAY_MS: Final = 86_400_000


@value
class MemberHits:
    """How often one member's prompts were refused for one word, and when the last time."""

    word: BlockedWord
    member_id: int
    hits: int
    last_at: datetime


def add(
    tx: Transaction, guild_id: int, member_id: int, words: Iterable[BlockedWord], now: datetime
) -> None:
    """Count a refused request of a member under each of the words that were in it."""
    for word in words:
        tx.execute(
            "INSERT INTO word_hits (guild_id, word, is_pattern, member_id, day, hits, last_hit_at)"
            " VALUES (:guild, :word, :pattern, :member, :day, 1, :now)"
            " ON CONFLICT DO UPDATE SET hits = hits + 1, last_hit_at = :now",
            {
                "guild": guild_id,
                "word": word.text,
                "pattern": int(word.is_pattern),
                "member": member_id,
                "day": to_ms(now) // _DAY_MS,
                "now": to_ms(now),
            },
        )


def of_guild(tx: Transaction, guild_id: int, now: datetime) -> list[MemberHits]:
    """A guild's hits of the last `KEPT_DAYS`, by word and then by count, the most first."""
    rows = tx.all(
        "SELECT word, is_pattern, member_id, sum(hits) AS hits, max(last_hit_at) AS last_at,"
        " sum(sum(hits)) OVER (PARTITION BY word, is_pattern) AS hits_of_word"
        " FROM word_hits WHERE guild_id = :guild AND day > :before"
        " GROUP BY word, is_pattern, member_id"
        " ORDER BY hits_of_word DESC, is_pattern, word, sum(hits) DESC, member_id",
        {"guild": guild_id, "before": _last_day_gone(now)},
    )
    return [
        MemberHits(
            BlockedWord(row["word"], bool(row["is_pattern"])),
            row["member_id"],
            row["hits"],
            from_ms(row["last_at"]),
        )
        for row in rows
    ]


def sweep(tx: Transaction, now: datetime) -> None:
    """Delete what is older than `KEPT_DAYS`, of all guilds."""
    tx.execute("DELETE FROM word_hits WHERE day <= :before", {"before": _last_day_gone(now)})


def _last_day_gone(now: datetime) -> int:
    return to_ms(now) // _DAY_MS - KEPT_DAYS
