"""The story of a raid on the page: from its first minute to the last undone block."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from playwright.sync_api import expect

from playground.page_server import raid
from tests.house import photo
from tests.playground.page_driver import picture
from tests.playground.quick_program import RAIDERS
from tools.visitor import behind, command, fill_in, messages, play, send, turn

if TYPE_CHECKING:
    from playwright.sync_api import Page

RAIDER: Final = re.compile(r"raider\d+(?= used /animate)")
MOST_PRESSES: Final = 9

pytestmark = pytest.mark.timeout(300)


class Moderator:
    """Morgan, who counts each command that she sends and each button that she presses."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._answers = messages(page).filter(has_text="Only you can see this")
        self.presses = 0

    def send(self, name: str, says: str, **options: str) -> str:
        """Send a command; returns the answer, once it says so."""
        self.presses += 1
        before = self._answers.count()
        command(self._page, f"/{name}")
        fill_in(self._page, **options)
        send(self._page)
        return self._read(before, says)

    def press(self, label: str, says: str) -> str:
        """Press a button of the last answer; returns what that says then."""
        self.presses += 1
        self._answers.last.get_by_role("button", name=label).click()
        return self._read(-1, says)

    def _read(self, number: int, says: str) -> str:
        answer = self._answers.nth(number)
        expect(answer).to_contain_text(says)
        return answer.inner_text()


def count_in(text: str, words: str) -> int:
    """The number before these words."""
    found = re.search(rf"(\d+) {words}", text)
    assert found, text
    return int(found[1])


def shown_status(answer: str) -> str:
    """What `/clips status` says, without when it was asked."""
    return answer[answer.index("Clips on this server") :]


def ask_as(page: Page, address: str, who: str) -> str:
    """Have a member ask for a clip whom the page does not let one play; what they read then."""
    channel = f"{address}/api/channels/clips"
    form: Any = {
        "options": json.dumps({"resolution": "720p"}),
        "image": {"name": "kite.jpg", "mimeType": "image/jpeg", "buffer": photo(640, 360)},
    }
    assert page.request.post(f"{channel}/commands/animate?as={who}", multipart=form).ok
    page.wait_for_function(
        """async (address) => {
            const seen = await (await fetch(address)).json();
            return !(seen.at(-1).flags & 128);
        }""",
        arg=f"{channel}/messages?as={who}",
    )
    return str(page.request.get(f"{channel}/messages?as={who}").json()[-1]["content"])


def test_a_raid_is_stopped_and_undone_in_under_ten_presses(page: Page, address: str) -> None:
    panel = behind(page)
    play(page, "Morgan")
    before = shown_status(Moderator(page).send("clips status", "Not paused"))

    turn(page, "Pika renders", "for ever")
    button = panel.get_by_role("button", name=f"{raid.MEMBERS} new members ask")
    button.click()
    accepted = messages(page).filter(has_text=RAIDER).filter(has_text="Accepted")
    expect(accepted).not_to_have_count(0)
    name = RAIDER.findall(messages(page).filter(has_text=RAIDER).first.inner_text())[0]
    picture(page, "raid-begins")

    # Nobody starts a clip any more, and what waits is not paid.
    morgan = Moderator(page)
    reason = "A raid. Back in an hour."
    paused = morgan.send("clips pause", "Nobody may start", reason=reason, waiting="cancel")
    assert count_in(paused, "waiting clip") > 0
    picture(page, "raid-paused")
    expect(button).not_to_have_attribute("aria-busy", "true")
    members = page.get_by_role("list", name="Members")
    expect(members).to_contain_text(f"and {RAIDERS} who came in a raid")
    # None of them became a person to play.
    expect(page.get_by_role("group", name="Play as").get_by_role("button")).to_have_count(7)
    expect(messages(page).filter(has_text="The moderators have paused")).to_have_count(0)

    # Who came is kept out, and what Pika makes for them is never shown.
    raiders = count_in(morgan.send("clips block", "Block", since="10m", reason="A raid"), "members")
    picture(page, "raid-question")
    assert count_in(morgan.press("Block them", "I blocked"), "members") == raiders
    turn(page, "Pika renders", "in seconds")
    state = morgan.send("clips status", "Paused")
    assert reason in state
    assert f"{raiders} members (/clips blocks)" in state
    picture(page, "raid-status")
    done = morgan.send("quota audit", "Audit log")
    assert f"@Morgan blocked {raiders} members until somebody lifts it: A raid" in done
    assert re.search(r"@Morgan cancelled \d+ clips? of \d+ members?", done)
    picture(page, "raid-audit")

    # Others go on; who was in it does not come again.
    morgan.send("clips resume", "Members may start clips again")
    assert "blocked you from making clips here" in ask_as(page, address, name)
    ask_as(page, address, "mia")
    expect(messages(page).filter(has_text="Mia, your clip is ready")).to_have_count(1)

    # Everything is as before.
    morgan.send("clips unblock", "Let", since="3h", reason="It is over")
    assert count_in(morgan.press("Unblock them", "may start clips again"), "members") == raiders
    # Why there is no clip each was told alone, and nothing of theirs is left in the channel.
    expect(messages(page).filter(has_text=RAIDER)).to_have_count(0)
    after = shown_status(morgan.send("clips status", "Not paused"))
    picture(page, "raid-over")
    assert after == before
    assert morgan.presses <= MOST_PRESSES
    expect(page.locator("video")).to_have_count(1)
    assert "blocked" not in ask_as(page, address, name)
