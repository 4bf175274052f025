"""Who may have clips made, and how many: the limits of roles and of everyone, as one choice.

Either everyone has limits, or some roles have and everyone else a limit of zero. What `/quota`
sets beside that, for members and other roles, stays as it is.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from bot.base import Limit, Unit, Window, value
from bot.quota.rules import EVERYONE, NO_LIMIT, LimitTarget, Rule, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_NO_OWN: Final[Mapping[int, tuple[Limit, ...]]] = MappingProxyType({})
_NOTHING: Final = Limit(0, Unit.CLIPS, Window.DAY)


@value
class FirstLimits:
    """Who may, and how much each of them.

    Attributes:
        role_ids: The only roles that may; empty where everyone may, or nobody.
        limits: Apply together, to each of these roles or to everyone; empty for no limit.
        own: The limits of those of the roles that have others than these.
    """

    role_ids: frozenset[int]
    limits: tuple[Limit, ...]
    own: Mapping[int, tuple[Limit, ...]] = _NO_OWN

    @property
    def is_nobody(self) -> bool:
        """Whether nobody may."""
        return not self.role_ids and any(limit.amount == 0 for limit in self.limits)


@value
class FirstLimitsChange:
    """What is to be another way; `None` stays as it is.

    Attributes:
        role_ids: The only roles that may from now on; empty for everyone.
        limit: The only one of whoever may; `NO_LIMIT` for none.
    """

    role_ids: frozenset[int] | None = None
    limit: Limit | None = None


def read(rules: Iterable[Rule]) -> FirstLimits:
    """Read the choice that a guild's rules amount to."""
    of: dict[LimitTarget, list[Limit]] = {}
    for rule in rules:
        of.setdefault(rule.target, []).append(rule.limit)
    everyones = of.get(EVERYONE, [])
    zeros = [limit for limit in everyones if limit.amount == 0]
    if not zeros:
        return FirstLimits(frozenset(), tuple(everyones))
    able = {
        target.id: tuple(limits)
        for target, limits in of.items()
        if target.scope is Scope.ROLE and _lift(limits, zeros)
    }
    limited = [limits for limits in able.values() if NO_LIMIT not in limits]
    if not limited:
        return FirstLimits(frozenset(able), () if able else tuple(everyones), able)
    # Of several the least, so that no change of who may gives anybody more than one of them has.
    limits = min(limited, key=lambda it: [(limit.unit, limit.amount) for limit in it])
    own = {role_id: it for role_id, it in able.items() if it != limits}
    return FirstLimits(frozenset(able), limits, own)


def wanted_rules(
    now: FirstLimits, change: FirstLimitsChange, owners: Limit
) -> dict[LimitTarget, list[Rule]]:
    """The rules that each target is to have, instead of all that it has.

    Roles keep limits of their own: of a new limit, those that are greater.

    Args:
        now: As it is.
        change: What is to be another way.
        owners: The owner's limit for everyone, for those who may again where nobody might.
    """
    roles = now.role_ids if change.role_ids is None else change.role_ids
    limits = now.limits
    if change.limit is not None:
        limits = () if change.limit == NO_LIMIT else (change.limit,)
    elif now.is_nobody:
        limits = (owners,)
    kept = now.own
    if change.limit is not None:
        kept = {role_id: own for role_id, own in kept.items() if _exceed(own, limits)}
        # Where all have their own, that is what is to be another way.
        kept = {} if kept.keys() >= roles else kept
    zeros = [replace(limit, amount=0) for limit in limits] or [_NOTHING]
    wanted: dict[LimitTarget, Sequence[Limit]] = {EVERYONE: zeros if roles else limits}
    for role_id in now.role_ids | roles:
        own = kept.get(role_id, ())
        if role_id not in roles:
            # They may as everyone may; where others alone may, they no longer do.
            of_role: Sequence[Limit] = () if roles else own
        else:
            of_role = own if _lift(own, zeros) else limits or [NO_LIMIT]
        wanted[LimitTarget(Scope.ROLE, role_id)] = of_role
    return {target: [Rule(target, it) for it in limits] for target, limits in wanted.items()}


def _exceed(own: Sequence[Limit], limits: Sequence[Limit]) -> bool:
    """Whether own limits are in the same units and windows as others, and greater in each."""
    if NO_LIMIT in own:
        return True
    amounts = {limit.unit_and_window: limit.amount for limit in own}
    others = {limit.unit_and_window: limit.amount for limit in limits}
    return amounts.keys() == others.keys() and all(amounts[it] > others[it] for it in others)


def _lift(limits: Sequence[Limit], zeros: Sequence[Limit]) -> bool:
    """Whether a role's limits stand instead of all these of everyone's, and forbid nothing."""
    if NO_LIMIT in limits:
        return True
    places = {limit.unit_and_window for limit in limits}
    return all(it.amount for it in limits) and places >= {it.unit_and_window for it in zeros}
