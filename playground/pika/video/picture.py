"""Opens an uploaded picture and lays it out at the size of a video frame."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from PIL import ExifTags, Image, ImageFilter, ImageOps

MAX_ASPECT: Final = 2.5
"""Long side over short side of a frame; a longer picture is letterboxed on a blur of itself."""

MAX_PIXELS: Final = 64_000_000
"""Pictures of more pixels are refused before they are decoded (ours, no known rule of Pika's)."""

_BOMBS: Final = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_QUARTER_TURNS: Final = (5, 6, 7, 8)

_OVERSCAN: Final = 1.25
"""How much larger than the frame a picture is kept, so that zooming in stays sharp."""


class PictureError(ValueError):
    """The file is no picture that can be animated; the text says why."""


@dataclass(frozen=True, slots=True)
class FrameSize:
    """Width and height of a frame in pixels, both even as yuv420p needs."""

    width: int
    height: int

    @classmethod
    def fitting(cls, width: int, height: int, short_side: int) -> Self:
        """The frame for a picture of width x height: same aspect up to `MAX_ASPECT`."""
        aspect = min(max(width, height) / min(width, height), MAX_ASPECT)
        long_side = 2 * round(short_side * aspect / 2)
        return cls(long_side, short_side) if width >= height else cls(short_side, long_side)


def open_upright(path: Path) -> Image.Image:
    """Decode to opaque RGB with the EXIF orientation applied; raises PictureError."""
    with _refusing():
        return _opaque(ImageOps.exif_transpose(_opened(path)))


def upright_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels after orientation, from the header alone; raises PictureError."""
    with _refusing():
        picture = _opened(path)
        turned = picture.getexif().get(ExifTags.Base.Orientation) in _QUARTER_TURNS
    return (picture.height, picture.width) if turned else picture.size


def lay_out(picture: Image.Image, short_side: int) -> tuple[Image.Image, FrameSize]:
    """The picture in the aspect of its frame and never larger than needed, and that frame."""
    size = FrameSize.fitting(*picture.size, short_side)
    aspect = max(picture.size) / min(picture.size)
    if aspect > MAX_ASPECT:
        return _letterboxed(picture, size), size
    largest = (round(size.width * _OVERSCAN), round(size.height * _OVERSCAN))
    if picture.width <= largest[0]:
        return picture, size
    return picture.resize(largest, Image.Resampling.LANCZOS, reducing_gap=3.0), size


def _opened(path: Path) -> Image.Image:
    picture = Image.open(io.BytesIO(path.read_bytes()), formats=("JPEG", "PNG", "WEBP"))
    if picture.width * picture.height > MAX_PIXELS:
        raise PictureError(f"{picture.width}x{picture.height} pixels are too many")
    return picture


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (OSError, SyntaxError, *_BOMBS) as error:
        raise PictureError(f"cannot be decoded: {error}") from error


def _opaque(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")


def _letterboxed(picture: Image.Image, size: FrameSize) -> Image.Image:
    canvas_size = (round(size.width * _OVERSCAN), round(size.height * _OVERSCAN))
    small = ImageOps.fit(picture, (max(2, canvas_size[0] // 16), max(2, canvas_size[1] // 16)))
    blur = small.filter(ImageFilter.GaussianBlur(4)).point(lambda value: value * 0.6)
    canvas = blur.resize(canvas_size, Image.Resampling.BICUBIC)
    whole = ImageOps.contain(picture, canvas_size, Image.Resampling.LANCZOS)
    canvas.paste(whole, ((canvas.width - whole.width) // 2, (canvas.height - whole.height) // 2))
    return canvas
