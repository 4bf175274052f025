"""Reports of large servers beside what everybody else reads."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from bot.base import Limit
from bot.quota.allowances import AllowanceReader, OwnerLimits
from bot.quota.overview import ChosenTarget
from bot.quota.rule_store import RuleStore
from bot.quota.rules import EVERYONE
from bot.reports import history, report
from bot.reports.report import Period
from bot.reports.service import ReportService
from tests.bot.rows import GUILD, NOON, number

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from bot.base.database import Database
    from tests.bot.gate import Gate

LIMIT = Limit.parse("5 clips a day")


def reports_of(database: Database) -> ReportService:
    rule_store = RuleStore(LIMIT)
    allowances = AllowanceReader(rule_store, OwnerLimits(LIMIT, None, ZoneInfo("UTC")))
    return ReportService(database, allowances, lambda: NOON)


@pytest.mark.parametrize(
    ("reader", "ask"),
    [
        (report, lambda it: it.report(GUILD, Period.THIS_MONTH)),
        (history, lambda it: it.simulate(GUILD, ChosenTarget(EVERYONE), LIMIT)),
    ],
    ids=["report", "simulate"],
)
async def test_a_long_one_holds_up_no_other_read(
    database: Database,
    gate: Gate,
    monkeypatch: pytest.MonkeyPatch,
    reader: ModuleType,
    ask: Callable[[ReportService], Any],
) -> None:
    read = reader.read

    def read_for_long(*arguments: object) -> object:
        gate.hold()
        return read(*arguments)

    monkeypatch.setattr(reader, "read", read_for_long)
    asked = asyncio.create_task(ask(reports_of(database)))
    await gate.reached()
    async with asyncio.timeout(5):
        assert await number(database, "SELECT count(*) FROM jobs") == 0
    assert not asked.done()
    gate.open()
    assert await asked


async def test_no_garbage_is_collected_while_a_simulation_runs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among the objects of 100,000 entries it would hold the event loop for a tenth of a second."""
    collects = []

    def broken_read(*_: object) -> object:
        collects.append(gc.isenabled())
        raise ZeroDivisionError

    monkeypatch.setattr(history, "read", broken_read)
    with pytest.raises(ZeroDivisionError):
        await reports_of(database).simulate(GUILD, ChosenTarget(EVERYONE), LIMIT)
    assert (collects, gc.isenabled()) == ([False], True)
