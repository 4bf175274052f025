"""What moderators do about reports of clips, besides removing them and blocking their members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import service, value
from bot.guilds import clip_reports
from bot.jobs import job_store
from bot.moderation.authority import check_reach
from bot.moderation.errors import ReportClosedError

if TYPE_CHECKING:
    from bot.base import Clock, Database, Transaction
    from bot.guilds.clip_reports import Report, ReportRef
    from bot.moderation.authority import ClipAuthority


@value
class ReportState:
    """A report, and whether its clip is there to be removed."""

    report: Report
    is_shown: bool


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

        def read(tx: Transaction) -> ReportState:
            return _state(tx, _found(tx, ref))

        return await self.database.read(read)

    async def of_id(self, report_id: int) -> ReportState | None:
        """Find a report by the id of its message in `log_messages`; `None` if it is forgotten."""

        def read(tx: Transaction) -> ReportState | None:
            report = clip_reports.of_id(tx, report_id)
            return None if report is None else _state(tx, report)

        return await self.database.read(read)

    async def mark_posted(self, report_id: int, channel_id: int, message_id: int) -> None:
        """Record where a report is posted."""
        await self.database.write(
            lambda tx: clip_reports.mark_posted(tx, report_id, channel_id, message_id)
        )

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

    async def dismiss(self, actor_id: int, authority: ClipAuthority, ref: ReportRef) -> None:
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
            clip_reports.dismiss(tx, ref, report, actor_id, now)

        await self.database.write(dismiss)


def _state(tx: Transaction, report: Report) -> ReportState:
    return ReportState(report, job_store.is_shown(tx, report.job_id))


def _found(tx: Transaction, ref: ReportRef) -> Report:
    report = clip_reports.find(tx, ref)
    if report is None:
        raise ReportClosedError(None)
    return report
