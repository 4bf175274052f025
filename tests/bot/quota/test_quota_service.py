"""Each deed of a moderator is one transaction: the change, and its record."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from bot.base import Cost, Limit, Unit, Window
from bot.guilds import audit
from bot.guilds.audit import Actor, AuditFilter
from bot.guilds.audit_reader import EVENTS_PER_PAGE, AuditReader
from bot.quota import ledger, reserved
from bot.quota.allowances import AllowanceReader, OwnerLimits
from bot.quota.errors import GrantTooSmallError, NoSuchLimitError
from bot.quota.ledger import MemberKey
from bot.quota.overview import ChosenTarget
from bot.quota.rule_store import RuleStore
from bot.quota.rules import EVERYONE, GUILD, LimitTarget, Rule, Scope
from bot.quota.service import QuotaService
from tests.bot.rows import COST, MIA, NOAH, NOON, put_job, reserve, rows
from tests.bot.rows import GUILD as HERE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.base.database import Database, Transaction
    from bot.jobs.job import Job

pytestmark = pytest.mark.usefixtures("bystanders")

DEFAULT = Limit.parse("5 clips a day")
MOD = 99
BY = Actor(HERE, MOD, "because")
VIP, REGULAR = LimitTarget(Scope.ROLE, 70), LimitTarget(Scope.ROLE, 71)
MEMBER = LimitTarget(Scope.MEMBER, MIA)
MIA_HERE = ChosenTarget(MEMBER, frozenset({VIP.id, REGULAR.id}))
ALL = ChosenTarget(EVERYONE)


@pytest.fixture
def service(database: Database) -> QuotaService:
    return make(database)


def make(database: Database, ceiling: int | None = None) -> QuotaService:
    book = RuleStore(DEFAULT)
    accounts = AllowanceReader(book, OwnerLimits(DEFAULT, ceiling, ZoneInfo("UTC")))
    return QuotaService(database, accounts, lambda: NOON)


async def records(database: Database) -> list[tuple[Any, ...]]:
    """Every deed on record: action, scope, subject, before, after."""
    found = await rows(database, "SELECT * FROM audit ORDER BY id")
    assert all((row["actor_id"], row["guild_id"]) == (MOD, HERE) for row in found)
    return [
        (
            row["action"],
            row["subject_kind"],
            row["subject_id"],
            json.loads(row["before_json"] or "null"),
            json.loads(row["after_json"] or "null"),
        )
        for row in found
    ]


def facts(amount: int, unit: str = "clips", window: str = "day") -> dict[str, Any]:
    return {"amount": amount, "unit": unit, "window": window}


def rule(subject: LimitTarget, text: str) -> Rule:
    return Rule(subject, Limit.parse(text))


async def spend(database: Database, charge: int | None = None, member: int = MIA) -> Job:
    """A clip of this member, in the making unless it was charged for."""

    def put(tx: Transaction) -> Job:
        job = put_job(tx, member_id=member)
        reserve(tx, job)
        if charge is not None:
            ledger.settle(tx, job.id, charge, NOON)
        return job

    return await database.write(put)


async def test_each_deed_is_on_record_with_what_was_and_what_is(
    database: Database, service: QuotaService
) -> None:
    await spend(database, COST.micro_usd)
    await service.set_limit(BY, ALL, Limit.parse("3"))
    await service.set_limit(BY, ChosenTarget(VIP), Limit.parse("$1 a week"))
    await service.set_limit(BY, ChosenTarget(GUILD), Limit.parse("$9 a month"))
    await service.grant(BY, MIA_HERE, Unit.CLIPS, 4)
    await service.grant(BY, MIA_HERE, Unit.CLIPS, -1)
    await service.reset(BY, MIA_HERE)
    await service.remove_limits(BY, ChosenTarget(VIP))
    await service.remove_limits(BY, ChosenTarget(GUILD))
    used = {"clips a day": 1, "usd a week": COST.micro_usd}
    assert await records(database) == [
        ("limit", "everyone", 0, facts(5), facts(3)),
        ("limit", "role", VIP.id, None, facts(1_000_000, "usd", "week")),
        ("budget", "guild", 0, None, facts(9_000_000, "usd", "month")),
        ("grant", "member", MIA, {"clips": 0, "micro_usd": 0}, {"clips": 4, "micro_usd": 0}),
        ("grant", "member", MIA, {"clips": 4, "micro_usd": 0}, {"clips": 3, "micro_usd": 0}),
        ("reset", "member", MIA, used, dict.fromkeys(used, 0)),
        ("unlimit", "role", VIP.id, facts(1_000_000, "usd", "week"), None),
        ("budget", "guild", 0, facts(9_000_000, "usd", "month"), None),
    ]
    assert {row["reason"] for row in await rows(database, "SELECT reason FROM audit")} == {
        "because"
    }


@pytest.mark.parametrize(
    "deed",
    [
        lambda it: it.set_limit(BY, ALL, Limit.parse("3")),
        lambda it: it.remove_limits(BY, ALL),
        lambda it: it.grant(BY, MIA_HERE, Unit.USD, 5),
        lambda it: it.reset(BY, MIA_HERE),
    ],
    ids=["limit", "unlimit", "grant", "reset"],
)
async def test_without_its_record_no_deed_is_done(
    database: Database,
    service: QuotaService,
    monkeypatch: pytest.MonkeyPatch,
    deed: Callable[[QuotaService], Awaitable[object]],
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(audit, "record", broken)
    with pytest.raises(OSError, match="no room"):
        await deed(service)
    for table in ("rules", "guild_settings", "ledger", "audit"):
        assert await rows(database, f"SELECT * FROM {table}") == []


async def test_a_limit_tells_what_it_replaced_and_what_goes_before_it(
    service: QuotaService,
) -> None:
    first = await service.set_limit(BY, ALL, Limit.parse("3"))
    assert first.replaced == first.default == Rule(EVERYONE, DEFAULT)
    assert first.exceptions == ()
    for subject, text in ((VIP, "9"), (REGULAR, "4"), (MEMBER, "1"), (VIP, "$1")):
        await service.set_limit(BY, ChosenTarget(subject), Limit.parse(text))
    again = await service.set_limit(BY, ALL, Limit.parse("2"))
    assert (again.replaced, again.default) == (rule(EVERYONE, "3"), None)
    assert set(again.exceptions) == {rule(VIP, "9"), rule(REGULAR, "4"), rule(MEMBER, "1")}
    role = await service.set_limit(BY, ChosenTarget(REGULAR), Limit.parse("5"))
    assert set(role.exceptions) == {rule(VIP, "9"), rule(MEMBER, "1")}
    assert role.instead_of == (rule(EVERYONE, "2"),)
    own = await service.set_limit(BY, MIA_HERE, Limit.parse("7"))
    assert own.exceptions == ()
    assert own.instead_of == (rule(VIP, "9"), rule(REGULAR, "5"), rule(EVERYONE, "2"))
    assert [it.rule for it in own.allowance.statuses] == [rule(MEMBER, "7"), rule(VIP, "$1")]


async def test_a_default_beside_a_new_limit_is_told(service: QuotaService) -> None:
    done = await service.set_limit(BY, ALL, Limit.parse("$3 a week"))
    assert (done.replaced, done.default) == (None, Rule(EVERYONE, DEFAULT))
    assert (await service.set_limit(BY, ALL, Limit.parse("$4 a week"))).default is None


async def test_a_limit_counts_what_was_spent_before(
    database: Database, service: QuotaService
) -> None:
    await spend(database)
    done = await service.set_limit(BY, MIA_HERE, Limit.parse("3"))
    assert [standing.left for standing in done.allowance.statuses] == [2]
    done = await service.set_limit(BY, ChosenTarget(GUILD), Limit.parse("$1"))
    assert [s.left for s in done.allowance.statuses if s.rule.is_shared] == [800_000]


async def test_an_id_of_nobody_names_a_member_or_a_role(service: QuotaService) -> None:
    for subject in (VIP, MEMBER):
        await service.set_limit(BY, ChosenTarget(subject), Limit.parse("3"))
        unsure = ChosenTarget(LimitTarget(Scope.MEMBER, subject.id), is_certain=False)
        assert (await service.overview(HERE, unsure)).chosen.target == subject
        done = await service.remove_limits(BY, unsure)
        assert done.rules == (rule(subject, "3"),)
        with pytest.raises(NoSuchLimitError):
            await service.remove_limits(BY, unsure)
    await service.set_limit(BY, ChosenTarget(LimitTarget(Scope.ROLE, MIA)), Limit.parse("3"))
    with pytest.raises(NoSuchLimitError):
        await service.remove_limits(BY, ChosenTarget(MEMBER))


async def test_what_is_not_there_is_told_with_what_is(
    database: Database, service: QuotaService
) -> None:
    await service.set_limit(BY, ChosenTarget(VIP), Limit.parse("3 a week"))
    before = await records(database)
    with pytest.raises(NoSuchLimitError) as caught:
        await service.remove_limits(BY, ChosenTarget(VIP), Unit.CLIPS, Window.DAY)
    assert caught.value.rules == (Rule(VIP, Limit.parse("3 a week")),)
    assert await records(database) == before


async def test_no_more_is_taken_back_than_is_unspent(
    database: Database, service: QuotaService
) -> None:
    await service.grant(BY, MIA_HERE, Unit.USD, 700_000)
    with pytest.raises(GrantTooSmallError) as caught:
        await service.grant(BY, MIA_HERE, Unit.USD, -700_001)
    assert (caught.value.held, caught.value.asked) == (700_000, 700_001)
    with pytest.raises(GrantTooSmallError):
        await service.grant(BY, MIA_HERE, Unit.CLIPS, -1)
    done = await service.grant(BY, MIA_HERE, Unit.USD, -700_000)
    assert (done.before, done.allowance.granted) == (Cost(0, 700_000), Cost(0, 0))
    assert len(await records(database)) == 2


async def test_a_reset_spares_grants_and_the_servers_purse(
    database: Database, service: QuotaService
) -> None:
    await service.set_limit(BY, ChosenTarget(GUILD), Limit.parse("9"))
    await service.grant(BY, MIA_HERE, Unit.CLIPS, 2)
    await spend(database)
    purse = await service.reset(BY, MIA_HERE)
    assert [(it.rule.target.scope, it.used) for it in purse.statuses] == [
        (Scope.EVERYONE, 0),
        (Scope.GUILD, 1),
    ]
    assert purse.granted == Cost(2, 0)


async def test_a_reset_frees_one_member_each_time(
    database: Database, service: QuotaService
) -> None:
    def used(tx: Transaction) -> list[int]:
        keys = (MemberKey(HERE, MIA), MemberKey(HERE, NOAH))
        return [ledger.used_by_member(tx, key, NOON - timedelta(hours=1)).clips for key in keys]

    for member in (MIA, MIA, NOAH):
        await spend(database, COST.micro_usd, member)
    assert await database.read(used) == [2, 1]
    await service.reset(BY, MIA_HERE)
    assert await database.read(used) == [0, 1]
    await spend(database, COST.micro_usd)
    assert await database.read(used) == [1, 1]
    await service.reset(BY, MIA_HERE)
    assert await database.read(used) == [0, 1]


async def test_an_overview_tells_spent_from_reserved(database: Database) -> None:
    service = make(database, ceiling=50_000_000)
    await service.set_limit(BY, ChosenTarget(VIP), Limit.parse("$9 a week"))
    await service.set_limit(BY, ChosenTarget(GUILD), Limit.parse("9 a month"))
    await spend(database, 150_000)
    await spend(database)
    await spend(database, member=NOAH)
    seen = await service.overview(HERE, MIA_HERE)
    by_scope = {it.status.rule.target.scope: it for it in seen.rules}
    assert (by_scope[Scope.ROLE].spent, by_scope[Scope.ROLE].reserved) == (150_000, 200_000)
    assert (by_scope[Scope.EVERYONE].spent, by_scope[Scope.EVERYONE].reserved) == (1, 1)
    assert (by_scope[Scope.GUILD].spent, by_scope[Scope.GUILD].reserved) == (1, 2)
    assert by_scope[Scope.OWNER].status.used == 550_000
    await service.reset(BY, MIA_HERE)
    seen = await service.overview(HERE, MIA_HERE)
    own = [it for it in seen.rules if not it.status.rule.is_shared]
    assert [(it.spent, it.reserved) for it in own] == [(0, 0), (0, 0)]


async def test_what_came_back_is_reserved_no_more(database: Database) -> None:
    job = await spend(database)
    holder, since = MemberKey(HERE, MIA), NOON - timedelta(hours=1)

    def check(tx: Transaction) -> None:
        assert reserved.reserved_by_member(tx, holder, since) == COST
        assert reserved.reserved_by_member(tx, holder, NOON + timedelta(hours=1)) == Cost(0, 0)
        assert reserved.reserved_by_member(tx, MemberKey(HERE, NOAH), since) == Cost(0, 0)
        assert reserved.reserved_by_guild(tx, HERE, since) == COST
        assert reserved.reserved_by_guild(tx, HERE + 1, since) == Cost(0, 0)
        # Refused, and its member not told yet.
        ledger.refund(tx, job.id, NOON)
        assert reserved.reserved_by_member(tx, holder, since) == Cost(0, 0)
        assert reserved.reserved_by_guild(tx, HERE, since) == Cost(0, 0)

    await database.write(check)


async def test_what_is_reserved_is_found_by_indexes(database: Database) -> None:
    values = {"guild": 1, "member": None, "since": 0}
    plan = await rows(database, f"EXPLAIN QUERY PLAN {reserved._RESERVED}", **values)
    steps = [row["detail"] for row in plan]
    assert any("jobs USING COVERING INDEX jobs_open_of_guild" in step for step in steps), steps
    assert not any(step.startswith("SCAN") for step in steps), steps


async def test_an_overview_of_everyone_lists_who_has_limits_of_their_own(
    service: QuotaService,
) -> None:
    seen = await service.overview(HERE, ALL)
    assert (seen.default, seen.others) == (Rule(EVERYONE, DEFAULT), ())
    for subject in (VIP, MEMBER):
        await service.set_limit(BY, ChosenTarget(subject), Limit.parse("3"))
    seen = await service.overview(HERE, ALL)
    assert set(seen.others) == {rule(VIP, "3"), rule(MEMBER, "3")}
    assert (await service.overview(HERE, MIA_HERE)).others == ()


async def test_the_record_is_read_page_by_page(database: Database, service: QuotaService) -> None:
    book = AuditReader(database)
    empty = await book.page(HERE, AuditFilter())
    assert (empty.entries, empty.number, empty.pages) == ((), 0, 0)
    for amount in range(EVENTS_PER_PAGE + 1):
        await service.set_limit(BY, ALL, Limit(amount, Unit.CLIPS, Window.DAY))
    first, last = await book.page(HERE, AuditFilter(), -3), await book.page(HERE, AuditFilter(), 99)
    assert (first.number, last.number, first.pages) == (0, 1, 2)
    ids = [entry.id for entry in (*first.entries, *last.entries)]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == EVENTS_PER_PAGE + 1
    assert (await book.page(HERE + 1, AuditFilter())).entries == ()
