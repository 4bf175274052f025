"""Every kind of place on the page: one click away, marked, and changed by its buttons."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.playground.page_driver import picture

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

BOX = "#text"
PLACES = {
    "open thread": "Thread",
    "archived thread": "Thread · archived: a message opens it, an edit does not",
    "locked thread": "Thread · locked: only who manages threads writes here",
    "private thread": "Private thread · the bot is not in it: a mention adds it",
    "thread of the news": "Thread",
    "announcements": "Announcements",
    "a post": "Thread",
    "lounge": "Chat of a voice channel",
    "stage": "Chat of a stage",
    "age-restricted": "Text channel · age-restricted",
    "slow": "Text channel · slow mode: a message every 30 s, but for bots",
    "hidden-from-the-bot": "Text channel · hidden from the bot",
}


def bar(page: Page) -> Locator:
    return page.get_by_role("group", name="This place")


def go(page: Page, name: str) -> None:
    with page.expect_response(re.compile(f"/{quote(name)}/commands")):
        page.locator("#sidebar").get_by_role("button", name=re.compile(rf"^{name}( |$)")).click()
    expect(page.locator("#channel-name")).to_contain_text(name)


def animate(page: Page) -> Locator:
    page.locator("#welcome .sample").first.click()
    expect(page.locator("#command")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    return page.locator("#messages")


@pytest.mark.parametrize("width", [1280, 390])
def test_each_is_one_click_away(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for name, words in PLACES.items():
        if width < 600:
            page.locator("#show-sidebar").click()
        go(page, name)
        expect(bar(page)).to_contain_text(words)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    picture(page, f"places-{width}")
    go_plain = page.locator("#sidebar").get_by_role("button", name=re.compile(r"^clips"))
    if width < 600:
        page.locator("#show-sidebar").click()
    go_plain.click()
    expect(bar(page)).to_be_hidden()


def test_in_an_archived_thread_a_clip_opens_it(page: Page) -> None:
    go(page, "archived thread")
    # The last message of a clip, which would open the thread again.
    expect(animate(page)).to_contain_text("your clip is ready")
    expect(bar(page)).not_to_contain_text("archived")
    bar(page).get_by_role("button", name="Archive").click()
    expect(bar(page).get_by_role("button", name="Unarchive")).to_be_visible()


def test_a_private_thread_gets_the_bot_by_a_press(page: Page) -> None:
    go(page, "private thread")
    expect(animate(page)).to_contain_text("I am not in this private thread")
    bar(page).get_by_role("button", name="Add the bot").click()
    expect(bar(page)).not_to_contain_text("the bot is not in it")
    expect(page.locator("#sidebar")).to_contain_text("private thread")
    page.get_by_role("group", name="Play as").get_by_role("button", name="Vera").click()
    expect(page.get_by_role("list", name="In clips")).not_to_contain_text("private thread")


def test_a_locked_thread_is_for_moderators_until_it_is_unlocked(page: Page) -> None:
    go(page, "locked thread")
    expect(page.locator(BOX)).to_have_attribute("placeholder", "This thread is locked.")
    bar(page).get_by_role("button", name="Unlock").click()
    expect(page.locator(BOX)).to_be_enabled()


def test_a_hidden_channel_is_shown_by_a_press(page: Page) -> None:
    go(page, "hidden-from-the-bot")
    expect(animate(page)).to_contain_text("View Channel")
    bar(page).get_by_role("button", name="Show to the bot").click()
    expect(bar(page)).to_be_hidden()


def test_who_is_timed_out_writes_nowhere(page: Page) -> None:
    go(page, "lounge")
    page.get_by_label("Timed out by moderators").check()
    expect(page.locator(BOX)).to_be_disabled()
    expect(page.locator(BOX)).to_have_attribute("placeholder", re.compile("timed out"))
    page.get_by_label("Timed out by moderators").uncheck()
    expect(page.locator(BOX)).to_be_enabled()
