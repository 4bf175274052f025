"""The ledger of spending. What was spent is the sum of its entries; triggers keep running totals.

Each entry has the three sides of `ledger_sides.Sides`. A reserve sets a cost aside: the guild
pays, and it counts against the member's limits or, where these do not cover it, their grants. A
settle corrects it to the real charge, a refund cancels it, a credit gives the member back what
the guild has paid. A correction makes what the guild has paid for a closed job what it is found
to be. All five count in the window of the reserve. Every function runs inside the
caller's transaction, so that money and state change together.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bot.base import ZERO_COST, BotError, Cost, from_ms, to_ms, value
from bot.quota import grants
from bot.quota.ledger_sides import Sides, credit_sides, settle_sides

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.base import SqlRow, SqlValue, Transaction

QUARTER_HOUR_MS: Final = 900_000
"""The length of a row of the table `guild_totals`. Every time zone's midnight starts one."""
ALL_GUILDS: Final = 0
"""The id under which `guild_totals` has the sums over all guilds."""


class LedgerError(BotError):
    """An entry does not fit the ledger. The transaction must not be committed."""


@value
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
    _return_drawn(tx, reserved, sides, now)


def refund(tx: Transaction, job_id: int, now: datetime) -> None:
    """Cancel a job's reserve: guild, limits and grants get it back. Raises as `settle`."""
    reserved = _reserve_of(tx, job_id)
    sides = -_sides(reserved)
    _enter(tx, _member_key(reserved), "refund", now, sides, **_as_reserved(reserved))
    _return_drawn(tx, reserved, sides, now)


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
    _return_drawn(tx, entries[0], sides, now)


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
        "SELECT coalesce(max(counts_at), 0) AS latest FROM member_totals"
        " WHERE guild_id = :guild AND member_id = :member",
        _named(member_key),
    )
    # After every entry, also after those of the same millisecond or of a clock since moved back.
    at = max(to_ms(now), row["latest"] + 1)
    _enter(tx, member_key, "reset", now, Sides(), actor_id=actor_id, counts_at=at)


@value
class Sums:
    """Several sums of one state of the ledger.

    Attributes:
        used: As `used_by_member`, for each instant that was asked for.
        spent: As `spent_by_guild`, for each guild and instant.
        granted: As `grants_left`.
    """

    used: list[Cost]
    spent: list[Cost]
    granted: Cost


def sums(
    tx: Transaction,
    member_key: MemberKey,
    used_since: Sequence[datetime] = (),
    spent_since: Sequence[tuple[int, datetime]] = (),
) -> Sums:
    """Read several sums in one statement, since each decision needs up to nine of them."""
    values = _named(member_key)
    for it, since in enumerate(used_since):
        values[f"since_{it}"] = to_ms(since)
    for it, (guild_id, since) in enumerate(spent_since):
        values |= {f"guild_{it}": guild_id, f"quarter_hour_{it}": to_ms(since) // QUARTER_HOUR_MS}
    rows = {row[0]: row for row in tx.all(_sums_sql(len(used_since), len(spent_since)), values)}
    now = rows["used"]
    return Sums(
        [_difference(now, rows[f"used_{it}"]) for it in range(len(used_since))],
        [
            _difference(rows[f"spent_{it}"], rows[f"spent_before_{it}"])
            for it in range(len(spent_since))
        ],
        Cost(now[3] or 0, now[4] or 0),
    )


def used_by_member(tx: Transaction, member_key: MemberKey, since: datetime) -> Cost:
    """What counts against a member's limits from `since`, or their last reset, on.

    Entries that are dated ahead count too.
    """
    return sums(tx, member_key, [since]).used[0]


def grants_left(tx: Transaction, member_key: MemberKey) -> Cost:
    """What is left of a member's grants; never negative."""
    return sums(tx, member_key).granted


def spent_by_guild(tx: Transaction, guild_id: int, since: datetime) -> Cost:
    """What a guild, or `ALL_GUILDS`, has paid and reserved from `since` on.

    A `since` within a quarter of an hour is rounded down to its start.
    """
    return sums(tx, MemberKey(guild_id, 0), spent_since=[(guild_id, since)]).spent[0]


def last_reset(tx: Transaction, member_key: MemberKey) -> datetime:
    """The instant from which a member's entries count; in 1970 if there was no reset."""
    (row,) = tx.all(_LAST_RESET, _named(member_key))
    return from_ms(row["at"])


_LAST_RESET: Final = """
    SELECT coalesce(max(counts_at), 0) AS at FROM ledger
    WHERE kind = 'reset' AND guild_id = :guild AND member_id = :member
"""
# With `max`, SQLite takes the other columns from the row that has it, and reads no other row. There
# is no upper bound: else a clock that was moved back would free what was used ahead of it.
_USED: Final = """
    SELECT '{}', clips, micro_usd, grant_clips, grant_micro_usd, max(counts_at)
    FROM member_totals WHERE guild_id = :guild AND member_id = :member
"""
_SPENT: Final = """
    SELECT '{}', clips, micro_usd, 0, 0, max(quarter_hour)
    FROM guild_totals WHERE guild_id = :guild_{}
"""


def _difference(now: SqlRow, before: SqlRow) -> Cost:
    # `NULL` where there is no row.
    return Cost((now[1] or 0) - (before[1] or 0), (now[2] or 0) - (before[2] or 0))


@lru_cache
def _sums_sql(used: int, spent: int) -> str:
    """The statement of `sums` for so many instants; running totals now, and before each of them."""
    selects = [_USED.format("used")]
    for it in range(used):
        before = f"AND counts_at < max(:since_{it}, ({_LAST_RESET}))"
        selects.append(_USED.format(f"used_{it}") + before)
    for it in range(spent):
        selects.append(_SPENT.format(f"spent_{it}", it))
        before = f"AND quarter_hour < :quarter_hour_{it}"
        selects.append(_SPENT.format(f"spent_before_{it}", it) + before)
    return " UNION ALL ".join(selects)


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


def _return_drawn(tx: Transaction, reserved: SqlRow, sides: Sides, now: datetime) -> None:
    """Take what a job gave back, and had drawn, out of the member's grants again."""
    if sides.grants == ZERO_COST:
        return
    entries = tx.all("SELECT * FROM ledger WHERE job_id = :job", {"job": reserved["job_id"]})
    taken = -sum(map(_sides, entries), start=Sides()).grants
    back = grants.give_back(tx, reserved["job_id"], taken)
    if back != ZERO_COST:
        by = reserved["member_id"]
        _enter(tx, _member_key(reserved), "grant", now, Sides(grants=-back), actor_id=by)


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
