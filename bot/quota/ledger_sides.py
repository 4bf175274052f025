"""What each kind of ledger entry does to the three sides of the books, as arithmetic alone.

The ledger writes what is computed here, and a simulation adds it up in memory; so both agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.quota.limits import Cost

ZERO_COST: Final = Cost(0, 0)


@dataclass(frozen=True, slots=True)
class Sides:
    """The sums of one or more entries.

    Attributes:
        guild: What the server pays.
        member: What counts against the member's limits.
        grants: What is added to the member's grants; negative where they pay.
    """

    guild: Cost = ZERO_COST
    member: Cost = ZERO_COST
    grants: Cost = ZERO_COST

    def __add__(self, other: Sides) -> Sides:
        return Sides(
            self.guild + other.guild, self.member + other.member, self.grants + other.grants
        )

    def __neg__(self) -> Sides:
        return Sides(-self.guild, -self.member, -self.grants)


def reserve_sides(cost: Cost, from_grants: Cost = ZERO_COST) -> Sides:
    """Set a cost aside, of which grants pay a part."""
    return Sides(guild=cost, member=cost - from_grants, grants=-from_grants)


def settle_sides(reserved: Sides, charge_micro_usd: int) -> Sides:
    """Correct a reserve to the real charge. What is saved goes back to the grants first."""
    from_grants = -reserved.grants.micro_usd
    still_from_grants = min(from_grants, max(0, charge_micro_usd - reserved.member.micro_usd))
    own = charge_micro_usd - still_from_grants
    return Sides(
        guild=Cost(0, charge_micro_usd - reserved.guild.micro_usd),
        member=Cost(0, own - reserved.member.micro_usd),
        grants=Cost(0, from_grants - still_from_grants),
    )


def credit_sides(taken: Sides) -> Sides:
    """Give a member back all that a job took of their limits and grants; the server has paid."""
    return Sides(member=-taken.member, grants=-taken.grants)
