"""What an owner reads at each start: which settings hold."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from bot.base import Limit

if TYPE_CHECKING:
    from tests.house import House


@pytest.fixture(autouse=True)
def _as_shipped(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """The ceiling that holds unless an owner sets one, and all of the log."""
    caplog.set_level(logging.INFO)
    house.overrides["owner_budget_usd_per_month"] = 50_000_000


async def test_it_says_what_holds_and_what_is_used(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.overrides["default_limit"] = Limit.parse("$2 a week")
    async with house.bot():
        assert "the ceiling is $50.00 a month; used this month: $0.00." in caplog.messages
        await house.delivered(await house.animate())
        await house.settled()
    caplog.clear()
    async with house.bot():
        pass
    for line in (
        "provider: pika, Pika 2.5.",
        "the ceiling is $50.00 a month; used this month: $0.20.",
        "default limit of a member: $2.00 per week.",
        f"time zone: UTC. data folder: {house.data_dir}.",
    ):
        assert line in caplog.messages


async def test_spending_of_the_month_before_does_not_count(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
    house.pass_time(days=31)
    caplog.clear()
    async with house.bot():
        pass
    assert "the ceiling is $50.00 a month; used this month: $0.00." in caplog.messages


async def test_without_a_ceiling_it_warns(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.overrides["owner_budget_usd_per_month"] = None
    async with house.bot():
        pass
    assert "no ceiling; used this month: $0.00." in caplog.messages
    warned = [it.getMessage() for it in caplog.records if it.levelno == logging.WARNING]
    assert any("OWNER_BUDGET_USD_PER_MONTH=none" in it for it in warned)


async def test_with_the_one_that_holds_unless_set_it_does_not_warn(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.bot():
        pass
    warned = [it.getMessage() for it in caplog.records if it.levelno == logging.WARNING]
    assert not any("ceiling" in it for it in warned)
