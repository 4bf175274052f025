"""The decoder: few at a time, in a child process, and size before bytes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from bot.base.child_process import ChildKilledError, child_processes
from bot.media import picture_decoder
from bot.media.errors import PictureError, PictureProblem
from bot.media.picture_decoder import PictureDecoder
from bot.media.still import LONG_SIDE, MAX_BYTES, MAX_PIXELS, Still
from tests.bot.base import child_work
from tests.bot.media import hostile_pictures
from tests.bot.media.sample_pictures import encode, plain

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PIL import Image

    from bot.base.child_process import ChildProcess


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
async def test_what_is_told_to_be_too_large_is_not_read(
    child: ChildProcess, size: int, problem: PictureProblem
) -> None:
    with pytest.raises(PictureError) as refusal:
        await PictureDecoder(child).decode(size, never)
    assert refusal.value.problem is problem


async def test_what_is_larger_than_told_is_refused_all_the_same(child: ChildProcess) -> None:
    with pytest.raises(PictureError) as refusal:
        await PictureDecoder(child).decode(1000, serving(bytes(MAX_BYTES + 1)))
    assert refusal.value.problem is PictureProblem.TOO_MANY_BYTES


async def test_what_is_empty_in_spite_of_what_was_told_is_refused(child: ChildProcess) -> None:
    with pytest.raises(PictureError) as refusal:
        await PictureDecoder(child).decode(1000, serving(b""))
    assert refusal.value.problem is PictureProblem.EMPTY


async def test_the_event_loop_runs_while_a_picture_is_worked_on(child: ChildProcess) -> None:
    """How well it runs is measured by the benchmark `event_loop`."""
    turns, photo = 0, encode(plain(3000, 2000), "PNG")
    working = asyncio.create_task(PictureDecoder(child).decode(len(photo), serving(photo)))
    while not working.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert (await working).width == LONG_SIDE
    assert turns > 10


async def test_few_pictures_are_in_memory_at_once(child: ChildProcess) -> None:
    begun, release = 0, asyncio.Event()
    photo = encode(plain(), "PNG")

    async def read() -> bytes:
        nonlocal begun
        begun += 1
        await release.wait()
        return photo

    decoder = PictureDecoder(child)
    waiting = [asyncio.create_task(decoder.decode(4, read)) for _ in range(10)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert begun == 2
    release.set()
    assert len(await asyncio.gather(*waiting)) == begun == 10


async def test_a_refused_or_abandoned_picture_makes_room(child: ChildProcess) -> None:
    decoder = PictureDecoder(child)
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


async def test_what_breaks_while_it_is_fetched_passes_through(child: ChildProcess) -> None:
    async def unfetched() -> bytes:
        raise PictureError(PictureProblem.UNFETCHED)

    with pytest.raises(PictureError) as refusal:
        await PictureDecoder(child).decode(10, unfetched)
    assert refusal.value.problem is PictureProblem.UNFETCHED


async def test_a_picture_that_kills_its_process_is_refused_and_the_next_is_taken(
    child: ChildProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder, good = PictureDecoder(child), encode(plain(), "PNG")
    with monkeypatch.context() as patched:
        patched.setattr(picture_decoder, "_decode", child_work.crash)
        with pytest.raises(PictureError) as refusal:
            await decoder.decode(len(good), serving(good))
    assert refusal.value.problem is PictureProblem.TOO_COSTLY
    assert isinstance(refusal.value.__cause__, ChildKilledError)
    assert isinstance(await decoder.decode(len(good), serving(good)), Still)


LARGEST: dict[str, Callable[[], Image.Image]] = {
    "JPEG": lambda: plain(8000, 8000),
    "HEIF": lambda: plain(8064, 6048),  # a phone's 48 megapixels
    "PNG": lambda: plain(7680, 5200),
    "palette": lambda: plain(7680, 5200, 1, "P"),
    "AVIF": lambda: plain(6400, 4992),
    "WEBP": lambda: plain(5000, 4800),
}
QUICKLY: dict[str, dict[str, Any]] = {
    "HEIF": {"quality": 10, "enc_params": {"preset": "ultrafast"}},
    "palette": {"transparency": 0},
    "AVIF": {"speed": 10},
    "WEBP": {"method": 0},
}


@pytest.mark.slow
async def test_the_largest_of_each_format_fits_their_childs_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One after another: what one leaves behind must not be in the way of the next."""
    # How long it takes is the machine's.
    monkeypatch.setattr(picture_decoder, "SECONDS", 300.0)
    async with child_processes(PictureDecoder.MEMORY_BYTES) as (child,):
        decoder = PictureDecoder(child)
        peaks = {}
        for kind, make in LARGEST.items():
            picture, name = make(), "PNG" if kind == "palette" else kind
            assert 0.95 * MAX_PIXELS[name] < picture.width * picture.height <= MAX_PIXELS[name]
            data = encode(picture, name, **QUICKLY.get(kind, {}))
            still = await decoder.decode(len(data), serving(data))
            assert max(still.width, still.height) == LONG_SIDE
            peaks[kind] = await child.run(300, child_work.peak_bytes)
    assert peaks["JPEG"] < 250_000_000, "it is decoded at a fraction of its size"
    assert max(peaks.values()) < 550_000_000


async def test_a_canvas_beyond_all_memory_is_refused_for_its_pixels() -> None:
    giant = hostile_pictures.webp_header(16_000_000, 16_000_000)
    async with child_processes(PictureDecoder.MEMORY_BYTES) as (child,):
        with pytest.raises(PictureError) as refusal:
            await PictureDecoder(child).decode(len(giant), serving(giant))
    assert refusal.value.problem is PictureProblem.TOO_MANY_PIXELS
