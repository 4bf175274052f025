"""Looking at stills: their colours, and whether two colours are the same to the eye."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from tests.bot.media.sample_pictures import BLUE, GREEN, RED, YELLOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.media.still import Still

WHITE = (255, 255, 255)


def opened(still: Still) -> Image.Image:
    image = Image.open(io.BytesIO(still.data))
    image.load()
    assert image.format == "JPEG"
    assert image.mode == "RGB"
    assert image.size == (still.width, still.height)
    return image


def colour(still: Still, x: float = 0.5, y: float = 0.5) -> tuple[int, ...]:
    """The colour at shares of the width and the height."""
    image = opened(still)
    found = image.getpixel((int(x * image.width), int(y * image.height)))
    assert isinstance(found, tuple)
    return tuple(int(value) for value in found)


def assert_near(found: Sequence[float], wanted: Sequence[float], tolerance: int = 6) -> None:
    pairs = zip(found, wanted, strict=True)
    assert all(abs(a - b) <= tolerance for a, b in pairs), f"{found} is not near {wanted}"


def assert_quarters(still: Still, tolerance: int = 12) -> None:
    places = {(0.2, 0.2): RED, (0.2, 0.8): GREEN, (0.8, 0.2): BLUE, (0.8, 0.8): YELLOW}
    for (x, y), wanted in places.items():
        assert_near(colour(still, x, y), wanted, tolerance)
