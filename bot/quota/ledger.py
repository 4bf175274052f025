"""The book of spending. What was spent is the sum of its entries, never a stored number.

Every entry has three sides, and the migration that made the table says what each means. A
reserve sets a cost aside: from the server's purse, and there from the member's windows and,
for what these do not cover, from the member's grants. A settle corrects it to the real
charge, a refund cancels it. A credit gives the member back what the server has paid. All
four count in the window in which the reserve was made. Every function runs inside the
caller's transaction, so that money and state change together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.base.clock import from_ms, to_ms
from bot.base.errors import BotError
from bot.quota.limits import Cost

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base.database import SqlRow, SqlValue, Transaction

QUARTER_HOUR_MS: Final = 900_000
"""What the table `spending` is summed up by. Every zone's midnight falls on one."""
ALL_GUILDS: Final = 0
"""The id under which `spending` has the sums over all guilds."""
ZERO_COST: Final = Cost(0, 0)


class LedgerError(BotError):
    """An entry does not fit the book. The transaction must not be committed."""


@dataclass(frozen=True, slots=True)
class MemberKey:
    """A member of a guild, as the book knows them."""

    guild_id: int
    member_id: int


def reserve(  # noqa: PLR0913 - one parameter a fact
    tx: Transaction,
    job_id: int,
    member_key: MemberKey,
    cost: Cost,
    now: datetime,
    from_grants: Cost = ZERO_COST,
) -> None:
    """Set the cost of a job aside.

    Args:
        tx: In which the job was inserted.
        job_id: Whose cost it is.
        member_key: Whose request it was.
        cost: In both units.
        now: When it was asked for.
        from_grants: The part of the cost that grants pay.
    """
    reset = _last_reset(tx, member_key)
    _enter(
        tx,
        member_key,
        "reserve",
        now,
        job_id=job_id,
        clips=cost.clips,
        micro_usd=cost.micro_usd,
        member_clips=cost.clips - from_grants.clips,
        member_micro_usd=cost.micro_usd - from_grants.micro_usd,
        grant_clips=-from_grants.clips,
        grant_micro_usd=-from_grants.micro_usd,
        actor_id=member_key.member_id,
        # A reset may be dated ahead of a clock that was moved back.
        counts_at=max(to_ms(now), reset),
    )


def settle(tx: Transaction, job_id: int, charge_micro_usd: int, now: datetime) -> None:
    """Replace a job's reserve by its real charge. What is saved goes to the grants first.

    Raises:
        LedgerError: Nothing is reserved for this job.
        sqlite3.IntegrityError: It was settled or refunded before.
    """
    reserved = _reserve_of(tx, job_id)
    from_grants = -reserved["grant_micro_usd"]
    still_drawn = min(from_grants, max(0, charge_micro_usd - reserved["member_micro_usd"]))
    _enter(
        tx,
        _holder(reserved),
        "settle",
        now,
        job_id=job_id,
        micro_usd=charge_micro_usd - reserved["micro_usd"],
        member_micro_usd=charge_micro_usd - still_drawn - reserved["member_micro_usd"],
        grant_micro_usd=from_grants - still_drawn,
        actor_id=reserved["actor_id"],
        counts_at=reserved["counts_at"],
    )


def refund(tx: Transaction, job_id: int, now: datetime) -> None:
    """Give a job's reserve back.

    Raises:
        LedgerError: Nothing is reserved for this job.
        sqlite3.IntegrityError: It was settled or refunded before.
    """
    reserved = _reserve_of(tx, job_id)
    _enter(
        tx,
        _holder(reserved),
        "refund",
        now,
        job_id=job_id,
        actor_id=reserved["actor_id"],
        counts_at=reserved["counts_at"],
        **{side: -reserved[side] for side in _SIDES},
    )


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
    sides = (*_MEMBER_SIDES, *_GRANT_SIDES)
    _enter(
        tx,
        _holder(entries[0]),
        "credit",
        now,
        job_id=job_id,
        actor_id=actor_id,
        counts_at=entries[0]["counts_at"],
        **{side: -sum(entry[side] for entry in entries) for side in sides},
    )


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
    _enter(
        tx,
        member_key,
        "grant",
        now,
        grant_clips=amount.clips,
        grant_micro_usd=amount.micro_usd,
        actor_id=actor_id,
    )


def reset(tx: Transaction, member_key: MemberKey, actor_id: int, now: datetime) -> None:
    """Start all of a member's windows afresh. The server's purse stays as it is."""
    latest = tx.one(
        "SELECT coalesce(max(counts_at), 0) AS latest FROM ledger"
        " WHERE guild_id = :guild AND member_id = :member",
        _named(member_key),
    )
    after = 0 if latest is None else latest["latest"] + 1
    at = max(to_ms(now), after)
    _enter(tx, member_key, "reset", now, actor_id=actor_id, counts_at=at)


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
    row = tx.one(
        "SELECT coalesce(sum(clips), 0) AS clips, coalesce(sum(micro_usd), 0) AS micro_usd"
        " FROM spending WHERE guild_id = :guild AND quarter >= :quarter",
        {"guild": guild_id, "quarter": to_ms(since) // QUARTER_HOUR_MS},
    )
    return _cost(row)


def last_reset(tx: Transaction, member_key: MemberKey) -> datetime | None:
    """Return when a member's windows were last started afresh."""
    at = _last_reset(tx, member_key)
    return from_ms(at) if at else None


_LAST_RESET: Final = """
    SELECT coalesce(max(counts_at), 0) AS at FROM ledger
    WHERE kind = 'reset' AND guild_id = :guild AND member_id = :member
"""
_MEMBER_SIDES: Final = ("member_clips", "member_micro_usd")
_GRANT_SIDES: Final = ("grant_clips", "grant_micro_usd")
_SIDES: Final = ("clips", "micro_usd", *_MEMBER_SIDES, *_GRANT_SIDES)


def _enter(
    tx: Transaction, member_key: MemberKey, kind: str, now: datetime, **columns: SqlValue
) -> None:
    at = to_ms(now)
    row: dict[str, SqlValue] = {
        "guild_id": member_key.guild_id,
        "member_id": member_key.member_id,
        "kind": kind,
        **dict.fromkeys(_SIDES, 0),
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


def _holder(entry: SqlRow) -> MemberKey:
    return MemberKey(entry["guild_id"], entry["member_id"])


def _named(member_key: MemberKey) -> dict[str, SqlValue]:
    return {"guild": member_key.guild_id, "member": member_key.member_id}


def _cost(row: SqlRow | None) -> Cost:
    return ZERO_COST if row is None else Cost(row["clips"], row["micro_usd"])
