from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client of Pika repeat safe calls soon."""
    monkeypatch.setattr("pika.transport.SAFE_PAUSE", 0.01)


@pytest.fixture
def patient_discord(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Discord wait longer than three seconds for the first answer.

    For crowds, which a busy machine may take longer to serve; how soon is measured by a benchmark.
    """
    monkeypatch.setattr("playground.discord.activity.interactions.ACKNOWLEDGE_SECONDS", 60.0)
