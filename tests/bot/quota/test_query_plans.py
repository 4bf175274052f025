"""A decision reads by indexes alone, however long the book is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bench.query_plans import plans, statements
from bot.base import Limit, Unit, Window
from bot.guilds.audit import Actor
from bot.jobs.animate_options import AnimateOptions
from bot.quota.overview import ChosenTarget
from bot.quota.rules import EVERYONE, GUILD, LimitTarget, Scope
from bot.requests.errors import LimitReachedError
from tests.bot.quota.ledger_harness import BERLIN, LedgerHarness
from tests.bot.rows import MIA, enqueue, request, requester

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from bench.query_plans import Plan
    from bot.requests.request import AnimateRequest

ROLE = 1


@pytest.fixture
def bank() -> Iterator[LedgerHarness]:
    """Every kind of rule is set, in every window."""
    bank = LedgerHarness(Limit.parse("5 clips a day"), 1_000_000_000)
    for subject in (EVERYONE, GUILD, LimitTarget(Scope.ROLE, ROLE), LimitTarget(Scope.MEMBER, MIA)):
        for window in Window:
            limit = Limit(2, Unit.CLIPS, window)
            bank.run(bank.quota.set_limit(Actor(BERLIN, 99), ChosenTarget(subject), limit))
    yield bank
    bank.close()


def asked() -> AnimateRequest:
    who = requester(MIA, BERLIN, role_ids=frozenset({ROLE}))
    options = AnimateOptions(prompt="the sun rises", seed=7, resolution="1080p", duration=10)
    return request(options, who)


def planned(bank: LedgerHarness, deed: Callable[[], Awaitable[object]]) -> list[Plan]:
    async def traced() -> list[Plan]:
        async with statements(bank.database) as found:
            await deed()
        return await plans(bank.database, found)

    return bank.run(traced())


def assert_all_by_index(found: list[Plan], *tables: str) -> None:
    steps = [step for plan in found for step in plan.steps]
    for table in tables:
        assert any(step.startswith(f"SEARCH {table} USING") for step in steps), table
    assert [(plan.sql, plan.scans()) for plan in found if plan.scans()] == []


def test_an_accepted_request_scans_nothing(bank: LedgerHarness) -> None:
    found = planned(bank, lambda: enqueue(bank.requests, asked()))
    assert_all_by_index(
        found, "ledger", "guild_totals", "member_totals", "jobs", "rules", "guild_settings"
    )


def test_a_refused_request_and_its_offer_scan_nothing(bank: LedgerHarness) -> None:
    for _ in range(2):
        bank.run(enqueue(bank.requests, asked()))

    async def refused() -> None:
        with pytest.raises(LimitReachedError):
            await enqueue(bank.requests, asked())

    assert_all_by_index(planned(bank, refused), "ledger", "guild_totals", "member_totals", "jobs")


def test_closing_a_job_scans_nothing(bank: LedgerHarness) -> None:
    first, second = (bank.run(enqueue(bank.requests, asked())).job.id for _ in range(2))
    bank.run(bank.render(first))
    bank.now += timedelta(minutes=2)
    assert_all_by_index(planned(bank, lambda: bank.deliver(first)), "ledger", "jobs")
    assert_all_by_index(planned(bank, lambda: bank.credit(first, 99)), "ledger")
    assert_all_by_index(planned(bank, lambda: bank.refuse(second)), "ledger", "jobs")


def test_grants_and_resets_scan_nothing(bank: LedgerHarness) -> None:
    mia, by = ChosenTarget(LimitTarget(Scope.MEMBER, MIA)), Actor(BERLIN, 99)
    deed = planned(bank, lambda: bank.quota.grant(by, mia, Unit.CLIPS, 3))
    assert_all_by_index(deed, "ledger", "guild_totals", "member_totals")
    assert_all_by_index(planned(bank, lambda: bank.quota.reset(by, mia)), "ledger")


def test_a_scan_would_be_seen(bank: LedgerHarness) -> None:
    sql = "SELECT sum(grant_clips) AS n FROM ledger WHERE entered_at > 0"
    found = planned(bank, lambda: bank.database.read(lambda tx: tx.all(sql)))
    assert [plan.scans() for plan in found] == [("SCAN ledger",)]
