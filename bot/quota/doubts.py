"""Orders of which nobody knows whether Pika bills them, until their owner's bill tells.

Its SQL reads and marks `jobs` too, a table of a higher room.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from bot.base import ZERO_COST, Cost, from_ms, service, value
from bot.guilds import audit
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.quota import ledger
from bot.quota.errors import NoDoubtError

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Clock, Database, SqlRow, Transaction


log = logging.getLogger(__name__)


@value
class Doubt:
    """An order in doubt, with what finds it on the provider's bill.

    Attributes:
        ticket_id: The provider's id of the job, or `None` where no answer came.
        idempotency_key: The key that the order was sent under, or `None` where this database does
            not know the order; fal is not sent it.
        sent_at: When it was sent; of an order from an older version, when it was asked for.
        micro_usd: What server and owner count for it meanwhile.
        failure: The stored reason of its end, `None` for a clip that a moderator cancelled.
        reference: The word that its member has read, which the log knows it by.
    """

    job_id: int
    guild_id: int
    member_id: int
    provider: str
    ticket_id: str | None
    idempotency_key: str | None
    sent_at: datetime
    micro_usd: int
    failure: str | None
    reference: str


@service
class DoubtService:
    """Lists and settles the doubts of all guilds, for the owner."""

    database: Database
    clock: Clock

    async def count(self) -> int:
        """The number of orders in doubt."""
        return await self.database.read(count_open)

    async def list_open(self, most: int, skip: int = 0) -> list[Doubt]:
        """At most `most` orders in doubt, the oldest first, without the `skip` oldest."""
        return await self.database.read(lambda tx: read_open(tx, most, skip))

    async def settle_as_billed(
        self, actor_id: int, job_id: int, charge_micro_usd: int | None = None, reason: str = ""
    ) -> Doubt:
        """Count an order for good, at its charge in micro-USD or at what was counted so far.

        Raises:
            NoDoubtError: No order of this number is in doubt, perhaps no more.
        """
        verdict = _Verdict(actor_id, reason, is_billed=True, charge_micro_usd=charge_micro_usd)
        return await self._settle(job_id, verdict)

    async def settle_as_not_billed(self, actor_id: int, job_id: int, reason: str = "") -> Doubt:
        """Give an order's cost back to its server and the owner.

        Raises:
            NoDoubtError: No order of this number is in doubt, perhaps no more.
        """
        return await self._settle(job_id, _Verdict(actor_id, reason, is_billed=False))

    async def _settle(self, job_id: int, verdict: _Verdict) -> Doubt:
        now = self.clock()
        doubt = await self.database.write(lambda tx: _enter(tx, job_id, verdict, now))
        billed = "billed" if verdict.is_billed else "not billed"
        log.info("owner %d settled the doubt of job %d as %s", verdict.actor_id, job_id, billed)
        return doubt


@value
class _Verdict:
    actor_id: int
    reason: str
    is_billed: bool
    charge_micro_usd: int | None = None

    def cost(self, doubt: Doubt) -> Cost:
        if not self.is_billed:
            return ZERO_COST
        told = self.charge_micro_usd
        return Cost(1, doubt.micro_usd if told is None else told)


def _enter(tx: Transaction, job_id: int, verdict: _Verdict, now: datetime) -> Doubt:
    row = tx.one(_ONE, {"job": job_id})
    if row is None:
        raise NoDoubtError(job_id)
    doubt = _doubt(row)
    cost = verdict.cost(doubt)
    tx.execute(
        "UPDATE jobs SET doubt = :doubt, may_be_billed = :billed, charge_micro_usd = :charge"
        " WHERE id = :job",
        {
            "job": job_id,
            "doubt": "billed" if verdict.is_billed else "not_billed",
            "billed": int(verdict.is_billed),
            "charge": cost.micro_usd,
        },
    )
    ledger.correct(tx, job_id, cost, verdict.actor_id, now)
    event = AuditEvent(
        actor_id=verdict.actor_id,
        action=AuditAction.DOUBT,
        subject_kind=AuditSubject.JOB,
        subject_id=job_id,
        before={"clips": 1, "micro_usd": doubt.micro_usd},
        after={"clips": cost.clips, "micro_usd": cost.micro_usd},
        reason=verdict.reason,
    )
    audit.record(tx, doubt.guild_id, event, now)
    return doubt


def read_open(tx: Transaction, most: int = -1, skip: int = 0) -> list[Doubt]:
    """As `DoubtService.list_open`; without `most`, all."""
    return [_doubt(row) for row in tx.all(_LIST, {"most": most, "skip": skip})]


def count_open(tx: Transaction) -> int:
    """The number of orders in doubt."""
    return int(tx.all("SELECT count(*) FROM jobs WHERE doubt = 'open'")[0][0])


_DOUBTS: Final = """
    SELECT id AS job_id, guild_id, member_id, provider, idempotency_key,
        json_extract(ticket_json, '$.id') AS ticket_id,
        coalesce(submitted_at, created_at) AS sent_at, failure, reference,
        (SELECT sum(micro_usd) FROM ledger WHERE job_id = jobs.id) AS micro_usd
    FROM jobs WHERE doubt = 'open'
"""
_LIST: Final = f"{_DOUBTS} ORDER BY id LIMIT :most OFFSET :skip"
_ONE: Final = f"{_DOUBTS} AND id = :job"


def _doubt(row: SqlRow) -> Doubt:
    return Doubt(**{**dict(row), "sent_at": from_ms(row["sent_at"])})
