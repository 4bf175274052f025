"""The moderators' chapters of the story: what they set on the page, and what members then read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # ships none
from playwright.sync_api import Page, expect

from tests.playground.page_driver import animate, picture
from tools.visitor import behind, command, fill_in, menu, messages, play, run, turn

if TYPE_CHECKING:
    from playwright.sync_api import Locator

SERIOUS = {"serious", "critical"}

pytestmark = pytest.mark.timeout(300)


def last(page: Page) -> Locator:
    return messages(page).last


def says(page: Page, *words: str) -> None:
    """The last message comes to contain all of these."""
    for word in words:
        expect(last(page)).to_contain_text(word)


def press(page: Page, label: str) -> None:
    last(page).get_by_role("button", name=label).click()


def test_the_budget_runs_low_and_the_log_channel_is_told(page: Page) -> None:
    play(page, "Morgan")
    run(page, "clips settings")
    page.get_by_role("button", name="Log channel").click()
    page.get_by_role("menuitemradio", name="mod-log").click()
    expect(last(page).get_by_role("button", name="mod-log")).to_be_visible()
    picture(page, "moderators-settings")
    run(page, "quota budget", amount="0.25", unit="usd", window="month")
    says(page, "The server's budget is $0.25 a month")

    play(page, "Mia")
    animate(page, resolution="720p")
    says(page, "your clip is ready")
    animate(page, resolution="720p")
    says(page, "budget of $0.25 a month", "only $0.05 left", "Nothing was charged")
    picture(page, "moderators-budget")

    play(page, "Morgan", "mod-log")
    # What Morgan did is told there too.
    expect(messages(page).first).to_contain_text("@Morgan changed settings: log channel #mod-log")
    low = "Three quarters of this server's budget are used"
    expect(messages(page).filter(has_text=low)).to_be_visible()
    says(page, "This server's budget is used up")
    picture(page, "moderators-log")
    run(page, "quota unlimit", budget="True")
    # The log channel's message may come after it.
    removed = "Removed: the server's budget of $0.25 a month"
    expect(messages(page).filter(has_text=removed)).to_be_visible()
    play(page, "Newcomer")
    expect(page.get_by_role("list", name="Text channels")).not_to_contain_text("mod-log")


def test_a_limit_and_what_fits_it(page: Page) -> None:
    play(page, "Morgan")
    run(page, "quota limit", amount="0.25", unit="usd", window="day", who="VIP")
    says(page, "$0.25 a day for @VIP")

    play(page, "Vera")
    animate(page, resolution="1080p")
    says(page, "$0.25 a day for @VIP", "Only you can see this")
    picture(page, "moderators-refused")
    press(page, "720p, 5 s for $0.20")
    says(page, "your clip is ready")
    expect(page.locator("video").last).to_be_visible()
    play(page, "Noah")
    expect(messages(page).filter(has_text="This clip would cost")).to_have_count(0)

    play(page, "Morgan")
    run(page, "quota show", who="Vera")
    says(page, "$0.05 of $0.25 left today", "$0.20 spent")
    picture(page, "moderators-show")
    run(page, "quota report")
    says(page, "Who spent it", "@Vera: $0.20")
    expect(last(page).locator("img")).to_be_visible()
    expect(last(page).get_by_role("link", name=re.compile(r"\.csv$"))).to_be_visible()
    picture(page, "moderators-report")


def test_a_newcomers_clip_is_seen_by_moderators_first(page: Page) -> None:
    play(page, "Morgan")
    run(page, "clips review", mode="newcomers", channel="mod-review")
    says(page, "#mod-review")
    play(page, "Newcomer")
    animate(page, resolution="720p")
    says(page, "Waiting for a moderator")
    expect(last(page).locator("video")).to_have_count(0)

    play(page, "Hugo", "mod-review")
    says(page, "May this clip be shown?", "@Newcomer")
    picture(page, "moderators-review")
    press(page, "Approve")
    says(page, "Approved by @Hugo")

    play(page, "Newcomer")
    says(page, "your clip is ready")
    expect(page.locator("video").last).to_be_visible()
    play(page, "Morgan")
    run(page, "clips review", mode="off")


def test_a_raid_is_paused(page: Page) -> None:
    play(page, "Hugo")
    run(page, "clips pause", reason="Raid. Back in an hour.")
    play(page, "Noah")
    animate(page)
    says(page, "paused", "Raid. Back in an hour.", "Nothing was charged")
    picture(page, "moderators-paused")
    play(page, "Hugo")
    run(page, "clips resume")
    run(page, "clips block", who="Noah", reason="Started it", **{"for": "2h"})
    play(page, "Noah")
    animate(page)
    says(page, "blocked", "Started it")
    play(page, "Hugo")
    run(page, "clips unblock", who="Noah")


def test_who_made_a_clip_and_its_end(page: Page) -> None:
    play(page, "Olga", "general")
    animate(page, resolution="720p")
    says(page, "your clip is ready")
    play(page, "Hugo", "general")
    clip = messages(page).filter(has=page.locator("video")).last
    menu(page, clip, "Who made this?")
    says(page, "Asked for by @Olga (owner)", "Only you can see this")
    picture(page, "moderators-who")
    page.get_by_role("button", name=re.compile("^#general .*💬$")).last.click()
    expect(clip).to_be_in_viewport()
    menu(page, clip, "Remove clip")
    page.get_by_role("dialog").get_by_role("button", name="Submit").click()
    says(page, "removed")
    expect(page.locator("video")).to_have_count(0)


def test_what_was_done_is_kept_and_members_cannot_do_it(page: Page) -> None:
    play(page, "Morgan")
    run(page, "quota limit", amount="3", unit="clips", window="hour", who="Noah", reason="Fair")
    run(page, "quota audit")
    says(page, "Audit log", "@Morgan", "3 clips an hour", "Fair")
    picture(page, "moderators-audit")

    behind(page)
    turn(page, "Moderators' commands", "everyone")
    play(page, "Noah")
    run(page, "quota unlimit", who="Noah")
    says(page, "Manage Server", "Nothing was changed")
    turn(page, "Moderators' commands", "moderators")
    play(page, "Morgan")
    run(page, "quota show", who="Noah")
    says(page, "3 of 3 clips left")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_a_moderator_finds_everything(page: Page, address: str, scheme: Any, width: int) -> None:
    page.goto("about:blank")
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{address}#moderator/general", wait_until="domcontentloaded")
    faults: set[str] = set()

    def look() -> None:
        found = Axe().run(page).response["violations"]
        faults.update(fault["id"] for fault in found if fault["impact"] in SERIOUS)
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")

    box = page.get_by_role("combobox", name=re.compile("^Message #"))
    box.click()
    box.press_sequentially("/pau")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    box.fill("/")
    look()
    box.fill("")
    command(page, "/quota limit")
    fill_in(page, amount="2")
    page.get_by_role("button", name="+ who", exact=True).click()
    page.get_by_role("combobox", name="who").click()
    look()
    picture(page, f"moderators-{scheme}-limit")
    page.get_by_role("button", name="Cancel the command").click()
    run(page, "clips settings")
    look()
    press(page, "Time zone")
    page.get_by_role("dialog").wait_for()
    look()
    picture(page, f"moderators-{scheme}-form")
    assert faults == set()
