"""The animation at the top of the README: Mia asks for a clip, and it plays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tools.pictures import Recording
from tools.visitor import messages, open_page, send, use_sample

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

_SIZE: Final = (760, 780)
_PROMPT: Final = "Glide closer over the water, turning into the wind"
_LETTER_MS: Final = 45
_CLIP_SECONDS: Final = 5
_FIRST_PAUSE_MS: Final = 300
_SHOWN_MS: Final = 120
"""How long each look at the waiting clip is shown, whatever the pause before the next look."""


def record_hero(browser: Browser, address: str) -> None:
    """Type the command, wait for the clip in less time than it took, and play all of it."""
    page = open_page(browser, address, *_SIZE, is_dark=True)
    recording = Recording(page)
    box = page.get_by_role("combobox", name=re.compile("^Message #"))
    box.click()
    page.get_by_role("button", name="Animate: A harbour at sunset").wait_for()
    recording.show(600)
    _type(recording, box, "/animate", at_once=2)
    page.get_by_role("listbox").get_by_role("option").first.wait_for()
    recording.show(400)
    box.press("Enter")
    use_sample(page)
    recording.show(500)
    page.get_by_role("button", name="+ prompt").click()
    prompt = page.locator('[data-option="prompt"] input')
    _type(recording, prompt, _PROMPT, at_once=3)
    recording.show(700)
    send(page)
    pause = _FIRST_PAUSE_MS
    while not page.locator("video").count():
        recording.show(_SHOWN_MS)
        page.wait_for_timeout(pause)
        # However long it takes, it is shown in two seconds or so.
        pause = pause * 5 // 4
    messages(page).filter(has_text="your clip is ready").wait_for()
    recording.play(_CLIP_SECONDS)
    recording.show(900)
    recording.keep("animate")
    page.close()


def _type(recording: Recording, field: Locator, words: str, *, at_once: int) -> None:
    """Type the words, a few letters to each frame."""
    for start in range(0, len(words), at_once):
        letters = words[start : start + at_once]
        field.press_sequentially(letters)
        recording.show(_LETTER_MS * len(letters))
