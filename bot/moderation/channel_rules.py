"""In which channels and categories clips may be asked for: what is allowed and forbidden, as rows.

The nearest rule decides: that of a channel goes before that of its category, and a thread, which
has none, is decided like its channel. Where no rule reaches, clips are allowed, unless anything is
allowed by name: that closes all the rest.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.base import Transaction


class Verdict(StrEnum):
    """What a rule says of its channel or category. Stored."""

    ALLOW = "allow"
    """Allowed, and whatever no rule allows is closed."""
    EXCEPT = "except"
    """Allowed although its category is forbidden; closes nothing else."""
    FORBID = "forbid"


Verdicts: TypeAlias = "Mapping[int, Verdict]"
"""The rules of a guild, by the id of a channel or category."""


def of_guild(tx: Transaction, guild_id: int) -> dict[int, Verdict]:
    """A guild's rules."""
    rows = tx.all(
        "SELECT channel_id, verdict FROM channel_rules WHERE guild_id = :guild",
        {"guild": guild_id},
    )
    return {row["channel_id"]: Verdict(row["verdict"]) for row in rows}


def put(tx: Transaction, guild_id: int, channel_id: int, verdict: Verdict | None) -> None:
    """Replace the rule of a channel or category, or remove it."""
    values = {"guild": guild_id, "channel": channel_id, "verdict": verdict}
    tx.execute(
        "DELETE FROM channel_rules WHERE guild_id = :guild AND channel_id = :channel", values
    )
    if verdict is not None:
        tx.execute("INSERT INTO channel_rules VALUES (:guild, :channel, :verdict)", values)


def clear(tx: Transaction, guild_id: int) -> None:
    """Remove all rules of a guild."""
    tx.execute("DELETE FROM channel_rules WHERE guild_id = :guild", {"guild": guild_id})


def allow(verdicts: Verdicts, channel_ids: Iterable[int]) -> bool:
    """Whether clips may be asked for in a channel; the ids are the nearest first."""
    for channel_id in channel_ids:
        if channel_id in verdicts:
            return verdicts[channel_id] is not Verdict.FORBID
    return Verdict.ALLOW not in verdicts.values()


def allowed_ids(verdicts: Verdicts) -> frozenset[int]:
    """The ids of all that are allowed by name."""
    return frozenset(it for it, verdict in verdicts.items() if verdict is not Verdict.FORBID)
