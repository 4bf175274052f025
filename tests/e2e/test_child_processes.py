"""Where pictures, videos and charts are worked on: not in the bot's own process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.media import picture_decoder
from bot.reports import chart_renderer
from playground.discord import Upload
from tests.bot.base import child_work
from tests.bot.media import hostile_pictures
from tests.e2e.test_process import environment, process

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from tests.house import House

DECODERS = frozenset({"/PIL/", "/pillow_heif", "/av/"})


def children(parent: int) -> Iterator[int]:
    """The processes that a process has started, and those that these have."""
    for status in Path("/proc").glob("[0-9]*/status"):
        if f"\nPPid:\t{parent}\n" in read(status):
            child = int(status.parent.name)
            yield child
            yield from children(child)


def read(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:  # it has ended
        return ""


def decoders(pid: int) -> set[str]:
    """Whose libraries a process has loaded."""
    maps = read(Path(f"/proc/{pid}/maps"))
    return {it for it in DECODERS if it in maps}


def open_files(pid: int) -> list[str]:
    return [str(it.readlink()) for it in Path(f"/proc/{pid}/fd").iterdir()]


def knows(pid: int, secret: str) -> bool:
    """Whether the bytes are anywhere in the memory that a process may write to."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in read(Path(f"/proc/{pid}/maps")).splitlines():
            place, rights, *_ = line.split()
            start, end = (int(it, 16) for it in place.split("-"))
            if rights.startswith("rw"):
                memory.seek(start)
                if secret.encode() in memory.read(end - start):
                    return True
    return False


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def some_child(parent: int) -> None:
    async with asyncio.timeout(60):
        while not list(children(parent)):
            await asyncio.sleep(0.01)


async def gone(pids: list[int]) -> None:
    async with asyncio.timeout(60):
        while any(map(is_alive, pids)):
            await asyncio.sleep(0.01)


def big_picture() -> Upload:
    """One that takes its time."""
    return Upload("photo.png", hostile_pictures.solid_png(7_000, 5_000), "image/png")


async def test_what_decodes_and_draws_is_loaded_in_children_that_know_no_secret(
    house: House,
) -> None:
    async with process(house, is_fresh=True) as bot:
        assert list(children(bot.pid)) == []
        await house.delivered(await house.animate())
        await house.settled()
        report = await house.ask(house.member("moderator"), "quota report")
        assert len(report.attachments) == 2
        assert decoders(bot.pid) == set()
        assert knows(bot.pid, house.discord.token)
        found = list(children(bot.pid))
        assert set().union(*map(decoders, found)) == DECODERS
        secrets = house.discord.token, house.pika.key, str(house.data_dir)
        for child in found:
            environ = read(Path(f"/proc/{child}/environ"))
            assert not [it for it in secrets if it in environ]
            assert not [it for it in secrets[:2] if knows(child, it)]
            opened = open_files(child)
            assert not [it for it in opened if "socket:" in it or str(house.data_dir) in it]


async def test_nothing_is_left_of_a_bot_that_was_killed(house: House) -> None:
    async with process(house) as bot:
        await house.delivered(await house.animate())
        found = list(children(bot.pid))
        assert found
        bot.kill()
        await gone(found)


async def test_a_stop_of_the_whole_group_lets_the_running_picture_finish(house: House) -> None:
    """As Ctrl-C in a terminal and a service manager do, also while the child is starting."""
    for number, sent in enumerate((signal.SIGINT, signal.SIGTERM), 1):
        bot = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot"),
            env=environment(house),
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        await house.discord.wait_ready()
        asked = asyncio.create_task(house.animate(image=big_picture()))
        await some_child(bot.pid)
        os.killpg(bot.pid, sent)
        _, log = await bot.communicate()
        await asked
        await house.discord.drop_gateway()
        assert bot.returncode == 0
        assert "Traceback" not in log.decode(), log.decode()
        assert len(house.query("SELECT * FROM jobs")) == number, log.decode()


async def test_a_picture_that_kills_its_child_costs_nothing_and_is_logged_once(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.bot():
        with monkeypatch.context() as patched:
            patched.setattr(picture_decoder, "_decode", child_work.crash)
            refusal = await house.refused(await house.animate(), "too much memory or time")
        text = refusal.content
        assert "Nothing was charged. (reference " in text
        reference = text.partition("(reference ")[2][:5]
        told = [it.getMessage() for it in caplog.records if it.levelname == "ERROR"]
        assert len(told) == 1
        assert told[0].startswith(f"ref {reference}: a picture was not decoded:")
        assert house.spent() == (0, 0)
        await house.delivered(await house.animate())


async def test_a_report_is_shown_without_a_chart_that_could_not_be_drawn(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
        monkeypatch.setattr(chart_renderer, "_draw", child_work.crash)
        message = await house.ask(house.member("moderator"), "quota report")
        assert "1 clip delivered" in message.content
        assert [it.filename.partition(".")[2] for it in message.attachments] == ["csv"]


async def test_a_gigabyte_in_38_bytes_is_refused_at_once(house: House) -> None:
    async with house.bot():
        picture = Upload("photo.webp", hostile_pictures.TINY_WEBP, "image/webp")
        refusal = await house.refused(await house.animate(image=picture), "24 megapixels")
        assert "Please attach a smaller copy as a JPEG. Nothing was charged." in refusal.content
        assert (await house.delivered(await house.animate())).attachments
