"""Clips in the hands of moderators, as rows: states, money and record in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.base.errors import ChannelUnreachableError, DeliveryError
from bot.guilds.audit import Actor
from bot.jobs.job import JobState
from bot.moderation import clip_details
from bot.moderation.authority import ClipAuthority
from bot.moderation.clip_details import ClipRef
from bot.moderation.clip_service import ClipService, Removal
from bot.moderation.errors import ClipError, ClipProblem
from bot.quota import ledger
from tests.bot.rows import GUILD, MODERATOR, NOON, put_job, reserve, rows

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.base.database import Database, SqlValue, Transaction
    from bot.jobs.job import Job
    from bot.moderation.clip_details import ClipDetails

pytestmark = pytest.mark.usefixtures("bystanders")

BY = Actor(GUILD, MODERATOR, "a raid")
ELSEWHERE = Actor(11, MODERATOR)
ANY = ClipAuthority(manages_server=False)


class Hall:
    """A control, what it took down, which steps it broke off, and what the chat answers."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.let_go: list[list[int]] = []
        self.taken_down: list[int] = []
        self.lost: list[str] = []
        self.told: list[tuple[int, str, bool]] = []
        self.refusal: DeliveryError | None = None
        self.control = ClipService(database, self, self, lambda: NOON, self._note)  # type: ignore[arg-type] # the methods of a delivery and of pictures that are called

    def _note(self, job_ids: Collection[int]) -> None:
        self.let_go.append(list(job_ids))

    async def remove_clip(self, job: Job) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.taken_down.append(job.reply_to.message_id)

    async def tell_removed(self, job: Job, *, refunded: bool) -> bool:
        self.told.append((job.id, job.remove_reason, refunded))
        return True

    async def kept_picture(self, name: str | None) -> bytes | None:
        return None if name is None else name.encode()

    def lost_rows(self, names: Collection[str]) -> None:
        self.lost.extend(names)

    async def find(self, guild_id: int, ref: ClipRef) -> ClipDetails:
        return (await self.control.evidence(guild_id, ANY, ref)).clip

    async def put(self, state: JobState, **columns: SqlValue) -> Job:
        def put_with_books(tx: Transaction) -> Job:
            job = put_job(tx, state, NOON, **columns)
            reserve(tx, job)
            if state is JobState.DELIVERED:
                ledger.settle(tx, job.id, job.price_micro_usd, NOON)
            return job

        return await self.database.write(put_with_books)

    async def kinds(self) -> list[str]:
        return [row["kind"] for row in await rows(self.database, "SELECT kind FROM ledger")]

    async def deeds(self) -> list[tuple[str, int, int, str]]:
        found = await rows(self.database, "SELECT * FROM audit ORDER BY id")
        return [(it["action"], it["subject_id"], it["actor_id"], it["reason"]) for it in found]

    async def column(self, job: Job, name: str) -> object:
        (row,) = await rows(self.database, f"SELECT {name} FROM jobs WHERE id = :id", id=job.id)
        return row[0]


@pytest.fixture
def hall(database: Database) -> Hall:
    return Hall(database)


async def test_a_queued_job_ends_in_the_transaction_of_the_deed(hall: Hall) -> None:
    job = await hall.put(JobState.QUEUED)
    assert (await hall.control.cancel(BY, ANY, job.id)).state is JobState.QUEUED
    assert await hall.column(job, "state") == "cancelled"
    assert await hall.column(job, "claim") == job.claim + 1
    assert await hall.kinds() == ["reserve", "refund"]
    assert await hall.deeds() == [("cancel", job.id, MODERATOR, "a raid")]
    assert hall.let_go == [[job.id]]


@pytest.mark.parametrize(
    ("state", "may_be_billed", "is_taken"),
    [
        (JobState.SUBMITTING, 1, False),
        (JobState.SUBMITTING, 0, True),
        (JobState.RENDERING, 0, True),
        (JobState.RENDERED, 0, False),
    ],
)
async def test_what_pika_knows_of_is_only_marked(
    hall: Hall, state: JobState, may_be_billed: int, *, is_taken: bool
) -> None:
    job = await hall.put(state, may_be_billed=may_be_billed)
    await hall.control.cancel(BY, ANY, job.id)
    assert await hall.column(job, "state") == state.value
    assert await hall.column(job, "cancelled_by") == MODERATOR
    assert await hall.column(job, "cancel_reason") == "a raid"
    # A step that pays, or shows what it may have shown already, keeps its job.
    assert await hall.column(job, "claim") == job.claim + is_taken
    assert hall.let_go == [[job.id] if is_taken else []]
    assert await hall.kinds() == ["reserve"]


async def test_what_waits_for_moderators_is_taken_too(hall: Hall) -> None:
    job = await hall.put(JobState.RENDERED, needs_review=1)
    (clip,) = await hall.control.in_progress(GUILD)
    assert clip.in_review
    await hall.control.cancel(BY, ANY, job.id)
    assert hall.let_go == [[job.id]]


@pytest.mark.parametrize(
    ("state", "problem"),
    [
        (JobState.RENDERING, ClipProblem.CANCELLED),
        (JobState.DELIVERED, ClipProblem.OVER),
        (JobState.FAILED, ClipProblem.OVER),
        (JobState.CANCELLED, ClipProblem.OVER),
        (JobState.NOTIFIED, ClipProblem.OVER),
    ],
)
async def test_nothing_is_cancelled_twice_or_too_late(
    hall: Hall, state: JobState, problem: ClipProblem
) -> None:
    job = await hall.put(state, cancelled_by=MODERATOR)
    before = await hall.kinds()
    with pytest.raises(ClipError) as caught:
        await hall.control.cancel(BY, ANY, job.id)
    assert caught.value.problem is problem
    assert (await hall.kinds(), await hall.deeds(), hall.let_go) == (before, [], [])


async def test_another_guilds_clips_are_unknown(hall: Hall) -> None:
    job = await hall.put(JobState.QUEUED)
    shown = await hall.put(JobState.DELIVERED)
    for deed in (
        hall.control.cancel(ELSEWHERE, ANY, job.id),
        hall.control.remove(ELSEWHERE, ANY, ClipRef(shown.id), Removal(refund=True)),
        hall.find(ELSEWHERE.guild_id, ClipRef(shown.id)),
    ):
        with pytest.raises(ClipError) as caught:
            await deed
        assert caught.value.problem is ClipProblem.UNKNOWN
    by_message = ClipRef(message_ids=(shown.reply_to.message_id,))
    with pytest.raises(ClipError) as caught:
        await hall.find(ELSEWHERE.guild_id, by_message)
    assert caught.value.problem is ClipProblem.NOT_A_CLIP
    assert await hall.control.in_progress(ELSEWHERE.guild_id) == []
    assert await hall.control.recent(ELSEWHERE.guild_id) == []
    assert hall.taken_down == []


@pytest.mark.parametrize("refund", [False, True])
async def test_a_clip_is_removed_once(hall: Hall, *, refund: bool) -> None:
    job = await hall.put(JobState.DELIVERED, poster_file="its still")
    pointer = ClipRef(message_ids=(5, job.reply_to.message_id))
    await hall.control.remove(BY, ANY, pointer, Removal(refund=refund))
    with pytest.raises(ClipError) as caught:
        await hall.control.remove(BY, ANY, ClipRef(job.id), Removal(refund=True))
    assert caught.value.problem is ClipProblem.REMOVED
    assert hall.taken_down == [job.reply_to.message_id]
    assert hall.lost == ["its still"]
    assert await hall.kinds() == ["reserve", "settle", *["credit"] * refund]
    assert await hall.deeds() == [("remove", job.id, MODERATOR, "a raid")]
    assert hall.told == [(job.id, "a raid", refund)]
    clip = await hall.find(GUILD, ClipRef(job.id))
    assert (clip.removed_at, clip.removed_by, clip.given_back) == (NOON, MODERATOR, refund)
    assert await hall.control.recent(GUILD) == []


@pytest.mark.parametrize(
    ("refusal", "problem"),
    [
        (ChannelUnreachableError("closed"), ClipProblem.OUT_OF_REACH),
        (DeliveryError("503"), ClipProblem.NOT_DELETED),
    ],
)
async def test_what_stays_shown_is_not_called_removed(
    hall: Hall, refusal: DeliveryError, problem: ClipProblem
) -> None:
    job = await hall.put(JobState.DELIVERED)
    hall.refusal = refusal
    with pytest.raises(ClipError) as caught:
        await hall.control.remove(BY, ANY, ClipRef(job.id), Removal(refund=True))
    assert caught.value.problem is problem
    assert await hall.kinds() == ["reserve", "settle"]
    assert await hall.deeds() == []
    assert await hall.column(job, "removed_at") is None


@pytest.mark.parametrize(
    ("state", "problem"),
    [
        (JobState.QUEUED, ClipProblem.IN_PROGRESS),
        (JobState.RENDERED, ClipProblem.IN_PROGRESS),
        (JobState.FAILED, ClipProblem.NEVER_SHOWN),
        (JobState.CANCELLED, ClipProblem.NEVER_SHOWN),
        (JobState.NOTIFIED, ClipProblem.NEVER_SHOWN),
    ],
)
async def test_only_what_is_shown_can_be_removed(
    hall: Hall, state: JobState, problem: ClipProblem
) -> None:
    job = await hall.put(state)
    with pytest.raises(ClipError) as caught:
        await hall.control.remove(BY, ANY, ClipRef(job.id), Removal(refund=True))
    assert caught.value.problem is problem
    assert hall.taken_down == []


async def test_a_clip_is_found_by_what_moderators_were_asked_with(hall: Hall) -> None:
    job = await hall.put(JobState.DELIVERED)
    await hall.put(JobState.DELIVERED)
    await hall.database.write(
        lambda tx: tx.execute(
            "INSERT INTO reviews VALUES (:job, 31, 77, 0, 'approved', 22, 1000)", {"job": job.id}
        )
    )
    clip = await hall.find(GUILD, ClipRef(message_ids=(77,)))
    assert clip.job.id == job.id
    assert clip.decision is not None
    assert (clip.decision.verdict.value, clip.decision.actor_id) == ("approved", 22)


async def test_each_look_goes_by_an_index(hall: Hall) -> None:

    statements = (
        clip_details._IN_PROGRESS,
        clip_details._RECENT,
        clip_details._NUMBERED,
        clip_details._SHOWN_BY,
        clip_details._REVIEWED_BY,
    )
    values = {"guild": GUILD, "most": 1, "id": 1, "message": 1}
    for sql in statements:
        plan = await rows(hall.database, f"EXPLAIN QUERY PLAN {sql}", **values)
        steps = [row["detail"] for row in plan]
        assert not [step for step in steps if step.startswith("SCAN")], (sql, steps)
