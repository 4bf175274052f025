"""Steps, as in `bot.jobs.workflow`, of jobs whose clips are not to be shown.

What was cancelled: a queued job ends at once and costs nothing. A paid request on its way is left
alone. A render is stopped if Pika can; if it is billed all the same, the server pays, and so does
the member who cancelled it, but not one whose clip a moderator did.

What Discord says right before an order, and right before a clip is shown: a moderator has deleted
its message, or its member is gone. Where Discord gives no answer, clips go on: it may be silent for
hours, and nobody did anything wrong.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.base import (
    BotError,
    ChannelUnreachableError,
    DeliveryError,
    FileTooLargeError,
    MessageDeletedError,
    MessageRefusedError,
    Timeouts,
    UnreadableVideoError,
    service,
    to_ms,
)
from bot.guilds import audit, guild_settings
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.jobs import job_store, reviews
from bot.jobs.job import JobState, ticket_of
from bot.jobs.transitions import BOT_ACTOR_ID, CONSENT_ACTOR_ID, Bill, bill_of, end_without_clip
from pika import Done, Failed, NoCreditError, Pending, PikaError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable
    from datetime import datetime

    from bot.base import Clock, Transaction
    from bot.guilds.audit import AuditValues
    from bot.jobs.breaker import Breaker
    from bot.jobs.delivery import Delivery
    from bot.jobs.job import Job
    from bot.jobs.transitions import Transitions
    from pika import Pika, Status

log = logging.getLogger(__name__)

_UNAUTHORIZED: Final = 401


def cancel_job(tx: Transaction, job: Job, actor_id: int, reason: str, now: datetime) -> bool:
    """Cancel an open job: a queued one ends here, any other in its next steps.

    Returns:
        Whether its lease was revoked, so that `Worker.abort_steps` has to stop its step.
    """
    job_store.set_cancelled_by(tx, job.id, actor_id, reason, now)
    # A step is aborted that sends nothing which is paid or stays shown, but for a picture, which
    # `Workflow` goes on showing, to have it taken off: not while an order may be on its way, whose
    # answer says whether Pika bills, nor while a clip is being shown, since only that step knows in
    # which message it is.
    end_due = job_store.due_at_earliest(tx, job, now)
    is_revocable = job.is_unordered or job.state is JobState.RENDERING
    is_revoked = is_revocable or reviews.waits_for_review(tx, job)
    if is_revoked:
        job = job_store.revoke_lease(tx, job, now)
    if job.state is JobState.QUEUED:
        end_without_clip(tx, job, JobState.CANCELLED, Bill.NONE, now, due_at=to_ms(end_due))
    return is_revoked


def cancel_without_consent(tx: Transaction, job_ids: Iterable[int], now: datetime) -> list[int]:
    """Cancel open jobs whose pictures' owner wants no clip; return whose leases were revoked."""
    jobs = [job_store.get(tx, it) for it in job_ids]
    return [it.id for it in jobs if cancel_job(tx, it, CONSENT_ACTOR_ID, "", now)]


class Unheard(Pending):
    """Pika did not answer: the render is taken to go on as before."""


async def check_render(pika: Pika, breaker: Breaker, job: Job) -> Status:
    """Ask Pika for the status of a job's render; an error reads as `Unheard`."""
    try:
        status = await pika.check(ticket_of(job))
    except PikaError as error:
        # A 403 may be about this job alone, ordered under an earlier key.
        if isinstance(error, NoCreditError) or error.http_status == _UNAUTHORIZED:
            breaker.trip(job.provider, error)
        # A check that failed says nothing of the render, which is paid: only `Timeouts.render`
        # ends a job that is not heard of.
        log.warning("job %d ref %s: check failed: %r", job.id, job.reference, error)
        return Unheard(started=True, retry_after=error.retry_after)
    if isinstance(status, Failed):
        breaker.trip(job.provider, status.error)
    return status


@service
class CancelStep:
    """Steps cancelled jobs, and ends those whose clips nobody but moderators may see."""

    pika: Pika
    breaker: Breaker
    delivery: Delivery
    transitions: Transitions
    clock: Clock
    timeouts: Timeouts

    async def step(self, job: Job) -> None:
        """Bring a cancelled job closer to its end, unless its order may be on its way."""
        if job.state is JobState.RENDERING:
            await self._stop(job)
        else:
            rendered = job.state is JobState.RENDERED
            await self.transitions.end_cancelled(job, Bill.CERTAIN if rendered else Bill.NONE)

    async def ask_pika(self, job: Job) -> None:
        """Ask Pika to stop rendering; only a check tells what comes of it."""
        try:
            outcome = await self.pika.cancel(ticket_of(job))
        except PikaError as error:
            log.warning("job %d ref %s: not cancelled: %r", job.id, job.reference, error)
        else:
            log.info("job %d ref %s: cancellation %s", job.id, job.reference, outcome)

    async def _stop(self, job: Job) -> None:
        # Before the calls, in which the machine's clock may be set.
        elapsed = self.clock() - (job.submitted_at or job.created_at)
        await self.ask_pika(job)
        # Asked after the cancel and not read from its answer: only the status has the bill. Its
        # end is awaited also where Pika cannot stop it, for what fails by itself is not billed.
        match await check_render(self.pika, self.breaker, job):
            case Done(charge_micro_usd=charge):
                await self.transitions.end_cancelled(job, Bill.CERTAIN, charge_micro_usd=charge)
            case Failed(charge_micro_usd=charge) as failed:
                bill = bill_of(failed)
                await self.transitions.end_cancelled(job, bill, charge_micro_usd=charge)
            case Pending() if elapsed > self.timeouts.render:
                await self.transitions.end_cancelled(job, Bill.IN_DOUBT)
            case Pending(retry_after=retry_after):
                usual = max(Timeouts.CANCEL_CHECK_SECONDS, elapsed.total_seconds() / 10)
                seconds = max(usual * self.timeouts.gap_scale, retry_after or 0.0)
                pause = timedelta(seconds=seconds)
                await self.transitions.move_to(job, JobState.RENDERING, due_in=pause)

    async def may_order(self, job: Job) -> bool:
        """Whether a queued job may be ordered; if not, it has ended and cost nothing."""
        checks = self.delivery.check_message(job), self.delivery.check_member(job)
        deleted, gone = await asyncio.gather(*(_refusal(job, check) for check in checks))
        if deleted is not None:
            await self.cancel_deleted(job)
        elif gone is not None:
            await self.transitions.fail(job, gone)
        return deleted is None and gone is None

    async def may_show(self, job: Job) -> bool:
        """Whether a rendered job's clip may be shown; if not, the job has taken another step."""
        gone = await _refusal(job, self.delivery.check_member(job))
        if gone is not None:
            await self.withhold(job, gone)
        return gone is None

    async def cancel_deleted(self, job: Job) -> None:
        """Cancel a queued job whose status message a moderator deleted.

        Raises:
            LeaseLostError: Another step has claimed it, or a moderator cancelled it.
        """
        now, guild_id = self.clock(), job.reply_to.guild_id
        before: AuditValues = {"state": job.state.value}
        after: AuditValues = {"state": JobState.CANCELLED.value, "member": job.reply_to.member_id}
        event = AuditEvent(
            BOT_ACTOR_ID, AuditAction.CANCEL, AuditSubject.JOB, job.id, before, after, _DELETED
        )

        def cancel(tx: Transaction) -> None:
            claimed = job_store.change_state(tx, job, job.state, now)
            audit.record(tx, guild_id, event, now)
            cancel_job(tx, claimed, BOT_ACTOR_ID, "", now)

        await self.transitions.database.write(cancel)
        self.transitions.wake_log_sender()

    async def withhold(self, job: Job, error: BotError) -> None:
        """Show a rendered job's clip in the log channel alone, and end it for this reason."""
        try:
            await self._show_moderators(job, error)
        except (ChannelUnreachableError, MessageRefusedError) as closed:
            log.warning("job %d ref %s: no log channel: %r", job.id, job.reference, closed)
        except DeliveryError as later:
            await self.transitions.retry(job, later)
            return
        await self.transitions.fail(job, error)

    async def _show_moderators(self, job: Job, why: BotError) -> None:
        settings = await self.transitions.database.read(
            lambda tx: guild_settings.get(tx, job.reply_to.guild_id)
        )
        channel_id = settings.log_channel_id
        if channel_id is None:
            return
        try:
            clip = await self.transitions.video_files.fitting_file(job)
            await self.delivery.show_withheld(job, why, clip, channel_id)
        except (
            UnreadableVideoError,
            FileTooLargeError,
            ChannelUnreachableError,
            MessageRefusedError,
        ) as error:
            # The bot may be allowed to write there, and not to attach files, or not this one.
            log.info("job %d: its clip is not shown to moderators: %r", job.id, error)
            await self.delivery.show_withheld(job, why, None, channel_id)


# Who did it is in Discord's own audit log alone, which the bot may not read.
_DELETED: Final = "its message was deleted"


async def _refusal(job: Job, check: Awaitable[None]) -> BotError | None:
    """What a check has raised of the job, if it did; `None` where Discord does not say."""
    try:
        async with asyncio.timeout(Timeouts.PROGRESS_SECONDS):
            await check
    except MessageDeletedError as deleted:
        return deleted
    except (DeliveryError, TimeoutError) as error:
        log.info("job %d: Discord did not say: %r", job.id, error)
    except BotError as gone:
        return gone
    return None
