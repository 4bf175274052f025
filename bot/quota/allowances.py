"""The allowance of a member or a guild: rules in force beside the ledger's sums."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.base import ZERO_COST, Limit, Unit, Window, value, window_interval
from bot.quota import grants, kept_windows, ledger
from bot.quota.ledger import ALL_GUILDS, MemberKey
from bot.quota.rules import (
    OWNER,
    Allowance,
    Rule,
    RuleTimeZones,
    Scope,
    UsageSums,
    evaluate,
    rules_in_force,
    with_intervals,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.base import Interval, Transaction
    from bot.guilds.guild_settings import GuildSettings
    from bot.quota.ledger_sides import Sides
    from bot.quota.rule_store import RuleStore
    from bot.quota.rules import LimitStatus


@value
class Ceiling:
    """A ceiling on what all guilds spend in a month.

    Attributes:
        micro_usd: For each month; `None` is without one.
        is_commanded: Whether the owner has set it by command, so that the setting is not used.
    """

    micro_usd: int | None
    is_commanded: bool = False

    def rules(self) -> tuple[Rule, ...]:
        """The ceiling as a rule, or nothing."""
        if self.micro_usd is None:
            return ()
        return (Rule(OWNER, Limit(self.micro_usd, Unit.USD, Window.MONTH)),)


def put_ceiling(tx: Transaction, ceiling: Ceiling) -> None:
    """Use another ceiling from now on; one that is not commanded brings the setting back."""
    tx.execute(
        "UPDATE owner_state SET own_ceiling = :own, ceiling_micro_usd = :micro_usd",
        {
            "own": ceiling.is_commanded,
            "micro_usd": ceiling.micro_usd if ceiling.is_commanded else None,
        },
    )


@value
class OwnerLimits:
    """Limits that the bot's owner has set in `.env`; no moderator can change the ceiling.

    Attributes:
        default_limit: For everyone, in guilds that have set none themselves.
        monthly_micro_usd: The setting of the ceiling on what all guilds spend in a month; `None`
            is without. The owner may set another by command.
        time_zone: Of the ceiling's months, and of guilds that have set no zone.
    """

    default_limit: Limit
    monthly_micro_usd: int | None
    time_zone: ZoneInfo

    def ceiling(self, tx: Transaction) -> Ceiling:
        """The ceiling in force: the owner may have set another than `monthly_micro_usd`."""
        (row,) = tx.all("SELECT own_ceiling, ceiling_micro_usd FROM owner_state WHERE id = 1")
        if row["own_ceiling"]:
            return Ceiling(row["ceiling_micro_usd"], is_commanded=True)
        return Ceiling(self.monthly_micro_usd)

    def used(self, tx: Transaction, now: datetime) -> int:
        """What all guilds have spent and reserved this month, in micro-USD."""
        return ledger.spent_by_guild(tx, ALL_GUILDS, self.month(now).start).micro_usd

    def month(self, now: datetime) -> Interval:
        """The month of the ceiling around an instant, in the time zone of `now`."""
        return window_interval(Window.MONTH, now, self.time_zone)


@value
class AllowanceReader:
    """Reads allowances inside the caller's transaction."""

    rule_store: RuleStore
    owner: OwnerLimits

    def time_zones(self, settings: GuildSettings) -> RuleTimeZones:
        """The zones whose midnights count in a guild."""
        zone = settings.time_zone or self.owner.time_zone
        kept = kept_windows.from_json(settings.kept_windows)
        return RuleTimeZones(zone, self.owner.time_zone, kept)

    def keep_windows(self, settings: GuildSettings, now: datetime) -> str:
        """What `GuildSettings.kept_windows` is to be when a guild leaves its zone."""
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
        """The allowance of a member who has these roles."""
        ceiling_rules = self.owner.ceiling(tx).rules()
        rules = (*self.rule_store.of_member(tx, settings, member_key), *ceiling_rules)
        in_force = rules_in_force(rules, member_key.member_id, role_ids)
        present = with_intervals(in_force, now, self.time_zones(settings))
        sums = _sums(tx, member_key, present)
        held = grants.of_member(tx, *_ids(member_key), role_ids, now)
        sums = replace(sums, granted=sums.granted + grants.total(held))
        ending = ((it.left, it.ends_at) for it in held if it.ends_at is not None)
        return replace(evaluate(present, sums), ending=tuple(ending))

    def reserve(
        self,
        tx: Transaction,
        job_id: int,
        who: tuple[MemberKey, Collection[int]],
        sides: Sides,
        now: datetime,
    ) -> None:
        """Set a cost aside for a member with roles.

        Args:
            tx: The transaction in which the allowance was read.
            job_id: The job.
            who: The member, and the ids of their roles.
            sides: Of the reserve. Grants pay theirs: those that end first, the ledger's at last.
            now: The time at which the allowance was read.
        """
        member_key, role_ids = who
        if (from_grants := -sides.grants) != ZERO_COST:
            held = grants.of_member(tx, *_ids(member_key), role_ids, now)
            drawn = grants.draw(tx, job_id, member_key.member_id, held, from_grants)
            if drawn != ZERO_COST:
                ledger.grant(tx, member_key, drawn, member_key.member_id, now)
        ledger.reserve(tx, job_id, member_key, sides, now)

    def of_guild(
        self, tx: Transaction, settings: GuildSettings, guild_id: int, now: datetime
    ) -> Allowance:
        """The allowance under the guild's own budgets alone."""
        rules = self.rule_store.of_guild(tx, guild_id)
        budgets = [rule for rule in rules if rule.target.scope is Scope.GUILD]
        present = with_intervals(budgets, now, self.time_zones(settings))
        return evaluate(present, _sums(tx, MemberKey(guild_id, 0), present))

    def shared(
        self, tx: Transaction, settings: GuildSettings, guild_id: int, now: datetime
    ) -> list[tuple[LimitStatus, datetime]]:
        """The guild's budgets and the ceiling, each with the start of its window."""
        rules = (*self.rule_store.of_guild(tx, guild_id), *self.owner.ceiling(tx).rules())
        shared = [rule for rule in rules if rule.is_shared]
        present = with_intervals(shared, now, self.time_zones(settings))
        statuses = evaluate(present, _sums(tx, MemberKey(guild_id, 0), present)).statuses
        starts = (interval.start for _, interval in present)
        return list(zip(statuses, starts, strict=True))


def _ids(member_key: MemberKey) -> tuple[int, int]:
    return member_key.guild_id, member_key.member_id


def _sums(tx: Transaction, key: MemberKey, rules: Iterable[tuple[Rule, Interval]]) -> UsageSums:
    member: dict[Window, datetime] = {}
    shared: dict[tuple[int, Window], datetime] = {}
    for rule, interval in rules:
        window, since = rule.limit.window, interval.start
        if rule.is_shared:
            guild_id = ALL_GUILDS if rule.target.scope is Scope.OWNER else key.guild_id
            shared[guild_id, window] = since
        else:
            # A role's or everyone's limit counts what the member used, as their own does.
            member[window] = since
    spent_since = [(guild_id, since) for (guild_id, _), since in shared.items()]
    read = ledger.sums(tx, key, [*member.values()], spent_since)
    spent = dict(zip(shared, read.spent, strict=True))
    return UsageSums(
        member=dict(zip(member, read.used, strict=True)),
        guild={window: cost for (guild_id, window), cost in spent.items() if guild_id},
        owner=spent.get((ALL_GUILDS, Window.MONTH), ZERO_COST),
        granted=read.granted,
    )
