"""A picture that is in the chat already, or an avatar, is animated from its menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from playground.discord import Upload
from playground.faults import Fault
from tests.e2e.clips_play import clips
from tests.house import photo

if TYPE_CHECKING:
    from playground.discord import Interaction, Member, Message
    from tests.house import House

PICTURE = "Animate this picture"
AVATAR = "Animate avatar"


def upload(name: str = "photo.jpg", **size: Any) -> Upload:
    return Upload(name, photo(**size), "image/jpeg")


def png() -> Upload:
    return Upload("drawing.png", photo(kind="PNG"), "image/png")


async def chosen(
    house: House, target: Message | Member, member: Member | None = None, name: str = ""
) -> Interaction:
    """What comes of the entry in the menu: a form, or a refusal."""
    name = name or (PICTURE if hasattr(target, "content") else AVATAR)
    return await house.discord.invoke_menu(member or house.mia, house.clips, name, target)


async def sent_in(house: House, form: Interaction, **values: Any) -> Interaction:
    assert form.modal is not None
    return await house.discord.submit_modal(form, {"size": "720p", "length": "5", **values})


def labels(form: Interaction) -> list[str]:
    assert form.modal is not None
    return [one["label"] for one in form.modal["components"]]


async def test_a_member_animates_a_picture_of_their_own_post(house: House) -> None:
    post = house.discord.say(house.mia, house.clips, "my cat", [upload()])
    async with house.bot():
        form = await chosen(house, post)
        assert "Which picture?" not in labels(form)
        clip = await house.delivered(await sent_in(house, form, prompt="it *blinks*"))
        await house.settled()
    assert "it \\*blinks\\*" in clip.content
    assert "720p · 5 s" in clip.content
    assert clip.viewer is None
    assert house.kinds() == ["reserve", "settle"]


async def test_of_several_one_is_picked_and_the_form_outlives_a_restart(house: House) -> None:
    files = [upload("first.jpg"), Upload("notes.txt", b"words", "text/plain"), upload("third.jpg")]
    post = house.discord.say(house.mia, house.clips, "", files)
    house.discord.add_sticker(post, "a wave", png())
    house.discord.unfurl(post, "a page", png())
    async with house.bot():
        form = await chosen(house, post)
        assert form.modal is not None
        menu = form.modal["components"][0]["component"]
        assert [it["label"] for it in menu["options"]] == [
            "1. first.jpg",
            "2. third.jpg",
            "3. a page",
            "4. a wave",
        ]
    async with house.bot():
        for number in ("3", "4"):
            await house.delivered(await sent_in(house, form, picture=number))
        await house.settled()
    assert [it.split("/")[1] for it in house.discord.fetched] == ["external", "stickers"]


async def test_their_own_avatar_and_a_file_added_in_the_form(house: House) -> None:
    house.discord.set_avatar(house.mia.user, "a1b2", png())
    async with house.bot():
        form = await chosen(house, house.mia)
        await house.delivered(await sent_in(house, form))
        other = Upload("other.jpg", photo(400, 400), "image/jpeg")
        await house.delivered(await sent_in(house, form, upload=[other]))
        await house.settled()
    assert [it.split("/")[1] for it in house.discord.fetched] == ["avatars", "cdn"]


async def test_what_cannot_be_animated_is_refused_before_the_form(house: House) -> None:
    noah = house.member("noah")
    words = house.discord.say(house.mia, house.clips, "only words")
    robot = house.discord.say(house.mia, house.clips, "", [upload()])
    robot.author = house.discord.world.bot
    empty = house.discord.say(house.mia, house.clips, "", [Upload("a.png", b"", "image/png")])
    async with house.bot():
        for target, told in (
            (noah, "no avatar of their own"),
            (robot, "cannot ask the person"),
            (words, "no picture in this message"),
            (house.mia, "no avatar of their own"),
            (empty, "That file is empty"),
        ):
            asked = await chosen(house, target)
            assert asked.modal is None
            await house.refused(asked, told)
    assert not house.query("SELECT 1 FROM picture_requests")


async def test_what_moderators_forbid_is_refused_before_the_form_and_after_it(
    house: House,
) -> None:
    post = house.discord.say(house.mia, house.clips, "", [upload()])
    async with house.bot():
        form = await chosen(house, post)
        await clips(house, "pause")
        await house.refused(await chosen(house, post), "paused new clips here")
        await house.refused(await sent_in(house, form), "paused new clips here")
        await clips(house, "resume")
        await house.refused(await sent_in(house, form, prompt="a\u202eb"), "characters")
    assert house.spent() == (0, 0)


async def test_a_form_that_is_too_old_or_somebody_elses(house: House) -> None:
    noah = house.member("noah")
    post = house.discord.say(house.mia, house.clips, "", [upload()])
    async with house.bot():
        form = await chosen(house, post)
        form.member = noah
        await house.refused(await sent_in(house, form), "form is too old")
        form.member = house.mia
        house.pass_time(hours=2)
        await house.refused(await sent_in(house, form), "form is too old")
    assert house.spent() == (0, 0)


@pytest.mark.parametrize("deleted", [False, True])
async def test_a_message_that_was_deleted_meanwhile(house: House, *, deleted: bool) -> None:
    post = house.discord.say(house.mia, house.clips, "", [upload()])
    async with house.bot():
        form = await chosen(house, post)
        if deleted:
            house.discord.delete_message(post)
            house.discord.faults.add(Fault("discord.cdn", "reply", status=404))
            await house.refused(await sent_in(house, form), "could not fetch your picture")
        else:
            await house.delivered(await sent_in(house, form))
        await house.settled()
    assert house.spent()[0] == (not deleted)
