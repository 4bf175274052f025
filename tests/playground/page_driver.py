"""A person at the playground's page, for the stories that are told in a real browser."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.house import photo
from tools.visitor import command, fill_in, send

if TYPE_CHECKING:
    from playwright.sync_api import Page


WAIT_MS = 120_000
"""How long the page is waited for: no limit of ours, only the end of a test that hangs."""


def picture(page: Page, name: str) -> None:
    """Keep a screenshot, where SCREENSHOTS names a folder, to be looked at."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def photo_transfer(page: Page) -> Any:
    return page.evaluate_handle(
        """(encoded) => {
            const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], "kite.jpg", { type: "image/jpeg" }));
            return transfer;
        }""",
        base64.b64encode(photo(640, 360)).decode(),
    )


def drop_photo(page: Page) -> None:
    data = photo_transfer(page)
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("body", event, {"dataTransfer": data})


def animate(page: Page, **options: str) -> None:
    command(page, "/animate")
    drop_photo(page)
    fill_in(page, **options)
    send(page)
