"""A key, a picture and shots of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from pika import Picture, Shot

if TYPE_CHECKING:
    from pathlib import Path

KEY: Final = "pk_very_secret_0123456789"


def jpeg() -> bytes:
    """A small landscape photo."""
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((64, 36)).save(buffer, "JPEG")
    return buffer.getvalue()


JPEG: Final = jpeg()


def shot(**options: Any) -> Shot:
    """A shot whose picture is to be uploaded, unless another one is given."""
    options.setdefault("picture", Picture(data=JPEG, media_type="image/jpeg"))
    return Shot(**options)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
