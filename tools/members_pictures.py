"""The pictures of docs/members.md: what a member meets in the playground, in that order."""

from __future__ import annotations

import json
from pathlib import Path
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

_DESK: Final = (1000, 1000)
"""Pixels; of the width the sidebar takes a quarter."""
_MENU_HEIGHT: Final = 620
"""Pixels; as much of the page as a message and its menu take."""
_PICTURE: Final = Path(__file__).parent.parent / "playground" / "samples" / "balloons.jpg"


def take_members(browser: Browser, address: str) -> None:
    """Play the members' day, and keep a picture of each thing that the page names."""
    page = open_page(browser, address, *_DESK)
    _make_history(page, address)
    _first_clip(page, address)
    _refused(page)
    _picture_of_another(page)
    _own_answers(page)
    page.close()


def _make_history(page: Page, address: str) -> None:
    """Nine clips in a thread, from which the bot knows how long such clips take."""
    play(page, "Hugo", "open thread")
    for row in range(3):
        for who in ("vera", "helper", "moderator"):
            sent = page.request.post(
                f"{address}/api/channels/open%20thread/commands/animate?as={who}",
                multipart={
                    "options": json.dumps({"resolution": "720p"}),
                    "image": {
                        "name": _PICTURE.name,
                        "mimeType": "image/jpeg",
                        "buffer": _PICTURE.read_bytes(),
                    },
                },
                timeout=RENDER_MS,
            )
            if not sent.ok:
                raise RuntimeError(sent.text())
        page.locator("video").nth(3 * row + 2).wait_for()


def _first_clip(page: Page, address: str) -> None:
    play(page, "Mia")
    _pace(page, address, "stuck")
    command(page, "/animate")
    use_sample(page)
    fill_in(page, prompt="Slowly closer over the water", resolution="720p")
    keep(page, "members-animate", page.locator("#composer"))
    with answered(page):
        send(page)
    clip = messages(page).filter(has_text="Rendering")
    clip.wait_for()
    keep(page, "members-waiting", clip)
    with answered(page):
        press(clip, "Cancel")
    keep(page, "members-cancel", _private(page))
    _pace(page, address, "normal")
    clip = messages(page).filter(has=page.locator("video"))
    clip.wait_for()
    keep(page, "members-clip", clip)
    press(clip, "Edit")
    keep(page, "members-edit", page.get_by_role("dialog"))
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    with answered(page):
        press(clip, "More")
    keep(page, "members-more", _private(page))


def _refused(page: Page) -> None:
    run_animate(page, prompt="a forbidden thing", resolution="720p")
    keep(page, "members-refused", _private(page, "Nothing was charged"))


def _picture_of_another(page: Page) -> None:
    play(page, "Mia", "general")
    page.locator("#files").set_input_files(_PICTURE)
    page.get_by_role("combobox", name="Message #general").fill("Saw these this morning!")
    with answered(page):
        send(page)
    play(page, "Noah", "general")
    posted = messages(page).filter(has_text="Saw these").last
    posted.hover()
    posted.get_by_role("button", name="More about").click()
    page.set_viewport_size({"width": _DESK[0], "height": _MENU_HEIGHT})
    keep(page, "members-menu")
    page.set_viewport_size({"width": _DESK[0], "height": _DESK[1]})
    page.keyboard.press("Escape")
    menu(page, posted, "Animate this picture")
    form = page.get_by_role("dialog")
    form.get_by_role("textbox").first.fill("They rise and drift away")
    keep(page, "members-form", form)
    with answered(page):
        form.get_by_role("button", name="Submit").click()
    question = messages(page).filter(has_text="Yes, this once")
    question.wait_for()
    play(page, "Mia", "general")
    question.wait_for()
    keep(page, "members-consent", question)
    press(question, "Yes, this once")
    messages(page).filter(has_text="They rise").filter(has=page.locator("video")).wait_for()


def _own_answers(page: Page) -> None:
    play(page, "Mia")
    for name, options in (
        ("my-clips", {}),
        ("usage", {}),
        ("help", {}),
        ("defaults", {"resolution": "720p", "tell": "a reaction under the clip"}),
    ):
        run(page, name, **options)
        keep(page, f"members-{name}", _private(page))


def run_animate(page: Page, **options: str) -> None:
    """Send `/animate` with a sample and these options, and wait for the first answer."""
    command(page, "/animate")
    use_sample(page)
    fill_in(page, **options)
    with answered(page):
        send(page)


def _pace(page: Page, address: str, position: str) -> None:
    page.request.post(f"{address}/api/knobs", data={"pika_pace": position})


def _private(page: Page, words: str = "") -> Locator:
    """The last answer that its reader alone sees, once it says so."""
    own = messages(page).filter(has_text="Only you can see this").filter(has_text=words).last
    own.filter(has_not_text="is thinking").wait_for(timeout=RENDER_MS)
    return own
