"""`/healthz` says what is wrong while it is, over a real socket; and the command that asks it."""

from __future__ import annotations

import asyncio
import base64
import math
import os
import resource
import socket
import sqlite3
import sys
import time
from collections import namedtuple
from contextlib import closing
from typing import TYPE_CHECKING

from bot.base import Timeouts
from bot.jobs.worker import Worker
from tests.e2e.test_process import environment, process
from tests.watching import free_port, get, health, is_well, watch

if TYPE_CHECKING:
    import pytest

    from tests.house import House

COMMAND = (sys.executable, "-OO", "-m", "bot", "health")


async def ask(**environment: str) -> tuple[int | None, str]:
    """Run the command; its exit status, and what it says."""
    running = await asyncio.create_subprocess_exec(
        *COMMAND,
        env={"PATH": os.environ["PATH"], **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await running.communicate()
    return running.returncode, told.decode()


async def test_what_is_wrong_is_told_while_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(house)
    monkeypatch.setattr("bot.base.database.BUSY_TIMEOUT_MS", 100)
    gateway = house.discord.gateway
    gateway.heartbeat_milliseconds = 100
    async with house.bot():
        checks = await is_well(house)
        assert checks["gateway"]["heartbeat_age_seconds"] < 60
        assert house.mia.user.username not in str(checks)
        # A gateway that acknowledges nothing
        gateway.acknowledges_heartbeats = False
        house.pass_time(seconds=61)
        checks = await is_well(house, "gateway")
        assert checks["gateway"]["heartbeat_age_seconds"] > 60
        gateway.acknowledges_heartbeats = True
        await is_well(house)
        # A database that somebody else holds
        path = house.data_dir / "animate-bot.sqlite3"
        with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as other:
            other.execute("BEGIN IMMEDIATE")
            checks = await is_well(house, "database")
            assert checks["database"]["error"] == "OperationalError"
            other.execute("ROLLBACK")
        await is_well(house)
        # An event loop that is held up
        monkeypatch.setattr("bot.monitoring.health.MOST_LAG_SECONDS", 1.5)
        time.sleep(2.7)  # noqa: ASYNC251 - it is what is told of
        checks = await is_well(house, "event_loop")
        assert checks["event_loop"]["lag_seconds"] > 1.5
        house.pass_time(seconds=31)
        await is_well(house)
        # A disk without room
        usage = namedtuple("usage", ["total", "used", "free"])  # noqa: PYI024 - as shutil's
        with monkeypatch.context() as patched:
            patched.setattr("bot.monitoring.health.shutil.disk_usage", lambda _: usage(9, 8, 1))
            checks = await is_well(house, "disk")
            assert checks["disk"]["free_bytes"] == 1
        await is_well(house)


async def test_clips_that_nobody_takes_on_are_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def claim_nothing(_worker: Worker) -> None:
        return None

    watch(house)
    monkeypatch.setattr("bot.monitoring.health.MOST_LATE_SECONDS", 60)
    monkeypatch.setattr(Timeouts, "WORKER_SLEEP_SECONDS", 0.1)
    house.discord.gateway.heartbeat_milliseconds = 100
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        for fact in ("oldest_due_seconds", "oldest_in_line_seconds"):
            if fact == "oldest_due_seconds":
                at_pika = await house.animate()
                await house.told(at_pika.original, "Rendering")
            with monkeypatch.context() as patched:
                patched.setattr(Worker, "_claim", claim_nothing)
                if fact == "oldest_in_line_seconds":
                    in_line = await house.animate(house.member("noah"))
                    await house.told(in_line.original, "Accepted")
                await is_well(house)
                house.pass_time(seconds=61)
                checks = await is_well(house, "jobs")
                assert checks["jobs"][fact] > 60
            house.pika.behaviour.render_seconds = 0
            await is_well(house)
            await house.settled()


async def test_stopped_orders_are_told_and_are_no_reason_for_a_restart(house: House) -> None:
    watch(house)
    house.pika.behaviour.refuse_at_submit = "insufficient_balance"
    async with house.bot():
        await house.animate()
        async with asyncio.timeout(60):
            while (await health(house))[1]["status"] != "degraded":
                await asyncio.sleep(0.05)
        status, told = await health(house)
        assert status == 200
        assert told["checks"]["orders"]["stopped"] == {"pika": "credit"}


async def test_other_pages_and_methods_are_refused(house: House) -> None:
    watch(house)
    async with house.bot():
        assert (await get(house, "/"))[0] == 404
        assert (await get(house, "/healthz?verbose"))[0] == 200
        address = house.settings().health_address
        assert address is not None
        for sent, answer in {
            b"POST /healthz HTTP/1.1\r\n\r\n": b"HTTP/1.1 405",
            b"HEAD /healthz HTTP/1.1\r\n\r\n": b"HTTP/1.1 200",
            b"nonsense\r\n\r\n": b"HTTP/1.1 405",
            b"x" * 100_000: b"",
        }.items():
            reader, writer = await asyncio.open_connection(*address)
            writer.write(sent)
            try:
                told = await reader.read()
            except ConnectionResetError:
                told = b""
            assert told.startswith(answer)
            assert told.count(b"checks") == 0
            writer.close()
        await is_well(house)


async def test_a_port_that_is_taken_is_one_warning(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    watch(house)
    address = house.settings().health_address
    assert address is not None
    with socket.create_server(address):
        async with house.bot():
            await house.delivered(await house.animate())
    (line,) = [it for it in caplog.records if "HEALTH_ADDRESS" in it.getMessage()]
    assert line.levelname == "WARNING"
    assert str(address) in line.getMessage()


async def test_the_command_asks_the_bot_that_runs(house: House) -> None:
    address = f"127.0.0.1:{free_port()}"
    status, told = await ask(HEALTH_ADDRESS=address)
    assert status == 1
    assert f"no answer from http://{address}/healthz" in told
    watched = environment(house) | {"HEALTH_ADDRESS": address}
    async with process(house, watched) as running:
        status, told = await ask(HEALTH_ADDRESS=address)
        assert (status, '"status": "ok"' in told) == (0, True), told
        status, told = await ask(HEALTH_ADDRESS=address, DISCORD_TOKEN=house.discord.token)
        assert (status, '"status": "ok"' in told) == (0, True), told
        status, told = await ask(HEALTH_ADDRESS=address, DISCORD_TOKEN="MTIzNDU.x.y")
        assert status == 1
        ours = house.discord.token.partition(".")[0]
        other = base64.b64decode(ours + "=" * (-len(ours) % 4)).decode()
        assert f"of another bot, with the id {other}: give this one a HEALTH_ADDRESS" in told
        endless = resource.RLIM_INFINITY
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (0, endless))
        status, told = await ask(HEALTH_ADDRESS=address)
        assert (status, '"error": "OperationalError"' in told) == (1, True), told
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (endless, endless))
        status, told = await ask(HEALTH_ADDRESS=address)
        assert (status, '"status": "ok"' in told) == (0, True), told
    assert await ask(HEALTH_ADDRESS="off") == (1, "HEALTH_ADDRESS is off: nobody can be asked.\n")
    status, told = await ask(HEALTH_ADDRESS="8642")
    assert status == 1
    assert "HEALTH_ADDRESS must be an address and a port" in told


async def test_the_command_loads_next_to_nothing() -> None:
    program = (
        "import sys; sys.argv[1:] = ['health']\n"
        "from bot.monitoring.health_command import ask_health\n"
        "ask_health(); print(*sys.modules)"
    )
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        env={"PATH": os.environ["PATH"], "HEALTH_ADDRESS": "off"},
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await running.communicate()
    loaded = {name.partition(".")[0] for name in told.decode().split()}
    assert "bot" in loaded
    assert loaded & {"discord", "aiohttp", "asyncio", "pydantic", "dotenv", "cogs"} == set()
