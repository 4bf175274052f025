"""Finished videos: what they are, and copies that fit a limit on bytes.

Importing this module loads FFmpeg; only `video_processor` does, in a child process.
"""

from __future__ import annotations

import errno
import os
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import av
import av.error

from bot.base import UnreadableVideoError, value

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer
    from av.video.stream import VideoStream

FIT_SHARE: Final = 0.9
"""The share of a byte limit that the pictures may take; the rest is for the container."""
POSTER_SECONDS: Final = 1.0
"""How far into a video its poster is: the first frame is the picture that it was made of."""
POSTER_SIDE: Final = 256
"""The longest side of a poster, in pixels: phones show it at 85 points, of up to three each."""
# Of 2 to 31, the finest first: 5 to 12 KB for what cameras see.
_POSTER_QUANTISER: Final = 6
# Below this, frames are made smaller instead of coarser.
_LOWEST_BITS_PER_PIXEL: Final = 0.03
# What FFmpeg meets here, and not in the video: a full or broken disk, or too many open files.
_LOCAL: Final = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE}
)


@value
class VideoInfo:
    """A video's sides in pixels and its length in seconds."""

    width: int
    height: int
    seconds: float


def probe(path: Path) -> VideoInfo:
    """Do the work of `VideoProcessor.check`, and tell what was found.

    Raises:
        UnreadableVideoError: The video is at fault.
        OSError: The disk or the system is.
        MemoryError: It takes too much memory, or there is too little.
    """
    try:
        with av.open(path) as video:
            stream = _stream(video)
            frame = next(video.decode(stream), None)
            seconds = (video.duration or 0) / av.time_base
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise _fault(error) from error
    if frame is None or seconds <= 0:
        raise UnreadableVideoError("no frame or no length")
    return VideoInfo(frame.width, frame.height, seconds)


def check(path: Path) -> bytes | None:
    """Do the work of `VideoProcessor.check`."""
    probe(path)
    try:
        return _poster(path)
    except (av.error.FFmpegError, OSError, ValueError):
        # The video plays; lists do without.
        return None


def shrink(path: Path, out: Path, max_bytes: int) -> None:
    """Do the work of `VideoProcessor.shrink`, with the errors of `probe`."""
    info = probe(path)
    part = out.with_name(out.name + ".part")
    bits_per_second = int(max_bytes * 8 * FIT_SHARE / info.seconds)
    try:
        _encode(path, part, info, bits_per_second)
        # Named only when whole: half a video that a crash leaves would be posted.
        part.replace(out)
    except (av.error.FFmpegError, ValueError) as error:
        raise _fault(error) from error
    finally:
        part.unlink(missing_ok=True)


def _fault(error: Exception) -> Exception:
    """Tell a fault of the video from one of the system, in a kind that has no FFmpeg in it."""
    if isinstance(error, MemoryError):
        return MemoryError(str(error))
    number = error.errno if isinstance(error, OSError) else None
    if number in _LOCAL:
        return OSError(number, os.strerror(number))
    return UnreadableVideoError(type(error).__name__)


def _poster(path: Path) -> bytes | None:
    with av.open(path) as video:
        still, stream = None, _stream(video)
        # Only frames that others are made of, about half: it takes half as long.
        stream.codec_context.skip_frame = "NONREF"
        for still in video.decode(stream):
            if (still.time or 0) >= POSTER_SECONDS:
                break
    if still is None:
        return None
    scale = POSTER_SIDE / max(still.width, still.height, POSTER_SIDE)
    encoder = av.VideoCodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = (
        max(2, round(side * scale / 2) * 2) for side in (still.width, still.height)
    )
    encoder.pix_fmt, encoder.time_base = "yuvj420p", Fraction(1, 25)
    encoder.qmin = encoder.qmax = _POSTER_QUANTISER
    small = still.reformat(encoder.width, encoder.height, "yuvj420p")
    small.pts, small.time_base = 0, encoder.time_base
    return b"".join(bytes(it) for it in (*encoder.encode(small), *encoder.encode(None)))


def _encode(source: Path, target: Path, info: VideoInfo, bits_per_second: int) -> None:
    # Players begin before the whole file is there; its marks, such as "AI-generated", stay.
    flags = {"movflags": "+faststart+use_metadata_tags"}
    with av.open(source) as video, av.open(target, "w", format="mp4", options=flags) as copy:
        copy.metadata.update(video.metadata)
        stream = _stream(video)
        rate = stream.average_rate or 24
        encoder = copy.add_stream("libx264", rate=rate)
        encoder.width, encoder.height = _size(info, bits_per_second / float(rate))
        encoder.pix_fmt = "yuv420p"
        encoder.bit_rate = bits_per_second
        encoder.options = {
            "preset": "veryfast",
            "maxrate": str(bits_per_second),
            # Spent beyond the rate at first: a second's worth is too much of a short video.
            "bufsize": str(int(bits_per_second * min(1.0, info.seconds / 5))),
        }
        for frame in video.decode(stream):
            picture = frame.reformat(encoder.width, encoder.height, "yuv420p")
            copy.mux(encoder.encode(picture))
        copy.mux(encoder.encode(None))


def _size(info: VideoInfo, bits_per_frame: float) -> tuple[int, int]:
    """Sides that the bits suffice for; even ones, since yuv420p halves the colours."""
    affordable = bits_per_frame / _LOWEST_BITS_PER_PIXEL
    scale = min(1.0, (affordable / (info.width * info.height)) ** 0.5)
    width, height = (max(2, round(side * scale / 2) * 2) for side in (info.width, info.height))
    return width, height


def _stream(video: InputContainer) -> VideoStream:
    if not video.streams.video:
        raise UnreadableVideoError("no video in it")
    return video.streams.video[0]
