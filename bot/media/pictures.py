"""Intake: whatever a member attached becomes one clean JPEG, or a refusal.

Judged by content and never by name. What is hostile by its bytes, pixels or frames is
refused before anything is decoded. The work runs in threads, few at a time.
"""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import pillow_heif
from PIL import ExifTags, Image, ImageCms, ImageFile, UnidentifiedImageError

from bot.media.errors import PictureError, PictureProblem
from bot.media.gif import count_frames
from bot.media.jpeg import count_scans

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MAX_BYTES: Final = 32 * 1024 * 1024
"""Largest picture taken in."""
MAX_PIXELS: Final = 64_000_000
"""Most pixels taken in: room for a phone's 48 megapixels; 256 MB when decoded."""
MAX_FRAMES: Final = 1_000
MAX_SCANS: Final = 100
"""Most passes over the pixels of a JPEG; 64 megapixels take 25 ms each."""
MIN_SIDE: Final = 64
"""Shortest side, in pixels, of a picture and of what it is scaled to."""
LONG_SIDE: Final = 2048
"""Pixels; services refuse larger pictures, and videos have at most 1920."""
PROVIDER_FORMATS: Final = ("JPEG", "PNG", "WEBP")
"""What services read that fetch the original themselves."""
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF")
_QUALITY: Final = 92
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a picture is turned upright, by the orientation that its camera noted (EXIF)."""
_JPEGS: Final = frozenset({"JPEG", "MPO"})
"""MPO is a JPEG with further ones behind it: previews, depth, the other eye."""
_SRGB: Final = ImageCms.createProfile("sRGB")

# This module measures pictures itself, before decoding, and refuses where Pillow would warn.
Image.MAX_IMAGE_PIXELS = None
pillow_heif.register_heif_opener(thumbnails=False)


class PictureChange(StrEnum):
    """What was changed about a picture that its owner should know."""

    FIRST_FRAME = "first_frame"
    PRINT_COLOURS = "print_colours"
    DEEP_COLOURS = "deep_colours"


@dataclass(frozen=True, slots=True)
class Still:
    """A picture ready for Pika: an sRGB JPEG, upright, without metadata.

    Attributes:
        width: Pixels, at most `LONG_SIDE`.
        height: Pixels, at most `LONG_SIDE`.
        original: The format of the file it was made from, as Pillow names it.
        changes: What its owner should know.
    """

    data: bytes
    width: int
    height: int
    original: str
    changes: tuple[PictureChange, ...] = ()


class PictureDecoder:
    """The intake desk: bounds how many pictures are in memory at once.

    Args:
        at_once: Pictures read and decoded at the same time.
    """

    def __init__(self, at_once: int = 2) -> None:
        self._slots = asyncio.Semaphore(at_once)

    async def decode(self, size: int, read: Callable[[], Awaitable[bytes]]) -> Still:
        """Read a picture and make it a still.

        Args:
            size: Its size in bytes as told beforehand.
            read: Fetches it; called only if the size is acceptable.

        Raises:
            PictureError: It cannot be used.
        """
        check_picture_size(size)
        async with self._slots:
            data = await read()
            return await asyncio.to_thread(decode_picture, data)


def decode_picture(data: bytes) -> Still:
    """Turn a picture file into a still. Blocks; some seconds for the largest.

    Raises:
        PictureError: It cannot be used.
    """
    check_picture_size(len(data))
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            _check_shape(picture, data)
            notes = _changes(picture)
            _shorten_key(picture)
            flat = _flatten(_upright(picture))
            kind = "JPEG" if picture.format in _JPEGS else str(picture.format)
            return Still(_encode(flat), flat.width, flat.height, kind, notes)
    except UnidentifiedImageError as error:
        raise PictureError(PictureProblem.NOT_A_PICTURE) from error
    except PictureError:
        raise
    except Exception as error:
        # Pillow's plug-ins raise nearly everything for broken files, ZeroDivisionError included.
        raise PictureError(PictureProblem.BROKEN) from error


def check_picture_size(size: int) -> None:
    """Refuse a picture by its size in bytes.

    Raises:
        PictureError: It is empty, or over `MAX_BYTES`.
    """
    if size == 0:
        raise PictureError(PictureProblem.EMPTY)
    if size > MAX_BYTES:
        raise PictureError(PictureProblem.TOO_MANY_BYTES)


def _check_shape(picture: ImageFile.ImageFile, data: bytes) -> None:
    """Refuse by what the file's headers say; nothing is decoded yet."""
    long, short = max(picture.size), min(picture.size)
    if long * short > MAX_PIXELS:
        raise PictureError(PictureProblem.TOO_MANY_PIXELS)
    if short < MIN_SIDE:
        raise PictureError(PictureProblem.TOO_SMALL)
    if short * LONG_SIDE < MIN_SIDE * long:
        raise PictureError(PictureProblem.TOO_NARROW)
    if picture.format == "GIF":
        frames = count_frames(data, most=MAX_FRAMES)
    else:
        frames = int(getattr(picture, "n_frames", 1))
    if frames > MAX_FRAMES:
        raise PictureError(PictureProblem.TOO_MANY_FRAMES)
    if "progressive" in picture.info and count_scans(data, most=MAX_SCANS) > MAX_SCANS:
        raise PictureError(PictureProblem.BROKEN)


def _changes(picture: ImageFile.ImageFile) -> tuple[PictureChange, ...]:
    found = []
    if picture.format != "MPO" and getattr(picture, "is_animated", False):
        found.append(PictureChange.FIRST_FRAME)
    if picture.mode == "CMYK":
        found.append(PictureChange.PRINT_COLOURS)
    if _is_deep(picture):
        found.append(PictureChange.DEEP_COLOURS)
    return tuple(found)


def _is_deep(picture: ImageFile.ImageFile) -> bool:
    """Whether a PNG has 16 bits a channel; of colours, Pillow itself keeps 8."""
    return any(str(tile.args).endswith(";16B") for tile in picture.tile)


def _shorten_key(picture: ImageFile.ImageFile) -> None:
    """Bring the colour that stands for transparency to 8 bits, as the pixels will be."""
    key = picture.info.get("transparency")
    if key is not None and _is_deep(picture):
        several = isinstance(key, tuple)
        picture.info["transparency"] = tuple(k >> 8 for k in key) if several else key >> 8


def _upright(picture: Image.Image) -> Image.Image:
    """Decode no larger than needed, scale, and apply the camera's orientation."""
    profile = picture.info.get("icc_profile")
    turn = _TURNS.get(_orientation(picture))
    if picture.mode.startswith("I"):
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in {"P", "PA", "1"} or "transparency" in picture.info:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _to_srgb(picture if turn is None else picture.transpose(turn), profile)


def _orientation(picture: Image.Image) -> int:
    """Read how the camera was held. Of its notes, which are often damaged, nothing else is."""
    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # noqa: BLE001 - what Pillow raises here is as open as in `decode_picture`
        return 1
    return orientation if isinstance(orientation, int) else 1


def _to_srgb(picture: Image.Image, profile: object) -> Image.Image:
    if not isinstance(profile, bytes):
        return picture
    alpha = picture.getchannel("A") if "A" in picture.getbands() else None
    colours = {"L": "L", "LA": "L", "CMYK": "CMYK"}.get(picture.mode, "RGB")
    base = picture if picture.mode == colours else picture.convert(colours)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(base, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        # A profile that is broken, or for other colours than the picture has, says nothing.
        return picture
    if converted is None:
        return picture
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


def _flatten(picture: Image.Image) -> Image.Image:
    """Lay a transparent picture on white."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    ground.alpha_composite(layer)
    return ground.convert("RGB")


def _encode(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.info = {}
    picture.save(out, "JPEG", quality=_QUALITY, subsampling=0)
    return out.getvalue()
