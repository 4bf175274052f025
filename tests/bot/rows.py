"""Rows as the domain writes them, and how to look at them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bot.base import Cost
from bot.base.clock import to_ms
from bot.jobs import job_store
from bot.jobs.animate_options import AnimateOptions
from bot.jobs.job import Job, JobState, ReplyTo
from bot.media.still import Still
from bot.quota import ledger
from bot.quota.ledger import MemberKey
from bot.quota.ledger_sides import reserve_sides
from bot.requests.request import AnimateRequest, Place, Requester
from pika import Order, Ticket
from tests import bystanders

if TYPE_CHECKING:
    from bot.base import Database, SqlRow, SqlValue, Transaction
    from bot.requests.request import AcceptedRequest
    from bot.requests.service import ReadPicture, RequestService

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
GUILD, MIA, NOAH, MODERATOR = 10, 20, 21, 22
OPTIONS = AnimateOptions(prompt="words", seed=7, resolution="720p", duration=5)
COST = Cost(clips=1, micro_usd=200_000)
STILL = Still(b"\xff\xd8 a picture \xff\xd9", 640, 360)
_ids = count(1000)


def address(member: int = MIA, guild: int = GUILD) -> ReplyTo:
    number = next(_ids)
    return ReplyTo(
        interaction_id=number,
        guild_id=guild,
        channel_id=30,
        member_id=member,
        message_id=number,
        application_id=40,
        token="secret-token",
        token_until=NOON + timedelta(minutes=15),
    )


def put_job(
    tx: Transaction, state: JobState = JobState.QUEUED, due: datetime = NOON, **columns: SqlValue
) -> Job:
    """A job with whatever its state needs; `columns` say what differs."""
    row: dict[str, SqlValue] = {
        **address().columns(),
        "upload_limit": 10_000_000,
        "provider": "pika",
        "options_json": OPTIONS.model_dump_json(),
        "price_micro_usd": COST.micro_usd,
        "state": state.value,
        "reference": "ABCDE",
        "created_at": to_ms(NOON),
        "due_at": to_ms(due),
    }
    if state not in {JobState.QUEUED, JobState.FAILED, JobState.CANCELLED}:
        row["idempotency_key"] = uuid4().hex
        row["order_json"] = Order(provider="pika", path="/", body={}).model_dump_json()
        row["ticket_json"] = Ticket(provider="pika", id="media_1").model_dump_json()
        row["submitted_at"] = to_ms(NOON)
    if state in {JobState.DELIVERED, JobState.NOTIFIED}:
        row["ended_at"] = to_ms(NOON)
    if state is JobState.FAILED:
        row["failure"] = "busy"
    if state is JobState.CANCELLED:
        row["cancelled_by"] = MODERATOR
    return job_store.add(tx, row | columns)


def reserve(tx: Transaction, job: Job, cost: Cost = COST, now: datetime = NOON) -> None:
    where = job.reply_to
    member_key = MemberKey(where.guild_id, where.member_id)
    ledger.reserve(tx, job.id, member_key, reserve_sides(cost), now)


def requester(member: int = MIA, guild: int = GUILD, **differs: Any) -> Requester:
    """A member of long standing without roles, unless told otherwise."""
    long_ago = NOON - timedelta(days=1000)
    known: dict[str, Any] = {"role_ids": frozenset(), "created_at": long_ago, "joined_at": long_ago}
    return Requester(guild, member, **(known | differs))


def request(options: AnimateOptions, who: Requester | None = None) -> AnimateRequest:
    """A request from channel 30, before its picture."""
    url = "https://cdn.example/photo.jpg"
    return AnimateRequest(who or requester(), options, Place((30,)), 10_000_000, url, 100_000)


async def enqueue(
    service: RequestService,
    asked: AnimateRequest,
    reply_to: ReplyTo | None = None,
    *,
    is_shown: bool = True,
    read_picture: ReadPicture | None = None,
) -> AcceptedRequest:
    """Enqueue a request with a picture, and raise what its member would be told."""
    outcomes: list[AcceptedRequest | Exception] = []

    async def read_still() -> Still:
        return STILL

    async def show(outcome: AcceptedRequest | Exception) -> bool:
        outcomes.append(outcome)
        return is_shown

    where = reply_to or address(asked.who.member_id, asked.who.guild_id)
    await service.enqueue(asked, where, read_picture or read_still, show)
    (outcome,) = outcomes
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def rows(database: Database, sql: str, **values: Any) -> list[SqlRow]:
    """Read; a SELECT does not see the bystanders' rows."""
    hidden = f"{bystanders.HIDDEN} " if sql.lstrip().startswith("SELECT") else ""
    return await database.read(lambda tx: tx.all(f"{hidden}{sql}", values))


async def number(database: Database, sql: str, **values: Any) -> int:
    found = await rows(database, sql, **values)
    return int(found[0][0])
