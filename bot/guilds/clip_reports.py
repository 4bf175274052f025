"""Members' reports of clips, as messages to a guild's log channel."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.base import to_ms, value
from bot.guilds import audit, guild_settings, log_messages
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.guilds.log_messages import LogMessage, LogMessageKind

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Transaction
    from bot.guilds.audit import AuditEntry

MOST_A_DAY: Final = 5
"""Reports of a member in a guild: nobody can flood its moderators."""


class ReportProblem(StrEnum):
    """Why a member may not report a clip."""

    NO_LOG_CHANNEL = "no_log_channel"
    """Moderators have named no channel for that."""
    REPORTED = "reported"
    """The same member reported it before."""
    TOO_MANY_REPORTS = "too_many_reports"


@value
class ReportedClip:
    """A clip, and who reports it: ids, of which `interaction` is that which asked for the clip."""

    guild: int
    channel: int
    message: int
    member: int
    job: int
    interaction: int
    reporter: int


@value
class ReportRef:
    """Which report a button is about: by ids, in a guild."""

    guild: int
    interaction: int
    reporter: int


@value
class Report:
    """A report as it was made, and what moderators have done about it since.

    Attributes:
        message: What the log channel is told of it.
        acts: About the clip and its member, the oldest first.
    """

    message: LogMessage
    acts: tuple[AuditEntry, ...]

    @property
    def job_id(self) -> int:
        """The clip's."""
        return int(self.message.data["job"])

    @property
    def member_id(self) -> int:
        """Whoever asked for the clip."""
        return int(self.message.data["member"])

    @property
    def posted_in(self) -> int | None:
        """The channel of its message; `None` if that is not posted yet, or by an old version."""
        channel = self.message.data.get("posted_in")
        return None if channel is None else int(channel)

    @property
    def posted_as(self) -> int:
        """The id of its message in that channel."""
        return int(self.message.data["posted_as"])

    @property
    def is_blocked(self) -> bool:
        """Whether the last that was done about the member since is a block."""
        kinds = AuditAction.BLOCK, AuditAction.UNBLOCK
        done = [it.event.action for it in self.acts if it.event.action in kinds]
        return done[-1:] == [AuditAction.BLOCK]

    @property
    def closed_by(self) -> AuditEntry | None:
        """The removal or the dismissal after which there is nothing more to decide."""
        closing = (AuditAction.REMOVE, AuditAction.DISMISS)
        return next((it for it in self.acts if it.event.action in closing), None)


def find(tx: Transaction, ref: ReportRef) -> Report | None:
    """Find a report; `None` if the database has none."""
    return _report(tx, log_messages.find(tx, ref.guild, _dedup_key(ref)))


def of_id(tx: Transaction, report_id: int) -> Report | None:
    """As `find`, by the id of its message in `log_messages`."""
    return _report(tx, log_messages.of_id(tx, report_id))


def _report(tx: Transaction, found: tuple[LogMessage, datetime] | None) -> Report | None:
    if found is None:
        return None
    message, reported_at = found
    guild, interaction, reporter = (
        int(message.data[it]) for it in ("guild", "interaction", "reporter")
    )
    ref = ReportRef(guild, interaction, reporter)
    job, member = (int(message.data[it]) for it in ("job", "member"))
    acts = audit.after_report(tx, ref.guild, job, member, reported_at)
    return Report(message, tuple(it for it in acts if _is_about(it, ref)))


def mark_posted(tx: Transaction, report_id: int, channel_id: int, message_id: int) -> None:
    """Record where a report is posted, to be edited later."""
    log_messages.add_data(tx, report_id, {"posted_in": channel_id, "posted_as": message_id})


def dismiss(tx: Transaction, ref: ReportRef, report: Report, actor_id: int, now: datetime) -> None:
    """Record that a moderator wants nothing done about a report."""
    about = {"member": report.member_id, "reporter": ref.reporter}
    kind = AuditAction.DISMISS, AuditSubject.JOB
    audit.record(tx, ref.guild, AuditEvent(actor_id, *kind, report.job_id, after=about), now)


def _is_about(act: AuditEntry, ref: ReportRef) -> bool:
    # The same clip may have been reported by others, each of whom is answered.
    after = act.event.after or {}
    return act.event.action is not AuditAction.DISMISS or after.get("reporter") == ref.reporter


def problem_of(tx: Transaction, clip: ReportedClip, now: datetime) -> ReportProblem | None:
    """Why a clip cannot be reported now, if it cannot."""
    if guild_settings.get(tx, clip.guild).log_channel_id is None:
        return ReportProblem.NO_LOG_CHANNEL
    if log_messages.is_known(tx, clip.guild, _dedup_key(clip)):
        return ReportProblem.REPORTED
    values = {"guild": clip.guild, "member": clip.reporter}
    (row,) = tx.all(_LATELY, {**values, "since": to_ms(now - timedelta(days=1))})
    return ReportProblem.TOO_MANY_REPORTS if row["reports"] >= MOST_A_DAY else None


def add(tx: Transaction, clip: ReportedClip, reason: str, now: datetime) -> None:
    """Have the log channel told of a report, unless the same member made it before."""
    data = {**asdict(clip), "reason": reason}
    message = LogMessage(_dedup_key(clip), LogMessageKind.CLIP_REPORTED, data)
    log_messages.add(tx, clip.guild, message, now)


_LATELY: Final = """
    SELECT count(*) AS reports FROM log_messages
    WHERE guild_id = :guild AND kind = 'clip_reported' AND created_at > :since
    AND json_extract(data_json, '$.reporter') = :member
"""


def _dedup_key(clip: ReportedClip | ReportRef) -> str:
    return f"{LogMessageKind.CLIP_REPORTED}-{clip.interaction}-{clip.reporter}"
