"""Any interleaving of what moves money, with kills, held against the books told a second time."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, TypeGuard

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.moderation.audit import By
from bot.moderation.gate import Wish
from bot.purse import ledger
from bot.purse.errors import GrantTooSmallError, LimitReachedError, NoSuchLimitError
from bot.purse.ledger import ALL_GUILDS, Holder
from bot.purse.limits import Cost, Limit, Unit, Window, span
from bot.purse.overview import Whom
from bot.purse.rules import EVERYONE, GUILD, Rule, Scope, Subject
from bot.request import Accepted, Ask
from bot.stills import Still
from tests.bot.purse.bank import ANYWHERE, BERLIN, OWNER_ZONE, ZONES, Bank
from tests.bot.purse.model import Books, Clip, nearest
from tests.bot.rows import address, front, requester

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.errors import RefusedError
    from pika import Duration, Resolution

MODERATOR = 99
HOLDERS = [Holder(guild, member) for guild in (BERLIN, ANYWHERE) for member in (20, 21)]
PRICES: dict[tuple[Resolution, Duration], int] = {
    ("720p", 5): 200_000,
    ("1080p", 5): 450_000,
    ("720p", 10): 400_000,
    ("1080p", 10): 600_000,
}
STILL = Still(b"\xff\xd8 a picture \xff\xd9", 640, 360, "JPEG")
STEPS = [
    timedelta(milliseconds=1),
    timedelta(minutes=29, milliseconds=370),
    timedelta(hours=1),
    timedelta(hours=7),
    timedelta(days=1),
    timedelta(days=6),
    timedelta(days=29),
]

holders = st.sampled_from(HOLDERS)
roles = st.frozensets(st.integers(1, 2))
sizes = st.sampled_from(list(PRICES))
windows = st.sampled_from([*Window, Window.DAY, Window.DAY, Window.MONTH])
dollars = st.integers(0, 12).map(lambda tenths: tenths * 100_000)
limits = st.builds(Limit, st.integers(0, 3), st.just(Unit.CLIPS), windows) | st.builds(
    Limit, dollars, st.just(Unit.USD), windows
)
subjects = (
    st.sampled_from([Subject(Scope.MEMBER, holder.member_id) for holder in HOLDERS[:2]])
    | st.builds(Subject, st.just(Scope.ROLE), st.integers(1, 2))
    | st.sampled_from([EVERYONE, GUILD])
)
guild_ids = st.sampled_from([BERLIN, ANYWHERE])
requests = st.tuples(holders, roles, sizes)
ceilings = st.none() | st.integers(0, 30).map(lambda tenths: tenths * 100_000)
calls = st.integers(0, 45)


class Purse(RuleBasedStateMachine):
    bank: Bank
    books: Books

    @initialize(default=limits, ceiling=ceilings)
    def found(self, default: Limit, ceiling: int | None) -> None:
        self.bank = Bank(default, ceiling)
        self.books = Books(default, ceiling, OWNER_ZONE)
        self.books.zones = dict(ZONES)
        self.deeds = 0
        self.rendered: set[int] = set()
        for holder, unit in product(HOLDERS, Unit):
            self.grant(holder, unit, 4)

    def teardown(self) -> None:
        if hasattr(self, "bank"):
            try:
                self.nothing_is_rewritten()
            finally:
                self.bank.close()

    # Members

    @rule(request=requests)
    def ask(self, request: tuple[Holder, frozenset[int], tuple[Resolution, Duration]]) -> None:
        holder, roles, size = request
        cost = Cost(1, PRICES[size])
        verdict = self.books.judge(holder, roles, cost, self.bank.now)
        ask = asked(*request)
        if verdict.allowed:
            self.bank.run(self.bank.desk.consider(ask.front))
            accepted = self.bank.run(self.bank.desk.request(ask))
            self.books.reserve(accepted.job.id, holder, cost, verdict.drawn, self.bank.now)
            assert accepted.purse == self.bank.run(self.bank.desk.account(ask.front.who)).purse
            return
        with pytest.raises(LimitReachedError):
            self.bank.run(self.bank.desk.consider(ask.front))
        with pytest.raises(LimitReachedError) as refusal:
            self.bank.run(self.bank.desk.request(ask))
        own = refusal.value.standing.limit in verdict.own
        assert own or refusal.value.standing.rule in verdict.shared
        self.fits_are_all_that_fits(holder, roles, cost, refusal.value)

    def fits_are_all_that_fits(
        self, holder: Holder, roles: frozenset[int], cost: Cost, refusal: LimitReachedError
    ) -> None:
        cheaper = [price for price in PRICES.values() if price < cost.micro_usd]
        fitting = {
            price
            for price in cheaper
            if self.books.judge(holder, roles, Cost(1, price), self.bank.now).allowed
        }
        assert {fit.price_micro_usd for fit in refusal.fits} == fitting

    @rule(wanted=st.lists(requests, min_size=2, max_size=6))
    def ask_at_once(
        self, wanted: list[tuple[Holder, frozenset[int], tuple[Resolution, Duration]]]
    ) -> None:
        async def rush() -> list[Accepted | BaseException]:
            asks = (self.bank.desk.request(asked(*request)) for request in wanted)
            return await asyncio.gather(*asks, return_exceptions=True)

        answers = list(zip(wanted, self.bank.run(rush()), strict=True))
        accepted = [(answer.job.id, request) for request, answer in answers if is_yes(answer)]
        for job, (holder, roles, size) in sorted(accepted, key=lambda it: it[0]):
            cost = Cost(1, PRICES[size])
            verdict = self.books.judge(holder, roles, cost, self.bank.now)
            assert verdict.allowed
            self.books.reserve(job, holder, cost, verdict.drawn, self.bank.now)
        for (holder, roles, size), answer in answers:
            if not is_yes(answer):
                assert isinstance(answer, LimitReachedError), answer
                cost = Cost(1, PRICES[size])
                assert not self.books.judge(holder, roles, cost, self.bank.now).allowed

    @rule(request=requests, calls=calls, kill=st.booleans())
    def ask_and_break_off(
        self,
        request: tuple[Holder, frozenset[int], tuple[Resolution, Duration]],
        calls: int,
        kill: bool,  # noqa: FBT001 - hypothesis passes by name
    ) -> None:
        holder, roles, size = request
        cost = Cost(1, PRICES[size])
        verdict = self.books.judge(holder, roles, cost, self.bank.now)
        asking = _or_refused(self.bank.desk.request(asked(*request)))
        if self.broken_off(asking, calls, kill=kill) and verdict.allowed:
            job = self.bank.rows("SELECT max(id) AS id FROM jobs")[0]["id"]
            self.books.reserve(job, holder, cost, verdict.drawn, self.bank.now)

    # Clips

    def open_clips(self) -> list[int]:
        return [job for job, clip in self.books.clips.items() if not clip.closed]

    @precondition(lambda self: self.open_clips())
    @rule(data=st.data(), share=st.sampled_from([None, 0, 50, 100, 170]))
    def finish(self, data: st.DataObject, share: int | None) -> None:
        """Pika bills the price, or a share of it in percent."""
        job = data.draw(st.sampled_from(self.open_clips()), "job")
        clip = self.books.clips[job]
        charge = clip.paid.micro_usd if share is None else clip.paid.micro_usd * share // 100
        if job not in self.rendered:
            self.bank.run(self.bank.render(job, None if share is None else charge))
            self.rendered.add(job)
        else:
            charge = self.billed(job)
        self.close(data, job, self.bank.deliver(job), lambda: clip.settle(charge))

    @precondition(lambda self: self.open_clips())
    @rule(data=st.data(), made=st.booleans())
    def fail(self, data: st.DataObject, made: bool) -> None:  # noqa: FBT001 - as above
        """A clip that Pika has made is paid for, though its member gets everything back."""
        job = data.draw(st.sampled_from(self.open_clips()), "job")
        clip = self.books.clips[job]
        if made and job not in self.rendered:
            self.bank.run(self.bank.render(job))
            self.rendered.add(job)
        if job not in self.rendered:
            self.close(data, job, self.bank.refuse(job), clip.refund)
            return
        charge = self.billed(job)
        self.close(data, job, self.bank.refuse(job), lambda: settle_and_credit(clip, charge))

    def billed(self, job: int) -> int:
        sql = (
            f"SELECT coalesce(charge_micro_usd, price_micro_usd) AS usd FROM jobs WHERE id = {job}"
        )
        return int(self.bank.rows(sql)[0]["usd"])

    def close(
        self,
        data: st.DataObject,
        job: int,
        deed: Coroutine[Any, Any, None],
        effect: Callable[[], None],
    ) -> None:
        """Do it whole, or broken off: then it is done only if its one transaction was."""
        how = data.draw(st.sampled_from(["whole", "whole", "cancelled", "killed"]), "how")
        if how == "whole":
            self.bank.run(deed)
            effect()
            return
        # The first transaction only reads the job.
        made = self.broken_off(deed, data.draw(calls, "calls"), kill=how == "killed")
        if made > 1:
            effect()
        else:
            assert self.bank.rows(f"SELECT 1 FROM jobs WHERE id = {job} AND ended_at IS NULL")

    def creditable(self) -> list[int]:
        clips = self.books.clips.items()
        return [job for job, clip in clips if clip.settled and not clip.credited]

    @precondition(lambda self: self.creditable())
    @rule(data=st.data())
    def take_down_with_refund(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.creditable()), "job")
        self.bank.run(self.bank.credit(job, MODERATOR))
        self.books.clips[job].credit()

    @precondition(lambda self: self.books.clips)
    @rule(data=st.data(), charge=dollars)
    def close_twice(self, data: st.DataObject, charge: int) -> None:
        """What was closed or credited before stays as it is."""
        job = data.draw(st.sampled_from(list(self.books.clips)), "job")
        clip = self.books.clips[job]
        if clip.closed:
            with pytest.raises(sqlite3.IntegrityError):
                self.bank.run(self.enter(lambda tx: ledger.settle(tx, job, charge, self.bank.now)))
            with pytest.raises(sqlite3.IntegrityError):
                self.bank.run(self.enter(lambda tx: ledger.refund(tx, job, self.bank.now)))
        if clip.credited or not clip.settled:
            with pytest.raises((sqlite3.IntegrityError, ledger.LedgerError)):
                self.bank.run(self.bank.credit(job, MODERATOR))

    async def enter(self, entry: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
        async with self.bank.database.transaction() as tx:
            await entry(tx)

    # Moderators

    @rule(holder=holders, unit=st.sampled_from(Unit), tenths=st.sampled_from([-4, -1, 1, 2, 5]))
    def grant(self, holder: Holder, unit: Unit, tenths: int) -> None:
        amount = tenths if unit is Unit.CLIPS else tenths * 100_000
        deed = self.bank.treasurer.grant(by(holder.guild_id), whom(holder), unit, amount)
        if self.books.granted(holder).of(unit) + amount < 0:
            with pytest.raises(GrantTooSmallError):
                self.bank.run(deed)
            return
        self.bank.run(deed)
        change = Cost(amount, 0) if unit is Unit.CLIPS else Cost(0, amount)
        self.books.grant(holder, change, self.bank.now)
        self.deeds += 1

    @rule(holder=holders, calls=calls)
    def grant_and_kill(self, holder: Holder, calls: int) -> None:
        deed = self.bank.treasurer.grant(by(holder.guild_id), whom(holder), Unit.CLIPS, 2)
        if self.broken_off(deed, calls, kill=True):
            self.books.grant(holder, Cost(2, 0), self.bank.now)
            self.deeds += 1

    @rule(holder=holders)
    def reset(self, holder: Holder) -> None:
        self.bank.run(self.bank.treasurer.reset(by(holder.guild_id), whom(holder)))
        self.books.reset(holder, self.bank.now)
        self.deeds += 1

    @rule(guild=guild_ids, subject=subjects, limit=limits)
    def set_limit(self, guild: int, subject: Subject, limit: Limit) -> None:
        self.bank.run(self.bank.treasurer.set_limit(by(guild), Whom(subject), limit))
        self.books.put(guild, Rule(subject, limit))
        self.deeds += 1

    @rule(guild=guild_ids, data=st.data())
    def remove_limit(self, guild: int, data: st.DataObject) -> None:
        known = self.books.rules(guild)
        rule = data.draw(st.sampled_from(known or [Rule(EVERYONE, Limit(1, Unit.USD, Window.DAY))]))
        limit = rule.limit
        deed = self.bank.treasurer.remove_limits(
            by(guild), Whom(rule.subject), limit.unit, limit.window
        )
        if not known:
            with pytest.raises(NoSuchLimitError):
                self.bank.run(deed)
            return
        self.bank.run(deed)
        self.books.remove(guild, rule)
        self.deeds += 1

    # Time, and the owner

    @rule(step=st.sampled_from(STEPS))
    def pass_time(self, step: timedelta) -> None:
        self.bank.now += step

    @rule(step=st.sampled_from(STEPS))
    def move_the_clock_back(self, step: timedelta) -> None:
        self.bank.now -= step

    @rule(default=limits, ceiling=ceilings)
    def restart_with_other_terms(self, default: Limit, ceiling: int | None) -> None:
        self.bank.reopen(default, ceiling)
        self.books.default, self.books.ceiling = default, ceiling

    def broken_off(self, deed: Coroutine[Any, Any, object], calls: int, *, kill: bool) -> int:
        made = self.bank.broken_off(deed, calls, kill=kill)
        if self.bank.brittle.dead:
            self.bank.reopen(self.books.default, self.books.ceiling)
        return made

    # What must hold

    @invariant()
    def no_balance_is_wrong(self) -> None:
        if hasattr(self, "bank"):
            self.bank.run(self.compare_sums())

    async def compare_sums(self) -> None:
        now = self.bank.now
        async with self.bank.database.transaction() as tx:
            known = list(self.books.members)
            for holder, window in product(known, Window):
                since = span(window, now, self.books.zone(holder.guild_id)).start
                assert await ledger.used(tx, holder, since) == self.books.used(holder, since)
            for holder in known:
                held = await ledger.granted(tx, holder)
                assert held == self.books.granted(holder)
                assert min(held.clips, held.micro_usd) >= 0
            for guild, window in product((BERLIN, ANYWHERE), Window):
                since = span(window, now, self.books.zone(guild)).start
                assert await ledger.paid(tx, guild, since) == self.books.paid(guild, since)
            since = span(Window.MONTH, now, OWNER_ZONE).start
            assert await ledger.paid(tx, ALL_GUILDS, since) == self.books.paid(None, since)

    @rule(holder=holders, roles=roles)
    def look(self, holder: Holder, roles: frozenset[int]) -> None:
        """Members are told the limits that they have, and moderators what is reserved of them."""
        who = requester(holder.member_id, holder.guild_id, role_ids=roles)
        standings = self.bank.run(self.bank.desk.account(who)).purse.standings
        own = [standing.limit for standing in standings if not standing.rule.is_shared]
        known = nearest(self.books.rules(holder.guild_id), holder.member_id, roles)
        assert sorted(own, key=repr) == sorted(known, key=repr)
        since = span(Window.MONTH, self.bank.now, self.books.zone(holder.guild_id)).start
        assert self.bank.run(self.bank.held(holder, since)) == self.books.held(holder, since)

    @invariant()
    def every_job_is_reserved_once_and_closed_at_most_once(self) -> None:
        if hasattr(self, "bank"):
            found = {row["id"]: row for row in self.bank.rows(PER_JOB)}
            assert found.keys() == self.books.clips.keys()
            for job, clip in self.books.clips.items():
                row = found[job]
                assert row["reserves"] == 1
                assert row["closings"] == clip.closed
                assert row["credits"] == clip.credited
                assert (row["clips"], row["micro_usd"]) == (clip.paid.clips, clip.paid.micro_usd)
                assert row["unmatched"] == 0

    @invariant()
    def what_is_summed_up_is_what_is_in_the_book(self) -> None:
        if hasattr(self, "bank"):
            assert self.bank.rows(UNSUMMED) == []

    @invariant()
    def each_deed_is_on_record_once(self) -> None:
        if hasattr(self, "bank"):
            assert self.bank.rows("SELECT count(*) AS n FROM audit")[0]["n"] == self.deeds

    def nothing_is_rewritten(self) -> None:
        for table in ("ledger", "audit"):
            if self.bank.rows(f"SELECT 1 FROM {table} LIMIT 1"):
                for change in (f"UPDATE {table} SET actor_id = 1", f"DELETE FROM {table}"):
                    with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                        self.bank.rows(change)


PER_JOB = """
    SELECT jobs.id AS id,
        sum(kind = 'reserve') AS reserves,
        sum(kind IN ('settle', 'refund')) AS closings,
        sum(kind = 'credit') AS credits,
        sum(clips) AS clips, sum(micro_usd) AS micro_usd,
        sum(kind <> 'credit' AND (clips <> member_clips - grant_clips
            OR micro_usd <> member_micro_usd - grant_micro_usd)) AS unmatched
    FROM jobs LEFT JOIN ledger ON ledger.job_id = jobs.id GROUP BY jobs.id
"""
UNSUMMED = """
    WITH summed AS (
        SELECT guild_id, counts_at / 900000 AS quarter, clips, micro_usd FROM ledger
        UNION ALL SELECT 0, counts_at / 900000, clips, micro_usd FROM ledger
        UNION ALL SELECT guild_id, quarter, -clips, -micro_usd FROM spending
    )
    SELECT guild_id, quarter FROM summed GROUP BY 1, 2 HAVING sum(clips) <> 0 OR sum(micro_usd) <> 0
"""


def asked(holder: Holder, roles: frozenset[int], size: tuple[Resolution, Duration]) -> Ask:
    where = address(holder.member_id, holder.guild_id)
    who = requester(holder.member_id, holder.guild_id, role_ids=roles)
    return Ask(where, front(Wish("the sun rises", "", 7, *size), who), STILL)


def by(guild: int) -> By:
    return By(guild, MODERATOR, "because")


def whom(holder: Holder) -> Whom:
    return Whom(Subject(Scope.MEMBER, holder.member_id))


def is_yes(answer: Accepted | BaseException) -> TypeGuard[Accepted]:
    return isinstance(answer, Accepted)


def settle_and_credit(clip: Clip, charge: int) -> None:
    clip.settle(charge)
    clip.credit()


async def _or_refused(request: Coroutine[Any, Any, Accepted]) -> Accepted | RefusedError:
    try:
        return await request
    except LimitReachedError as error:
        return error


TestPurse = Purse.TestCase
# Without shrinking, which takes minutes here: add it to look into a failure.
TestPurse.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, phases=set(Phase) - {Phase.shrink}
)
