"""How moderators change grants: those in the ledger, and those to a role or with an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import ZERO_COST, Cost
from bot.quota import grants, ledger
from bot.quota.rules import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.base import Transaction
    from bot.guilds.audit import Actor
    from bot.quota.grants import Grant
    from bot.quota.overview import ChosenTarget


def own_grants(tx: Transaction, guild_id: int, chosen: ChosenTarget, now: datetime) -> Cost:
    """What is left of a member's grants without those of their roles; of a role's, all."""
    in_ledger = ledger.grants_left(tx, chosen.member_key(guild_id))
    return in_ledger + grants.total(grants.of_target(tx, guild_id, chosen.target, now))


def change(
    tx: Transaction,
    by: Actor,
    chosen: ChosenTarget,
    amount_until: tuple[Cost, datetime | None],
    now: datetime,
) -> None:
    """Add to a target's grants until some instant, or for good; or take back from them.

    What is taken back is taken from those that end first.
    """
    (amount, ends_at), target = amount_until, chosen.target
    is_more = amount.clips > 0 or amount.micro_usd > 0
    if is_more and (ends_at is not None or target.scope is Scope.ROLE):
        grants.add(tx, by.guild_id, target, amount, ends_at)
        return
    if not is_more:
        held = grants.of_target(tx, by.guild_id, target, now)
        amount = -grants.take_back(tx, held, -amount)
    if amount != ZERO_COST:
        ledger.grant(tx, chosen.member_key(by.guild_id), amount, by.actor_id, now)


def grants_for(
    tx: Transaction, guild_id: int, chosen: ChosenTarget, now: datetime
) -> Sequence[Grant]:
    """The grants to roles, or with an end, that a target has; for everyone, all of the guild."""
    match chosen.target.scope:
        case Scope.MEMBER:
            return grants.of_member(tx, guild_id, chosen.target.id, chosen.role_ids, now)
        case Scope.ROLE:
            return grants.of_target(tx, guild_id, chosen.target, now)
    return grants.of_guild(tx, guild_id, now)
