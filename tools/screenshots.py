"""`make screenshots`: the pictures of the README, taken from the playground as it is now."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image

from tools.browser import find_chromium, open_browser

if TYPE_CHECKING:
    from collections.abc import Generator

    from playwright.sync_api import Browser, Page

PICTURES: Final = Path(__file__).parent.parent / "docs" / "pictures"
_RENDER_MS: Final = 60_000
_LOADED: Final = """Promise.all([...document.querySelectorAll("video")].map(async (video) => {
    await video.play();
    await new Promise((resolve) => setTimeout(resolve, 800));
    video.pause();
}))"""
"""Plays each video for a moment, so that its player has something to show."""
_SPINNER_MS: Final = 700
"""A player's own spinner fades out for so long after its video has loaded."""


@contextmanager
def _playground() -> Generator[str, None, None]:
    """Run the playground on a free port; yield its address."""
    command = [sys.executable, "-m", "playground", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        told = program.stdout.readline() if program.stdout else ""
        found = re.search(r"http://\S+", told)
        try:
            if found is None:
                raise RuntimeError(f"the playground did not start: {told!r}")
            yield found[0]
        finally:
            program.terminate()


def _animate(page: Page, sample: str) -> None:
    page.get_by_role("button", name=f"Animate: {sample}").click()
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("video").last.wait_for(timeout=_RENDER_MS)
    page.get_by_text("your clip is ready").last.wait_for()


def _keep(page: Page, name: str) -> None:
    """Save what is seen, in 256 colours, which a page needs no more than."""
    page.evaluate(_LOADED)
    page.wait_for_timeout(_SPINNER_MS)
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").quantize(256).save(PICTURES / f"{name}.png", optimize=True)


def _take(browser: Browser, address: str) -> None:
    desk = browser.new_page(viewport={"width": 1180, "height": 760})
    desk.goto(address)
    _animate(desk, "A harbour at sunset")
    _keep(desk, "animate")
    desk.get_by_role("button", name="Behind the scenes", exact=True).click()
    desk.get_by_role("complementary", name="Behind the scenes").get_by_text("settle").wait_for()
    _keep(desk, "behind")
    phone = browser.new_page(viewport={"width": 390, "height": 760}, color_scheme="dark")
    phone.goto(address)
    phone.locator("video").last.wait_for()
    _keep(phone, "phone")


def main() -> int:
    """Take them all. Returns the exit status: 1 where there is no browser."""
    executable = find_chromium()
    if executable is None:
        sys.stderr.write("No Chromium here: install Debian's `chromium`.\n")
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    with _playground() as address, open_browser(executable) as browser:
        _take(browser, address)
    return 0


if __name__ == "__main__":
    sys.exit(main())
