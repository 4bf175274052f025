"""The ledger of spending. What was spent is the sum of its entries, never a stored number.

Each entry has the three sides of `ledger_sides.Sides`. A reserve sets a cost aside: the guild
pays, and it counts against the member's limits or, where these do not cover it, their grants. A
settle corrects it to the real charge, a refund cancels it, a credit gives the member back what
the guild has paid. A correction makes what the guild has paid for a closed job what it is found
to be. All five count in the window of the reserve. Every function runs inside the
caller's transaction, so that money and state change together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.base import BotError, from_ms, to_ms
from bot.quota.ledger_sides import ZERO_COST, Sides, credit_sides, settle_sides
from bot.quota.limits import Cost

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import SqlRow, SqlValue, Transaction

QUARTER_HOUR_MS: Final = 900_000
"""The length of a row of the table `spending`. Every time zone's midnight starts one."""
_QUARTERS_A_DAY: Final = 96
ALL_GUILDS: Final = 0
"""The id under which `spending` has the sums over all guilds."""


class LedgerError(BotError):
    """An entry does not fit the ledger. The transaction must not be committed."""


@dataclass(frozen=True, slots=True)
class MemberKey:
    """A member of one guild; in another, the same person has limits and grants of their own."""

    guild_id: int
    member_id: int


def reserve(
    tx: Transaction, job_id: int, member_key: MemberKey, sides: Sides, now: datetime
) -> None:
    """Set the cost of a job aside, with the sides of `reserve_sides`."""
    # A reset may be dated ahead of a clock that was moved back; from before it, the reserve
    # would not count.
    counts_at = to_ms(max(now, last_reset(tx, member_key)))
    entry: dict[str, SqlValue] = {"actor_id": member_key.member_id, "counts_at": counts_at}
    _enter(tx, member_key, "reserve", now, sides, job_id=job_id, **entry)


def settle(tx: Transaction, job_id: int, charge_micro_usd: int, now: datetime) -> None:
    """Replace a job's reserve by its real charge. What is saved goes to the grants first.

    Raises:
        LedgerError: Nothing is reserved for this job.
        sqlite3.IntegrityError: The job was settled or refunded before.
    """
    reserved = _reserve_of(tx, job_id)
    sides = settle_sides(_sides(reserved), charge_micro_usd)
    _enter(tx, _member_key(reserved), "settle", now, sides, **_as_reserved(reserved))


def refund(tx: Transaction, job_id: int, now: datetime) -> None:
    """Cancel a job's reserve: guild, limits and grants get it back. Raises as `settle`."""
    reserved = _reserve_of(tx, job_id)
    _enter(tx, _member_key(reserved), "refund", now, -_sides(reserved), **_as_reserved(reserved))


def credit(tx: Transaction, job_id: int, actor_id: int, now: datetime) -> None:
    """Give a member back what a settled job took of their limits and grants; the guild has paid.

    Raises:
        LedgerError: The job was not settled.
        sqlite3.IntegrityError: The job was credited before.
    """
    entries = tx.all(
        "SELECT * FROM ledger WHERE job_id = :job AND kind IN ('reserve', 'settle')",
        {"job": job_id},
    )
    if {entry["kind"] for entry in entries} != {"reserve", "settle"}:
        raise LedgerError(f"job {job_id} was not settled")
    sides = credit_sides(sum(map(_sides, entries), start=Sides()))
    columns = {**_as_reserved(entries[0]), "actor_id": actor_id}
    _enter(tx, _member_key(entries[0]), "credit", now, sides, **columns)


def correct(tx: Transaction, job_id: int, paid: Cost, actor_id: int, now: datetime) -> None:
    """Make what the server has paid for a closed job what it is found to be; 0 for nothing.

    What counts against the member, and their grants, stay as they are.

    Raises:
        LedgerError: The job was neither settled nor refunded.
    """
    entries = tx.all("SELECT * FROM ledger WHERE job_id = :job ORDER BY id", {"job": job_id})
    if not {"settle", "refund"} & {entry["kind"] for entry in entries}:
        raise LedgerError(f"job {job_id} is not closed")
    change = paid - sum(map(_sides, entries), start=Sides()).guild
    if change != ZERO_COST:
        columns = {**_as_reserved(entries[0]), "actor_id": actor_id}
        _enter(tx, _member_key(entries[0]), "correction", now, Sides(guild=change), **columns)


def grant(
    tx: Transaction, member_key: MemberKey, amount: Cost, actor_id: int, now: datetime
) -> None:
    """Add to a member's grants, or take back with a negative amount.

    Raises:
        LedgerError: More is taken back than is left.
    """
    left = grants_left(tx, member_key)
    if left.clips + min(0, amount.clips) < 0 or left.micro_usd + min(0, amount.micro_usd) < 0:
        raise LedgerError(f"{member_key} holds {left}, not {amount}")
    _enter(tx, member_key, "grant", now, Sides(grants=amount), actor_id=actor_id)


def reset(tx: Transaction, member_key: MemberKey, actor_id: int, now: datetime) -> None:
    """Start a member's windows afresh. What the guild has paid stays."""
    (row,) = tx.all(
        "SELECT coalesce(max(counts_at), 0) AS latest FROM ledger"
        " WHERE guild_id = :guild AND member_id = :member",
        _named(member_key),
    )
    # After every entry, also after those of the same millisecond or of a clock since moved back.
    at = max(to_ms(now), row["latest"] + 1)
    _enter(tx, member_key, "reset", now, Sides(), actor_id=actor_id, counts_at=at)


def used_by_member(tx: Transaction, member_key: MemberKey, since: datetime) -> Cost:
    """What counts against a member's limits from `since`, or their last reset, on.

    Entries that are dated ahead count too.
    """
    # No upper bound: else a clock that was moved back would free what was used ahead of it.
    # Reset and sum in one statement, since both are read in every decision.
    (row,) = tx.all(
        "SELECT coalesce(sum(member_clips), 0) AS clips,"
        " coalesce(sum(member_micro_usd), 0) AS micro_usd FROM ledger"
        " WHERE guild_id = :guild AND member_id = :member"
        f" AND counts_at >= :since AND counts_at >= ({_LAST_RESET})",
        {**_named(member_key), "since": to_ms(since)},
    )
    return _cost(row)


def grants_left(tx: Transaction, member_key: MemberKey) -> Cost:
    """What is left of a member's grants; never negative."""
    # The last condition is that of the index `ledger_grants`, which SQLite then reads alone.
    (row,) = tx.all(
        "SELECT coalesce(sum(grant_clips), 0) AS clips,"
        " coalesce(sum(grant_micro_usd), 0) AS micro_usd FROM ledger"
        " WHERE guild_id = :guild AND member_id = :member"
        " AND (grant_clips <> 0 OR grant_micro_usd <> 0)",
        _named(member_key),
    )
    return _cost(row)


def spent_by_guild(tx: Transaction, guild_id: int, since: datetime) -> Cost:
    """What a guild, or `ALL_GUILDS`, has paid and reserved from `since` on.

    A `since` within a quarter of an hour is rounded down to its start.
    """
    # The ledger itself is too long to be summed up in each decision; a trigger keeps the sums.
    quarter_hour = to_ms(since) // QUARTER_HOUR_MS
    day = quarter_hour // _QUARTERS_A_DAY
    rest = {"quarter_hour": quarter_hour, "next_day": (day + 1) * _QUARTERS_A_DAY}
    (whole,) = tx.all(_WHOLE_DAYS, {"guild": guild_id, "day": day})
    (first,) = tx.all(_REST_OF_THE_FIRST, {"guild": guild_id, **rest})
    return _cost(whole) + _cost(first)


def last_reset(tx: Transaction, member_key: MemberKey) -> datetime:
    """The instant from which a member's entries count; in 1970 if there was no reset."""
    (row,) = tx.all(_LAST_RESET, _named(member_key))
    return from_ms(row["at"])


_SUMS: Final = "SELECT coalesce(sum(clips), 0) AS clips, coalesce(sum(micro_usd), 0) AS micro_usd"
_WHOLE_DAYS: Final = f"{_SUMS} FROM daily_spending WHERE guild_id = :guild AND day > :day"
_REST_OF_THE_FIRST: Final = f"""{_SUMS} FROM spending
    WHERE guild_id = :guild AND quarter_hour >= :quarter_hour AND quarter_hour < :next_day
"""
_LAST_RESET: Final = """
    SELECT coalesce(max(counts_at), 0) AS at FROM ledger
    WHERE kind = 'reset' AND guild_id = :guild AND member_id = :member
"""


def _enter(
    tx: Transaction,
    member_key: MemberKey,
    kind: str,
    now: datetime,
    sides: Sides,
    **columns: SqlValue,
) -> None:
    at = to_ms(now)
    row: dict[str, SqlValue] = {
        "guild_id": member_key.guild_id,
        "member_id": member_key.member_id,
        "kind": kind,
        "clips": sides.guild.clips,
        "micro_usd": sides.guild.micro_usd,
        "member_clips": sides.member.clips,
        "member_micro_usd": sides.member.micro_usd,
        "grant_clips": sides.grants.clips,
        "grant_micro_usd": sides.grants.micro_usd,
        "counts_at": at,
        "entered_at": at,
        **columns,
    }
    tx.insert("ledger", row)


def _reserve_of(tx: Transaction, job_id: int) -> SqlRow:
    row = tx.one("SELECT * FROM ledger WHERE job_id = :job AND kind = 'reserve'", {"job": job_id})
    if row is None:
        raise LedgerError(f"job {job_id} has no reserve")
    return row


def _member_key(entry: SqlRow) -> MemberKey:
    return MemberKey(entry["guild_id"], entry["member_id"])


def _as_reserved(entry: SqlRow) -> dict[str, SqlValue]:
    # A settle of next month corrects this month's window: there the reserve was counted.
    return {name: entry[name] for name in ("job_id", "actor_id", "counts_at")}


def _sides(entry: SqlRow) -> Sides:
    return Sides(
        guild=Cost(entry["clips"], entry["micro_usd"]),
        member=Cost(entry["member_clips"], entry["member_micro_usd"]),
        grants=Cost(entry["grant_clips"], entry["grant_micro_usd"]),
    )


def _named(member_key: MemberKey) -> dict[str, SqlValue]:
    return {"guild": member_key.guild_id, "member": member_key.member_id}


def _cost(row: SqlRow) -> Cost:
    return Cost(row["clips"], row["micro_usd"])
