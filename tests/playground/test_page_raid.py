"""The raid of the page: many new members ask at once, and a moderator stops it meanwhile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from playground.page_server import raid
from tests.playground.page_driver import picture
from tools.visitor import behind, command, fill_in, messages, play, send

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

RAIDER = re.compile(r"raider\d+(?= used /animate)")

pytestmark = pytest.mark.timeout(300)


def own(page: Page, words: str) -> Locator:
    """The messages that say so to their reader alone."""
    seen = messages(page).filter(has_text="Only you can see this")
    return seen.filter(has_text=words)


def test_a_moderator_stops_a_raid(page: Page) -> None:
    play(page, "Morgan")
    button = behind(page).get_by_role("button", name=f"{raid.MEMBERS} new members ask")
    button.click()
    accepted = messages(page).filter(has_text=RAIDER).filter(has_text="Accepted")
    expect(accepted).not_to_have_count(0)
    picture(page, "raid-begins")
    command(page, "/clips pause")
    fill_in(page, reason="A raid")
    send(page)
    expect(own(page, "Nobody may start a clip from now on")).to_be_visible()
    picture(page, "raid-paused")
    members = page.get_by_role("list", name="Members")
    expect(members).to_contain_text(f"and {raid.MEMBERS} who came in a raid")
    expect(button).not_to_have_attribute("aria-busy", "true")
    # None of them became a person to play, but those of whom something is shown can be named.
    expect(page.get_by_role("group", name="Play as").get_by_role("button")).to_have_count(7)
    name = RAIDER.findall(messages(page).filter(has_text=RAIDER).first.inner_text())[0]
    command(page, "/clips block")
    fill_in(page, who=name)
    send(page)
    expect(own(page, f"@{name} is blocked")).to_be_visible()
    expect(messages(page).filter(has_text="The moderators have paused")).to_have_count(0)
    picture(page, "raid-over")
