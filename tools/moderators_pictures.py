"""The pictures of docs/moderators.md: a moderators' evening in the playground."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tools.pictures import keep
from tools.visitor import (
    RENDER_MS,
    answered,
    command,
    fill_in,
    menu,
    messages,
    open_page,
    play,
    press,
    run,
    send,
    use_sample,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

_DESK: Final = (1080, 1300)
"""Pixels; high enough for the question about a clip, with its video and its picture."""


def take_moderators(browser: Browser, address: str) -> None:
    """Play the evening, and keep a picture of each thing that the page names."""
    page = open_page(browser, address, *_DESK)
    _first_evening(page)
    _members_come(page)
    _review(page)
    _report(page)
    _look_back(page)
    page.close()


def take_raid(browser: Browser, address: str) -> None:
    """Play a raid up to its end, and keep a picture of the question and of the status."""
    page = open_page(browser, address, *_DESK)
    play(page, "Morgan")
    run(page, "quota budget", amount="100", unit="usd", window="month")
    run(page, "clips words add", words="bad, bad dog")
    page.request.post(f"{address}/api/knobs", data={"pika_pace": "stuck"})
    # It is answered once the bot has acknowledged everybody.
    page.request.post(f"{address}/api/acts/raid", data={}, timeout=RENDER_MS)
    run(page, "clips pause", reason="A raid. Back in an hour.", waiting="cancel")
    _said_privately(page, "Nobody may start")
    run(page, "clips block", since="10m", reason="A raid")
    question = _said_privately(page, "Block them")
    keep(page, "moderators-raid", question)
    question.get_by_role("button", name="Block them").click()
    _said_privately(page, "I blocked")
    run(page, "clips status")
    keep(page, "moderators-status", _said_privately(page, "Paused"))
    page.close()


def _first_evening(page: Page) -> None:
    play(page, "Morgan")
    run(page, "setup")
    messages(page).last.get_by_role("button", name="Check again").wait_for()
    keep(page, "moderators-setup", messages(page).last)
    command(page, "/quota limit")
    fill_in(page, amount="0.50", unit="usd", window="day", who="Member")
    keep(page, "moderators-limit", page.locator("#composer"))
    send(page)
    _said(page, "$0.50 a day")
    run(page, "quota limit", amount="2", unit="usd", window="day", who="VIP")
    _said(page, "$2.00 a day")
    run(page, "quota budget", amount="2.50", unit="usd", window="month", reason="Our November")
    _said(page, "budget")
    run(page, "clips settings")
    # /setup has a menu for it too.
    panel = messages(page).last
    panel.get_by_role("button", name="Log channel").click()
    page.get_by_role("menuitemradio", name="mod-log").click()
    panel.get_by_role("button", name=re.compile("^Log channel.*mod-log")).wait_for()
    keep(page, "moderators-settings", messages(page).last)
    run(page, "clips words add", words=r"bad, *dog, c++, /ba[dt]\w{1,3}/, a")
    keep(page, "moderators-words", _said(page, "everyday"))


def _members_come(page: Page) -> None:
    for name, resolution in (("Mia", "1080p"), ("Noah", "720p"), ("Vera", "1080p")):
        play(page, name)
        _animate(page, resolution)
        _said(page, "your clip is ready")
    play(page, "Noah")
    _animate(page, "1080p")
    keep(page, "moderators-refused", _said(page, "This clip would cost"))
    play(page, "Vera")
    for _ in range(2):
        _animate(page, "1080p")
        _said(page, "your clip is ready")
    play(page, "Morgan", "mod-log")
    _said(page, "Three quarters")
    keep(page, "moderators-log", page.get_by_role("log", name="Messages of the channel"))


def _review(page: Page) -> None:
    play(page, "Morgan")
    run(page, "clips review", mode="newcomers", channel="mod-review")
    play(page, "Newcomer")
    _animate(page, "720p")
    _said(page, "Waiting for a moderator")
    play(page, "Hugo", "mod-review")
    keep(page, "moderators-review", _said(page, "May this clip be shown?"))
    page.get_by_role("button", name="Refuse and refund").click()
    _said(page, "Refused by")
    play(page, "Hugo")
    clip = messages(page).filter(has=page.locator("video")).first
    menu(page, clip, "Who made this?")
    keep(page, "moderators-who", _said(page, "Asked for by"))


def _report(page: Page) -> None:
    """A member tells the moderators of a clip, and they read it in the log channel."""
    play(page, "Noah")
    clip = messages(page).filter(has=page.locator("video")).first
    with answered(page):
        press(clip, "More")
    press(_said_privately(page, "Report"), "Report")
    form = page.get_by_role("dialog")
    form.get_by_role("textbox").fill("That is my boat. I did not agree.")
    form.get_by_role("button", name="Submit").click()
    _said_privately(page, "Thank you")
    play(page, "Hugo", "mod-log")
    keep(page, "moderators-reported", _said(page, "That is my boat"))


def _look_back(page: Page) -> None:
    play(page, "Morgan")
    run(page, "quota grant", who="Noah", amount="2", unit="usd", reason="Won the contest")
    _said(page, "on top")
    run(page, "quota exempt", who="Olga")
    for name, words, options in (
        ("show", "What holds for", {"who": "Vera"}),
        ("report", "", {}),
        ("limits", "", {}),
        ("simulate", "", {"amount": "1", "unit": "clips", "window": "day"}),
        ("audit", "Audit log", {}),
    ):
        run(page, f"quota {name}", **options)
        keep(page, f"moderators-{name}", _said(page, words))


def _animate(page: Page, resolution: str) -> None:
    command(page, "/animate")
    use_sample(page)
    fill_in(page, resolution=resolution)
    with answered(page):
        send(page)


def _said(page: Page, words: str) -> Locator:
    """Wait until the last message says so."""
    last = messages(page).last.filter(has_text=words)
    last.filter(has_not_text="is thinking").wait_for(timeout=RENDER_MS)
    return messages(page).last


def _said_privately(page: Page, words: str) -> Locator:
    """Wait until the last answer that one person alone sees says so, whatever came after it."""
    own = messages(page).filter(has_text="Only you can see this").last
    own.filter(has_text=words).wait_for(timeout=RENDER_MS)
    return own
