"""How long the event loop is away while pictures and videos are worked on in processes beside it.

Held against the same loop beside a thread of plain Python, which hands over every five
milliseconds. What takes the loop with it, or keeps Python's lock, makes it wait for as long as the
work takes, which is a hundred times as long.
"""

from __future__ import annotations

import asyncio
import io
import time
from fractions import Fraction
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import av
from PIL import Image

from bench.outcome import Outcome, table
from bot.base.child_process import child_processes
from bot.media.picture_decoder import PictureDecoder
from bot.media.video_processor import VideoProcessor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROUNDS: Final = 5
MOST_TIMES_BARE: Final = 3.0
"""The target: how many times as long as beside plain Python the loop may be away, at worst.

On two cores of a shared virtual machine it was 0.7 to 1.2 times as long.
"""
_BARE_SECONDS: Final = 0.5
_NAP_SECONDS: Final = 0.001
_PHOTO: Final = (4000, 3000)
_VIDEO: Final = (640, 360)
_FRAMES: Final = 48
_RATE: Final = 24


def run() -> Outcome:
    """Measure both kinds of work and the bare thread, in turns."""
    with TemporaryDirectory(prefix="bench-event-loop-") as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> Outcome:
    photo, video = _photo(), _write_video(folder / "noisy.mp4")
    limit = video.stat().st_size // 3

    async def read() -> bytes:
        return photo

    async with child_processes(
        PictureDecoder.MEMORY_BYTES, VideoProcessor.MEMORY_BYTES
    ) as children:
        decoder, processor = PictureDecoder(children[0]), VideoProcessor(children[1])
        works: dict[str, Callable[[], Awaitable[object]]] = {
            "plain Python": lambda: asyncio.to_thread(_count, _BARE_SECONDS),
            "a picture": lambda: decoder.decode(len(photo), read),
            "a video": lambda: processor.shrink(video, folder / "small.mp4", limit),
        }
        gaps: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(ROUNDS):
            for name, work in works.items():
                gaps[name].append(await _longest_gap(work()))
    worst = {name: median(found) for name, found in gaps.items()}
    bare = worst["plain Python"]
    ratios = {name: found / bare for name, found in worst.items()}
    rows = [(name, f"{worst[name] * 1000:.1f}", f"{ratios[name]:.2f}") for name in works]
    return Outcome(
        f"The longest absence of the loop beside each; median of {ROUNDS} rounds.\n"
        f"Target: at most {MOST_TIMES_BARE:g} times as long as beside plain Python.\n\n"
        f"{table(('beside', 'away/ms', 'times'), rows)}",
        tuple(
            f"{name}: away {ratio:.1f} times as long as beside plain Python,"
            f" target {MOST_TIMES_BARE:g}"
            for name, ratio in ratios.items()
            if ratio > MOST_TIMES_BARE
        ),
    )


async def _longest_gap(work: Awaitable[object]) -> float:
    """Work; return how long the loop was away at worst, in seconds."""
    working = asyncio.ensure_future(work)
    worst, before = 0.0, time.perf_counter()
    while not working.done():
        await asyncio.sleep(_NAP_SECONDS)
        now = time.perf_counter()
        worst, before = max(worst, now - before - _NAP_SECONDS), now
    await working
    return worst


def _count(seconds: float) -> int:
    number, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        number += 1
    return number


def _photo() -> bytes:
    """A photo of several megabytes, as a camera's."""
    draw = Random(1)  # noqa: S311 - a picture, no secret
    small = Image.frombytes("RGB", (1000, 750), draw.randbytes(1000 * 750 * 3))
    out = io.BytesIO()
    small.resize(_PHOTO).save(out, "JPEG", quality=95)
    return out.getvalue()


def _write_video(path: Path) -> Path:
    """A video of noise, which takes its time."""
    draw = Random(1)  # noqa: S311 - a picture, no secret
    with av.open(path, "w", format="mp4") as video:
        stream = video.add_stream("libx264", rate=_RATE)
        stream.width, stream.height = _VIDEO
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "ultrafast", "qp": "18"}
        for number in range(_FRAMES):
            frame = av.VideoFrame(*_VIDEO, "yuv420p")
            for plane in frame.planes:
                plane.update(draw.randbytes(plane.buffer_size))
            frame.pts, frame.time_base = number, Fraction(1, _RATE)
            video.mux(stream.encode(frame))
        video.mux(stream.encode(None))
    return path
