"""How large a picture is, as Discord tells beside its address."""

import io
import warnings
from typing import TYPE_CHECKING, Final

from PIL import Image

if TYPE_CHECKING:
    from playground.discord.state.messages import Upload

_SHOWN: Final = ("AVIF", "GIF", "JPEG", "PNG", "WEBP")


def picture_size(upload: "Upload") -> tuple[int, int] | None:
    """Width and height in pixels by the file's header, or None for what is no picture."""
    try:
        with warnings.catch_warnings():
            # Sizes beyond all reason are told like any other: nothing is decoded here.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(upload.data), formats=_SHOWN) as picture:
                return picture.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
