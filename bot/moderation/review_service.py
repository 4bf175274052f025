"""Moderators' settings of reviews, and their verdicts.

A verdict is only recorded here. The job's next step, due at once, acts on it, so that a crash in
between loses nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.base import Timeouts, service, value
from bot.guilds import audit, guild_settings
from bot.guilds.audit import Actor, AuditAction, AuditEvent, AuditSubject
from bot.guilds.guild_settings import ReviewMode as Mode
from bot.jobs import job_store, reviews
from bot.jobs.job import JobState
from bot.jobs.reviews import Decision, ReviewMessage, Verdict
from bot.moderation.authority import check_not_own, is_own
from bot.moderation.block_service import put_block
from bot.moderation.blocks import Block
from bot.moderation.clip_refusal import refuse_all
from bot.moderation.errors import AlreadyDecidedError, NoReviewChannelError, ReviewClosedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from bot.base import Clock, Database, SqlValue, Transaction
    from bot.guilds.audit import AuditValues
    from bot.guilds.guild_settings import GuildSettings
    from bot.jobs.job import Job
    from bot.moderation.authority import BlockAuthority, ClipAuthority
    from bot.moderation.clip_refusal import RefusedClips


@value
class ReviewPress:
    """A moderator's press of a button under a clip, in `message`.

    `interaction_id` is that of the clip's request: ids of jobs come again in a restored copy.
    """

    guild_id: int
    actor_id: int
    interaction_id: int
    message: ReviewMessage
    authority: ClipAuthority


@value
class ReviewSettings:
    """Whose clips are reviewed, and where; `None` leaves a value as it is."""

    mode: Mode | None
    channel_id: int | None = None
    newcomer_days: int | None = None


@value
class ReviewChange:
    """The settings that are in force now.

    Attributes:
        reached: The number of clips in the making that are reviewed since this change.
        undecided: The number of clips that wait for a verdict, or will once they are made.
    """

    settings: GuildSettings
    reached: int
    undecided: int


@service
class ReviewService:
    """Changes the settings of reviews, and records verdicts.

    Attributes:
        abort_steps: Called when jobs have fallen due, with the ids of those whose leases were
            revoked while they were in the making.
    """

    database: Database
    clock: Clock
    abort_steps: Callable[[Collection[int]], None]

    async def channel_id(self, guild_id: int) -> int | None:
        """The channel where a guild's clips are reviewed, if one is set."""
        return await self.database.read(
            lambda tx: guild_settings.get(tx, guild_id).review_channel_id
        )

    async def change(self, guild_id: int, actor_id: int, changes: ReviewSettings) -> ReviewChange:
        """Change whose clips are reviewed, those in the making included.

        What was to be reviewed still is, also once that is off. Clips that wait are asked about in
        the channel that is set now.

        Raises:
            NoReviewChannelError: Clips are to be reviewed, and no channel is set.
        """
        columns: dict[str, SqlValue] = {}
        if changes.mode is not None:
            columns["review"] = changes.mode.value
        if changes.newcomer_days is not None:
            columns["newcomer_days"] = changes.newcomer_days

        def put(tx: Transaction) -> ReviewChange:
            before = guild_settings.get(tx, guild_id)
            columns["review_channel_id"] = changes.channel_id or before.review_channel_id
            mode = changes.mode or before.review
            if mode is not Mode.OFF and columns["review_channel_id"] is None:
                raise NoReviewChannelError
            guild_settings.put(tx, guild_id, **columns)
            after, now = guild_settings.get(tx, guild_id), self.clock()
            # Before others are reached: one of those may be shown at this moment, and has to be
            # settled by the step that shows it.
            waiting = job_store.waiting_for_review(tx, guild_id)
            reached = _reach(tx, guild_id, after, now)
            more = {"clips_reached": reached} if reached else {}
            sides = _audit_values(before), {**_audit_values(after), **more}
            event = AuditEvent(actor_id, AuditAction.REVIEW, AuditSubject.GUILD, 0, *sides)
            audit.record(tx, guild_id, event, now)
            # Spread out: Discord limits how fast messages may be posted to one channel.
            for number, job in enumerate(waiting):
                job_store.revoke_lease(tx, job, now + number * Timeouts.REVIEWS_APART)
            return ReviewChange(after, reached, len(job_store.to_be_reviewed(tx, guild_id)))

        change = await self.database.write(put)
        self.abort_steps(())
        return change

    async def member_id(self, press: ReviewPress) -> int:
        """The id of the member who asked for the clip.

        Raises:
            ReviewClosedError: There is no such clip.
        """
        job = await self.database.read(lambda tx: _find(tx, press))
        return job.reply_to.member_id

    async def approve(self, press: ReviewPress) -> None:
        """Let a clip be shown.

        Raises:
            AlreadyDecidedError: Another moderator was first.
            ReviewClosedError: The clip waits for no verdict any more.
            OwnClipError: The moderator asked for it.
        """
        await self.database.write(
            lambda tx: self._decide(tx, press, Verdict.APPROVED, AuditAction.APPROVE)
        )
        self.abort_steps(())

    async def approve_all(self, by: Actor, authority: ClipAuthority) -> tuple[int, int]:
        """Let all clips of a guild be shown that wait for a verdict, or will once they are made.

        Returns:
            The number of those, and of others that are left for somebody else: the moderator's own,
            those whose picture is in the review channel while Pika makes them, and all while
            clips are reviewed.
        """
        now = self.clock()

        def approve(tx: Transaction) -> tuple[int, int]:
            jobs, done = job_store.to_be_reviewed(tx, by.guild_id), 0
            # Not if it was switched on again since this was offered.
            is_off = guild_settings.get(tx, by.guild_id).review is Mode.OFF
            for job in jobs if is_off else ():
                if not is_own(authority, by.actor_id, job) and _approve(tx, by, job, now):
                    # Spread out: each has its question edited in the one channel.
                    if job.state is JobState.RENDERED:
                        job_store.revoke_lease(tx, job, now + done * Timeouts.REVIEWS_APART)
                    done += 1
            if done:
                after: AuditValues = {"approved": done}
                event = AuditEvent(
                    by.actor_id, AuditAction.APPROVE, AuditSubject.GUILD, 0, after=after
                )
                audit.record(tx, by.guild_id, event, now)
            return done, len(jobs) - done

        counts = await self.database.write(approve)
        self.abort_steps(())
        return counts

    async def refuse(self, press: ReviewPress) -> None:
        """Reject a clip, which is never shown.

        Raises:
            AlreadyDecidedError: Another moderator was first.
            ReviewClosedError: The clip waits for no verdict any more.
            OwnClipError: The moderator asked for it.
        """
        await self.database.write(
            lambda tx: self._decide(tx, press, Verdict.REJECTED, AuditAction.REFUSE)
        )
        self.abort_steps(())

    async def refuse_all(self, press: ReviewPress, *, in_the_making: bool) -> RefusedClips:
        """Reject all clips of the member that wait for a verdict.

        Args:
            press: Under any of them, which may be decided already.
            in_the_making: Cancel the member's other clips too.

        Raises:
            ReviewClosedError: No clip of theirs is left to refuse.
            OwnClipError: The moderator asked for them.
        """
        by = Actor(press.guild_id, press.actor_id)

        def refuse(tx: Transaction) -> RefusedClips:
            job = _find(tx, press)
            check_not_own(press.authority, press.actor_id, job)
            member_id = job.reply_to.member_id
            return refuse_all(tx, by, member_id, self.clock(), in_the_making=in_the_making)

        refused = await self.database.write(refuse)
        self.abort_steps(refused.revoked)
        if not refused.count:
            raise ReviewClosedError
        return refused

    async def refuse_and_block(
        self, press: ReviewPress, authority: BlockAuthority, reason: str
    ) -> RefusedClips:
        """Reject a clip, and block its member until somebody lifts that; they read the reason.

        Their other clips that were not shown yet are refused and cancelled too.

        Returns:
            Those others.

        Raises:
            AlreadyDecidedError: Another moderator was first.
            ReviewClosedError: The clip waits for no verdict any more.
            BlockError: The moderator may not block this member. Nothing is decided then.
            OwnClipError: The moderator asked for it.
        """
        by = Actor(press.guild_id, press.actor_id, reason)

        def reject(tx: Transaction) -> RefusedClips:
            job = self._decide(tx, press, Verdict.REJECTED, AuditAction.REFUSE)
            block = Block(job.reply_to.member_id, self.clock(), None, reason)
            put_block(tx, by, authority, block)
            return refuse_all(tx, by, block.member_id, block.since, in_the_making=True)

        refused = await self.database.write(reject)
        self.abort_steps(refused.revoked)
        return refused

    def _decide(
        self, tx: Transaction, press: ReviewPress, verdict: Verdict, action: AuditAction
    ) -> Job:
        job = _find(tx, press)
        check_not_own(press.authority, press.actor_id, job)
        review = reviews.get(tx, job.id)
        if review is not None and review.decision is not None:
            raise AlreadyDecidedError(review.decision)
        if job.cancelled_by is not None or not reviews.waits_for_review(tx, job):
            raise ReviewClosedError
        now = self.clock()
        if review is None:
            # The press came before the step that posted the message had recorded it.
            reviews.record_question(tx, job.id, press.message, now)
        reviews.record_verdict(tx, job.id, Decision(verdict, press.actor_id, now))
        after: AuditValues = {"member": job.reply_to.member_id, "reference": job.reference}
        event = AuditEvent(press.actor_id, action, AuditSubject.JOB, job.id, after=after)
        audit.record(tx, press.guild_id, event, now)
        # Due at once; a step that is posting the question again loses its claim.
        return job_store.revoke_lease(tx, job, now)


def _find(tx: Transaction, press: ReviewPress) -> Job:
    job = job_store.find_by_interaction(tx, press.interaction_id)
    if job is None or job.reply_to.guild_id != press.guild_id:
        raise ReviewClosedError
    return job


def _approve(tx: Transaction, by: Actor, job: Job, now: datetime) -> bool:
    if reviews.get(tx, job.id) is not None:
        reviews.record_verdict(tx, job.id, Decision(Verdict.APPROVED, by.actor_id, now))
        return True
    if job.picture_message_id is not None:
        return False
    # Nobody was asked about it yet, so there is no question for a verdict.
    job_store.skip_review(tx, job.id)
    return True


def _reach(tx: Transaction, guild_id: int, settings: GuildSettings, now: datetime) -> int:
    if settings.review is Mode.OFF:
        return 0
    is_for_all = settings.review is Mode.EVERYONE
    young = None if is_for_all else now - timedelta(days=settings.newcomer_days)
    return job_store.require_review(tx, guild_id, young, now)


def _audit_values(settings: GuildSettings) -> AuditValues:
    return {
        "mode": settings.review.value,
        "newcomer_days": settings.newcomer_days,
        "channel": settings.review_channel_id,
    }
