"""A guild's ledger as events, to be replayed under other rules. Reads jobs too."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from bot.base import ZERO_COST, Cost, from_ms, to_ms, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bot.base import SqlRow, Transaction


@value
class RequestEvent:
    """A request that was accepted.

    Attributes:
        role_ids: The member's roles at the time.
        cost: Reserved.
        from_grants: The part of the cost that grants paid.
        paid: Paid by the guild up to now, or still set aside.
    """

    job_id: int
    member_id: int
    role_ids: frozenset[int]
    asked_at: datetime
    cost: Cost
    from_grants: Cost
    paid: Cost


@value
class SettleEvent:
    """The charge of a job became final."""

    job_id: int
    charge_micro_usd: int


@value
class RefundEvent:
    """The reserve of a job was cancelled."""

    job_id: int


@value
class CreditEvent:
    """A member got back what a job took of their limits and grants; the guild paid."""

    job_id: int


@value
class CorrectionEvent:
    """What the server has paid for a job was found to be more, or with negative sums less."""

    job_id: int
    cost: Cost


@value
class GrantEvent:
    """A member's grants grew or, with a negative amount, shrank."""

    member_id: int
    amount: Cost


@value
class ResetEvent:
    """A member's windows started afresh."""

    member_id: int
    at: datetime


Event: TypeAlias = (
    RequestEvent
    | SettleEvent
    | RefundEvent
    | CreditEvent
    | CorrectionEvent
    | GrantEvent
    | ResetEvent
)


@value
class History:
    """Events in the order in which they were entered.

    Attributes:
        granted: Left of each member's grants before the first event, by member id.
    """

    events: tuple[Event, ...]
    granted: Mapping[int, Cost]

    def requests(self, since: datetime) -> list[RequestEvent]:
        """The requests made from an instant on."""
        return [it for it in self.events if isinstance(it, RequestEvent) and it.asked_at >= since]


@value
class HistoryRows:
    """A history as rows: entries from an instant on, and what is left of grants now.

    Attributes:
        has_drawn_grants: Whether the guild has grants to roles, or with an end, of which the
            entries have only what was used.
    """

    rows: list[SqlRow]
    grants: list[SqlRow]
    has_drawn_grants: bool

    # Apart from `read`, so that making 100,000 events does not hold the database's thread.
    def history(self) -> History:
        """The rows as events; 100,000 take about half a second."""
        paid = _paid(self.rows)
        corrected = _paid(row for row in self.rows if row["kind"] == "correction")
        events = tuple(_event(row, paid, corrected) for row in self.rows)
        return History(events, _granted_before(self.rows, self.grants))


def read(tx: Transaction, guild_id: int, since: datetime) -> HistoryRows:
    """Read a guild's entries that count from an instant on."""
    # By `counts_at`, which all entries of a job share: so none is read without its reserve.
    rows = tx.all(_ENTRIES, {"guild": guild_id, "since": to_ms(since)})
    drawn = tx.one("SELECT 1 FROM grants WHERE guild_id = :guild", {"guild": guild_id})
    return HistoryRows(rows, tx.all(_GRANTS, {"guild": guild_id}), drawn is not None)


def _paid(rows: Iterable[SqlRow]) -> Mapping[int, Cost]:
    paid: dict[int, Cost] = defaultdict(lambda: ZERO_COST)
    for row in rows:
        if (job_id := row["job_id"]) is not None:
            known = paid[job_id]
            paid[job_id] = _cost(known.clips + row["clips"], known.micro_usd + row["micro_usd"])
    return paid


def _granted_before(rows: Iterable[SqlRow], grants: Iterable[SqlRow]) -> Mapping[int, Cost]:
    # Backwards from now: older entries, which are many, need not be read.
    granted = {row["member_id"]: Cost(row["clips"], row["micro_usd"]) for row in grants}
    for row in rows:
        if row["grant_clips"] or row["grant_micro_usd"]:
            granted[row["member_id"]] -= Cost(row["grant_clips"], row["grant_micro_usd"])
    return granted


def _event(  # noqa: PLR0911 - one for each kind of entry
    row: SqlRow, paid: Mapping[int, Cost], corrected: Mapping[int, Cost]
) -> Event:
    match row["kind"]:
        case "reserve":
            return _request(row, paid[row["job_id"]])
        case "settle":
            settled = paid[row["job_id"]] - corrected.get(row["job_id"], ZERO_COST)
            return SettleEvent(row["job_id"], settled.micro_usd)
        case "refund":
            return RefundEvent(row["job_id"])
        case "credit":
            return CreditEvent(row["job_id"])
        case "correction":
            return CorrectionEvent(row["job_id"], _cost(row["clips"], row["micro_usd"]))
        case "grant":
            return GrantEvent(row["member_id"], Cost(row["grant_clips"], row["grant_micro_usd"]))
        case "reset":
            return ResetEvent(row["member_id"], from_ms(row["counts_at"]))
        case unknown:
            raise LookupError(f"{unknown} is no kind of entry")


def _request(row: SqlRow, paid: Cost) -> RequestEvent:
    return RequestEvent(
        job_id=row["job_id"],
        member_id=row["member_id"],
        role_ids=_roles(row["role_ids"]),
        asked_at=from_ms(row["entered_at"]),
        cost=_cost(row["clips"], row["micro_usd"]),
        from_grants=_cost(-row["grant_clips"], -row["grant_micro_usd"]),
        paid=paid,
    )


# The same few values come again and again. Shared, they are too few for the garbage collector
# to stop the event loop over them.
_cost = lru_cache(maxsize=1024)(Cost)


@lru_cache(maxsize=1024)
def _roles(listed: str) -> frozenset[int]:
    return frozenset(json.loads(listed))


_ENTRIES: Final = """
    SELECT ledger.kind, ledger.job_id, ledger.member_id, ledger.clips, ledger.micro_usd,
        ledger.grant_clips, ledger.grant_micro_usd, ledger.counts_at, ledger.entered_at,
        jobs.role_ids
    FROM ledger LEFT JOIN jobs ON jobs.id = ledger.job_id AND ledger.kind = 'reserve'
    WHERE ledger.guild_id = :guild AND ledger.counts_at >= :since
    ORDER BY ledger.id
"""
_GRANTS: Final = """
    SELECT member_id, sum(grant_clips) AS clips, sum(grant_micro_usd) AS micro_usd FROM ledger
    WHERE guild_id = :guild AND (grant_clips <> 0 OR grant_micro_usd <> 0)
    GROUP BY member_id
"""
