"""What moderators do with clips: list, look up, cancel and remove them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import ChannelUnreachableError, DeliveryError, service, to_ms, value
from bot.guilds import audit
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.jobs import job_store
from bot.jobs.cancel_step import cancel_job
from bot.jobs.job import IN_PROGRESS, NO_MESSAGE, JobState
from bot.moderation import clip_details, remembered_pictures
from bot.moderation.authority import check_not_own, check_reach
from bot.moderation.clip_details import ClipEvidence, ClipRef
from bot.moderation.clip_selection import total_micro_usd
from bot.moderation.errors import ClipError, ClipProblem, NothingSelectedError
from bot.quota import ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from bot.base import Clock, Database, Transaction
    from bot.guilds.audit import Actor, AuditValues
    from bot.jobs.delivery import Delivery
    from bot.jobs.job import Job, MemberHistory
    from bot.jobs.picture_files import PictureFiles
    from bot.moderation.authority import ClipAuthority
    from bot.moderation.clip_details import ClipDetails
    from bot.moderation.clip_selection import ClipSelection, SelectedClips


@value
class Removal:
    """How a clip is removed.

    Attributes:
        refund: Whether its member gets the cost back; the server, which paid Pika, gets nothing.
        remember: Whether its picture is refused from now on.
    """

    refund: bool
    remember: bool = False


@value
class RemovedClip:
    """A clip that was removed, as it is since then.

    Attributes:
        is_told: Whether its member was told in private; `None` if they removed it themselves.
    """

    job: Job
    choice: Removal
    is_told: bool | None


def select_clips(
    tx: Transaction, by: Actor, authority: ClipAuthority, selection: ClipSelection
) -> SelectedClips:
    """Find the clips of the guild that a moderator would cancel together."""
    jobs = (clip.job for clip in clip_details.in_progress(tx, by.guild_id))
    return selection.pick(jobs, authority, by.actor_id)


def cancel_selected(
    tx: Transaction, by: Actor, authority: ClipAuthority, selection: ClipSelection, now: datetime
) -> tuple[SelectedClips, list[int]]:
    """Cancel the clips that are selected now, with one audit event; none if there are no clips.

    Returns:
        The clips as they were before, and the ids of jobs whose leases were revoked.
    """
    selected = select_clips(tx, by, authority, selection)
    if selected.jobs:
        audit.record(tx, by.guild_id, _summed_event(by, selection, selected), now)
    # The event leads to each of them by who cancelled them and when.
    revoked = [job.id for job in selected.jobs if cancel_job(tx, job, by.actor_id, by.reason, now)]
    return selected, revoked


@service
class ClipService:
    """Acts on the clips of any guild.

    Attributes:
        abort_steps: Called after each cancel, with the ids of jobs whose leases were revoked.
    """

    database: Database
    delivery: Delivery
    pictures: PictureFiles
    clock: Clock
    abort_steps: Callable[[Collection[int]], None]

    async def in_progress(self, guild_id: int) -> list[ClipDetails]:
        """The jobs of a guild that may still become clips, the oldest first."""
        return await self.database.read(lambda tx: clip_details.in_progress(tx, guild_id))

    async def recent(self, guild_id: int, most: int = 500) -> list[ClipDetails]:
        """The latest `most` clips of a guild that are still shown, the newest first."""
        return await self.database.read(lambda tx: clip_details.recent(tx, guild_id, most))

    async def evidence(self, guild_id: int, authority: ClipAuthority, ref: ClipRef) -> ClipEvidence:
        """Find a clip, and the picture that it was made of.

        Raises:
            ClipError: The guild has no such clip, or it is out of reach.
        """

        def find(tx: Transaction) -> tuple[ClipDetails, MemberHistory]:
            clip = clip_details.find(tx, guild_id, ref)
            check_reach(authority, clip.job)
            return clip, job_store.history_before(tx, clip.job)

        clip, history = await self.database.read(find)
        picture = await self.pictures.kept_picture(clip.job.picture_file)
        return ClipEvidence(clip, history, picture)

    async def cancel(self, by: Actor, authority: ClipAuthority, job_id: int) -> Job:
        """Cancel a job. Its member pays nothing, whether or not Pika can still stop.

        Returns:
            The job as it was before.

        Raises:
            ClipError: The job is unknown, out of reach, at its end, or cancelled already.
            OwnClipError: It is the moderator's own, and the server may have to pay for it.
        """

        def cancel(tx: Transaction) -> tuple[Job, bool]:
            job = clip_details.find(tx, by.guild_id, ClipRef(job_id)).job
            check_reach(authority, job)
            if job.state not in IN_PROGRESS:
                raise ClipError(ClipProblem.OVER, job.id)
            if job.cancelled_by is not None:
                raise ClipError(ClipProblem.CANCELLED, job.id)
            # Once Pika has it, a cancel is a refund that the server pays for.
            if not job.is_unordered:
                check_not_own(authority, by.actor_id, job)
            now, before = self.clock(), {"state": job.state.value}
            after: AuditValues = {
                "state": JobState.CANCELLED.value,
                "member": job.reply_to.member_id,
            }
            audit.record(tx, by.guild_id, _event(by, AuditAction.CANCEL, job, before, after), now)
            return job, cancel_job(tx, job, by.actor_id, by.reason, now)

        job, is_revoked = await self.database.write(cancel)
        # Also with none: it wakes the worker, for the job's next step is due.
        self.abort_steps([job.id] if is_revoked else [])
        return job

    async def preview_cancel(
        self, by: Actor, authority: ClipAuthority, selection: ClipSelection
    ) -> SelectedClips:
        """The clips that `cancel_several` would cancel now.

        Raises:
            NothingSelectedError: There are none.
        """
        return _checked(
            await self.database.read(lambda tx: select_clips(tx, by, authority, selection))
        )

    async def cancel_several(
        self, by: Actor, authority: ClipAuthority, selection: ClipSelection
    ) -> SelectedClips:
        """Cancel all selected clips in one transaction. Their members pay nothing.

        Returns:
            The clips as they were before.

        Raises:
            NothingSelectedError: There are none.
        """
        now = self.clock()
        selected, revoked = await self.database.write(
            lambda tx: cancel_selected(tx, by, authority, selection, now)
        )
        self.abort_steps(revoked)
        return _checked(selected)

    async def check_removable(self, guild_id: int, ref: ClipRef) -> ClipDetails:
        """Find a clip that can be removed.

        Raises:
            ClipError: The clip is unknown, not shown yet, or removed already.
        """
        return await self.database.read(lambda tx: _removable(tx, guild_id, ref))

    async def remove(
        self, by: Actor, authority: ClipAuthority, ref: ClipRef, choice: Removal
    ) -> RemovedClip:
        """Delete the messages of a clip, record who did, and tell its member.

        Raises:
            ClipError: As `check_removable`; or out of reach, or the message cannot be deleted.
            OwnClipError: The moderator would refund themselves.
            RememberError: Its picture cannot be remembered, and that is asked for.
        """

        def check(tx: Transaction) -> ClipDetails:
            clip = _removable(tx, by.guild_id, ref)
            check_reach(authority, clip.job)
            if choice.refund:
                check_not_own(authority, by.actor_id, clip.job)
            if choice.remember:
                remembered_pictures.check(tx, clip.job)
            return clip

        clip = await self.database.read(check)
        # The message first: after a crash in between, the command can be given again.
        await self._delete_message(clip.job)
        now, job_id = self.clock(), clip.job.id

        def mark(tx: Transaction) -> tuple[Job, list[str]]:
            # Again: another moderator may have removed it meanwhile, and refunded it.
            job = _removable(tx, by.guild_id, ClipRef(job_id)).job
            posters = job_store.mark_removed(tx, job_id, by.actor_id, by.reason, now)
            if choice.refund:
                ledger.credit(tx, job_id, by.actor_id, now)
            after: AuditValues = {"member": job.reply_to.member_id, "refund": choice.refund}
            audit.record(tx, by.guild_id, _event(by, AuditAction.REMOVE, job, None, after), now)
            if choice.remember:
                remembered_pictures.remember(tx, by, job, now)
            return job_store.get(tx, job_id), posters

        job, posters = await self.database.write(mark)
        self.pictures.lost_rows(posters)
        if job.reply_to.member_id == by.actor_id:
            return RemovedClip(job, choice, is_told=None)
        # Not tried again after a crash: `/usage` has it too.
        is_told = await self.delivery.tell_removed(job, refunded=choice.refund)
        return RemovedClip(job, choice, is_told)

    async def record_hiding(self, by: Actor, job: Job, is_hidden: bool) -> None:  # noqa: FBT001 - a fact
        """Record that a moderator put a clip behind a spoiler, or back."""
        after: AuditValues = {"member": job.reply_to.member_id, "hidden": is_hidden}
        event = _event(by, AuditAction.HIDE, job, None, after)
        await self.database.write(lambda tx: audit.record(tx, by.guild_id, event, self.clock()))

    async def _delete_message(self, job: Job) -> None:
        try:
            await self.delivery.remove_clip(job)
        except ChannelUnreachableError as error:
            raise ClipError(ClipProblem.OUT_OF_REACH, job.id) from error
        except DeliveryError as error:
            raise ClipError(ClipProblem.NOT_DELETED, job.id) from error


def _checked(selected: SelectedClips) -> SelectedClips:
    if not selected.jobs:
        raise NothingSelectedError(selected.own, selected.elsewhere)
    return selected


def _removable(tx: Transaction, guild_id: int, ref: ClipRef) -> ClipDetails:
    clip = clip_details.find(tx, guild_id, ref)
    if clip.job.state in IN_PROGRESS:
        raise ClipError(ClipProblem.IN_PROGRESS, clip.job.id)
    if clip.job.state is not JobState.DELIVERED:
        raise ClipError(ClipProblem.NEVER_SHOWN, clip.job.id)
    if clip.removed_at is not None:
        raise ClipError(ClipProblem.REMOVED, clip.job.id)
    if clip.job.reply_to.message_id == NO_MESSAGE:
        raise ClipError(ClipProblem.ERASED, clip.job.id)
    return clip


def _event(
    by: Actor, action: AuditAction, job: Job, before: AuditValues | None, after: AuditValues
) -> AuditEvent:
    subject = AuditSubject.JOB
    return AuditEvent(by.actor_id, action, subject, job.id, before, after, by.reason)


def _summed_event(by: Actor, selection: ClipSelection, selected: SelectedClips) -> AuditEvent:
    waiting = len(selected.waiting)
    before: AuditValues = {"waiting": waiting, "at_pika": len(selected.jobs) - waiting}
    after: AuditValues = {
        "cancelled": len(selected.jobs),
        "members": selected.members,
        "saved": total_micro_usd(selected.waiting),
    }
    if selection.asked_since is not None:
        after = {**after, "asked_since": to_ms(selection.asked_since)}
    member_id = selection.member_id
    subject = AuditSubject.GUILD if member_id is None else AuditSubject.MEMBER
    action = AuditAction.CANCEL
    return AuditEvent(by.actor_id, action, subject, member_id or 0, before, after, by.reason)
