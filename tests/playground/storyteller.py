"""A person at the playground's page, for the stories that are told in a real browser."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.house import photo

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def picture(page: Page, name: str) -> None:
    """Keep a screenshot, where SCREENSHOTS names a folder, to be looked at."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def play(page: Page, name: str, channel: str = "clips") -> None:
    page.get_by_role("group", name="Play as").get_by_role("button", name=name).click()
    page.get_by_role("list", name="Text channels").get_by_role("button", name=channel).click()


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


def command(page: Page, words: str) -> None:
    """Type a slash command and choose it with the keyboard."""
    box = page.get_by_role("combobox", name=re.compile("^Message #"))
    box.click()
    box.press_sequentially(words)
    page.get_by_role("listbox").get_by_role("option").first.wait_for()
    box.press("Enter")


def animate(page: Page, **options: str) -> None:
    command(page, "/animate")
    drop_photo(page)
    fill_in(page, **options)
    send(page)


def run(page: Page, name: str, **options: str) -> None:
    """Send a command ("quota limit") with these options, by what people read in the page."""
    before = messages(page).count()
    command(page, f"/{name}")
    fill_in(page, **options)
    send(page)
    messages(page).nth(before).wait_for()


def fill_in(page: Page, **options: str) -> None:
    for name, value in options.items():
        field = page.locator(f'[data-option="{name}"]')
        if not field.count():
            page.get_by_role("button", name=f"+ {name}", exact=True).click()
        if field.locator("select").count():
            field.locator("select").select_option(label=value)
            continue
        field.locator("input").fill(value)
        if field.get_by_role("listbox").count():
            field.get_by_role("option", name=re.compile(f"^[@#]?{re.escape(value)}")).first.click()


def send(page: Page) -> None:
    page.get_by_role("button", name="Send", exact=True).click()


def menu(page: Page, message: Locator, entry: str) -> None:
    """Pick an entry from the menu of a message."""
    message.hover()
    message.get_by_role("button", name=re.compile("^More about")).click()
    page.get_by_role("menu").get_by_role("menuitem", name=entry).click()


def messages(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages of the channel").get_by_role("listitem")


def turn(page: Page, knob: str, value: str) -> None:
    page.get_by_role("combobox", name=knob).select_option(value)


def behind(page: Page) -> Locator:
    shown = page.get_by_role("button", name="Behind the scenes", exact=True)
    if shown.is_visible():
        shown.click()
    return page.get_by_role("complementary", name="Behind the scenes")
