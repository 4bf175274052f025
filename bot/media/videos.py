"""Outgoing video: is it one, and does it fit?"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import av
import av.error

from bot.media.errors import UnreadableVideoError

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer
    from av.video.stream import VideoStream

FIT_SHARE: Final = 0.9
"""The part of a byte limit that a re-encode aims at; the rest is for the container."""
_LOWEST_BITS_PER_PIXEL: Final = 0.03
"""Below this, the picture is made smaller instead of coarser."""


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What a video is: sides in pixels, length in seconds."""

    width: int
    height: int
    seconds: float


@dataclass(frozen=True, slots=True)
class VideoProcessor:
    """Works on videos in threads, one at a time: each already uses every core."""

    _slot: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1), init=False)

    async def probe(self, path: Path) -> VideoInfo:
        """Read what the video is, decoding its first frame.

        Raises:
            UnreadableVideoError: It has no frame that can be decoded.
        """
        async with self._slot:
            return await asyncio.to_thread(probe, path)

    async def shrink(self, path: Path, out: Path, max_bytes: int) -> None:
        """Write a copy of at most `max_bytes` to `out`, which exists only when whole.

        Raises:
            UnreadableVideoError: It cannot be decoded.
        """
        async with self._slot:
            await asyncio.to_thread(shrink, path, out, max_bytes)


def probe(path: Path) -> VideoInfo:
    """Do what `Clips.probe` does, blocking."""
    try:
        with av.open(path) as video:
            stream = _stream(video)
            frame = next(video.decode(stream), None)
            seconds = (video.duration or 0) / av.time_base
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise UnreadableVideoError(type(error).__name__) from error
    if frame is None or seconds <= 0:
        raise UnreadableVideoError("no frame or no length")
    return VideoInfo(frame.width, frame.height, seconds)


def shrink(path: Path, out: Path, max_bytes: int) -> None:
    """Do what `Clips.shrink` does, blocking."""
    facts = probe(path)
    part = out.with_name(out.name + ".part")
    bits_per_second = int(max_bytes * 8 * FIT_SHARE / facts.seconds)
    try:
        _encode(path, part, facts, bits_per_second)
        part.replace(out)
    except (av.error.FFmpegError, ValueError) as error:
        raise UnreadableVideoError(type(error).__name__) from error
    finally:
        part.unlink(missing_ok=True)


def _encode(source: Path, target: Path, facts: VideoInfo, bits_per_second: int) -> None:
    with ExitStack() as stack:
        video = stack.enter_context(av.open(source))
        copy = stack.enter_context(
            av.open(target, "w", format="mp4", options={"movflags": "+faststart+use_metadata_tags"})
        )
        copy.metadata.update(video.metadata)
        stream = _stream(video)
        rate = stream.average_rate or 24
        encoder = copy.add_stream("libx264", rate=rate)
        encoder.width, encoder.height = _size(facts, bits_per_second / float(rate))
        encoder.pix_fmt = "yuv420p"
        encoder.bit_rate = bits_per_second
        encoder.options = {
            "preset": "veryfast",
            "maxrate": str(bits_per_second),
            # What may be overspent at first: a second's worth would be too much of a short clip.
            "bufsize": str(int(bits_per_second * min(1.0, facts.seconds / 5))),
        }
        for frame in video.decode(stream):
            picture = frame.reformat(encoder.width, encoder.height, "yuv420p")
            copy.mux(encoder.encode(picture))
        copy.mux(encoder.encode(None))


def _size(facts: VideoInfo, bits_per_frame: float) -> tuple[int, int]:
    """Return even sides, smaller where the bits would not do for the full size."""
    affordable = bits_per_frame / _LOWEST_BITS_PER_PIXEL
    scale = min(1.0, (affordable / (facts.width * facts.height)) ** 0.5)
    width, height = (max(2, round(side * scale / 2) * 2) for side in (facts.width, facts.height))
    return width, height


def _stream(video: InputContainer) -> VideoStream:
    if not video.streams.video:
        raise UnreadableVideoError("no video in it")
    return video.streams.video[0]
