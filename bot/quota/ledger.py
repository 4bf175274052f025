"""The book of spending. What was spent is the sum of its entries, never a stored number.

Every entry has three sides, and the migration that made the table says what each means. A
reserve sets a cost aside: from the server's purse, and there from the member's windows and,
for what these do not cover, from the member's grants. A settle corrects it to the real
charge, a refund cancels it. A credit gives the member back what the server has paid. A
correction makes what the server has paid for a closed job what it is found to be. All five
count in the window in which the reserve was made. Every function runs inside the
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
"""What the table `spending` is summed up by. Every zone's midnight falls on one."""
_QUARTERS_A_DAY: Final = 96
ALL_GUILDS: Final = 0
"""The id under which `spending` has the sums over all guilds."""


class LedgerError(BotError):
    """An entry does not fit the book. The transaction must not be committed."""


@dataclass(frozen=True, slots=True)
class MemberKey:
    """A member of a guild, as the book knows them."""

    guild_id: int
    member_id: int


def reserve(
    tx: Transaction, job_id: int, member_key: MemberKey, sides: Sides, now: datetime
) -> None:
    """Set the cost of a job aside.

    Args:
        tx: The transaction in which the job was inserted.
        job_id: The job.
        member_key: The member who asked.
        sides: The cost, as `reserve_sides` gives it.
        now: When the member asked.
    """
    # A reset may be dated ahead of a clock that was moved back.
    counts_at = max(to_ms(now), _last_reset(tx, member_key))
    entry: dict[str, SqlValue] = {"actor_id": member_key.member_id, "counts_at": counts_at}
    _enter(tx, member_key, "reserve", now, sides, job_id=job_id, **entry)


def settle(tx: Transaction, job_id: int, charge_micro_usd: int, now: datetime) -> None:
    """Replace a job's reserve by its real charge. What is saved goes to the grants first.

    Raises:
        LedgerError: Nothing is reserved for this job.
        sqlite3.IntegrityError: It was settled or refunded before.
    """
    reserved = _reserve_of(tx, job_id)
    sides = settle_sides(_sides(reserved), charge_micro_usd)
    _enter(tx, _member_key(reserved), "settle", now, sides, **_as_reserved(reserved))


def refund(tx: Transaction, job_id: int, now: datetime) -> None:
    """Give a job's reserve back.

    Raises:
        LedgerError: Nothing is reserved for this job.
        sqlite3.IntegrityError: It was settled or refunded before.
    """
    reserved = _reserve_of(tx, job_id)
    _enter(tx, _member_key(reserved), "refund", now, -_sides(reserved), **_as_reserved(reserved))


def credit(tx: Transaction, job_id: int, actor_id: int, now: datetime) -> None:
    """Give a member back what a settled job took of their limits and grants.

    The server has paid all the same, so its purse stays as it is.

    Raises:
        LedgerError: The job was not settled.
        sqlite3.IntegrityError: It was credited before.
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
    """Add to a member's grants, or take back with a negative amount what they still hold.

    Raises:
        LedgerError: More is taken back than they hold.
    """
    held = grants_left(tx, member_key)
    if held.clips + min(0, amount.clips) < 0 or held.micro_usd + min(0, amount.micro_usd) < 0:
        raise LedgerError(f"{member_key} holds {held}, not {amount}")
    _enter(tx, member_key, "grant", now, Sides(grants=amount), actor_id=actor_id)


def reset(tx: Transaction, member_key: MemberKey, actor_id: int, now: datetime) -> None:
    """Start all of a member's windows afresh. The server's purse stays as it is."""
    latest = tx.one(
        "SELECT coalesce(max(counts_at), 0) AS latest FROM ledger"
        " WHERE guild_id = :guild AND member_id = :member",
        _named(member_key),
    )
    after = 0 if latest is None else latest["latest"] + 1
    at = max(to_ms(now), after)
    _enter(tx, member_key, "reset", now, Sides(), actor_id=actor_id, counts_at=at)


def used_by_member(tx: Transaction, member_key: MemberKey, since: datetime) -> Cost:
    """Return what counts against a member's limits from `since`, or their last reset, on.

    What is dated ahead counts too: a clock that was moved back frees nothing.
    """
    row = tx.one(
        "SELECT coalesce(sum(member_clips), 0) AS clips,"
        " coalesce(sum(member_micro_usd), 0) AS micro_usd FROM ledger"
        " WHERE guild_id = :guild AND member_id = :member"
        f" AND counts_at >= :since AND counts_at >= ({_LAST_RESET})",
        {**_named(member_key), "since": to_ms(since)},
    )
    return _cost(row)


def grants_left(tx: Transaction, member_key: MemberKey) -> Cost:
    """Return what a member's grants still hold."""
    row = tx.one(
        "SELECT coalesce(sum(grant_clips), 0) AS clips,"
        " coalesce(sum(grant_micro_usd), 0) AS micro_usd FROM ledger"
        " WHERE guild_id = :guild AND member_id = :member"
        " AND (grant_clips <> 0 OR grant_micro_usd <> 0)",
        _named(member_key),
    )
    return _cost(row)


def spent_by_guild(tx: Transaction, guild_id: int, since: datetime) -> Cost:
    """Return what a guild's purse has paid and reserved from `since` on.

    Args:
        tx: In which nothing else changes it.
        guild_id: Or `ALL_GUILDS`.
        since: On a quarter of an hour; one within is rounded down.
    """
    quarter_hour = to_ms(since) // QUARTER_HOUR_MS
    day = quarter_hour // _QUARTERS_A_DAY
    rest = {"quarter_hour": quarter_hour, "next_day": (day + 1) * _QUARTERS_A_DAY}
    return _cost(tx.one(_WHOLE_DAYS, {"guild": guild_id, "day": day})) + _cost(
        tx.one(_REST_OF_THE_FIRST, {"guild": guild_id, **rest})
    )


def last_reset(tx: Transaction, member_key: MemberKey) -> datetime | None:
    """Return when a member's windows were last started afresh."""
    at = _last_reset(tx, member_key)
    return from_ms(at) if at else None


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
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    tx.execute(f"INSERT INTO ledger ({names}) VALUES ({values})", row)


def _reserve_of(tx: Transaction, job_id: int) -> SqlRow:
    row = tx.one("SELECT * FROM ledger WHERE job_id = :job AND kind = 'reserve'", {"job": job_id})
    if row is None:
        raise LedgerError(f"job {job_id} has no reserve")
    return row


def _last_reset(tx: Transaction, member_key: MemberKey) -> int:
    row = tx.one(_LAST_RESET, _named(member_key))
    return 0 if row is None else int(row["at"])


def _member_key(entry: SqlRow) -> MemberKey:
    return MemberKey(entry["guild_id"], entry["member_id"])


def _as_reserved(entry: SqlRow) -> dict[str, SqlValue]:
    """Return what all entries of a job have in common: they count when it was reserved."""
    return {name: entry[name] for name in ("job_id", "actor_id", "counts_at")}


def _sides(entry: SqlRow) -> Sides:
    return Sides(
        guild=Cost(entry["clips"], entry["micro_usd"]),
        member=Cost(entry["member_clips"], entry["member_micro_usd"]),
        grants=Cost(entry["grant_clips"], entry["grant_micro_usd"]),
    )


def _named(member_key: MemberKey) -> dict[str, SqlValue]:
    return {"guild": member_key.guild_id, "member": member_key.member_id}


def _cost(row: SqlRow | None) -> Cost:
    return ZERO_COST if row is None else Cost(row["clips"], row["micro_usd"])
