"""Any interleaving of what moves money, with kills, held against the books told a second time."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from bot.base import Cost, Limit, Unit, Window
from bot.guilds.settings_service import Setting
from bot.quota.errors import GrantTooSmallError, NoSuchLimitError
from bot.quota.ledger import MemberKey
from bot.quota.overview import ChosenTarget
from bot.quota.rules import EVERYONE, GUILD, NO_LIMIT, LimitTarget, Rule, Scope
from tests.bot.quota.audited_spending import Audited
from tests.bot.quota.drawn_requests import (
    HOLDERS,
    MODERATOR,
    by,
    calls,
    ceilings,
    guild_ids,
    holders,
    limits,
    requests,
    subjects,
    whom,
)
from tests.bot.quota.ledger_harness import ANYWHERE, BERLIN, BreakOff
from tests.bot.quota.quota_model import Extra, nearest
from tests.bot.rows import requester

if TYPE_CHECKING:
    from tests.bot.quota.drawn_requests import Request

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # a hundred drawn histories

STEPS = [
    timedelta(milliseconds=1),
    timedelta(minutes=29, milliseconds=370),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(days=1),
    timedelta(days=29),
]


TIME_ZONES = ["Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Tokyo"]


class Purse(Audited):
    @initialize(default=limits, ceiling=ceilings)
    def found(self, default: Limit, ceiling: int | None) -> None:
        self.deeds = 0
        self.open(default, ceiling)
        for holder, unit in product(HOLDERS, Unit):
            self.grant(holder, unit, 5)
        for guild in (BERLIN, ANYWHERE):
            self.set_limit(guild, GUILD, Limit(1_000_000, Unit.USD, Window.MONTH))
        for guild, unit, role in product((BERLIN, ANYWHERE), Unit, (1, 2)):
            role_target = LimitTarget(Scope.ROLE, role)
            self.grant_extra(guild, role_target, unit, 2, None if role == 1 else 2)

    # Moderators

    @rule(holder=holders, unit=st.sampled_from(Unit), tenths=st.sampled_from([-4, -1, 1, 2, 5]))
    def grant(self, holder: MemberKey, unit: Unit, tenths: int) -> None:
        amount = tenths if unit is Unit.CLIPS else tenths * 100_000
        deed = self.bank.quota.grant(by(holder.guild_id), whom(holder), unit, amount)
        if self.books.own_grants(holder, self.bank.now).of(unit) + amount < 0:
            with pytest.raises(GrantTooSmallError):
                self.bank.run(deed)
            return
        self.bank.run(deed)
        change = Cost(amount, 0) if unit is Unit.CLIPS else Cost(0, amount)
        self.books.take_back(holder, change, self.bank.now)
        self.deeds += 1

    @rule(
        guild=guild_ids,
        subject=subjects.filter(lambda it: it.id),
        unit=st.sampled_from(Unit),
        tenths=st.integers(1, 5),
        days=st.sampled_from([None, 1, 2, 30]),
    )
    def grant_extra(
        self, guild: int, subject: LimitTarget, unit: Unit, tenths: int, days: int | None
    ) -> None:
        """To a role, or with an end."""
        if subject.scope is Scope.MEMBER and days is None:
            return
        amount = tenths if unit is Unit.CLIPS else tenths * 100_000
        lasts = None if days is None else timedelta(days=days)
        deed = self.bank.quota.grant(by(guild), ChosenTarget(subject), unit, amount, lasts)
        self.bank.run(deed)
        cost = Cost(amount, 0) if unit is Unit.CLIPS else Cost(0, amount)
        ends = None if lasts is None else self.bank.now + lasts
        self.books.extras.append(Extra(guild, subject, cost, ends))
        self.deeds += 1

    @rule(guild=guild_ids, role=st.integers(1, 2), unit=st.sampled_from(Unit))
    def take_back_from_a_role(self, guild: int, role: int, unit: Unit) -> None:
        """All that it has, also where a clip holds a part of it."""
        target, now = LimitTarget(Scope.ROLE, role), self.bank.now
        mine = [it for it in self.books.extras if (it.guild, it.target) == (guild, target)]
        nobody = MemberKey(guild, 0)
        held = [it for it in mine if it.is_of(nobody, [role], now)]
        amount = sum(it.amount.of(unit) for it in held)
        if amount:
            deed = self.bank.quota.grant(by(guild), ChosenTarget(target), unit, -amount)
            self.bank.run(deed)
            for extra in held:
                kept = extra.amount
                is_clips = unit is Unit.CLIPS
                extra.amount = Cost(0, kept.micro_usd) if is_clips else Cost(kept.clips, 0)
            self.deeds += 1

    @rule(holder=holders, calls=calls, how=st.sampled_from(BreakOff))
    def grant_and_break_off(self, holder: MemberKey, calls: int, how: BreakOff) -> None:
        deed = self.bank.quota.grant(by(holder.guild_id), whom(holder), Unit.CLIPS, 2)
        if self.broken_off(deed, calls, how):
            self.books.grant(holder, Cost(2, 0), self.bank.now)
            self.deeds += 1

    @rule(holder=holders)
    def reset(self, holder: MemberKey) -> None:
        self.bank.run(self.bank.quota.reset(by(holder.guild_id), whom(holder)))
        self.books.reset(holder, self.bank.now)
        self.deeds += 1

    @rule(guild=guild_ids, subject=subjects, limit=limits)
    def set_limit(self, guild: int, subject: LimitTarget, limit: Limit) -> None:
        self.bank.run(self.bank.quota.set_limit(by(guild), ChosenTarget(subject), limit))
        self.books.put(guild, Rule(subject, limit))
        self.deeds += 1

    @rule(guild=guild_ids, subject=subjects.filter(lambda it: it.id))
    def exempt(self, guild: int, subject: LimitTarget) -> None:
        rule, before = Rule(subject, NO_LIMIT), self.books.rules(guild)
        replaced = [it for it in before if it.target == subject and it != rule]
        done = self.bank.run(self.bank.quota.exempt(by(guild), ChosenTarget(subject)))
        assert {it for it in done.replaced if it != rule} == set(replaced)
        self.books.put(guild, rule)
        self.deeds += 1 + len(replaced)

    @rule(guild=guild_ids, data=st.data())
    def remove_limit(self, guild: int, data: st.DataObject) -> None:
        known = self.books.rules(guild)
        rule = data.draw(st.sampled_from(known or [Rule(EVERYONE, Limit(1, Unit.USD, Window.DAY))]))
        limit = rule.limit
        place = () if limit == NO_LIMIT else (limit.unit, limit.window)
        deed = self.bank.quota.remove_limits(by(guild), ChosenTarget(rule.target), *place)
        if not known:
            with pytest.raises(NoSuchLimitError):
                self.bank.run(deed)
            return
        self.bank.run(deed)
        self.books.remove(guild, rule)
        self.deeds += 1

    @rule(guild=guild_ids, zone=st.sampled_from(TIME_ZONES))
    def change_the_time_zone(self, guild: int, zone: str) -> None:
        """What is used stays used, at least until it would have been there again."""
        members = [requester(it.member_id, it.guild_id) for it in HOLDERS if it.guild_id == guild]
        before = [self.bank.run(self.bank.requests.usage(it)).allowance for it in members]
        wanted = {Setting.TIME_ZONE: zone}
        changed = self.bank.run(self.bank.settings.change(guild, MODERATOR, wanted))
        if changed.after:
            self.books.change_zone(guild, ZoneInfo(zone), self.bank.now)
            self.deeds += 1
        after = [self.bank.run(self.bank.requests.usage(it)).allowance for it in members]
        for was, now in zip(before, after, strict=True):
            for old, new in zip(was.statuses, now.statuses, strict=True):
                assert (new.rule, new.used) == (old.rule, old.used)
                assert new.renews_at >= old.renews_at

    # Time, and the owner

    @rule(step=st.sampled_from(STEPS), back=st.sampled_from([False, False, True]))
    def move_the_clock(self, step: timedelta, back: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        self.bank.now += -step if back else step

    @rule(default=limits, ceiling=ceilings)
    def restart_with_other_terms(self, default: Limit, ceiling: int | None) -> None:
        self.bank.reopen(default, ceiling)
        self.books.default, self.books.ceiling = default, ceiling

    @rule()
    def post_alerts(self) -> None:
        self.bank.try_to_write("UPDATE log_messages SET sent_at = 1 WHERE sent_at IS NULL")

    @rule(request=requests)
    def look(self, request: Request) -> None:
        """Members are told the limits that they have, and moderators what is reserved of them."""
        holder = request.holder
        standings = self.bank.run(self.bank.requests.usage(request.who)).allowance.statuses
        own = [standing.limit for standing in standings if not standing.rule.is_shared]
        known = nearest(self.books.rules(holder.guild_id), holder.member_id, request.roles)
        assert sorted(own, key=repr) == sorted(known, key=repr)
        since = self.books.since(holder.guild_id, Window.MONTH, self.bank.now)
        assert self.bank.run(self.bank.held(holder, since)) == self.books.held(holder, since)


TestPurse = Purse.TestCase
# Without shrinking, which takes minutes here: add it to look into a failure.
TestPurse.settings = settings(
    max_examples=12, stateful_step_count=40, phases=set(Phase) - {Phase.shrink}
)
