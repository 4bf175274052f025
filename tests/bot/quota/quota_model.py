"""The purse told a second time, in the words of its promises, to hold the real one against.

Nothing here is fast, stored or shared with `bot.quota`, except the plain values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from bot.base import Cost, Limit, Unit, Window, window_interval
from bot.base.clock import to_ms
from bot.quota.kept_windows import interval_at, keep
from bot.quota.rules import EVERYONE, GUILD, NO_LIMIT, OWNER, LimitTarget, Rule, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.quota.kept_windows import KeptWindows
    from bot.quota.ledger import MemberKey

NOTHING = Cost(0, 0)
DAY_MS = 86_400_000


def nearest(rules: Iterable[Rule], member: int, roles: Collection[int]) -> Iterator[Limit]:
    """For each unit and window the limit that is the member's."""
    known = list(rules)
    for unit, window in product(Unit, Window):
        limits = [r for r in known if r.limit != NO_LIMIT]
        there = [r for r in limits if (r.limit.unit, r.limit.window) == (unit, window)]
        own = [r.limit for r in there if r.target.scope is Scope.MEMBER and r.target.id == member]
        of_roles = [r.limit for r in there if r.target.scope is Scope.ROLE and r.target.id in roles]
        everyones = [r.limit for r in there if r.target == EVERYONE]
        exempt = {r.target for r in known if r.limit == NO_LIMIT}
        if own:
            yield own[0]
        elif LimitTarget(Scope.MEMBER, member) in exempt:
            continue
        elif any(limit.amount == 0 for limit in of_roles):
            yield Limit(0, unit, window)
        elif any(LimitTarget(Scope.ROLE, role) in exempt for role in roles):
            continue
        elif of_roles:
            yield max(of_roles, key=lambda limit: limit.amount)
        elif everyones:
            yield everyones[0]


def place(rule: Rule) -> tuple[LimitTarget, Unit, Window]:
    """Where there is room for one rule."""
    return rule.target, rule.limit.unit, rule.limit.window


def excludes(one: Rule, other: Rule) -> bool:
    """Whether there is room for only one of both: a target is exempt or has limits."""
    is_exempt = NO_LIMIT in {one.limit, other.limit}
    return one.target == other.target if is_exempt else place(one) == place(other)


def shared(rules: Iterable[Rule]) -> Iterator[Rule]:
    """The budgets that hold for everybody."""
    return (rule for rule in rules if rule.target in {GUILD, OWNER})


def uncovered(limit: Limit, used: Cost, cost: Cost) -> int:
    """How much of a cost a window has no room for."""
    room = limit.amount - used.of(limit.unit)
    asked = cost.of(limit.unit)
    return asked - min(asked, max(room, 0))


@dataclass
class Verdict:
    """What forbids a cost, and what grants would pay of it."""

    own: set[Limit] = field(default_factory=set)
    shared: set[Rule] = field(default_factory=set)
    drawn: Cost = NOTHING

    @property
    def allowed(self) -> bool:
        return not self.own and not self.shared


def judge(
    rules: Collection[Rule],
    member: int,
    roles: Collection[int],
    cost: Cost,
    granted: Cost,
    used: Callable[[Window], Cost],
    paid: Callable[[Rule], Cost],
) -> Verdict:
    """Decide a request.

    Args:
        used: Of the member, in a window.
        paid: Of the shared purse that a rule is about, in its window.
    """
    verdict = Verdict()
    needed = {Unit.CLIPS: 0, Unit.USD: 0}
    for limit in nearest(rules, member, roles):
        missing = uncovered(limit, used(limit.window), cost)
        needed[limit.unit] = max(needed[limit.unit], missing)
        if limit.amount == 0 or missing > granted.of(limit.unit):
            verdict.own.add(limit)
    for rule in shared(rules):
        asked = cost.of(rule.limit.unit)
        over = paid(rule).of(rule.limit.unit) + asked > rule.limit.amount
        if rule.limit.amount == 0 or (asked and over):
            verdict.shared.add(rule)
    verdict.drawn = Cost(needed[Unit.CLIPS], needed[Unit.USD])
    return verdict


@dataclass
class Extra:
    """A grant to a role, which each member has once, or one that ends."""

    guild: int
    target: LimitTarget
    amount: Cost
    ends: datetime | None

    def is_of(self, holder: MemberKey, roles: Collection[int], now: datetime) -> bool:
        named = {LimitTarget(Scope.MEMBER, holder.member_id)}
        named |= {LimitTarget(Scope.ROLE, role) for role in roles}
        is_over = self.ends is not None and to_ms(self.ends) <= to_ms(now)
        return self.guild == holder.guild_id and self.target in named and not is_over


@dataclass
class Clip:
    """A job's money: what its member pays in their windows, from grants, and what is billed.

    `extras` is the part of `granted` that comes from extra grants, in the order of their use.
    """

    holder: MemberKey
    at: int
    life: int
    own: Cost
    granted: Cost
    paid: Cost
    closed: bool = False
    settled: bool = False
    credited: bool = False
    in_doubt: bool = False
    extras: list[tuple[Extra, Cost]] = field(default_factory=list)

    def put_back(self) -> None:
        """What is not taken any more goes back, to what was used last first."""
        left, kept = self.granted, []
        for extra, taken in self.extras:
            clips, dollars = (min(taken.of(unit), left.of(unit)) for unit in Unit)
            kept.append((extra, Cost(clips, dollars)))
            left = Cost(left.clips - clips, left.micro_usd - dollars)
        self.extras = kept

    @property
    def from_extras(self) -> Cost:
        return _sum(taken for _, taken in self.extras)

    def settle(self, charge: int) -> None:
        """The real charge instead of the price: windows first, then grants, then windows again."""
        reserved = self.own.micro_usd + self.granted.micro_usd
        from_windows = min(charge, self.own.micro_usd)
        from_grants = min(charge - from_windows, self.granted.micro_usd)
        beyond = max(0, charge - reserved)
        self.own = Cost(self.own.clips, from_windows + beyond)
        self.granted = Cost(self.granted.clips, from_grants)
        self.paid = Cost(self.paid.clips, charge)
        self.closed = self.settled = True
        self.put_back()

    def refund(self) -> None:
        self.own = self.granted = self.paid = NOTHING
        self.closed = True
        self.put_back()

    def know(self, bill: int | None) -> None:
        """A doubt ends: the server pays what is on the bill, or for no clip at all."""
        self.paid = NOTHING if bill is None else Cost(1, bill)
        self.in_doubt = False

    def credit(self) -> None:
        """The member gets everything back; the bill stays."""
        self.own = self.granted = NOTHING
        self.credited = True
        self.put_back()


@dataclass
class Member:
    """What is known of a holder. `lives` counts resets, times are in ms.

    Attributes:
        lost_place: When finished clips had no place to be shown in.
    """

    lives: int = 0
    reset_at: int = 0
    latest: int = 0
    lost_place: list[int] = field(default_factory=list)
    given: Cost = NOTHING


class Books:
    """All clips, grants, resets and rules, and the sums over them, added up each time."""

    def __init__(self, default: Limit, ceiling: int | None, owner_zone: ZoneInfo) -> None:
        self.default = default
        self.ceiling = ceiling
        self.owner_zone = owner_zone
        self.zones: dict[int, ZoneInfo] = {}
        self.kept: dict[int, KeptWindows] = {}
        self.clips: dict[int, Clip] = {}
        self.members: dict[MemberKey, Member] = {}
        self.own_rules: dict[int, list[Rule]] = {}
        self.decided: set[int] = set()
        self.extras: list[Extra] = []

    def member(self, holder: MemberKey) -> Member:
        return self.members.setdefault(holder, Member())

    def zone(self, guild: int) -> ZoneInfo:
        return self.zones.get(guild, self.owner_zone)

    def since(self, guild: int, window: Window, now: datetime) -> datetime:
        """When the guild's window began that holds this moment."""
        return interval_at(window, now, self.zone(guild), self.kept.get(guild, {})).start

    def change_zone(self, guild: int, zone: ZoneInfo, now: datetime) -> None:
        self.kept[guild] = keep(now, self.zone(guild), self.kept.get(guild, {}))
        self.zones[guild] = zone

    def rules(self, guild: int) -> list[Rule]:
        """The guild's, with the owner's default where its moderators have not decided."""
        rules = list(self.own_rules.get(guild, []))
        return rules if guild in self.decided else [*rules, Rule(EVERYONE, self.default)]

    def put(self, guild: int, rule: Rule) -> None:
        kept = [r for r in self.rules(guild) if not excludes(r, rule)]
        self._change(guild, rule.target, kept)
        self.own_rules[guild].append(rule)

    def remove(self, guild: int, rule: Rule) -> None:
        """Forget the rule in this rule's place."""
        kept = [r for r in self.rules(guild) if place(r) != place(rule)]
        if len(kept) < len(self.rules(guild)):
            self._change(guild, rule.target, kept)

    def _change(self, guild: int, subject: LimitTarget, rules: list[Rule]) -> None:
        """From the first decision about everyone on, the owner's default is none any more."""
        if subject == EVERYONE:
            self.decided.add(guild)
        defaults = [] if guild in self.decided else [Rule(EVERYONE, self.default)]
        self.own_rules[guild] = [rule for rule in rules if rule not in defaults]

    def used(self, holder: MemberKey, since: datetime) -> Cost:
        """In the member's present life, from then on."""
        life = self.member(holder).lives
        return _sum(
            clip.own
            for clip in self.clips.values()
            if clip.holder == holder and clip.life == life and clip.at >= to_ms(since)
        )

    def held(self, holder: MemberKey, since: datetime) -> Cost:
        """The part of `used` that is not final yet."""
        life = self.member(holder).lives
        return _sum(
            clip.own
            for clip in self.clips.values()
            if not clip.closed
            and clip.holder == holder
            and clip.life == life
            and clip.at >= to_ms(since)
        )

    def granted(self, holder: MemberKey) -> Cost:
        """Given, less what clips have used up."""
        given = self.member(holder).given
        own = [clip for clip in self.clips.values() if clip.holder == holder]
        spent, extra = _sum(clip.granted for clip in own), _sum(clip.from_extras for clip in own)
        return Cost(
            given.clips - spent.clips + extra.clips,
            given.micro_usd - spent.micro_usd + extra.micro_usd,
        )

    def left_of(self, extra: Extra, holder: MemberKey) -> Cost:
        """What the holder has left of an extra grant."""
        own = [clip for clip in self.clips.values() if clip.holder == holder]
        taken = _sum(cost for clip in own for it, cost in clip.extras if it is extra)
        clips = max(0, extra.amount.clips - taken.clips)
        return Cost(clips, max(0, extra.amount.micro_usd - taken.micro_usd))

    def extras_of(
        self, holder: MemberKey, roles: Collection[int], now: datetime
    ) -> list[tuple[Extra, Cost]]:
        """The extra grants that a holder with roles has, those that end first before."""
        found = [it for it in self.extras if it.is_of(holder, roles, now)]
        found.sort(key=lambda it: math.inf if it.ends is None else to_ms(it.ends))
        return [(it, self.left_of(it, holder)) for it in found]

    def paid(self, guild: int | None, since: datetime) -> Cost:
        """By one guild, or by all."""
        return _sum(
            clip.paid
            for clip in self.clips.values()
            if guild in {None, clip.holder.guild_id} and clip.at >= to_ms(since)
        )

    def ordered(self, guild: int | None, since: datetime, rendered: Collection[int]) -> Cost:
        """Paid without what waits, and may come back."""
        return _sum(
            clip.paid
            for job, clip in self.clips.items()
            if guild in {None, clip.holder.guild_id}
            and clip.at >= to_ms(since)
            and (clip.closed or job in rendered)
        )

    def judge(
        self, holder: MemberKey, roles: Collection[int], cost: Cost, now: datetime
    ) -> Verdict:
        def paid(rule: Rule) -> Cost:
            if rule.target == OWNER:
                return self.paid(None, window_interval(Window.MONTH, now, self.owner_zone).start)
            return self.paid(holder.guild_id, self.since(holder.guild_id, rule.limit.window, now))

        return judge(
            [*self.rules(holder.guild_id), *self._owners()],
            holder.member_id,
            roles,
            cost,
            _sum([self.granted(holder), *(it for _, it in self.extras_of(holder, roles, now))]),
            lambda window: self.used(holder, self.since(holder.guild_id, window, now)),
            paid,
        )

    def reserve(
        self,
        job: int,
        holder: MemberKey,
        cost: Cost,
        drawn: Cost,
        now: datetime,
        roles: Collection[int] = (),
    ) -> None:
        member, extras = self.member(holder), self.extras_of(holder, roles, now)
        at = max(to_ms(now), member.reset_at)
        own = Cost(cost.clips - drawn.clips, cost.micro_usd - drawn.micro_usd)
        clip = Clip(holder, at, member.lives, own, drawn, cost, extras=extras)
        clip.put_back()
        # Each draw is an entry of the ledger, at the time of the request.
        if clip.from_extras != NOTHING:
            member.latest = max(member.latest, to_ms(now))
        self.clips[job] = clip
        member.latest = max(member.latest, at)

    def own_grants(self, holder: MemberKey, now: datetime) -> Cost:
        """Without those of roles."""
        return _sum([self.granted(holder), *(it for _, it in self.extras_of(holder, (), now))])

    def take_back(self, holder: MemberKey, amount: Cost, now: datetime) -> None:
        """Grant an amount; a negative one is taken from what ends first."""
        for extra, left in self.extras_of(holder, (), now):
            clips, dollars = (min(max(0, -amount.of(unit)), left.of(unit)) for unit in Unit)
            extra.amount = Cost(extra.amount.clips - clips, extra.amount.micro_usd - dollars)
            amount = Cost(amount.clips + clips, amount.micro_usd + dollars)
        if amount != NOTHING:
            self.grant(holder, amount, now)

    def grant(self, holder: MemberKey, amount: Cost, now: datetime) -> None:
        member = self.member(holder)
        member.given = _sum([member.given, amount])
        member.latest = max(member.latest, to_ms(now))

    def loses_place(self, holder: MemberKey, now: datetime) -> bool:
        """A clip has no place; return whether its member gets it back."""
        lost = self.member(holder).lost_place
        is_first = all(at <= to_ms(now) - DAY_MS for at in lost)
        lost.append(to_ms(now))
        return is_first

    def reset(self, holder: MemberKey, now: datetime) -> None:
        member = self.member(holder)
        member.lives += 1
        member.reset_at = member.latest = max(to_ms(now), member.latest + 1)

    def _owners(self) -> list[Rule]:
        if self.ceiling is None:
            return []
        return [Rule(OWNER, Limit(self.ceiling, Unit.USD, Window.MONTH))]


def _sum(costs: Iterable[Cost]) -> Cost:
    known = list(costs)
    return Cost(sum(cost.clips for cost in known), sum(cost.micro_usd for cost in known))
