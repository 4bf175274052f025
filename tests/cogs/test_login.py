"""Discord or Pika that does not answer at the start: the bot waits, and is ready by itself."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import discord
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer

from bot.__main__ import run
from bot.base import Timeouts
from bot.config import SettingError
from cogs import login
from playground.faults import Fault
from tests.cogs.test_client import closed_port

if TYPE_CHECKING:
    from tests.house import House

HTML = {"Content-Type": "text/html"}
NOTHING = {"code": 0, "message": "No"}


class Lines(logging.Handler):
    """Waits for words in a line of the log."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words
        self.seen = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if self.words in record.getMessage():
            self.seen.set()


async def stopped_at(house: House, words: str) -> None:
    """Start, stop as soon as the log has the words, and pass on what the start raised."""
    lines, stop = Lines(words), asyncio.Event()
    login.log.addHandler(lines)
    running = asyncio.create_task(run(house.settings(), stop, timeouts=house.patience))
    seen = asyncio.create_task(lines.seen.wait())
    try:
        await asyncio.wait({running, seen}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await running
        assert seen.done()
    finally:
        login.log.removeHandler(lines)
        seen.cancel()


@pytest.mark.slow
async def test_what_passes_by_itself_is_waited_for(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    banned: dict[str, Any] = {
        "status": 429,
        "headers": {**HTML, "Retry-After": "1"},
        "body": b"1015",
    }
    for fault in (
        Fault("discord.login", "reply", status=503),
        Fault("discord.login", "drop_before"),
        Fault("discord.login", "half_body"),
        Fault("discord.login", "reply", **banned),
        Fault("discord.login", "reply", status=403, headers=HTML, body=b"Just a moment"),
        Fault("discord.application", "reply", status=503, headers=HTML, body=b"out of order"),
        Fault("discord.sync_commands", "drop_before"),
    ):
        house.discord.faults.add(fault)
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
    assert "out of order (HTTP 503)" in caplog.text
    assert "refuses this address (HTTP 429); the next try is in 1 seconds" in caplog.text
    assert "refuses this address (HTTP 403)" in caplog.text
    assert not house.discord.faults.take("discord.sync_commands")


async def test_it_is_said_from_time_to_time_and_a_stop_ends_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "_SAY_SECONDS", 0.05)
    house.overrides["discord_api_base"] = f"http://127.0.0.1:{closed_port()}/api/v10"
    await stopped_at(house, "still waiting to log in: Discord cannot be reached at http://127")
    assert house.query("SELECT running_since FROM owner_state") == [(None,)]


@pytest.mark.parametrize(
    ("fault", "setting"),
    [
        (Fault("discord.login", "reply", status=401, body=NOTHING), "DISCORD_TOKEN"),
        (Fault("discord.application", "reply", status=401, body=NOTHING), "DISCORD_TOKEN"),
        (Fault("discord.login", "reply", status=404, body=NOTHING), "DISCORD_API_BASE"),
    ],
)
async def test_a_setting_that_is_wrong_ends_the_start(
    house: House, fault: Fault, setting: str
) -> None:
    house.discord.faults.add(fault)
    with pytest.raises(SettingError) as raised:
        await stopped_at(house, "nothing")
    assert raised.value.setting == setting


async def test_a_page_where_discord_should_be_is_a_wrong_setting(house: House) -> None:
    async def page(_request: web.BaseRequest) -> web.Response:
        return web.Response(text="<html>Hello</html>", content_type="text/html")

    async with RawTestServer(page) as server:
        house.overrides["discord_api_base"] = f"http://127.0.0.1:{server.port}/api/v10"
        with pytest.raises(SettingError) as raised:
            await stopped_at(house, "nothing")
    assert raised.value.setting == "DISCORD_API_BASE"


async def test_what_discord_itself_refuses_blames_no_setting(house: House) -> None:
    body = {"code": 50035, "message": "Invalid Form Body"}
    house.discord.faults.add(Fault("discord.sync_commands", "reply", status=400, body=body))
    with pytest.raises(discord.HTTPException):
        await stopped_at(house, "nothing")


async def test_a_pika_that_does_not_answer_holds_nothing_up(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Timeouts, "KEY_CHECK_SECONDS", 0.05)
    house.pika.faults.add(Fault("pika.check", "hang"))
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
    assert "Pika's key could not be checked now: TimeoutError()" in caplog.text
