"""The rules as one pure function, held against their promises told a second time."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.base import Cost, Limit, Unit, Window, window_interval
from bot.quota.rules import (
    EVERYONE,
    GUILD,
    NO_LIMIT,
    OWNER,
    Allowance,
    LimitStatus,
    LimitTarget,
    Rule,
    RuleTimeZones,
    Scope,
    UsageSums,
    evaluate,
    rules_in_force,
    with_intervals,
)
from tests.bot.quota import quota_model

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.slow  # thousands of drawn rules

MIA, NOAH = 20, 21
ZONES = RuleTimeZones(ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

amounts = st.integers(0, 6)
costs = st.builds(Cost, st.integers(1, 3), st.integers(0, 6))
sums = st.builds(Cost, amounts, amounts)
# Few places, so that several rules meet in one.
limits = st.builds(
    Limit,
    amounts,
    st.sampled_from([Unit.CLIPS, Unit.CLIPS, Unit.USD]),
    st.sampled_from([Window.DAY, Window.DAY, Window.DAY, *Window]),
)
members = st.sampled_from([MIA, MIA, NOAH])
subjects = (
    st.builds(LimitTarget, st.just(Scope.MEMBER), members)
    | st.builds(LimitTarget, st.just(Scope.ROLE), st.integers(1, 3))
    | st.sampled_from([EVERYONE, GUILD])
)
ceilings = st.builds(
    lambda amount: Rule(OWNER, Limit(amount, Unit.USD, Window.MONTH)), st.integers(0, 12)
)
exemptions = st.builds(Rule, subjects, st.just(NO_LIMIT)).filter(
    lambda rule: rule.target.scope in {Scope.MEMBER, Scope.ROLE}
)


def rulebook(rules: list[Rule], exempt: list[Rule], ceiling: list[Rule]) -> list[Rule]:
    """What a guild can have: who is exempt has no limits."""
    targets = {rule.target for rule in exempt}
    return [*(rule for rule in rules if rule.target not in targets), *exempt, *ceiling]


rulebooks = st.builds(
    rulebook,
    st.lists(st.builds(Rule, subjects, limits), max_size=12, unique_by=quota_model.place),
    st.lists(exemptions, max_size=2, unique=True),
    st.lists(ceilings, max_size=1),
)


@dataclasses.dataclass(frozen=True)
class Case:
    """Everything that a decision depends on."""

    rules: Sequence[Rule]
    roles: frozenset[int]
    sums: UsageSums
    now: datetime = NOON

    def purse(self) -> Allowance:
        in_force = rules_in_force(self.rules, MIA, self.roles)
        return evaluate(with_intervals(in_force, self.now, ZONES), self.sums)

    def verdict(self, cost: Cost) -> quota_model.Verdict:
        def paid(rule: Rule) -> Cost:
            known = self.sums
            return known.owner if rule.target == OWNER else known.guild[rule.limit.window]

        return quota_model.judge(
            self.rules,
            MIA,
            self.roles,
            cost,
            self.sums.granted,
            lambda window: self.sums.member[window],
            paid,
        )

    def with_grants(self, granted: Cost) -> Case:
        return dataclasses.replace(self, sums=dataclasses.replace(self.sums, granted=granted))


in_windows = st.fixed_dictionaries(dict.fromkeys(Window, sums))
cases = st.builds(
    Case,
    rulebooks,
    st.frozensets(st.integers(1, 3)),
    st.builds(UsageSums, in_windows, in_windows, sums, sums),
    st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
)


def allows(case: Case, cost: Cost) -> bool:
    return case.purse().blocking_limit(cost) is None


@settings(max_examples=150)
@given(case=cases, cost=costs)
def test_the_decision_is_the_models(case: Case, cost: Cost) -> None:
    verdict = case.verdict(cost)
    assert allows(case, cost) == verdict.allowed
    if verdict.allowed:
        assert case.purse().from_grants(cost) == verdict.drawn


@given(case=cases, cost=costs)
def test_a_cost_is_either_drawn_or_refused(case: Case, cost: Cost) -> None:
    purse = case.purse()
    assert (purse.from_grants(cost) is None) == (purse.blocking_limit(cost) is not None)


@given(case=cases, cost=costs)
def test_what_refuses_is_the_last_to_let_it_through(case: Case, cost: Cost) -> None:
    refusal = case.purse().blocking_limit(cost)
    verdict = case.verdict(cost)
    if refusal is None:
        assert verdict.allowed
        return
    ends = [
        (limit, window_interval(limit.window, case.now, ZONES.guild).end) for limit in verdict.own
    ]
    for rule in verdict.shared:
        zone = ZONES.owner if rule.target == OWNER else ZONES.guild
        ends.append((rule.limit, window_interval(rule.limit.window, case.now, zone).end))
    never = [end for limit, end in ends if limit.amount == 0]
    assert (refusal.limit.amount == 0) == bool(never)
    assert refusal.renews_at == max(never or [end for _, end in ends]) > case.now
    assert refusal.rule in verdict.shared or refusal.limit in verdict.own


@given(case=cases)
def test_each_rule_that_holds_is_shown_once_with_what_was_used(case: Case) -> None:
    standings = case.purse().statuses
    own = [standing.limit for standing in standings if not standing.rule.is_shared]
    assert sorted(own, key=repr) == sorted(
        quota_model.nearest(case.rules, MIA, case.roles), key=repr
    )
    budgets = [standing.rule for standing in standings if standing.rule.is_shared]
    assert sorted(budgets, key=repr) == sorted(quota_model.shared(case.rules), key=repr)
    for standing in standings:
        unit, window = standing.limit.unit, standing.limit.window
        purse = {Scope.GUILD: case.sums.guild[window], Scope.OWNER: case.sums.owner}
        used = purse.get(standing.rule.target.scope, case.sums.member[window])
        assert standing.used == used.of(unit)
        assert standing.left == max(0, standing.limit.amount - standing.used)


@given(case=cases, cost=costs, extra=sums, side=st.sampled_from(["member", "guild", "owner"]))
def test_more_used_never_allows_more(case: Case, cost: Cost, extra: Cost, side: str) -> None:
    more = UsageSums(
        {w: _plus(c, extra) if side == "member" else c for w, c in case.sums.member.items()},
        {w: _plus(c, extra) if side == "guild" else c for w, c in case.sums.guild.items()},
        _plus(case.sums.owner, extra) if side == "owner" else case.sums.owner,
        case.sums.granted,
    )
    if not allows(case, cost):
        assert not allows(dataclasses.replace(case, sums=more), cost)


@given(case=cases, cost=costs, extra=sums)
def test_a_larger_grant_never_refuses_more_nor_draws_differently(
    case: Case, cost: Cost, extra: Cost
) -> None:
    richer = case.with_grants(_plus(case.sums.granted, extra))
    drawn = case.purse().from_grants(cost)
    if drawn is not None:
        assert richer.purse().from_grants(cost) == drawn


@given(case=cases, dear=costs, saved=sums)
def test_what_costs_less_fits_where_more_does(case: Case, dear: Cost, saved: Cost) -> None:
    cheap = Cost(max(0, dear.clips - saved.clips), max(0, dear.micro_usd - saved.micro_usd))
    if allows(case, dear):
        assert allows(case, cheap)


@given(case=cases, cost=costs)
def test_grants_pay_no_more_than_the_cost_and_what_they_hold(case: Case, cost: Cost) -> None:
    drawn = case.purse().from_grants(cost)
    if drawn is not None:
        for unit in Unit:
            assert 0 <= drawn.of(unit) <= min(cost.of(unit), case.sums.granted.of(unit))


@given(case=cases, limit=limits)
def test_a_limit_for_somebody_else_changes_nothing(case: Case, limit: Limit) -> None:
    others = [Rule(LimitTarget(Scope.MEMBER, 22), limit), Rule(LimitTarget(Scope.ROLE, 9), limit)]
    with_others = dataclasses.replace(case, rules=[*others, *case.rules, *others])
    assert with_others.purse() == case.purse()


@given(case=cases, cost=costs)
def test_the_order_of_the_rules_does_not_matter(case: Case, cost: Cost) -> None:
    turned = dataclasses.replace(case, rules=case.rules[::-1])
    assert turned.purse().from_grants(cost) == case.purse().from_grants(cost)


@given(case=cases, cost=costs, drawn=sums)
def test_what_is_left_afterwards_is_what_more_used_leaves(
    case: Case, cost: Cost, drawn: Cost
) -> None:
    own = Cost(cost.clips - drawn.clips, cost.micro_usd - drawn.micro_usd)
    spent = UsageSums(
        {window: _plus(used, own) for window, used in case.sums.member.items()},
        {window: _plus(paid, cost) for window, paid in case.sums.guild.items()},
        _plus(case.sums.owner, cost),
        Cost(case.sums.granted.clips - drawn.clips, case.sums.granted.micro_usd - drawn.micro_usd),
    )
    assert case.purse().after(cost, drawn) == dataclasses.replace(case, sums=spent).purse()


@given(case=cases, cost=costs, limit=limits)
def test_a_limit_on_the_member_replaces_those_of_roles_and_of_everyone(
    case: Case, cost: Cost, limit: Limit
) -> None:
    own = Rule(LimitTarget(Scope.MEMBER, MIA), limit)
    others = [r for r in case.rules if not quota_model.excludes(r, own)]
    slot = limit.unit, limit.window
    bare = [r for r in others if r.is_shared or r.is_exemption]
    bare += [r for r in others if r not in bare and (r.limit.unit, r.limit.window) != slot]
    crowded = dataclasses.replace(case, rules=[*others, own])
    alone = dataclasses.replace(case, rules=[*bare, own])
    assert crowded.purse().from_grants(cost) == alone.purse().from_grants(cost)


@given(case=cases, cost=costs, window=st.sampled_from(Window), unit=st.sampled_from(Unit))
def test_zero_forbids_whatever_was_granted(
    case: Case, cost: Cost, window: Window, unit: Unit
) -> None:
    none = Rule(LimitTarget(Scope.MEMBER, MIA), Limit(0, unit, window))
    rules = [*(r for r in case.rules if not quota_model.excludes(r, none)), none]
    rich = dataclasses.replace(case, rules=rules).with_grants(Cost(1000, 1000))
    assert not allows(rich, cost)
    assert not allows(rich, Cost(1, 0))


@given(case=cases, cost=costs, window=st.sampled_from(Window), unit=st.sampled_from(Unit))
def test_a_roles_zero_forbids_whatever_other_roles_have(
    case: Case, cost: Cost, window: Window, unit: Unit
) -> None:
    """Only a member's own limit, or exemption, goes before it."""
    muted = Rule(LimitTarget(Scope.ROLE, 9), Limit(0, unit, window))
    rules = [r for r in case.rules if r.target != LimitTarget(Scope.MEMBER, MIA)]
    rich = dataclasses.replace(case, rules=[*rules, muted]).with_grants(Cost(1000, 1000))
    assert not allows(dataclasses.replace(rich, roles=rich.roles | {9}), cost)
    own = [Rule(LimitTarget(Scope.MEMBER, MIA), NO_LIMIT)]
    alone = [r for r in rules if r.is_shared]
    exempt = dataclasses.replace(rich, rules=[*rules, muted, *own], roles=rich.roles | {9})
    assert allows(exempt, cost) == allows(dataclasses.replace(rich, rules=alone), cost)


@given(case=cases, cost=costs, budget=limits)
@example(
    Case([], frozenset(), UsageSums({}, {Window.DAY: Cost(1, 0)}, Cost(0, 0), Cost(9, 9))),
    Cost(1, 1),
    Limit(1, Unit.CLIPS, Window.DAY),
)
def test_no_grant_widens_a_budget(case: Case, cost: Cost, budget: Limit) -> None:
    rule = Rule(GUILD, budget)
    rules = [*(r for r in case.rules if quota_model.place(r) != quota_model.place(rule)), rule]
    rich = dataclasses.replace(case, rules=rules).with_grants(Cost(1000, 1000))
    used = case.sums.guild[budget.window].of(budget.unit)
    if used + cost.of(budget.unit) > max(used, budget.amount):
        assert not allows(rich, cost)


@given(case=cases, cost=costs, amount=st.integers(0, 12))
def test_no_rule_and_no_grant_widens_the_owners_ceiling(
    case: Case, cost: Cost, amount: int
) -> None:
    ceiling = Rule(OWNER, Limit(amount, Unit.USD, Window.MONTH))
    rules = [*(rule for rule in case.rules if rule.target != OWNER), ceiling]
    rich = dataclasses.replace(case, rules=rules).with_grants(Cost(1000, 1000))
    spent = case.sums.owner.micro_usd
    if spent + cost.micro_usd > max(spent, amount):
        assert not allows(rich, cost)


def _plus(one: Cost, other: Cost) -> Cost:
    return Cost(one.clips + other.clips, one.micro_usd + other.micro_usd)


@pytest.mark.parametrize(
    ("ceiling", "limit", "granted", "expected"),
    [
        (500, "3 clips a day", 0, 2),
        (500, "2 clips a day", 0, None),
        (500, "1 clip a day", 1, None),
        (500, "1 clip a day", 2, 2),
        (500, "0 clips a day", 9, None),
        (500, "$0.0006 a day", 0, 2),
        (500, "$0.0005 a day", 0, None),
        (500, "$0.0003 a day", 1, None),
        (100, "3 clips a day", 0, 0),
        (100, "0 clips a day", 0, 0),
    ],
)
def test_where_the_ceiling_ends_first(
    ceiling: int, limit: str, granted: int, expected: int | None
) -> None:
    rules = (
        Rule(EVERYONE, Limit.parse(limit)),
        Rule(OWNER, Limit(ceiling, Unit.USD, Window.MONTH)),
    )
    statuses = tuple(LimitStatus(rule, 0, NOON) for rule in rules)
    allowance = Allowance(statuses, Cost(granted, 0))
    bound = allowance.ceiling_bound(200)
    assert (bound and bound[1]) == expected
    assert allowance.ceiling_bound(0) is None, "no price, no number of clips"
    assert Allowance(statuses[1:], Cost(0, 0)).ceiling_bound(0) is None
