"""`python -OO -m bot` as its owner runs it: killed, stopped, started twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from playground.faults import Fault
from tests.program_server import fork_process

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.house import House
    from tests.program_server import ForkedProcess


def environment(house: House) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DISCORD_TOKEN": house.discord.token,
        "DISCORD_API_BASE": house.discord.api_base,
        "DISCORD_GATEWAY_URL": house.discord.gateway_url,
        "PIKA_API_KEY": house.pika.key,
        "PIKA_API_BASE": house.pika.origin,
        "DATA_DIR": str(house.data_dir),
    }


@asynccontextmanager
async def process(
    house: House, settings: dict[str, str] | None = None, *, is_fresh: bool = False
) -> AsyncGenerator[asyncio.subprocess.Process | ForkedProcess, None]:
    """The real program, connected; killed at the end if it still runs, and without a traceback.

    Where it is fresh, it has an interpreter of its own; else it is forked.
    """
    running = await start(settings or environment(house), is_fresh=is_fresh)
    try:
        await house.discord.wait_ready()
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        _, log = await running.communicate()
        await house.discord.drop_gateway()
    assert "Traceback" not in log.decode(), log.decode()


async def start(
    settings: dict[str, str], *, is_fresh: bool = False
) -> asyncio.subprocess.Process | ForkedProcess:
    """The same, which has just begun to start."""
    if not is_fresh:
        return await fork_process("bot", env=settings)
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-OO", "-m", "bot"), env=settings, stderr=asyncio.subprocess.PIPE
    )


async def test_killed_in_the_middle_of_a_render_it_carries_on(house: House) -> None:
    house.pika.behaviour.render_seconds = 3600
    async with process(house, is_fresh=True) as first:
        interaction = await house.animate()
        await house.told(interaction.original, "Rendering")
        first.send_signal(signal.SIGKILL)
        await first.wait()
    assert house.query("SELECT state FROM jobs") == [("rendering",)]
    house.pika.behaviour.render_seconds = 0
    async with process(house):
        message = await house.delivered(interaction)
        await house.settled()
    assert len(message.attachments) == 1
    assert house.pika.paid_submits == 1
    assert house.kinds() == ["reserve", "settle"]
    assert house.discord.sync_count == 1


async def test_told_to_stop_it_waits_for_no_render_and_loses_nothing(house: House) -> None:
    house.pika.behaviour.render_seconds = 3600
    async with process(house) as first:
        members = (house.mia, house.mia, house.member("noah"))
        asked = [await house.animate(member) for member in members]
        await house.told(asked[0].original, "Rendering")
        first.send_signal(signal.SIGTERM)
        assert await first.wait() == 0
    house.pika.behaviour.render_seconds = 0
    async with process(house):
        for interaction in asked:
            await house.delivered(interaction)
        await house.settled()
    assert house.pika.paid_submits == 3
    assert house.spent()[0] == 3


async def test_a_stop_waits_for_a_paid_request_on_its_way(house: House) -> None:
    house.pika.faults.add(Fault("pika.submit", "delay", seconds=0.5))
    async with process(house) as first:
        interaction = await house.animate()
        await house.pika.faults.wait_taken("pika.submit")
        first.send_signal(signal.SIGTERM)
        assert await first.wait() == 0
    assert house.query("SELECT state FROM jobs") == [("rendering",)]
    async with process(house):
        await house.delivered(interaction)
    assert house.pika.paid_submits == 1
    assert len(house.pika.jobs) == 1


async def test_two_processes_never_share_a_folder(house: House) -> None:
    async with process(house):
        second = await start(environment(house))
        _, told = await second.communicate()
    assert second.returncode == 2
    assert told.decode().strip() == (
        "DATA_DIR is in use by another animate-bot: stop that one, or give each its own folder."
    )


async def test_a_dropped_gateway_is_resumed(house: House) -> None:
    async with house.bot():
        await house.discord.drop_gateway(4000)
        await house.discord.wait_ready()
        await house.delivered(await house.animate())


async def test_commands_are_synced_only_when_they_changed(house: House) -> None:
    for _ in range(2):
        async with house.bot():
            pass
    assert house.discord.sync_count == 1


async def test_secrets_never_reach_the_log(house: House) -> None:
    running = await start(environment(house) | {"LOG_LEVEL": "DEBUG"})
    await house.discord.wait_ready()
    house.pika.behaviour.outcome = "provider_error"
    interaction = await house.animate()
    await house.told(interaction.original, "failed to render")
    running.send_signal(signal.SIGTERM)
    _, log = await running.communicate()
    text = log.decode()
    assert "refused in rendering" in text
    for secret in (house.discord.token, house.pika.key, interaction.token):
        assert secret not in text
