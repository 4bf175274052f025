"""Members who are blocked, or let back in, together: those of a raid, not those known before."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from bot.base import to_ms, value
from bot.moderation import blocks
from bot.moderation.authority import check_may_block, check_may_unblock, passes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from bot.base import Transaction
    from bot.guilds.audit import Actor, AuditValues
    from bot.moderation.authority import BlockAuthority

ROLES_KNOWN_FOR: Final = timedelta(days=30)
"""How long the roles that a member had when asking for a clip are taken for theirs."""

Ranks: TypeAlias = "Callable[[int, Collection[int]], BlockAuthority]"
"""The ranks of a moderator, and of the member with this id and these roles."""


@value
class NewMembersBlock:
    """A block of all who asked for a clip lately, and had none shown before.

    Attributes:
        since: They asked then or later.
        interval: The duration; `None` is until somebody lifts the blocks.
        cancel_running: Cancel their jobs in progress too.
    """

    since: datetime
    interval: timedelta | None
    cancel_running: bool


@value
class SelectedMembers:
    """Members who are, or would be, blocked or unblocked together.

    Attributes:
        left: The number of others, about whom the moderator does not decide.
    """

    member_ids: tuple[int, ...]
    left: int

    def audit_values(self) -> AuditValues:
        """Values of one event about all of them, which is found by any of them."""
        return {
            "members": len(self.member_ids),
            "member_ids": " ".join(map(str, self.member_ids)),
        }


def to_block(
    tx: Transaction, by: Actor, ranks: Ranks, since: datetime, now: datetime
) -> SelectedMembers:
    """Those who asked for a clip since then, had none shown before, and are not blocked."""
    asked = _roles_when_asking(tx, _NEW_SINCE, by.guild_id, since)
    blocked = {block.member_id for block in blocks.in_force(tx, by.guild_id, now)}
    meant = [it for it in asked if it not in blocked]
    may = [it for it in meant if passes(check_may_block, by, ranks(it, asked[it]), it)]
    return SelectedMembers(tuple(may), len(meant) - len(may))


def to_unblock(
    tx: Transaction, by: Actor, ranks: Ranks, since: datetime, now: datetime
) -> SelectedMembers:
    """Those who were blocked since then. Where roles are not known, only the owner decides."""
    meant = [it.member_id for it in blocks.in_force(tx, by.guild_id, now) if it.since >= since]
    asked = _roles_when_asking(tx, _ASKED_SINCE, by.guild_id, now - ROLES_KNOWN_FOR)
    may = [
        it
        for it in meant
        if (authority := ranks(it, asked.get(it, ()))).actor.is_owner or it in asked
        if passes(check_may_unblock, by, authority, it)
    ]
    return SelectedMembers(tuple(may), len(meant) - len(may))


def _roles_when_asking(
    tx: Transaction, query: str, guild_id: int, since: datetime
) -> Mapping[int, frozenset[int]]:
    """The roles of members when they asked last, by member."""
    rows = tx.all(f"{query} ORDER BY jobs.id", {"guild": guild_id, "since": to_ms(since)})
    return {row["member_id"]: frozenset(json.loads(row["role_ids"])) for row in rows}


# By the ledger, whose index finds what is late: each job has one reserve in it.
_ASKED_SINCE: Final = """
    SELECT jobs.member_id, jobs.role_ids FROM ledger JOIN jobs ON jobs.id = ledger.job_id
    WHERE ledger.guild_id = :guild AND ledger.counts_at >= :since AND ledger.kind = 'reserve'
"""
_SHOWN_BEFORE: Final = """
    SELECT 1 FROM jobs AS shown WHERE shown.guild_id = :guild AND shown.member_id = jobs.member_id
        AND shown.state = 'delivered' AND shown.created_at < :since
"""
_NEW_SINCE: Final = f"{_ASKED_SINCE} AND NOT EXISTS ({_SHOWN_BEFORE})"
