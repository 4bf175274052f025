"""Grants to a role, and grants that end; all others are in the ledger alone.

Whoever has the role when asking has its grants, each once. What a request needs of them is drawn:
moved into the member's grants in the ledger, in the transaction that reserves. What the clip gives
back goes back to where it was drawn from, and is gone if that has ended meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import ZERO_COST, Cost, from_ms, to_ms, value
from bot.quota.rules import LimitTarget, Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from bot.base import SqlRow, Transaction


@value
class Grant:
    """A grant to a role, or one that ends.

    Attributes:
        left: What a member has left of it; of a role's that is listed for nobody, all of it.
        ends_at: From then on nothing can be drawn; `None` for never.
    """

    id: int
    target: LimitTarget
    left: Cost
    ends_at: datetime | None


def add(
    tx: Transaction, guild_id: int, target: LimitTarget, amount: Cost, ends_at: datetime | None
) -> None:
    """Grant an amount to a role, or to a member until `ends_at`."""
    tx.insert(
        "grants",
        {
            "guild_id": guild_id,
            "scope": target.scope.value,
            "target_id": target.id,
            "clips": amount.clips,
            "micro_usd": amount.micro_usd,
            "ends_at": None if ends_at is None else to_ms(ends_at),
        },
    )


def of_guild(tx: Transaction, guild_id: int, now: datetime) -> list[Grant]:
    """The grants of a guild from which something can be drawn, those that end first before."""
    return [it for it in _read(tx, guild_id, 0, now) if it.left != ZERO_COST]


def of_member(
    tx: Transaction, guild_id: int, member_id: int, role_ids: Collection[int], now: datetime
) -> list[Grant]:
    """What a member who has these roles can draw from, in the order in which it is used."""
    targets = {LimitTarget(Scope.ROLE, it) for it in role_ids}
    targets.add(LimitTarget(Scope.MEMBER, member_id))
    held = _read(tx, guild_id, member_id, now)
    return [it for it in held if it.target in targets and it.left != ZERO_COST]


def of_target(tx: Transaction, guild_id: int, target: LimitTarget, now: datetime) -> list[Grant]:
    """A target's own grants; of a role's, all that each member gets."""
    member_id = target.id if target.scope is Scope.MEMBER else 0
    return [it for it in _read(tx, guild_id, member_id, now) if it.target == target]


def total(grants: Iterable[Grant]) -> Cost:
    """What is left of several grants."""
    return sum((it.left for it in grants), start=ZERO_COST)


def take_back(tx: Transaction, grants: Iterable[Grant], amount: Cost) -> Cost:
    """Make grants smaller, in their order; return what they have not had of the amount."""
    for grant in grants:
        part = _smaller(amount, grant.left)
        tx.execute(
            "UPDATE grants SET clips = clips - :clips, micro_usd = micro_usd - :micro_usd"
            " WHERE id = :id",
            {"clips": part.clips, "micro_usd": part.micro_usd, "id": grant.id},
        )
        amount -= part
    return amount


def draw(tx: Transaction, job_id: int, member_id: int, grants: Iterable[Grant], cost: Cost) -> Cost:
    """Draw as much of a cost as grants hold; return it. The ledger's own grants pay the rest."""
    drawn = ZERO_COST
    for grant in grants:
        part = _smaller(cost - drawn, grant.left)
        if part != ZERO_COST:
            tx.insert(
                "grant_draws",
                {
                    "grant_id": grant.id,
                    "job_id": job_id,
                    "member_id": member_id,
                    "clips": part.clips,
                    "micro_usd": part.micro_usd,
                },
            )
        drawn += part
    return drawn


def give_back(tx: Transaction, job_id: int, still_taken: Cost) -> Cost:
    """Give back what a job has drawn beyond what it still takes from grants; return it."""
    rows = tx.all(_DRAWS, {"job": job_id})
    drawn = sum((Cost(row["clips"], row["micro_usd"]) for row in rows), start=ZERO_COST)
    given = ZERO_COST
    excess = drawn - _smaller(drawn, still_taken)
    # What was drawn last comes back first: the later it ends, the longer it is of use.
    for row in rows:
        part = _smaller(excess - given, Cost(row["clips"], row["micro_usd"]))
        tx.execute(
            "UPDATE grant_draws SET clips = clips - :clips, micro_usd = micro_usd - :micro_usd"
            " WHERE job_id = :job AND grant_id = :grant",
            {
                "clips": part.clips,
                "micro_usd": part.micro_usd,
                "job": job_id,
                "grant": row["grant_id"],
            },
        )
        given += part
    return given


def _smaller(one: Cost, other: Cost) -> Cost:
    return Cost(min(one.clips, other.clips), min(one.micro_usd, other.micro_usd))


def _read(tx: Transaction, guild_id: int, member_id: int, now: datetime) -> list[Grant]:
    values = {"guild": guild_id, "member": member_id, "now": to_ms(now)}
    return [_grant(row) for row in tx.all(_GRANTS, values)]


def _grant(row: SqlRow) -> Grant:
    # A grant may be made smaller than what somebody has drawn from it.
    left = Cost(max(0, row["left_clips"]), max(0, row["left_micro_usd"]))
    ends_at = None if row["ends_at"] is None else from_ms(row["ends_at"])
    return Grant(row["id"], LimitTarget(Scope(row["scope"]), row["target_id"]), left, ends_at)


# Of grants to members, also what others than `:member` have drawn: nobody else can.
_GRANTS: Final = """
    SELECT id, scope, target_id, ends_at,
        clips - (SELECT coalesce(sum(clips), 0) FROM grant_draws WHERE grant_id = grants.id
            AND (scope = 'member' OR member_id = :member)) AS left_clips,
        micro_usd - (SELECT coalesce(sum(micro_usd), 0) FROM grant_draws WHERE grant_id = grants.id
            AND (scope = 'member' OR member_id = :member)) AS left_micro_usd
    FROM grants WHERE guild_id = :guild AND coalesce(ends_at, :now + 1) > :now
    ORDER BY ends_at IS NULL, ends_at, id
"""
_DRAWS: Final = """
    SELECT grant_id, grant_draws.clips, grant_draws.micro_usd
    FROM grant_draws JOIN grants ON grants.id = grant_id
    WHERE job_id = :job ORDER BY ends_at IS NULL DESC, ends_at DESC, grant_id DESC
"""
