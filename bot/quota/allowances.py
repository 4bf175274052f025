"""How somebody stands: the rules that hold for them, put beside the ledger's sums."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.quota import ledger
from bot.quota.ledger import ALL_GUILDS, ZERO_COST, MemberKey
from bot.quota.limits import Limit, Unit, Window
from bot.quota.rules import (
    OWNER,
    Allowance,
    Rule,
    RuleTimeZones,
    Scope,
    UsageSums,
    evaluate,
    rule_interval,
    rules_in_force,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Collection, Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.base.database import Transaction
    from bot.guilds.guild_settings import GuildSettings
    from bot.quota.limits import Cost
    from bot.quota.rule_store import RuleStore


@dataclass(frozen=True, slots=True)
class OwnerLimits:
    """What the owner of the bot has set, and no moderator can change.

    Attributes:
        default_limit: For everyone, in guilds that have not decided themselves.
        monthly_micro_usd: The most that all guilds together may spend a month; `None` is
            without a ceiling.
        time_zone: Whose months the ceiling follows, and whose midnights guilds without a zone.
    """

    default_limit: Limit
    monthly_micro_usd: int | None
    time_zone: ZoneInfo

    def ceiling(self) -> tuple[Rule, ...]:
        """Return the ceiling as a rule, if there is one."""
        if self.monthly_micro_usd is None:
            return ()
        return (Rule(OWNER, Limit(self.monthly_micro_usd, Unit.USD, Window.MONTH)),)


class AllowanceReader:
    """Reads purses inside the caller's transaction."""

    def __init__(self, rule_store: RuleStore, owner: OwnerLimits) -> None:
        self._rule_store = rule_store
        self._owner = owner

    def time_zones(self, settings: GuildSettings) -> RuleTimeZones:
        """Return whose midnights count in a guild."""
        return RuleTimeZones(settings.time_zone or self._owner.time_zone, self._owner.time_zone)

    async def of_member(
        self,
        tx: Transaction,
        settings: GuildSettings,
        member_key: MemberKey,
        role_ids: Collection[int],
        now: datetime,
    ) -> Allowance:
        """Return all that a member's next request must fit into."""
        rules = await self._rule_store.of_member(tx, settings, member_key)
        held = rules_in_force((*rules, *self._owner.ceiling()), member_key.member_id, role_ids)
        zones = self.time_zones(settings)
        return evaluate(held, await _sums(tx, member_key, held, now, zones), now, zones)

    async def of_guild(
        self, tx: Transaction, settings: GuildSettings, guild_id: int, now: datetime
    ) -> Allowance:
        """Return how the guild's own budgets stand."""
        rules = await self._rule_store.of_guild(tx, guild_id)
        held = [rule for rule in rules if rule.target.scope is Scope.GUILD]
        zones = self.time_zones(settings)
        sums = await _sums(tx, MemberKey(guild_id, 0), held, now, zones)
        return evaluate(held, sums, now, zones)


async def _sums(
    tx: Transaction,
    member_key: MemberKey,
    rules: Iterable[Rule],
    now: datetime,
    zones: RuleTimeZones,
) -> UsageSums:
    """Ask for all sums together, so that the connection's thread does not wait in between."""
    asked: dict[tuple[Scope, Window], Awaitable[Cost]] = {}
    for rule in rules:
        window, since = rule.limit.window, rule_interval(rule, now, zones).start
        # What counts against a member is the same for whomever else the rule is.
        scope = rule.target.scope if rule.is_shared else Scope.MEMBER
        if (scope, window) in asked:
            continue
        match scope:
            case Scope.OWNER:
                asked[scope, window] = ledger.spent_by_guild(tx, ALL_GUILDS, since)
            case Scope.GUILD:
                asked[scope, window] = ledger.spent_by_guild(tx, member_key.guild_id, since)
            case _:
                asked[scope, window] = ledger.used_by_member(tx, member_key, since)
    granted, *found = await asyncio.gather(ledger.grants_left(tx, member_key), *asked.values())
    known = dict(zip(asked, found, strict=True))
    return UsageSums(
        member={window: cost for (scope, window), cost in known.items() if scope is Scope.MEMBER},
        guild={window: cost for (scope, window), cost in known.items() if scope is Scope.GUILD},
        owner=known.get((Scope.OWNER, Window.MONTH), ZERO_COST),
        granted=granted,
    )
