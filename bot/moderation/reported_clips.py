"""What moderators do about reports of clips, besides removing them and blocking their members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.base import service
from bot.guilds import audit, clip_reports
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.jobs import job_store
from bot.moderation import blocks
from bot.moderation.authority import check_reach
from bot.moderation.errors import ReportClosedError

if TYPE_CHECKING:
    from bot.base import Clock, Database, Transaction
    from bot.guilds.audit import Actor
    from bot.guilds.clip_reports import Report, ReportRef
    from bot.moderation.authority import ClipAuthority


@dataclass(frozen=True, slots=True)
class ReportState:
    """A report, and what is left to decide.

    Attributes:
        is_shown: Whether the clip is there to be removed.
        is_blocked: Whether its member is blocked.
    """

    report: Report
    is_shown: bool
    is_blocked: bool


@service
class ReportedClips:
    """Reads and closes the reports of any guild."""

    database: Database
    clock: Clock

    async def state(self, ref: ReportRef) -> ReportState:
        """Find a report.

        Raises:
            ReportClosedError: It is not known.
        """
        return await self.database.read(lambda tx: self._state(tx, ref))

    async def check(self, ref: ReportRef, authority: ClipAuthority) -> Report:
        """Find a report of a clip about which a moderator has a say.

        Raises:
            ReportClosedError: It is not known.
            ClipError: The clip is out of reach.
        """

        def check(tx: Transaction) -> Report:
            report = _found(tx, ref)
            check_reach(authority, job_store.get(tx, report.job_id))
            return report

        return await self.database.read(check)

    async def dismiss(self, by: Actor, authority: ClipAuthority, ref: ReportRef) -> None:
        """Decide that nothing is to be done about a clip.

        Raises:
            ReportClosedError: It is not known, or somebody was first.
            ClipError: The clip is out of reach.
        """
        now = self.clock()

        def dismiss(tx: Transaction) -> None:
            report = _found(tx, ref)
            check_reach(authority, job_store.get(tx, report.job_id))
            if report.closed_by is not None:
                raise ReportClosedError(report.closed_by)
            event = AuditEvent(
                *(by.actor_id, AuditAction.DISMISS, AuditSubject.JOB, report.job_id),
                after={"member": report.member_id, "reporter": ref.reporter},
                reason=by.reason,
            )
            audit.record(tx, by.guild_id, event, now)

        await self.database.write(dismiss)

    def _state(self, tx: Transaction, ref: ReportRef) -> ReportState:
        report = _found(tx, ref)
        block = blocks.get(tx, ref.guild, report.member_id, self.clock())
        return ReportState(report, job_store.is_shown(tx, report.job_id), block is not None)


def _found(tx: Transaction, ref: ReportRef) -> Report:
    report = clip_reports.find(tx, ref)
    if report is None:
        raise ReportClosedError(None)
    return report
