"""How somebody stands: the rules that hold for them, put beside the ledger's sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.quota import kept_windows, ledger
from bot.quota.ledger import ALL_GUILDS, MemberKey
from bot.quota.ledger_sides import ZERO_COST
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
    from collections.abc import Collection, Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.base import Transaction
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


@dataclass(frozen=True, slots=True)
class AllowanceReader:
    """Reads purses inside the caller's transaction."""

    rule_store: RuleStore
    owner: OwnerLimits

    def time_zones(self, settings: GuildSettings) -> RuleTimeZones:
        """Return whose midnights count in a guild."""
        zone = settings.time_zone or self.owner.time_zone
        kept = kept_windows.from_json(settings.kept_windows)
        return RuleTimeZones(zone, self.owner.time_zone, kept)

    def keep_windows(self, settings: GuildSettings, now: datetime) -> str:
        """Return what `GuildSettings.kept_windows` is to be when a guild leaves its zone."""
        zones = self.time_zones(settings)
        return kept_windows.to_json(kept_windows.keep(now, zones.guild, zones.kept))

    def of_member(
        self,
        tx: Transaction,
        settings: GuildSettings,
        member_key: MemberKey,
        role_ids: Collection[int],
        now: datetime,
    ) -> Allowance:
        """Return all that a member's next request must fit into."""
        rules = self.rule_store.of_member(tx, settings, member_key)
        held = rules_in_force((*rules, *self.owner.ceiling()), member_key.member_id, role_ids)
        zones = self.time_zones(settings)
        return evaluate(held, _sums(tx, member_key, held, now, zones), now, zones)

    def of_guild(
        self, tx: Transaction, settings: GuildSettings, guild_id: int, now: datetime
    ) -> Allowance:
        """Return how the guild's own budgets stand."""
        rules = self.rule_store.of_guild(tx, guild_id)
        held = [rule for rule in rules if rule.target.scope is Scope.GUILD]
        zones = self.time_zones(settings)
        sums = _sums(tx, MemberKey(guild_id, 0), held, now, zones)
        return evaluate(held, sums, now, zones)


def _sums(
    tx: Transaction,
    member_key: MemberKey,
    rules: Iterable[Rule],
    now: datetime,
    zones: RuleTimeZones,
) -> UsageSums:
    member: dict[Window, Cost] = {}
    guild: dict[Window, Cost] = {}
    owner = ZERO_COST
    for rule in rules:
        window, since = rule.limit.window, rule_interval(rule, now, zones).start
        match rule.target.scope:
            case Scope.OWNER:
                owner = ledger.spent_by_guild(tx, ALL_GUILDS, since)
            case Scope.GUILD if window not in guild:
                guild[window] = ledger.spent_by_guild(tx, member_key.guild_id, since)
            # A role's or everyone's limit counts what the member used, as their own does.
            case Scope.MEMBER | Scope.ROLE | Scope.EVERYONE if window not in member:
                member[window] = ledger.used_by_member(tx, member_key, since)
    return UsageSums(member, guild, owner, ledger.grants_left(tx, member_key))
