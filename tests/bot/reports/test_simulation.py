"""The replay beside the real ledger: the same requests, decided by the same rules, in a file."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.base import ZERO_COST, Cost, Limit, Unit, Window, window_interval
from bot.base.clock import to_ms
from bot.base.database import Database, open_database
from bot.guilds import guild_settings
from bot.quota import ledger
from bot.quota.allowances import AllowanceReader, OwnerLimits
from bot.quota.ledger import MemberKey
from bot.quota.ledger_sides import reserve_sides
from bot.quota.rule_store import RuleStore
from bot.quota.rules import EVERYONE, GUILD, LimitTarget, Rule, RuleTimeZones, Scope
from bot.reports import history
from bot.reports.history import (
    GrantEvent,
    History,
    RefundEvent,
    RequestEvent,
    ResetEvent,
    SettleEvent,
)
from bot.reports.simulation import refused_job_ids, replay_outcome, with_rule
from tests.bot.rows import put_job

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine, Generator, Sequence
    from pathlib import Path

    from bot.base.database import Transaction
    from bot.reports.history import Event, HistoryRows

pytestmark = pytest.mark.slow  # drawn histories in real files

T = TypeVar("T")

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = RuleTimeZones(BERLIN, ZoneInfo("UTC"))
# A Saturday, hours before the clocks go back, a week before the month ends.
BEGIN = datetime(2026, 10, 24, 20, 30, tzinfo=UTC)
MEMBERS = (20, 21)
VIP = 7


@dataclass(frozen=True)
class Ask:
    member: int
    roles: tuple[int, ...]
    micro_usd: int


@dataclass(frozen=True)
class Close:
    """What becomes of the request before so many others."""

    back: int
    charged: float | None
    """The part of the price that is charged in the end; `None` is a refund."""
    credited: bool


@dataclass(frozen=True)
class Grant:
    member: int
    amount: Cost


@dataclass(frozen=True)
class Start:
    """A member's windows afresh."""

    member: int


Plan = list[tuple[int, Any]]


class Book:
    """A real ledger, a guild of its own for each story."""

    def __init__(self, database: Database, runner: asyncio.Runner) -> None:
        self._database = database
        self._runner = runner
        self._guilds = count(2)
        default = Limit.parse("5 a day")
        self._rulebook = RuleStore(default)
        self._accounts = AllowanceReader(self._rulebook, OwnerLimits(default, None, ZONES.owner))

    def live(self, plan: Plan, rules: Collection[Rule]) -> tuple[History, list[int | None]]:
        """Play a plan under rules; return its history, and the job of each `Ask` let in."""
        return self._run(self._live(plan, rules))

    def live_again(
        self,
        plan: Plan,
        rules: Collection[Rule],
        asked: Sequence[int | None],
        past: History,
        since: datetime,
    ) -> set[int]:
        """Play it under other rules from an instant on; return which of the jobs are refused."""
        return self._run(self._live_again(plan, rules, asked, past, since))

    def _run(self, deed: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(deed)

    async def _live(self, plan: Plan, rules: Collection[Rule]) -> tuple[History, list[int | None]]:
        def play(tx: Transaction) -> tuple[HistoryRows, list[int | None]]:
            guild = self._found(tx, rules)
            asked = self._play(tx, guild, plan, {}, datetime.min.replace(tzinfo=UTC))
            return history.read(tx, guild, BEGIN - timedelta(days=1)), asked

        entries, asked = await self._database.write(play)
        return entries.history(), asked

    async def _live_again(
        self,
        plan: Plan,
        rules: Collection[Rule],
        asked: Sequence[int | None],
        past: History,
        since: datetime,
    ) -> set[int]:
        known = {it.job_id: it for it in past.events if isinstance(it, RequestEvent)}
        fixed = {n: known.get(job) if job else None for n, job in enumerate(asked)}

        again = await self._database.write(
            lambda tx: self._play(tx, self._found(tx, rules), plan, fixed, since)
        )
        return {job for job, other in zip(asked, again, strict=True) if job and other is None}

    def _found(self, tx: Transaction, rules: Collection[Rule]) -> int:
        guild = next(self._guilds)
        guild_settings.put(tx, guild, own_limits=1, time_zone=BERLIN.key)
        for rule in rules:
            self._rulebook.put(tx, guild, rule)
        return guild

    def _play(
        self,
        tx: Transaction,
        guild: int,
        plan: Plan,
        fixed: dict[int, RequestEvent | None],
        since: datetime,
    ) -> list[int | None]:
        now, jobs, closed = BEGIN, list[int | None](), set[int]()
        for minutes, step in plan:
            now += timedelta(minutes=minutes)
            match step:
                case Ask():
                    number = len(jobs)
                    if fixed and fixed[number] is None:
                        jobs.append(None)
                        continue
                    request = fixed.get(number)
                    drawn = request.from_grants if request and now < since else None
                    jobs.append(self._ask(tx, guild, step, drawn, now))
                case Close(back, charged, credited) if back < len(jobs):
                    job = jobs[-1 - back]
                    if job is None or job in closed:
                        continue
                    closed.add(job)
                    _close(tx, job, charged, now, credited=credited)
                case Grant(member, amount):
                    ledger.grant(tx, MemberKey(guild, member), amount, 1, now)
                case Start(member):
                    ledger.reset(tx, MemberKey(guild, member), 1, now)
        return jobs

    def _ask(
        self, tx: Transaction, guild: int, ask: Ask, drawn: Cost | None, now: datetime
    ) -> int | None:
        holder, cost = MemberKey(guild, ask.member), Cost(1, ask.micro_usd)
        if drawn is None:
            known = guild_settings.get(tx, guild)
            purse = self._accounts.of_member(tx, known, holder, ask.roles, now)
            drawn = purse.from_grants(cost)
        if drawn is None:
            return None
        job = put_job(
            tx,
            guild_id=guild,
            member_id=ask.member,
            role_ids=json.dumps(ask.roles),
            created_at=to_ms(now),
        )
        ledger.reserve(tx, job.id, holder, reserve_sides(cost, drawn), now)
        return job.id


def _close(
    tx: Transaction, job: int, charged: float | None, now: datetime, *, credited: bool
) -> None:
    if charged is None:
        ledger.refund(tx, job, now)
        return
    row = tx.one("SELECT micro_usd FROM ledger WHERE job_id = :job", {"job": job})
    assert row is not None
    ledger.settle(tx, job, int(row["micro_usd"] * charged), now)
    if credited:
        ledger.credit(tx, job, 1, now)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Generator[Book, None, None]:
    path: Path = tmp_path_factory.mktemp("book") / "book.sqlite3"
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        database = runner.run(stack.enter_async_context(open_database(path)))
        yield Book(database, runner)
        runner.run(stack.aclose())


members = st.sampled_from(MEMBERS)
asks = st.builds(
    Ask, members, st.sampled_from([(), (VIP,)]), st.sampled_from([200_000, 450_000, 600_000])
)
closes = st.builds(
    Close, st.integers(0, 3), st.sampled_from([None, 0.0, 0.5, 1.5]), st.sampled_from([True, False])
)
amounts = st.builds(Cost, st.integers(0, 2), st.sampled_from([0, 100_000, 700_000]))
others = st.one_of(st.builds(Grant, members, amounts), st.builds(Start, members))
steps = st.sampled_from([asks, asks, asks, closes, closes, others]).flatmap(lambda kind: kind)
# Minutes: mostly within a day, so that limits have something to refuse.
pauses = st.sampled_from([0, 5, 20, 20, 70, 600, 3000])
plans = st.lists(st.tuples(pauses, steps), min_size=20, max_size=45)
limits = st.one_of(
    st.builds(
        Limit, st.sampled_from([0, 1, 2, 3, 5]), st.just(Unit.CLIPS), st.sampled_from(Window)
    ),
    st.builds(
        Limit,
        st.sampled_from([0, 450_000, 850_000, 1_250_000, 2_000_000]),
        st.just(Unit.USD),
        st.sampled_from(Window),
    ),
)
subjects = st.sampled_from(
    [EVERYONE, GUILD, LimitTarget(Scope.ROLE, VIP), LimitTarget(Scope.MEMBER, MEMBERS[0])]
)


def _last_of_each(rules: list[Rule]) -> tuple[Rule, ...]:
    kept: tuple[Rule, ...] = ()
    for rule in rules:
        kept = with_rule(kept, rule)
    return kept


some_rules = st.lists(st.builds(Rule, subjects, limits), min_size=1, max_size=4).map(_last_of_each)


@given(plan=plans, rules=some_rules)
@settings(max_examples=20)
def test_the_rules_that_were_in_force_refuse_nothing(
    book: Book, plan: Plan, rules: tuple[Rule, ...]
) -> None:
    past, _ = book.live(plan, rules)
    for since in (BEGIN, BEGIN + timedelta(days=3)):
        assert refused_job_ids(past, rules, since, ZONES) == frozenset()


@given(
    plan=plans,
    before=st.one_of(st.just(()), some_rules),
    after=some_rules,
    days=st.sampled_from([0, 0, 0, 1, 3]),
)
@settings(max_examples=60)
def test_other_rules_refuse_what_a_real_ledger_would(
    book: Book, plan: Plan, before: tuple[Rule, ...], after: tuple[Rule, ...], days: int
) -> None:
    since = BEGIN + timedelta(days=days)
    past, asked = book.live(plan, before)
    expected = book.live_again(plan, after, asked, past, since)
    assert refused_job_ids(past, after, since, ZONES) == expected


@given(plan=plans, who=subjects, unit=st.sampled_from(Unit), window=st.sampled_from(Window))
@settings(max_examples=15)
def test_zero_refuses_all_that_it_is_about(
    book: Book, plan: Plan, who: LimitTarget, unit: Unit, window: Window
) -> None:
    past, _ = book.live(plan, ())
    since = BEGIN + timedelta(days=1)
    requests = past.requests(since)
    refused = refused_job_ids(past, [Rule(who, Limit(0, unit, window))], since, ZONES)
    about = {
        Scope.EVERYONE: requests,
        Scope.GUILD: requests,
        Scope.ROLE: [it for it in requests if VIP in it.role_ids],
        Scope.MEMBER: [it for it in requests if it.member_id == MEMBERS[0]],
    }
    assert refused == {it.job_id for it in about[who.scope]}


@given(plan=plans, window=st.sampled_from(Window))
@settings(max_examples=15)
def test_more_clips_refuse_no_other_requests(book: Book, plan: Plan, window: Window) -> None:
    """So it is where one limit counts clips; two limits, or money, may let others in."""
    plan = [(minutes, step) for minutes, step in plan if not isinstance(step, Grant)]
    past, _ = book.live(plan, ())
    before = frozenset(it.job_id for it in past.requests(BEGIN))
    for amount in range(5):
        rule = Rule(EVERYONE, Limit(amount, Unit.CLIPS, window))
        refused = refused_job_ids(past, [rule], BEGIN, ZONES)
        assert refused <= before
        before = refused


@given(plan=plans, rules=some_rules)
@settings(max_examples=15)
def test_the_outcome_adds_up_to_what_was_paid(
    book: Book, plan: Plan, rules: tuple[Rule, ...]
) -> None:
    past, _ = book.live(plan, ())
    requests = past.requests(BEGIN)
    refused = refused_job_ids(past, rules, BEGIN, ZONES)
    found = replay_outcome(requests, refused)
    assert found.refused.total() == len(refused)
    assert found.asked.total() == len(requests)
    assert found.saved_micro_usd + found.kept.micro_usd == sum(it.paid.micro_usd for it in requests)
    assert found.refused <= found.asked


def request(number: int, at: datetime, drawn: Cost = ZERO_COST) -> RequestEvent:
    cost = Cost(1, 200_000)
    return RequestEvent(number, MEMBERS[0], frozenset(), at, cost, drawn, cost)


def test_what_was_before_counts_and_stays() -> None:
    first, second = BEGIN, BEGIN + timedelta(hours=1)
    past = History((request(1, first), request(2, second)), {})
    rule = Rule(EVERYONE, Limit.parse("1 a day"))
    assert refused_job_ids(past, [rule], second, ZONES) == {2}
    assert refused_job_ids(past, [rule], first, ZONES) == {2}
    nothing = Rule(EVERYONE, Limit.parse("0 a day"))
    assert refused_job_ids(past, [nothing], second, ZONES) == {2}


def test_grants_from_before_are_there() -> None:
    rule = Rule(EVERYONE, Limit.parse("1 a day"))
    events = tuple(request(number, BEGIN) for number in range(4))
    assert refused_job_ids(History(events, {}), [rule], BEGIN, ZONES) == {1, 2, 3}
    granted = {MEMBERS[0]: Cost(2, 0)}
    assert refused_job_ids(History(events, granted), [rule], BEGIN, ZONES) == {3}


def test_what_was_taken_back_and_is_spent_here_is_not_owed() -> None:
    member = MEMBERS[0]
    events = (
        request(1, BEGIN),
        request(2, BEGIN),
        GrantEvent(member, Cost(-1, 0)),
        GrantEvent(member, Cost(1, 0)),
        request(3, BEGIN),
    )
    rule = Rule(EVERYONE, Limit.parse("1 a day"))
    assert (
        refused_job_ids(History(events, {member: Cost(1, 0)}), [rule], BEGIN, ZONES) == frozenset()
    )


def test_what_was_before_a_reset_frees_nothing_after_it() -> None:
    later = BEGIN + timedelta(minutes=1)
    events = (
        request(1, BEGIN),
        ResetEvent(MEMBERS[0], later),
        RefundEvent(1),
        request(2, later),
        request(3, later),
    )
    rule = Rule(EVERYONE, Limit.parse("1 a day"))
    assert refused_job_ids(History(events, {}), [rule], BEGIN, ZONES) == {3}


@pytest.mark.parametrize("minutes", [10, 70], ids=["in this hour", "in the next hour"])
def test_a_reset_dated_ahead_of_a_clock_moved_back_still_counts(minutes: int) -> None:
    ahead = BEGIN + timedelta(minutes=minutes)
    events = (ResetEvent(MEMBERS[0], ahead), request(1, BEGIN), request(2, BEGIN))
    rule = Rule(EVERYONE, Limit.parse("1 an hour"))
    assert refused_job_ids(History(events, {}), [rule], BEGIN, ZONES) == {2}


def test_what_a_settle_saves_goes_to_the_grants_first() -> None:
    """Of $0.60, grants pay $0.10; then it is $0.20 less. Tomorrow, all $0.10 are there again."""
    tomorrow = BEGIN + timedelta(days=1)
    dear = RequestEvent(1, MEMBERS[0], frozenset(), BEGIN, Cost(1, 600_000), ZERO_COST, ZERO_COST)
    later = tuple(request(number, tomorrow) for number in (2, 3, 4, 5))
    events: tuple[Event, ...] = (dear, SettleEvent(1, 400_000), *later)
    rule = Rule(EVERYONE, Limit.parse("$0.50 a day"))
    granted = {MEMBERS[0]: Cost(0, 100_000)}
    assert refused_job_ids(History(events, granted), [rule], BEGIN, ZONES) == {5}


def test_an_hour_that_comes_twice_counts_as_two() -> None:
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert window_interval(Window.DAY, twice, BERLIN).end - window_interval(
        Window.DAY, twice, BERLIN
    ).start == (timedelta(hours=25))
    events = (request(1, twice), request(2, twice + timedelta(hours=1)))
    rule = Rule(EVERYONE, Limit.parse("1 an hour"))
    assert refused_job_ids(History(events, {}), [rule], BEGIN, ZONES) == frozenset()


def test_a_rule_is_put_in_place_of_its_like_alone() -> None:
    day, week = Rule(EVERYONE, Limit.parse("1 a day")), Rule(EVERYONE, Limit.parse("1 a week"))
    own = Rule(LimitTarget(Scope.MEMBER, 20), Limit.parse("9 a day"))
    more = Rule(EVERYONE, Limit.parse("3 a day"))
    assert with_rule([day, week, own], more) == (week, own, more)
