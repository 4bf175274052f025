"""The decoder: few at a time, off the event loop, and size before bytes."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from bot.media import pictures as stills
from bot.media.errors import PictureError, PictureProblem
from bot.media.pictures import MAX_BYTES, PictureDecoder, Still
from tests.bot.media.sample_pictures import encode, plain

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def serving(data: bytes) -> Callable[[], Awaitable[bytes]]:
    async def read() -> bytes:
        return data

    return read


async def never() -> bytes:
    raise AssertionError("was read")


@pytest.mark.parametrize(
    ("size", "problem"),
    [
        (0, PictureProblem.EMPTY),
        (MAX_BYTES + 1, PictureProblem.TOO_MANY_BYTES),
        (60_000_000, PictureProblem.TOO_MANY_BYTES),
    ],
)
async def test_what_is_told_to_be_too_large_is_not_read(size: int, problem: PictureProblem) -> None:
    with pytest.raises(PictureError) as refusal:
        await PictureDecoder().decode(size, never)
    assert refusal.value.problem is problem


async def test_what_is_larger_than_told_is_refused_all_the_same() -> None:
    with pytest.raises(PictureError) as refusal:
        await PictureDecoder().decode(1000, serving(bytes(MAX_BYTES + 1)))
    assert refusal.value.problem is PictureProblem.TOO_MANY_BYTES


async def test_what_is_empty_in_spite_of_what_was_told_is_refused() -> None:
    with pytest.raises(PictureError) as refusal:
        await PictureDecoder().decode(1000, serving(b""))
    assert refusal.value.problem is PictureProblem.EMPTY


async def test_the_event_loop_runs_while_a_picture_is_worked_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """How well it runs is measured by the benchmark `event_loop`."""
    begun, release = threading.Event(), threading.Event()

    def make(_data: bytes) -> Still:
        begun.set()
        assert release.wait(30)
        return Still(b"", 1, 1)

    monkeypatch.setattr(stills, "decode_picture", make)
    working = asyncio.create_task(PictureDecoder().decode(4, serving(b"data")))
    await asyncio.to_thread(begun.wait, 30)
    assert begun.is_set()
    assert not working.done()
    release.set()
    await working


async def test_few_pictures_are_in_memory_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = 0
    most = 0
    full, release = asyncio.Event(), asyncio.Event()

    async def read() -> bytes:
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        if reading == 2:
            full.set()
        await release.wait()
        return b"data"

    def make(_data: bytes) -> Still:
        nonlocal reading
        reading -= 1
        return Still(b"", 1, 1)

    monkeypatch.setattr(stills, "decode_picture", make)
    decoder = PictureDecoder(at_once=2)
    waiting = [asyncio.create_task(decoder.decode(4, read)) for _ in range(10)]
    await full.wait()
    release.set()
    await asyncio.gather(*waiting)
    assert most == 2


async def test_a_refused_or_abandoned_picture_makes_room() -> None:
    decoder = PictureDecoder(at_once=1)
    with pytest.raises(PictureError):
        await decoder.decode(4, serving(b"junk"))

    async def hang() -> bytes:
        await asyncio.Event().wait()
        return b""

    abandoned = asyncio.create_task(decoder.decode(4, hang))
    await asyncio.sleep(0)
    abandoned.cancel()
    with pytest.raises(asyncio.CancelledError):
        await abandoned
    good = encode(plain(), "PNG")
    async with asyncio.timeout(60):
        assert isinstance(await decoder.decode(len(good), serving(good)), Still)


async def test_what_breaks_while_it_is_fetched_passes_through() -> None:
    async def unfetched() -> bytes:
        raise PictureError(PictureProblem.UNFETCHED)

    with pytest.raises(PictureError) as refusal:
        await PictureDecoder().decode(10, unfetched)
    assert refusal.value.problem is PictureProblem.UNFETCHED
