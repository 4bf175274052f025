"""The three sides of each kind of ledger entry, as arithmetic alone.

The ledger writes these sides and a simulation adds them up in memory, so that both agree.
"""

from __future__ import annotations

from bot.base import ZERO_COST, Cost, value


@value
class Sides:
    """The sums of one or more entries.

    Attributes:
        guild: Paid by the guild.
        member: Counted against the member's limits.
        grants: Added to the member's grants; negative where these pay.
    """

    guild: Cost = ZERO_COST
    member: Cost = ZERO_COST
    grants: Cost = ZERO_COST

    def __add__(self, other: Sides) -> Sides:
        guild, member = self.guild + other.guild, self.member + other.member
        return Sides(guild, member, self.grants + other.grants)

    def __neg__(self) -> Sides:
        return Sides(-self.guild, -self.member, -self.grants)


def reserve_sides(cost: Cost, from_grants: Cost = ZERO_COST) -> Sides:
    """The sides of a reserve: the guild pays all, the member's limits what grants do not."""
    return Sides(guild=cost, member=cost - from_grants, grants=-from_grants)


def settle_sides(reserved: Sides, charge_micro_usd: int) -> Sides:
    """The sides of a settle, which corrects a reserve to the real charge."""
    # What is saved goes back to the grants first: they do not renew, as windows do.
    from_grants = -reserved.grants.micro_usd
    still_from_grants = min(from_grants, max(0, charge_micro_usd - reserved.member.micro_usd))
    own = charge_micro_usd - still_from_grants
    return Sides(
        guild=Cost(0, charge_micro_usd - reserved.guild.micro_usd),
        member=Cost(0, own - reserved.member.micro_usd),
        grants=Cost(0, from_grants - still_from_grants),
    )


def credit_sides(taken: Sides) -> Sides:
    """The sides of a credit, which gives a member back all that a job took.

    The guild's side stays: Pika bills a clip that was made, shown or not.
    """
    return Sides(member=-taken.member, grants=-taken.grants)
