"""The channels and categories where the bot may be used, as rows; none means everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.base import Transaction


def allowed(tx: Transaction, guild_id: int) -> frozenset[int]:
    """The ids of a guild's allowed channels and categories; empty means everywhere."""
    rows = tx.all(
        "SELECT channel_id FROM allowed_channels WHERE guild_id = :guild", {"guild": guild_id}
    )
    return frozenset(row["channel_id"] for row in rows)


def replace(tx: Transaction, guild_id: int, channel_ids: Collection[int]) -> None:
    """Allow these channels and categories and no others; an empty collection allows all."""
    tx.execute("DELETE FROM allowed_channels WHERE guild_id = :guild", {"guild": guild_id})
    for channel_id in sorted(channel_ids):
        tx.execute(
            "INSERT INTO allowed_channels (guild_id, channel_id) VALUES (:guild, :channel)",
            {"guild": guild_id, "channel": channel_id},
        )
