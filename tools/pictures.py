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

_FRAMES_PER_SECOND: Final = 12
_QUALITY: Final = 70
"""Of the frames of an animation, up to 100: text stays sharp, and a page of 10 s takes 1 MB."""
_REWOUND: Final = """() => {
    window.recorded = [...document.querySelectorAll("video")].at(-1);
    recorded.pause();
    recorded.controls = false;
}"""
_AT_SECOND: Final = """async (second) => {
    const shown = new Promise((resolve) => { recorded.onseeked = resolve; });
    recorded.currentTime = second;
    await shown;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}"""


def keep(page: Page, name: str, part: Locator | None = None) -> None:
    """Save the page or a part of it, in 256 colours, which a page needs no more than."""
    # Off the message, whose menu shows beneath the mouse and the focus.
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement?.blur()")
    page.evaluate(_LOADED)
    page.wait_for_timeout(_SPINNER_MS)
    seen = page.screenshot() if part is None else part.screenshot()
    with Image.open(io.BytesIO(seen)) as picture:
        whole = picture.convert("RGB")
    # In two steps, for the first does not dither: skies in videos would have bands.
    reduced = whole.quantize(palette=whole.quantize(256))
    reduced.save(PICTURES / f"{name}.png", optimize=True)


class Recording:
    """An animation of the page, one screenshot after the other."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._frames: list[Image.Image] = []
        self._lengths: list[int] = []

    def show(self, milliseconds: int) -> None:
        """Show the page as it is now for so long."""
        with Image.open(io.BytesIO(self._page.screenshot())) as seen:
            frame = seen.convert("RGB")
        if self._frames and frame == self._frames[-1]:
            self._lengths[-1] += milliseconds
        else:
            self._frames.append(frame)
            self._lengths.append(milliseconds)

    def play(self, seconds: float, frames_per_second: int = _FRAMES_PER_SECOND) -> None:
        """Show the page's last video playing, without the player's buttons."""
        self._page.evaluate(_REWOUND)
        for number in range(round(seconds * frames_per_second)):
            self._page.evaluate(_AT_SECOND, number / frames_per_second)
            self.show(round(1000 / frames_per_second))

    def keep(self, name: str) -> None:
        """Save it as an animated WebP that begins anew at its end."""
        first, *others = self._frames
        first.save(
            PICTURES / f"{name}.webp",
            save_all=True,
            append_images=others,
            duration=self._lengths,
            loop=0,
            quality=_QUALITY,
            method=4,
        )
