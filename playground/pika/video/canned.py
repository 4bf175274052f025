"""Small ready-made clips of a wanted aspect and length, for tests that need hundreds."""

import tempfile
import threading
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from av.video.frame import VideoFrame
from PIL import Image, ImageChops

from playground.pika.video.picture import FrameSize
from playground.pika.video.renderer import FRAMES_PER_SECOND, encode

SHORT_SIDE: Final = 90
"""Pixels of a canned clip's short side."""


def canned_clip(width: int, height: int, seconds: int) -> bytes:
    """A valid H.264 MP4 of the aspect of width x height; costs time only for a new aspect."""
    return _made(FrameSize.fitting(width, height, SHORT_SIDE), seconds)


@lru_cache(maxsize=64)
def _made(size: FrameSize, seconds: int) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "canned.mp4"
        encode(_frames(size, seconds), size, path, threading.Event())
        return path.read_bytes()


def _frames(size: FrameSize, seconds: int) -> Iterator[VideoFrame]:
    gradient = Image.linear_gradient("L")
    for number in range(seconds * FRAMES_PER_SECOND):
        moved = ImageChops.offset(gradient, 0, 3 * number)
        frame = VideoFrame(size.width, size.height, "yuv420p")
        for plane in frame.planes:
            picture = moved.resize((plane.width, plane.height))
            plane.update(picture.tobytes("raw", "L", plane.line_size, 1))
        yield frame
