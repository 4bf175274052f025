"""Renders a real H.264 clip from one picture: its aspect, its orientation, a moving camera."""

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from PIL import Image

from playground.pika.video.motion import Camera, Motion, choose_motion
from playground.pika.video.picture import FrameSize, lay_out, open_upright

FRAMES_PER_SECOND: Final = 24
"""Of every clip of the stand-in."""

COMMENT: Final = "AI-generated (stand-in): rendered by animate-bot's playground, not by Pika"
"""The machine-readable mark in the `comment` of each clip's container."""

# RGB to limited-range BT.709 YCbCr, as rows of Pillow's matrix conversion.
_BT709: Final = (
    *(0.1826, 0.6142, 0.0620, 16.0),
    *(-0.1006, -0.3386, 0.4392, 128.0),
    *(0.4392, -0.3989, -0.0403, 128.0),
)


# Without mbtree=0 x264 decides a little differently each time, and a test could not compare clips.
_X264: Final = {"preset": "superfast", "crf": "23", "x264-params": "mbtree=0"}


class RenderStopped(Exception):  # noqa: N818 - no error: somebody asked for it
    """The stop event was set before the clip was finished."""


@dataclass(frozen=True, slots=True)
class ClipOrder:
    """What to render: `picture` is a file of an encoded image, `short_side` in pixels."""

    picture: Path
    prompt: str
    negative_prompt: str
    seed: int
    short_side: int
    seconds: int


def render(order: ClipOrder, path: Path, stop: threading.Event) -> None:
    """Write the clip as an MP4 that browsers can start at once.

    Blocks for seconds: call it in a thread. Raises PictureError, and RenderStopped once `stop`
    is set; either may leave an unfinished file at `path`.
    """
    picture, size = lay_out(open_upright(order.picture), order.short_side)
    motion = choose_motion(order.prompt, order.negative_prompt, order.seed)
    encode(_frames(picture, size, motion, order.seconds), size, path, stop)


def encode(
    frames: Iterator[VideoFrame], size: FrameSize, path: Path, stop: threading.Event
) -> None:
    """Encode yuv420p frames of this size to `path`; raises RenderStopped as `render` does."""
    with av.open(path, "w", format="mp4", options={"movflags": "+faststart"}) as container:
        container.metadata["comment"] = COMMENT
        stream = container.add_stream("libx264", FRAMES_PER_SECOND, options=_X264)
        stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
        context = stream.codec_context
        context.color_range = ColorRange.MPEG
        context.colorspace = Colorspace.ITU709
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709
        for number, frame in enumerate(frames):
            if stop.is_set():
                raise RenderStopped
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_SECOND)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _frames(
    picture: Image.Image, size: FrameSize, motion: Motion, seconds: int
) -> Iterator[VideoFrame]:
    luma, *chroma = picture.convert("RGB", _BT709).split()
    half = (max(1, picture.width // 2), max(1, picture.height // 2))
    planes = [luma, *(plane.resize(half, Image.Resampling.BOX) for plane in chroma)]
    path = [motion.camera(n / FRAMES_PER_SECOND, seconds) for n in range(_count(seconds))]
    steepest = max(abs(camera.roll) for camera in path)
    for camera in path:
        frame = VideoFrame(size.width, size.height, "yuv420p")
        for plane, target in zip(planes, frame.planes, strict=True):
            seen = _seen(plane, camera, steepest, (target.width, target.height))
            target.update(seen.tobytes("raw", "L", target.line_size, 1))
        yield frame


def _count(seconds: int) -> int:
    return seconds * FRAMES_PER_SECOND


def _seen(
    plane: Image.Image, camera: Camera, steepest: float, size: tuple[int, int]
) -> Image.Image:
    """What the camera sees of a plane: never anything outside it.

    The margin is that of the clip's steepest roll (radians) in all frames, for one that followed
    each frame's own roll would make the picture pulse.
    """
    cosine, sine, aspect = math.cos(steepest), math.sin(steepest), plane.width / plane.height
    spans = (cosine + sine / aspect, cosine + sine * aspect)
    scale = 1 / (camera.zoom * max(spans))
    centre = (
        plane.width * 0.5 * (1 + (1 - scale * spans[0]) * camera.x),
        plane.height * 0.5 * (1 + (1 - scale * spans[1]) * camera.y),
    )
    extent = (plane.width * scale, plane.height * scale)
    if not steepest:
        return _cropped(plane, centre, extent, size)
    return _rolled(plane, centre, extent, size, camera.roll)


def _cropped(
    plane: Image.Image,
    centre: tuple[float, float],
    extent: tuple[float, float],
    size: tuple[int, int],
) -> Image.Image:
    left, top = centre[0] - extent[0] / 2, centre[1] - extent[1] / 2
    right, bottom = min(left + extent[0], plane.width), min(top + extent[1], plane.height)
    box = (max(left, 0.0), max(top, 0.0), right, bottom)
    return plane.resize(size, Image.Resampling.BICUBIC, box=box)


def _rolled(
    plane: Image.Image,
    centre: tuple[float, float],
    extent: tuple[float, float],
    size: tuple[int, int],
    roll: float,
) -> Image.Image:
    step_x, step_y = extent[0] / size[0], extent[1] / size[1]
    a, b = step_x * math.cos(roll), -step_x * math.sin(roll)
    d, e = step_y * math.sin(roll), step_y * math.cos(roll)
    c = centre[0] - (a * size[0] + b * size[1]) / 2
    f = centre[1] - (d * size[0] + e * size[1]) / 2
    return plane.transform(
        size, Image.Transform.AFFINE, (a, b, c, d, e, f), Image.Resampling.BILINEAR
    )
