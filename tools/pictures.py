"""Keeps what is seen in a browser as a picture of the documentation."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PICTURES: Final = Path(__file__).parent.parent / "docs" / "pictures"
"""Where they are kept."""

_LOADED: Final = """Promise.all([...document.querySelectorAll("video")].map(async (video) => {
    await video.play();
    await new Promise((resolve) => setTimeout(resolve, 800));
    video.pause();
}))"""
"""Plays each video for a moment, so that its player has something to show."""
_SPINNER_MS: Final = 700
"""A player's own spinner fades out for so long after its video has loaded."""


def keep(page: Page, name: str, part: Locator | None = None) -> None:
    """Save the page or a part of it, in 256 colours, which a page needs no more than."""
    # Off the message, whose menu shows beneath the mouse.
    page.mouse.move(0, 0)
    page.evaluate(_LOADED)
    page.wait_for_timeout(_SPINNER_MS)
    seen = page.screenshot() if part is None else part.screenshot()
    with Image.open(io.BytesIO(seen)) as picture:
        picture.convert("RGB").quantize(256).save(PICTURES / f"{name}.png", optimize=True)
