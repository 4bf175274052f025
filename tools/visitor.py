"""A person at the playground's page: what they click and type, by what they read there."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

    from playwright.sync_api import Browser, Locator, Page

RENDER_MS: Final = 240_000
"""How long anything on the page may take, in milliseconds: a clip takes the longest."""
_IDS: Final = "[...document.querySelectorAll('#messages > li')].map(({ id }) => id)"


def open_page(
    browser: Browser, address: str, width: int, height: int, *, is_dark: bool = False
) -> Page:
    """Open the playground in a window of so many pixels."""
    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme="dark" if is_dark else "light"
    )
    page.set_default_timeout(RENDER_MS)
    page.goto(address)
    return page


def play(page: Page, name: str, channel: str = "clips") -> None:
    """Be that person, in that channel."""
    page.get_by_role("group", name="Play as").get_by_role("button", name=name).click()
    page.get_by_role("list", name="Text channels").get_by_role("button", name=channel).click()


def command(page: Page, words: str) -> None:
    """Type a slash command and choose it with the keyboard."""
    box = page.get_by_role("combobox", name=re.compile("^Message #"))
    box.click()
    box.press_sequentially(words)
    page.get_by_role("listbox").get_by_role("option").first.wait_for()
    box.press("Enter")


def run(page: Page, name: str, **options: str) -> None:
    """Send a command ("quota limit") with these options, by what people read in the page."""
    command(page, f"/{name}")
    fill_in(page, **options)
    with answered(page):
        send(page)


@contextmanager
def answered(page: Page) -> Generator[None, None, None]:
    """Wait at the end for a message that was not there before; others may go meanwhile."""
    known = page.evaluate(_IDS)
    yield
    page.wait_for_function(f"(known) => {_IDS}.some((id) => !known.includes(id))", arg=known)


def press(message: Locator, label: str) -> None:
    """Press a button of the message, by all of its label but the emoji before it."""
    message.get_by_role("button", name=re.compile(rf"^(\W+ ?)?{re.escape(label)}$")).click()


def use_sample(page: Page, title: str = "A harbour at sunset") -> None:
    """Give one of the playground's pictures to the command or the form that asks for one."""
    page.get_by_role("button", name=f"Use a sample: {title}").click()


def fill_in(page: Page, **options: str) -> None:
    """Give options of the command that is being filled in; people, roles, channels by name."""
    for name, value in options.items():
        field = page.locator(f'[data-option="{name}"]')
        if not field.count():
            page.get_by_role("button", name=f"+ {name}", exact=True).click()
        if field.locator("select").count():
            field.locator("select").select_option(label=value)
            continue
        field.locator("input").fill(value)
        # What is suggested ("Suggestions for") need not be taken.
        if field.get_by_role("listbox", name=re.compile("^Choices for")).count():
            field.get_by_role("option", name=re.compile(f"^[@#]?{re.escape(value)}")).first.click()


def send(page: Page) -> None:
    """Send what was filled in or written."""
    page.get_by_role("button", name="Send", exact=True).click()


def menu(page: Page, message: Locator, entry: str) -> None:
    """Pick an entry from the menu of a message."""
    message.hover()
    message.get_by_role("button", name=re.compile("^More about")).click()
    page.get_by_role("menu").get_by_role("menuitem", name=entry).click()


def messages(page: Page) -> Locator:
    """The messages of the channel, oldest first."""
    return page.get_by_role("log", name="Messages of the channel").get_by_role("listitem")


def turn(page: Page, knob: str, value: str) -> None:
    """Set a knob behind the scenes."""
    page.get_by_role("combobox", name=knob).select_option(value)


def behind(page: Page) -> Locator:
    """Open the panel behind the scenes."""
    shown = page.get_by_role("button", name="Behind the scenes", exact=True)
    if shown.is_visible():
        shown.click()
    return page.get_by_role("complementary", name="Behind the scenes")
