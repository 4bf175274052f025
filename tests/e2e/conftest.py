from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from discord.backoff import ExponentialBackoff

from bot.base import Timeouts

if TYPE_CHECKING:
    from tests.house import House


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client of Pika repeat safe calls soon."""
    monkeypatch.setattr("pika.transport.SAFE_PAUSE", 0.01)


@pytest.fixture
def kept_pictures(house: House) -> None:
    """Let pictures, stills and words be kept for 30 days after their clip has ended."""
    house.overrides["retention_days"] = 30


@pytest.fixture
def patient_discord(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Discord wait longer than three seconds for the first answer, and the bot to show one.

    For crowds, which a busy machine may take longer to serve; how soon is measured by a benchmark.
    """
    monkeypatch.setattr("playground.discord.activity.interactions.ACKNOWLEDGE_SECONDS", 60.0)
    monkeypatch.setattr(Timeouts, "SHOW_SECONDS", 60.0)


@pytest.fixture
def quick_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sessions begin, and connections be tried again, soon after one another."""
    monkeypatch.setattr("cogs.gateway.connection.IDENTIFY_SECONDS", 0.2)
    monkeypatch.setattr(ExponentialBackoff, "delay", lambda _: 0.01)
