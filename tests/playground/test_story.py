"""The playground as a person uses it, in a real browser: the bot's story, chapter by chapter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # ships none
from playwright.sync_api import Page, expect

from tests.playground.page_driver import animate, drop_photo, photo_transfer, picture
from tools.visitor import behind, command, menu, messages, play, press, send, turn

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

SERIOUS = {"serious", "critical"}

pytestmark = pytest.mark.timeout(300)


def private(page: Page) -> Locator:
    """The last message that its reader alone sees."""
    return messages(page).filter(has_text="Only you can see this").last


def test_the_story_of_a_clip(page: Page) -> None:
    # Mia drops a picture on the page and gets her clip, which plays.
    play(page, "Mia")
    command(page, "/animate")
    drop_photo(page)
    expect(page.get_by_text("kite.jpg").last).to_be_visible()
    picture(page, "1-dropped")
    send(page)
    expect(messages(page).first).to_contain_text("AI-generated")
    video: Any = page.locator("video").first
    video.wait_for()
    assert video.evaluate("(v) => v.play().then(() => v.duration)") == pytest.approx(5, abs=0.2)
    expect(messages(page).last).to_contain_text("your clip is ready")
    picture(page, "2-delivered")

    # What she has left is told to her alone.
    command(page, "/usage")
    send(page)
    expect(messages(page).last).to_contain_text("4 of 5 clips left")
    expect(messages(page).last).to_contain_text("Only you can see this")
    picture(page, "3-usage")
    # That called her to it, and she came: others see the clip alone.
    play(page, "Noah")
    expect(messages(page).last).to_contain_text("AI-generated")

    # She asks for more, renders take long, and the day's limit is reached.
    panel = behind(page)
    turn(page, "Pika renders", "for ever")
    play(page, "Mia")
    for _ in range(4):
        animate(page, resolution="720p")
        expect(messages(page).last).to_contain_text("Rendering")
    picture(page, "4-rendering")
    animate(page)
    expect(messages(page).last).to_contain_text("there is nothing left")
    picture(page, "5-limit")

    # The bot is killed in the middle and comes back; the clips arrive all the same.
    panel.get_by_role("button", name="Kill and start").click()
    turn(page, "Pika renders", "in seconds")
    expect(page.locator("video")).to_have_count(5)
    expect(panel.get_by_text("delivered", exact=True)).to_have_count(5)
    picture(page, "6-arrived")


def test_moderation_is_told_and_costs_nothing(page: Page) -> None:
    play(page, "Noah", "general")
    behind(page)
    turn(page, "New jobs", "are refused by moderation")
    animate(page)
    expect(messages(page).first).to_contain_text("Nothing was charged")
    picture(page, "7-refused")
    turn(page, "New jobs", "succeed")


def test_what_a_member_touches(page: Page) -> None:
    play(page, "Vera", "general")
    animate(page, resolution="720p", prompt="the kite rises")
    shown = messages(page).filter(has=page.locator("video"))
    clip = shown.filter(has_text="the kite rises").first
    clip.wait_for()

    # Once more, and once with other words: clips of their own.
    press(clip, "Again")
    expect(shown).to_have_count(2)
    press(clip, "Edit")
    form = page.get_by_role("dialog")
    form.get_by_role("textbox", name="Prompt", exact=True).fill("the kite falls")
    form.get_by_role("button", name="Submit").click()
    edited = shown.filter(has_text="the kite falls")
    expect(edited).to_have_count(1)

    press(clip, "Hide")
    expect(clip.get_by_role("button", name="Spoiler")).to_be_visible()
    press(clip, "Show")
    expect(clip.get_by_role("button", name="Spoiler")).to_have_count(0)

    press(edited, "More")
    expect(private(page)).to_contain_text("Counts against your limits")
    picture(page, "members-more")
    press(private(page), "Delete")
    press(private(page), "Delete it")
    expect(edited).to_have_count(0)
    expect(shown).to_have_count(2)

    # Her clips are listed, each that is shown with a still.
    command(page, "/my-clips")
    send(page)
    expect(private(page)).to_contain_text("Your clips here")
    expect(private(page)).to_contain_text("the kite rises")
    expect(private(page).locator("img")).to_have_count(2)
    picture(page, "members-my-clips")


def test_a_waiting_clip_is_cancelled(page: Page) -> None:
    play(page, "Vera", "general")
    behind(page)
    turn(page, "Pika renders", "for ever")
    animate(page, resolution="720p", prompt="never seen")
    clip = messages(page).filter(has_text="never seen")
    expect(clip).to_contain_text("Rendering")
    press(clip, "Cancel")
    expect(private(page)).to_contain_text("Pika has it and cannot stop it")
    press(private(page), "Cancel it")
    expect(private(page).get_by_role("button", name="Cancel it")).to_have_count(0)
    turn(page, "Pika renders", "in seconds")
    # Pika finishes it all the same, some minutes later where nothing was rendered before.
    expect(clip.locator("video")).to_have_count(0)


def test_whoever_posted_a_picture_is_asked_before_another_animates_it(page: Page) -> None:
    play(page, "Vera", "general")
    drop_photo(page)
    page.get_by_role("combobox", name=re.compile("^Message #")).fill("Look, my kite!")
    send(page)
    posted = messages(page).filter(has_text="Look, my kite!")
    play(page, "Noah", "general")
    menu(page, posted, "Animate this picture")
    form = page.get_by_role("dialog")
    form.get_by_role("textbox").first.fill("it circles")
    form.get_by_role("button", name="1080p").click()
    page.get_by_role("menuitemradio", name="720p").click()
    form.get_by_role("button", name="Submit").click()
    question = messages(page).filter(has_text="asks to animate your picture")
    expect(question).to_contain_text("it circles")
    play(page, "Vera", "general")
    picture(page, "members-consent")
    press(question, "Yes, this once")
    clip = messages(page).filter(has_text="it circles").filter(has=page.locator("video"))
    expect(clip).to_contain_text("@Noah")


def test_a_pasted_picture_is_taken(page: Page) -> None:
    play(page, "Olga (owner)", "general")
    command(page, "/animate")
    page.evaluate(
        "(data) => document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data }))",
        photo_transfer(page),
    )
    expect(page.get_by_text("kite.jpg").last).to_be_visible()


def test_the_keyboard_alone_is_enough(page: Page) -> None:
    play(page, "Morgan", "general")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Skip to the message box").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("/usa")
    page.get_by_role("listbox").get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("strong").filter(has_text="/usage").wait_for()
    page.keyboard.press("Enter")
    expect(messages(page).last).to_contain_text("5 of 5 clips left")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    play(page, "Mia")
    behind(page)
    command(page, "/animate")
    found = Axe().run(page).response["violations"]
    picture(page, f"8-{scheme}")
    assert [fault["id"] for fault in found if fault["impact"] in SERIOUS] == []


def test_a_phone_is_wide_enough(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(address, wait_until="domcontentloaded")
    expect(page.get_by_role("combobox", name=re.compile("^Message #"))).to_be_visible()
    picture(page, "9-phone")
    too_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    page.close()
    assert not too_wide


def test_words_of_people_are_never_markup(page: Page) -> None:
    play(page, "Newcomer", "general")
    box = page.get_by_role("combobox", name=re.compile("^Message #"))
    box.click()
    box.press_sequentially("<img src=x onerror=alert(1)> <b>bold</b> @everyone")
    send(page)
    expect(messages(page).last).to_contain_text("<img src=x onerror=alert(1)> <b>bold</b>")
    assert page.locator("main img[src='x'], main b").count() == 0
