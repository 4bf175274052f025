"""The record of what moderators did: only ever added to, in the transaction of the event."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bot.base import from_ms, to_ms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.base import SqlRow, SqlValue, Transaction

AuditValues: TypeAlias = "Mapping[str, int | str | bool | None]"
"""What was so: plain values by name. No picture, and no prompt."""


class AuditAction(StrEnum):
    """What was done. Stored; `cogs` has words for each."""

    LIMIT = "limit"
    UNLIMIT = "unlimit"
    BUDGET = "budget"
    GRANT = "grant"
    RESET = "reset"
    BLOCK = "block"
    UNBLOCK = "unblock"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    REMOVE = "remove"
    REVIEW = "review"
    APPROVE = "approve"
    REFUSE = "refuse"
    WORDS = "words"
    CHANNELS = "channels"
    SETTINGS = "settings"


class AuditSubject(StrEnum):
    """What kind of thing a event was about."""

    MEMBER = "member"
    ROLE = "role"
    EVERYONE = "everyone"
    GUILD = "guild"
    CHANNEL = "channel"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who decides, where, and why.

    Attributes:
        reason: For the audit log; may be empty.
    """

    guild_id: int
    actor_id: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Something a moderator did.

    Attributes:
        subject_id: What it was about; 0 for everyone and for the guild as such.
        before: What was so, `None` if nothing was.
        after: What is so, `None` if nothing is.
    """

    actor_id: int
    action: AuditAction
    subject_kind: AuditSubject
    subject_id: int = 0
    before: AuditValues | None = None
    after: AuditValues | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A event as it was recorded."""

    id: int
    at: datetime
    event: AuditEvent


def record(tx: Transaction, guild_id: int, event: AuditEvent, now: datetime) -> None:
    """Write a event down."""
    tx.execute(
        "INSERT INTO audit (guild_id, done_at, actor_id, action, subject_kind, subject_id,"
        " before_json, after_json, reason)"
        " VALUES (:guild, :now, :actor, :action, :kind, :subject, :before, :after, :reason)",
        {
            "guild": guild_id,
            "now": to_ms(now),
            "actor": event.actor_id,
            "action": event.action.value,
            "kind": event.subject_kind.value,
            "subject": event.subject_id,
            "before": _packed(event.before),
            "after": _packed(event.after),
            "reason": event.reason,
        },
    )


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which deeds to look for.

    Attributes:
        person_id: Only those by or about this member or role, or about a clip of this member.
        action: Only those of this kind.
    """

    person_id: int | None = None
    action: AuditAction | None = None

    def where(self) -> str:
        """Return the condition in SQL."""
        found = ["guild_id = :guild"]
        if self.person_id is not None:
            found.append(f"(actor_id = :person OR {_ABOUT_PERSON} OR {_ABOUT_CLIP})")
        if self.action is not None:
            found.append("action = :action")
        return " AND ".join(found)

    def values(self, guild_id: int) -> dict[str, SqlValue]:
        """Return what the condition names."""
        action = None if self.action is None else self.action.value
        return {"guild": guild_id, "person": self.person_id, "action": action}


_ABOUT_PERSON: Final = (
    f"(subject_id = :person AND subject_kind IN ('{AuditSubject.MEMBER}', '{AuditSubject.ROLE}'))"
)
_ABOUT_CLIP: Final = (
    f"(subject_kind = '{AuditSubject.JOB}' AND subject_id IN"
    " (SELECT id FROM jobs WHERE guild_id = :guild AND member_id = :person))"
)


def page(
    tx: Transaction, guild_id: int, search: AuditFilter, *, size: int, skip: int = 0
) -> list[AuditEntry]:
    """Return recorded deeds, the newest first, without the `skip` newest."""
    rows = tx.all(
        f"SELECT * FROM audit WHERE {search.where()} ORDER BY id DESC LIMIT :size OFFSET :skip",
        {**search.values(guild_id), "size": size, "skip": skip},
    )
    return [_entry(row) for row in rows]


def count(tx: Transaction, guild_id: int, search: AuditFilter) -> int:
    """Return how many deeds there are."""
    row = tx.one(f"SELECT count(*) AS n FROM audit WHERE {search.where()}", search.values(guild_id))
    return 0 if row is None else int(row["n"])


def _packed(facts: AuditValues | None) -> str | None:
    return None if facts is None else json.dumps(dict(facts), ensure_ascii=False)


def _unpacked(text: str | None) -> AuditValues | None:
    facts: dict[str, Any] | None = None if text is None else json.loads(text)
    return facts


def _entry(row: SqlRow) -> AuditEntry:
    event = AuditEvent(
        actor_id=row["actor_id"],
        action=AuditAction(row["action"]),
        subject_kind=AuditSubject(row["subject_kind"]),
        subject_id=row["subject_id"],
        before=_unpacked(row["before_json"]),
        after=_unpacked(row["after_json"]),
        reason=row["reason"],
    )
    return AuditEntry(row["id"], from_ms(row["done_at"]), event)
