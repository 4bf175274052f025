"""Who may and how much, read from rules and written as rules: the two agree."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.base import Limit, Unit, Window
from bot.quota.first_limits import FirstLimits, FirstLimitsChange, read, wanted_rules
from bot.quota.rules import EVERYONE, NO_LIMIT, LimitTarget, Rule, Scope

FIVE, NINE = (Limit(it, Unit.CLIPS, Window.DAY) for it in (5, 9))
DOLLAR = Limit(1_000_000, Unit.USD, Window.WEEK)
OWNERS = Limit(2, Unit.CLIPS, Window.HOUR)


def everyone(*limits: Limit) -> list[Rule]:
    return [Rule(EVERYONE, it) for it in limits]


def role(role_id: int, *limits: Limit) -> list[Rule]:
    return [Rule(LimitTarget(Scope.ROLE, role_id), it) for it in limits]


def zero(limit: Limit) -> Limit:
    return Limit(0, limit.unit, limit.window)


def changed(rules: list[Rule], change: FirstLimitsChange) -> list[Rule]:
    """All rules after a change, as the service replaces them target by target."""
    wanted = wanted_rules(read(rules), change, OWNERS)
    left = [it for it in rules if it.target not in wanted]
    return left + [it for of in wanted.values() for it in of]


def only(*role_ids: int) -> FirstLimitsChange:
    return FirstLimitsChange(role_ids=frozenset(role_ids))


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], FirstLimits(frozenset(), ())),
        (everyone(FIVE, DOLLAR), FirstLimits(frozenset(), (FIVE, DOLLAR))),
        (everyone(FIVE) + role(1, NINE), FirstLimits(frozenset(), (FIVE,))),
        (everyone(zero(FIVE)), FirstLimits(frozenset(), (zero(FIVE),))),
        (everyone(zero(FIVE)) + role(1, FIVE), FirstLimits(frozenset({1}), (FIVE,))),
        # In another unit than the zero, which so applies beside it.
        (everyone(zero(FIVE)) + role(1, DOLLAR), FirstLimits(frozenset(), (zero(FIVE),))),
        (everyone(zero(FIVE)) + role(1, zero(FIVE)), FirstLimits(frozenset(), (zero(FIVE),))),
        (
            everyone(zero(FIVE)) + role(1, NINE) + role(2, FIVE) + role(3, NO_LIMIT),
            FirstLimits(frozenset({1, 2, 3}), (FIVE,), {1: (NINE,), 3: (NO_LIMIT,)}),
        ),
    ],
)
def test_rules_are_read_as_what_members_meet(rules: list[Rule], expected: FirstLimits) -> None:
    assert read(rules) == expected


def test_nobody_is_told_from_everyone_and_ends_with_the_owners_limit() -> None:
    rules = everyone(zero(FIVE))
    assert read(rules).is_nobody
    assert changed(rules, only(1)) == [*everyone(zero(OWNERS)), *role(1, OWNERS)]
    assert changed(rules, FirstLimitsChange(limit=NINE)) == everyone(NINE)


def test_several_limits_move_together() -> None:
    rules = changed(everyone(FIVE, DOLLAR), only(1))
    assert rules == [*everyone(zero(FIVE), zero(DOLLAR)), *role(1, FIVE, DOLLAR)]
    assert changed(rules, only()) == everyone(FIVE, DOLLAR)


def test_an_own_limit_in_another_unit_gives_way_as_it_would_shut_its_role_out() -> None:
    rules = everyone(zero(FIVE)) + role(1, FIVE) + role(2, NINE) + role(3, NO_LIMIT)
    now = read(changed(rules, FirstLimitsChange(limit=DOLLAR)))
    assert now == FirstLimits(frozenset({1, 2, 3}), (DOLLAR,), {3: (NO_LIMIT,)})


def test_a_role_that_is_taken_out_may_no_longer_whatever_it_had() -> None:
    rules = everyone(zero(FIVE)) + role(1, FIVE) + role(2, NINE) + role(3, NO_LIMIT)
    assert read(changed(rules, only(1))) == FirstLimits(frozenset({1}), (FIVE,))


LIMITS = st.builds(
    Limit,
    st.integers(0, 3),
    st.sampled_from(list(Unit)),
    st.sampled_from([Window.DAY, Window.WEEK]),
)


@st.composite
def guilds(draw: st.DrawFn) -> list[Rule]:
    """Any rules that a guild can have: one of each unit and window, or an exemption."""
    rules: list[Rule] = []
    for target in (EVERYONE, *(LimitTarget(Scope.ROLE, it) for it in range(1, 4))):
        if target != EVERYONE and draw(st.booleans()):
            rules.append(Rule(target, NO_LIMIT))
        else:
            places = draw(st.lists(LIMITS, max_size=2, unique_by=lambda it: it.unit_and_window))
            rules += [Rule(target, it) for it in places]
    return rules


@given(guilds(), st.frozensets(st.integers(1, 3), min_size=1))
def test_the_chosen_roles_may_and_nobody_else_by_a_role_that_could_not_before(
    rules: list[Rule], role_ids: frozenset[int]
) -> None:
    after = read(changed(rules, only(*role_ids)))
    # Roles whose own limits stand instead of everyone's are not shut out by a choice of others.
    assert after.role_ids >= role_ids
    had = {it.target.id for it in rules if it.target.scope is Scope.ROLE}
    assert after.role_ids - role_ids <= had
    # Shown is what the next choice starts from: chosen once more, exactly these may.
    assert read(changed(changed(rules, only(*role_ids)), only(*role_ids))).role_ids == role_ids


@given(guilds(), st.sampled_from([FIVE, NINE, DOLLAR, NO_LIMIT]))
@example(everyone(Limit(0, Unit.CLIPS, Window.WEEK)) + role(1, NO_LIMIT) + role(3, FIVE), NO_LIMIT)
def test_a_chosen_limit_is_what_is_shown_for_the_same_people(
    rules: list[Rule], limit: Limit
) -> None:
    before, after = read(rules), read(changed(rules, FirstLimitsChange(limit=limit)))
    # A role whose own limit was shut out by a zero of another unit may again, and is shown.
    more = after.role_ids - before.role_ids
    assert after.role_ids >= before.role_ids
    # Without a limit it is clips a day that everybody else has none of.
    others = Limit(0, Unit.CLIPS, Window.DAY) if limit == NO_LIMIT else limit
    own = {it.target.id for it in rules if it.limit.unit_and_window == others.unit_and_window}
    assert more <= own
    if more:
        return
    if limit != NO_LIMIT:
        assert after.limits == (limit,)
    else:
        assert after.limits == ()


@given(guilds())
def test_everyone_may_again(rules: list[Rule]) -> None:
    after = read(changed(rules, only()))
    assert not after.role_ids
    assert not after.is_nobody
