"""The record of what moderators did: only ever added to, in the transaction of the act itself.

Reads `jobs` too, a table of a higher room, to find the events about a member's clips.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bot.base import from_ms, to_ms, value
from bot.guilds import moderation_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bot.base import SqlRow, SqlValue, Transaction

OWNERS_LOG: Final = 0
"""In place of a guild's id: what the owner of the application did, over all guilds."""

AuditValues: TypeAlias = "Mapping[str, int | str | bool | None]"
"""Plain values by name. No prompt and no picture: what is written here is never deleted."""


class AuditAction(StrEnum):
    """The kind of a moderator's act. `cogs` words it."""

    # Stored: a trigger forbids to change old rows, so these keep their spelling.
    LIMIT = "limit"
    UNLIMIT = "unlimit"
    EXEMPT = "exempt"
    BUDGET = "budget"
    GRANT = "grant"
    RESET = "reset"
    BLOCK = "block"
    UNBLOCK = "unblock"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    REMOVE = "remove"
    HIDE = "hide"
    REVIEW = "review"
    APPROVE = "approve"
    REFUSE = "refuse"
    WORDS = "words"
    CHANNELS = "channels"
    PICTURES = "pictures"
    SETTINGS = "settings"
    DOUBT = "doubt"
    DISMISS = "dismiss"


class AuditSubject(StrEnum):
    """The kind of thing that an event is about. Stored."""

    MEMBER = "member"
    ROLE = "role"
    EVERYONE = "everyone"
    GUILD = "guild"
    CHANNEL = "channel"
    JOB = "job"


@value
class Actor:
    """The moderator who decides, where, and why; the reason may be empty."""

    guild_id: int
    actor_id: int
    reason: str = ""


@value
class AuditEvent:
    """A moderator's act.

    Attributes:
        subject_id: 0 for everyone and for the guild as such.
        before: The values that the act replaced, `None` if there were none.
        after: The values since then, `None` if there are none.
    """

    actor_id: int
    action: AuditAction
    subject_kind: AuditSubject
    subject_id: int = 0
    before: AuditValues | None = None
    after: AuditValues | None = None
    reason: str = ""


@value
class AuditEntry:
    """An event as recorded."""

    id: int
    at: datetime
    event: AuditEvent


def record(tx: Transaction, guild_id: int, event: AuditEvent, now: datetime) -> None:
    """Add an event to the log, and have the guild's log channel told of it."""
    entry_id = tx.insert(
        "audit",
        {
            "guild_id": guild_id,
            "done_at": to_ms(now),
            "actor_id": event.actor_id,
            "action": event.action.value,
            "subject_kind": event.subject_kind.value,
            "subject_id": event.subject_id,
            "before_json": _to_json(event.before),
            "after_json": _to_json(event.after),
            "reason": event.reason,
        },
    )
    # Whoever ends the telling is told of last.
    ends_it = "log_acts" in (event.after or {})
    moderation_log.add(tx, guild_id, entry_id, now, even_if_off=ends_it)
    if event.action in _OF_REPORTS:
        job_id = event.subject_id if event.subject_kind is AuditSubject.JOB else 0
        moderation_log.update_reports(
            tx, guild_id, now, job_id=job_id, member_ids=_members_of(event)
        )


def _members_of(event: AuditEvent) -> list[int]:
    if event.subject_kind is AuditSubject.MEMBER:
        return [event.subject_id]
    return [int(it) for it in str((event.after or {}).get("member_ids") or "").split()]


@value
class AuditFilter:
    """Which events to look for; `None` is any.

    Attributes:
        actor_id: Who did it.
        about_id: A member or role that the event is about, or a member whose clip it is about.
    """

    actor_id: int | None = None
    about_id: int | None = None
    action: AuditAction | None = None

    def where(self) -> str:
        """The condition in SQL; `values` has its parameters."""
        found = ["guild_id = :guild"]
        if self.actor_id is not None:
            found.append("actor_id = :actor")
        if self.about_id is not None:
            found.append(f"({_ABOUT_PERSON} OR {_ABOUT_SEVERAL} OR {_ABOUT_CLIP})")
        if self.action is not None:
            found.append("action = :action")
        return " AND ".join(found)

    def values(self, guild_id: int) -> dict[str, SqlValue]:
        """The parameters of the condition, by name."""
        return {
            "guild": guild_id,
            "actor": self.actor_id,
            "about": self.about_id,
            "action": self.action,
        }


_ABOUT_PERSON: Final = (
    f"(subject_id = :about AND subject_kind IN ('{AuditSubject.MEMBER}', '{AuditSubject.ROLE}'))"
)
# One event about all members who were blocked or unblocked together; their ids are in one text.
_ABOUT_SEVERAL: Final = (
    f"(subject_kind = '{AuditSubject.GUILD}' AND"
    f" action IN ('{AuditAction.BLOCK}', '{AuditAction.UNBLOCK}') AND"
    " instr(' ' || json_extract(after_json, '$.member_ids') || ' ', ' ' || :about || ' '))"
)
_ABOUT_CLIP: Final = (
    f"(subject_kind = '{AuditSubject.JOB}' AND EXISTS (SELECT 1 FROM jobs"
    " WHERE id = subject_id AND jobs.guild_id = :guild AND member_id = :about)"
    # One event about all clips that were cancelled, or approved, together.
    f" OR action = '{AuditAction.CANCEL}' AND EXISTS (SELECT 1 FROM jobs"
    " WHERE jobs.guild_id = :guild AND member_id = :about"
    " AND cancelled_at = done_at AND cancelled_by = audit.actor_id)"
    f" OR action = '{AuditAction.APPROVE}' AND subject_kind = '{AuditSubject.GUILD}'"
    " AND EXISTS (SELECT 1 FROM jobs JOIN reviews ON job_id = jobs.id"
    " WHERE jobs.guild_id = :guild AND member_id = :about"
    " AND decided_at = done_at AND reviews.actor_id = audit.actor_id))"
)


def page(
    tx: Transaction, guild_id: int, search: AuditFilter, *, size: int, skip: int = 0
) -> list[AuditEntry]:
    """At most `size` events, the newest first, without the `skip` newest."""
    rows = tx.all(
        f"SELECT * FROM audit WHERE {search.where()} ORDER BY id DESC LIMIT :size OFFSET :skip",
        {**search.values(guild_id), "size": size, "skip": skip},
    )
    return [_entry(row) for row in rows]


def count(tx: Transaction, guild_id: int, search: AuditFilter) -> int:
    """How many events the guild has that the filter lets through."""
    sql = f"SELECT count(*) FROM audit WHERE {search.where()}"
    return int(tx.all(sql, search.values(guild_id))[0][0])


def of_ids(tx: Transaction, entry_ids: Iterable[int]) -> list[AuditEntry]:
    """The events with these ids, the oldest first."""
    rows = tx.all(
        "SELECT * FROM audit WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY id",
        {"ids": json.dumps(list(entry_ids))},
    )
    return [_entry(row) for row in rows]


def after_report(
    tx: Transaction, guild_id: int, job_id: int, member_id: int, since: datetime
) -> list[AuditEntry]:
    """What was done about a reported clip and its member since, the oldest first."""
    rows = tx.all(
        _AFTER_REPORT,
        {"guild": guild_id, "job": job_id, "about": member_id, "since": to_ms(since)},
    )
    return [_entry(row) for row in rows]


# What changes reports: a dismissal is of one alone, which says so, and whatever removes a clip has
# its reports updated, as its member may do so too, whose acts are not recorded.
_OF_REPORTS: Final = frozenset({AuditAction.PICTURES, AuditAction.BLOCK, AuditAction.UNBLOCK})
_IN_REPORTS: Final = sorted({*_OF_REPORTS, AuditAction.REMOVE, AuditAction.DISMISS})
# Ordered by `id` alone, SQLite would read all acts of the guild instead of those of a kind.
_AFTER_REPORT: Final = f"""
    SELECT * FROM audit WHERE guild_id = :guild AND done_at >= :since
    AND action IN ({", ".join(f"'{it}'" for it in _IN_REPORTS)})
    AND (subject_kind = 'job' AND subject_id = :job
        OR subject_kind = 'member' AND subject_id = :about OR {_ABOUT_SEVERAL})
    ORDER BY +id
"""


def _to_json(values: AuditValues | None) -> str | None:
    return None if values is None else json.dumps(dict(values), ensure_ascii=False)


def _from_json(text: str | None) -> AuditValues | None:
    values: dict[str, Any] | None = None if text is None else json.loads(text)
    return values


def _entry(row: SqlRow) -> AuditEntry:
    event = AuditEvent(
        actor_id=row["actor_id"],
        action=AuditAction(row["action"]),
        subject_kind=AuditSubject(row["subject_kind"]),
        subject_id=row["subject_id"],
        before=_from_json(row["before_json"]),
        after=_from_json(row["after_json"]),
        reason=row["reason"],
    )
    return AuditEntry(row["id"], from_ms(row["done_at"]), event)
