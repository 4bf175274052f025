"""What a bot that has just started, and has nothing to do, has not loaded."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

from tests.e2e.test_process import environment

if TYPE_CHECKING:
    from tests.house import House

FOR_CHILDREN = {"PIL", "pillow_heif", "av"}
LATER = {
    "pebble",  # with the first picture
    "multiprocessing",
    "re2",  # with the first word that a server blocks
    "decancer_py",
    "statistics",  # with the first job of a kind that has a history
    "argparse",  # with an argument
    "bot.settings_check",
    "bot.monitoring.metrics",  # with the first scrape
    "prometheus_client",
    "pythonjsonlogger",  # with LOG_FORMAT=json
    "zipfile",  # with the first copy of a member's data
    "pydantic.plugin._loader",  # with the first model that is built
}
NEVER = {"discord.ext.commands", "pydantic_settings", "babel", "filelock"}

PROGRAM = """
import sys
from bot.__main__ import main
status = main()
print(*sys.modules)
sys.exit(status)
"""


async def test_an_idle_bot_has_loaded_nothing_that_it_may_never_need(house: House) -> None:
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM),
        env=environment(house),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await house.discord.wait_ready()
    running.send_signal(signal.SIGTERM)
    loaded, log = await running.communicate()
    assert running.returncode == 0, log.decode()
    names = set(loaded.decode().split())
    assert {"discord", "pydantic", "cogs.animate.command"} <= names
    assert names & (FOR_CHILDREN | LATER | NEVER) == set()
