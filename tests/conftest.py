from __future__ import annotations

import os
from typing import TYPE_CHECKING

import hypothesis
import pytest

from bot.base.child_process import ChildProcess, child_processes
from bot.media.video_processor import VideoProcessor
from tests import suite
from tests.children import fork_children
from tests.command_lint import misspelt_keys
from tests.command_texts import send_english_commands
from tests.contracts import discord_violations
from tests.discord_access import unlisted_routes
from tests.house import House, open_house
from tests.orders import order_violations

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

# Machines that run the suite are busy; how long one example takes says nothing.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(suite, "suite")
    fork_children()
    send_english_commands()


@pytest.fixture
async def child() -> AsyncGenerator[ChildProcess, None]:
    """A child process with room for everything that the bot does in one."""
    async with child_processes(VideoProcessor.MEMORY_BYTES) as (child,):
        yield child


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House, None]:
    """The bot's world; all that passed in it is held against the published contracts."""
    async with open_house(tmp_path / "data") as house:
        yield house
    if "CONTRACTS_DIR" in os.environ:
        assert discord_violations(house.discord.exchanges) == []
        assert order_violations(house.pika.exchanges) == []
    assert house.discord.unknown_routes == []
    assert unlisted_routes(house.discord.exchanges) == set(), "docs/discord.md lacks it"
    assert misspelt_keys(house.discord.exchanges) == []
