"""All clips of a member refused at once: what waits for a verdict, and what is in the making."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import Timeouts, value
from bot.guilds import audit
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.jobs import job_store, reviews
from bot.jobs.cancel_step import cancel_job
from bot.jobs.reviews import Decision, Verdict
from bot.moderation import clip_details

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Transaction
    from bot.guilds.audit import Actor


@value
class RefusedClips:
    """Clips of a member that were refused together.

    Attributes:
        rejected: The number of those that waited for a verdict.
        cancelled: The number of others that were cancelled.
        saved_micro_usd: What the server does not pay, of those that Pika was not asked for.
        left: The number of others that go on.
        revoked: The ids of jobs whose leases were revoked in the making.
    """

    member_id: int
    rejected: int
    cancelled: int
    saved_micro_usd: int
    left: int
    revoked: tuple[int, ...]

    @property
    def count(self) -> int:
        """The number of clips that will not be shown."""
        return self.rejected + self.cancelled


def refuse_all(
    tx: Transaction, by: Actor, member_id: int, now: datetime, *, in_the_making: bool
) -> RefusedClips:
    """Refuse a member's clips that wait for a verdict, with one audit event; none if none do.

    Args:
        tx: Writes.
        by: The moderator.
        member_id: The member.
        now: When.
        in_the_making: Cancel the member's other clips in progress too.
    """
    # What another moderator approved or cancelled stays as it was decided.
    clips = [
        clip
        for clip in clip_details.in_progress(tx, by.guild_id)
        if clip.job.reply_to.member_id == member_id
        and clip.job.cancelled_by is None
        and clip.decision is None
    ]
    waiting = [clip.job for clip in clips if clip.in_review]
    making = [clip.job for clip in clips if not clip.in_review]
    revoked: list[int] = []
    for number, job in enumerate(waiting):
        if reviews.get(tx, job.id) is None:
            # Nobody was asked about it yet, so there is no question for a verdict.
            if cancel_job(tx, job, by.actor_id, by.reason, now):
                revoked.append(job.id)
            continue
        reviews.record_verdict(tx, job.id, Decision(Verdict.REJECTED, by.actor_id, now))
        # Spread out: each has its question edited in the one channel.
        job_store.revoke_lease(tx, job, now + number * Timeouts.REVIEWS_APART)
    left = [] if in_the_making else making
    cancelled = making if in_the_making else []
    saved = sum(it.price_micro_usd for it in cancelled if it.is_unordered)
    revoked += [it.id for it in cancelled if cancel_job(tx, it, by.actor_id, by.reason, now)]
    done = RefusedClips(member_id, len(waiting), len(cancelled), saved, len(left), tuple(revoked))
    if done.count:
        audit.record(tx, by.guild_id, _event(by, done), now)
    return done


def _event(by: Actor, done: RefusedClips) -> AuditEvent:
    after = {
        "refused": done.rejected,
        "cancelled": done.cancelled,
        "saved": done.saved_micro_usd,
    }
    action, subject = AuditAction.REFUSE, AuditSubject.MEMBER
    return AuditEvent(by.actor_id, action, subject, done.member_id, after=after, reason=by.reason)
