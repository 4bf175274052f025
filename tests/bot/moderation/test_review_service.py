"""What moderators say of clips, as rows: one verdict, in the right guild, with its record."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base import Timeouts
from bot.base.clock import to_ms
from bot.guilds import guild_settings
from bot.guilds.guild_settings import ReviewMode as Mode
from bot.jobs import job_store, reviews
from bot.jobs.job import Job, JobState
from bot.jobs.reviews import ReviewMessage, Verdict
from bot.moderation.authority import BlockAuthority, ClipAuthority, Rank
from bot.moderation.errors import AlreadyDecidedError, NoReviewChannelError, ReviewClosedError
from bot.moderation.review_service import ReviewPress, ReviewService, ReviewSettings
from tests.bot.rows import GUILD, MIA, NOON, number, put_job, rows

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.base.database import Database, SqlValue, Transaction

pytestmark = pytest.mark.usefixtures("bystanders")

HUGO, MORGAN = 70, 71
PLACE = ReviewMessage(50, 60)
ANY = ClipAuthority(manages_server=False)
ABOVE = BlockAuthority(Rank(position=1), Rank())


class Hall:
    def __init__(self, database: Database) -> None:
        self.woken = 0
        self.database = database
        self.reviewers = ReviewService(database, lambda: NOON, self._wake)

    def _wake(self, _job_ids: Collection[int]) -> None:
        self.woken += 1

    async def job(
        self, state: JobState = JobState.RENDERED, *, asked: bool = True, **columns: SqlValue
    ) -> Job:
        """A finished job that moderators see first, asleep for a day."""
        columns.setdefault("needs_review", 1)

        def put(tx: Transaction) -> Job:
            job = put_job(tx, state, NOON + timedelta(days=1), **columns)
            if asked:
                reviews.record_question(tx, job.id, PLACE, NOON)
            return job

        return await self.database.write(put)

    async def review(self, job: Job) -> reviews.Review | None:
        return await self.database.read(lambda tx: reviews.get(tx, job.id))


def press(
    job: Job,
    actor: int = HUGO,
    guild: int = GUILD,
    place: ReviewMessage = PLACE,
    authority: ClipAuthority = ANY,
) -> ReviewPress:
    return ReviewPress(guild, actor, job.reply_to.interaction_id, place, authority)


async def test_a_verdict_wakes_its_job_and_takes_it_from_whoever_holds_it(
    database: Database,
) -> None:
    hall = Hall(database)
    job = await hall.job()
    await hall.reviewers.approve(press(job))
    review = await hall.review(job)
    assert review is not None
    assert review.message == PLACE
    assert review.decision == reviews.Decision(Verdict.APPROVED, HUGO, NOON)
    assert hall.woken == 1
    now = await database.read(lambda tx: job_store.get(tx, job.id))
    assert now.claim == job.claim + 1
    assert await number(database, "SELECT due_at FROM jobs") == to_ms(NOON)


async def test_only_the_first_verdict_counts(database: Database) -> None:
    hall = Hall(database)
    job = await hall.job()
    assert await hall.reviewers.member_id(press(job)) == MIA
    await hall.reviewers.refuse(press(job))
    with pytest.raises(AlreadyDecidedError) as told:
        await hall.reviewers.approve(press(job, MORGAN))
    assert told.value.decision == reviews.Decision(Verdict.REJECTED, HUGO, NOON)
    with pytest.raises(AlreadyDecidedError):
        await hall.reviewers.refuse_and_block(press(job, MORGAN), ABOVE, "reason")
    assert await number(database, "SELECT count(*) FROM audit") == 1
    assert await number(database, "SELECT count(*) FROM blocks") == 0


async def test_a_press_may_come_before_the_row_of_its_question(database: Database) -> None:
    hall = Hall(database)
    job = await hall.job(asked=False)
    await hall.reviewers.approve(press(job, place=ReviewMessage(51, 61)))
    review = await hall.review(job)
    assert review is not None
    assert review.message == ReviewMessage(51, 61)
    assert review.decision is not None


@pytest.mark.parametrize(
    ("state", "cancelled_by", "needs_review"),
    [
        (JobState.DELIVERED, None, 1),
        (JobState.FAILED, None, 1),
        (JobState.RENDERED, MORGAN, 1),
        (JobState.RENDERED, None, 0),
    ],
)
async def test_there_is_nothing_to_decide_about_what_is_over(
    database: Database, state: JobState, cancelled_by: int | None, needs_review: int
) -> None:
    hall = Hall(database)
    job = await hall.job(state, cancelled_by=cancelled_by, needs_review=needs_review)
    with pytest.raises(ReviewClosedError):
        await hall.reviewers.approve(press(job))
    with pytest.raises(ReviewClosedError):
        await hall.reviewers.refuse_and_block(press(job), ABOVE, "reason")
    assert await number(database, "SELECT count(*) FROM audit") == 0
    assert await number(database, "SELECT count(*) FROM reviews WHERE verdict IS NOT NULL") == 0


async def test_moderators_of_another_guild_have_no_say(database: Database) -> None:
    hall = Hall(database)
    job = await hall.job()
    with pytest.raises(ReviewClosedError):
        await hall.reviewers.approve(press(job, guild=GUILD + 1))
    review = await hall.review(job)
    assert review is not None
    assert review.decision is None


async def test_a_block_replaces_the_one_before(database: Database) -> None:
    hall = Hall(database)
    for _ in range(2):
        await hall.reviewers.refuse_and_block(press(await hall.job()), ABOVE, "reason")
    (block,) = await rows(database, "SELECT * FROM blocks")
    assert (block["member_id"], block["blocked_until"]) == (MIA, None)
    recorded = await rows(database, "SELECT * FROM audit WHERE action = 'block' ORDER BY id")
    assert [row["before_json"] is None for row in recorded] == [True, False]
    assert {row["actor_id"] for row in recorded} == {HUGO}


async def test_review_needs_a_channel(database: Database) -> None:
    hall = Hall(database)
    with pytest.raises(NoReviewChannelError):
        await hall.reviewers.change(GUILD, HUGO, ReviewSettings(Mode.EVERYONE))
    assert await number(database, "SELECT count(*) FROM audit") == 0
    await hall.reviewers.change(GUILD, HUGO, ReviewSettings(Mode.OFF))
    assert await hall.reviewers.channel_id(GUILD) is None


async def test_what_is_not_named_stays_as_it_was(database: Database) -> None:
    hall = Hall(database)
    await hall.reviewers.change(GUILD, HUGO, ReviewSettings(Mode.NEWCOMERS, 50, 3))
    settings = (await hall.reviewers.change(GUILD, HUGO, ReviewSettings(Mode.OFF))).settings
    assert (settings.review_channel_id, settings.newcomer_days) == (50, 3)
    settings = (await hall.reviewers.change(GUILD, HUGO, ReviewSettings(Mode.EVERYONE))).settings
    assert (settings.review, settings.review_channel_id) == (Mode.EVERYONE, 50)

    def check(tx: Transaction) -> None:
        guild_settings.put(tx, GUILD, log_channel_id=7)
        assert (guild_settings.get(tx, GUILD)).review is Mode.EVERYONE

    await database.write(check)


async def test_a_change_wakes_what_waits_a_second_apart_and_nothing_else(
    database: Database,
) -> None:
    hall = Hall(database)
    waiting = [await hall.job(), await hall.job(asked=False)]
    decided, plain, elsewhere = (
        await hall.job(),
        await hall.job(needs_review=0),
        await hall.job(guild_id=GUILD + 1),
    )
    await hall.reviewers.approve(press(decided))
    await database.write(
        lambda tx: job_store.set_due(tx, job_store.get(tx, decided.id), NOON + Timeouts.LEASE)
    )
    await hall.reviewers.change(GUILD, HUGO, ReviewSettings(Mode.OFF))
    due = {row["id"]: row["due_at"] for row in await rows(database, "SELECT * FROM jobs")}
    assert [due[job.id] for job in waiting] == [to_ms(NOON), to_ms(NOON) + 1000]
    assert due[decided.id] == to_ms(NOON + Timeouts.LEASE)
    assert {due[job.id] for job in (plain, elsewhere)} == {to_ms(NOON + timedelta(days=1))}
