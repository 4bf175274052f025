"""Questions for pictures, where something else happens before the answer, or after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.discord import Upload
from tests.e2e import buttons_play
from tests.e2e.quota_play import button_ids
from tests.e2e.test_consent import OVER, asked, noah, press, started, theirs, untouched
from tests.e2e.test_picture_menus import chosen, png, sent_in
from tests.house import photo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.discord import Message
    from tests.house import House


async def take_back(house: House, what: str = "back") -> None:
    """Noah ends every yes of his."""
    own = await house.ask(noah(house), "consent")
    before = own.content
    await house.discord.press(noah(house), own, f"consents:{what}")
    await house.discord.wait_for(lambda: own.content != before)


def questions(house: House) -> Sequence[Message]:
    found = house.clips.messages.values()
    return [it for it in found if "asks to animate" in it.revisions[0].content]


async def test_a_deleted_clip_says_nothing_of_anybodys_avatar(house: House) -> None:
    """Its message is no longer known, and an avatar is in none."""
    morgan = house.member("moderator")
    house.discord.set_avatar(house.mia.user, "e5f6", png())
    async with house.bot():
        form = await chosen(house, theirs(house), morgan)
        await house.refused(await sent_in(house, form), "I asked")
        await started(house, await press(house, questions(house)[0], "once"))
        told = await house.ask(morgan, "mydata delete")
        await house.discord.press(morgan, told, button_ids(told, "mydata:")[0])
        await house.until("SELECT 1 FROM jobs WHERE message_id = 0")
        form = await chosen(house, house.mia, noah(house))
        await house.refused(await sent_in(house, form), f"I asked <@{house.mia.id}>")
    assert house.kinds() == ["reserve", "settle"]


async def test_the_picture_of_a_repeated_clip_stays_its_owners(house: House) -> None:
    house.overrides["retention_days"] = 30
    post = theirs(house)
    async with house.bot():
        first = await started(house, await press(house, await asked(house, post), "always"))
        again = await started(house, await buttons_play.press(house, first, "Again"))
        house.discord.unfurl(again, "picture", Upload("p.jpg", photo(), "image/jpeg"))
        await take_back(house)
        form = await chosen(house, again)
        await house.refused(await sent_in(house, form), f"I asked <@{noah(house).id}>")
        assert len(questions(house)) == 2
    assert house.kinds() == ["reserve", "settle"] * 2


async def test_nothing_is_allowed_for_good_to_who_has_left(house: House) -> None:
    async with house.bot():
        question = await asked(house, theirs(house))
        house.discord.world.leave(house.mia)
        await house.refused(await press(house, question, "always"), OVER)
    assert house.query("SELECT * FROM picture_consents") == []
    assert untouched(house)
