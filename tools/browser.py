"""Debian's Chromium, driven by Playwright without a download of its own."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Generator

    from playwright.sync_api import Browser

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    # Containers seldom allow the sandbox; only our own page on loopback is opened.
    "--no-sandbox",
)


def find_chromium() -> str | None:
    """Return the path of an installed Chromium, or `None`."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def open_browser(executable: str) -> Generator[Browser, None, None]:
    """Run a headless Chromium that talks to nobody but the pages it is shown."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*_ARGUMENTS])
        try:
            yield browser
        finally:
            browser.close()
