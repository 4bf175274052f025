"""What a member's picture may be, and what it becomes. Nothing here loads a decoder."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.media.errors import PictureError, PictureProblem

MAX_BYTES: Final = 32 * 1024 * 1024
"""Largest picture file, in bytes."""
MAX_PIXELS: Final = {
    "JPEG": 64_000_000,
    "progressive JPEG": 50_000_000,
    "HEIF": 50_000_000,
    "PNG": 40_000_000,
    "GIF": 40_000_000,
    "AVIF": 32_000_000,
    "WEBP": 24_000_000,
}
"""Most pixels by format: what is decoded in at most 400 MB, each as its library does it.

A JPEG is decoded at a fraction of its size; a progressive one needs all of it in memory first.
Measured: 5 to 10 bytes a pixel of a PNG, 8 of a HEIF, 12 of an AVIF, 16 of a WebP. A phone's 48
megapixels fit as JPEG and as HEIF, a screen of 8K as all but WebP and AVIF."""
MAX_FRAMES: Final = 1_000
MAX_SCANS: Final = 100
"""Most passes over the pixels of a JPEG; 64 megapixels take 25 ms each."""
MIN_SIDE: Final = 64
"""Shortest side, in pixels, of a picture, before and after it is scaled."""
LONG_SIDE: Final = 2048
"""Longest side, in pixels: services refuse larger ones, and videos have at most 1920."""


class PictureChange(StrEnum):
    """A change to a picture that its owner should know of."""

    FIRST_FRAME = "first_frame"
    PRINT_COLOURS = "print_colours"
    DEEP_COLOURS = "deep_colours"


@dataclass(frozen=True, slots=True)
class Still:
    """A picture ready for Pika: an sRGB JPEG, upright, without metadata.

    Attributes:
        perceptual_hash: For `perceptual_hash.find_alike`; `None` where too little is in it.
        width: In pixels, as is the height; both at most `LONG_SIDE`.
    """

    data: bytes
    width: int
    height: int
    changes: tuple[PictureChange, ...] = ()
    perceptual_hash: str | None = None


def check_picture_size(size: int) -> None:
    """Refuse a picture by its size in bytes.

    Raises:
        PictureError: The picture is empty, or over `MAX_BYTES`.
    """
    if size == 0:
        raise PictureError(PictureProblem.EMPTY)
    if size > MAX_BYTES:
        raise PictureError(PictureProblem.TOO_MANY_BYTES)


def check_described(media_type: str | None, width: int | None, height: int | None) -> None:
    """Refuse a picture by what Discord says of it, before anything is fetched.

    Args:
        media_type: As the client claims it, so that only what is clearly no picture is refused.
        width: In pixels, as is the height; `None` where Discord has found none.
        height: Likewise.

    Raises:
        PictureError: It is a video, say, or its sides fit no format.
    """
    kind = (media_type or "").partition("/")[0]
    if kind in _OTHER_MEDIA:
        raise PictureError(PictureProblem.NOT_A_PICTURE)
    if width and height:
        most = max(MAX_PIXELS.values())
        if width * height > most:
            raise PictureError(PictureProblem.TOO_MANY_PIXELS, _most_pixels(media_type) or most)
        check_sides(width, height)


def check_sides(width: int, height: int) -> None:
    """Refuse a picture whose sides, in pixels, are too short.

    Raises:
        PictureError: Its shorter side is below `MIN_SIDE`, or would be once it is scaled.
    """
    short, long = sorted((width, height))
    if short < MIN_SIDE:
        raise PictureError(PictureProblem.TOO_SMALL)
    if short * LONG_SIDE < MIN_SIDE * long:
        raise PictureError(PictureProblem.TOO_NARROW)


def _most_pixels(media_type: str | None) -> int | None:
    return MAX_PIXELS.get((media_type or "").partition("/")[2].upper())


_OTHER_MEDIA: Final = frozenset({"audio", "video", "text"})
