"""Questions for pictures, where something else happens before the answer, or after it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from bot.base import Limit
from playground.discord import ChannelKind, Overwrite, Permission, Upload
from playground.faults import Fault
from tests.e2e import buttons_play
from tests.e2e.clips_play import clips, rendering
from tests.e2e.quota_play import button_ids
from tests.e2e.test_closed_servers import CLOSED
from tests.e2e.test_consent import OVER, asked, noah, press, started, theirs, untouched
from tests.e2e.test_picture_menus import chosen, png, sent_in, upload
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


async def test_a_picture_that_two_have_posted_needs_both(house: House) -> None:
    house.overrides["retention_days"] = 30
    morgan = house.member("moderator")
    also = house.discord.say(morgan, house.clips, "my dog", [upload()])
    async with house.bot():
        await started(house, await press(house, await asked(house, theirs(house)), "always"))
        form = await chosen(house, also)
        await house.refused(await sent_in(house, form), f"I asked <@{morgan.id}>")
        second = await started(house, await press(house, questions(house)[-1], "once", morgan))
        for member, may in ((house.mia, False), (morgan, True)):
            again = await buttons_play.press(house, second, "Again", member)
            if may:
                await started(house, again)
            else:
                assert OVER in (await buttons_play.private(house, again)).content
    assert house.kinds() == ["reserve", "settle"] * 3


async def test_whose_picture_it_is_outlives_the_clip_that_was_asked_for(house: House) -> None:
    house.overrides["retention_days"] = 30
    async with house.bot():
        first = await started(
            house, await press(house, await asked(house, theirs(house)), "always")
        )
        house.pass_time(days=20)
        again = await started(house, await buttons_play.press(house, first, "Again"))
        house.pass_time(days=15)
        # The first one's picture is not kept any more, that of the second is.
        await started(house, await house.animate(image=upload(width=400)))
        await house.until("SELECT 1 FROM jobs WHERE id = 1 AND picture_file IS NULL")
        other = await buttons_play.press(house, again, "Again", house.member("moderator"))
        assert OVER in (await buttons_play.private(house, other)).content
        own = await buttons_play.press(house, again, "Again", noah(house))
        await started(house, own)
    assert house.kinds() == ["reserve", "settle"] * 4


async def test_nothing_is_allowed_for_good_to_who_has_left(house: House) -> None:
    async with house.bot():
        question = await asked(house, theirs(house))
        house.discord.world.leave(house.mia)
        await house.refused(await press(house, question, "always"), OVER)
    assert house.query("SELECT * FROM picture_consents") == []
    assert untouched(house)


async def refused_after_yes(house: House, question: Message, words: str = "") -> None:
    """Noah says yes and reads no reason; Mia has a press of her own, and reads it."""
    told = await house.refused(await press(house, question, "once"), "I could not start the clip")
    assert "limit" not in told.content
    await house.told(question, "please press the button")
    await house.refused(await press(house, question, "start", house.mia), words)


async def test_what_is_decided_before_the_answer_holds(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("1 clip a day")
    post = theirs(house)
    async with house.bot():
        question = await asked(house, post)
        await started(house, await house.animate(image=upload(width=400)))
        # Her last one of the day is gone.
        await refused_after_yes(house, question, "of the limit of 1 clip a day")
        await clips(house, "block", who=house.mia)
        await house.refused(await press(house, question, "start", house.mia), "blocked you")
        await clips(house, "unblock", who=house.mia)
        await clips(house, "words add", words="waves")
        house.pass_time(hours=23)
        await started(house, await press(house, question, "start", house.mia))
    assert house.kinds() == ["reserve", "settle"] * 2


async def test_a_yes_whose_clip_could_not_be_begun_can_still_be_used(house: House) -> None:
    """Discord takes no acknowledgement of the yes, but the edit of the question beside it."""
    gone = {"code": 10062, "message": "Unknown interaction"}
    late = Fault("discord.callback", "reply", status=404, body=gone, times=None)
    async with house.bot():
        question = await asked(house, theirs(house))
        house.discord.faults.add(late)
        await press(house, question, "once")
        await house.until("SELECT 1 FROM picture_requests WHERE state = 'granted'")
        house.discord.faults.clear()
        await house.told(question, "please press the button")
        assert house.kinds() == []
        await started(house, await press(house, question, "start", house.mia))
    assert house.kinds() == ["reserve", "settle"]


async def test_an_owner_who_may_not_write_there_answers_and_who_asked_may_not_start(
    house: House,
) -> None:
    mute = Overwrite("member", deny=Permission.SEND_MESSAGES)
    post = theirs(house)
    async with house.bot():
        question = await asked(house, post)
        house.clips.overwrites[noah(house).id] = mute
        await started(house, await press(house, question, "once"))
        question = await asked(house, post)
        await clips(house, "pause")
        await press(house, question, "once")
        await house.told(question, "please press the button")
        await clips(house, "resume")
        house.clips.overwrites[house.mia.id] = mute
        pressed = await press(house, question, "start", house.mia)
        await house.refused(pressed, "You may not write in this channel")
    assert house.kinds() == ["reserve", "settle"]


async def test_a_picture_that_moderators_refuse_before_the_answer(house: House) -> None:
    post = theirs(house)
    async with house.bot():
        await started(house, await house.animate(noah(house), image=upload()))
        question = await asked(house, post)
        await clips(house, "pictures refuse", clip="1")
        await refused_after_yes(house, question, "do not allow this picture")
    assert house.kinds() == ["reserve", "settle"]


async def test_a_clip_of_another_ones_picture_outlives_its_token(house: House) -> None:
    """The press was Noah's; the clip, its *Cancel* and its cost are Mia's."""
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        pressed = await press(house, await asked(house, theirs(house)), "once")
        await house.told(pressed.original, "Rendering")
        other = await buttons_play.press(house, pressed.original, "Cancel", noah(house))
        await house.told(other.original, "Only who asked for this clip")
        house.pass_time(minutes=16)
        own = await buttons_play.press(house, pressed.original, "Cancel", house.mia)
        await house.told(own.original, "counts $0.20")
        house.pika.behaviour.render_seconds = 0
        clip = await started(house, pressed)
        details = await buttons_play.private(
            house, await buttons_play.press(house, clip, "More", noah(house))
        )
        assert buttons_play.labels(details) == ["Report"]
    assert house.spent() == (1, 200_000)
    assert house.query("SELECT DISTINCT member_id FROM ledger") == [(house.mia.id,)]


async def test_who_asked_leaves_while_it_waits_or_is_made(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        pressed = await press(house, await asked(house, theirs(house)), "once")
        await house.told(pressed.original, "Rendering")
        house.discord.remove_member(house.mia)
        house.pika.behaviour.render_seconds = 0
        await house.until("SELECT 1 FROM jobs WHERE failure = 'member_gone'")
        await house.settled()
    assert house.kinds()[:2] == ["reserve", "settle"]


async def test_taken_back_while_it_waits_in_line(house: House) -> None:
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        await rendering(house, member=house.member("moderator"))
        pressed = await press(house, await asked(house, theirs(house)), "always")
        await house.told(pressed.original, "in line")
        question = await buttons_play.press(house, pressed.original, "Cancel", house.mia)
        await house.told(question.original, "nothing is charged")
    async with house.bot():
        await take_back(house)
        await house.told(pressed.original, "wants no clip of it")
        late = await buttons_play.press(house, question.original, "Cancel it", house.mia)
        await house.discord.wait_for(
            lambda: ["ended already" in it.content for it in late.followups] == [True]
        )
    assert house.query("SELECT kind FROM ledger WHERE job_id = 2") == [("reserve",), ("refund",)]


async def test_a_refusal_is_taken_also_in_a_server_that_is_closed_and_paused(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    helper, post = house.member("helper"), theirs(house)
    async with house.bot():
        allowed = await press(house, await asked(house, post), "always")
        await house.told(allowed.original, "Rendering")
        form = await chosen(house, theirs(house), helper)
        await house.refused(await sent_in(house, form), "I asked")
        first = [it for it in house.clips.messages.values() if "asks to animate" in it.content][-1]
        await clips(house, "block", who=noah(house))
        await clips(house, "pause")
    house.overrides["allowed_guilds"] = frozenset({1})
    async with house.bot():
        for yes in ("once", "always"):
            await house.refused(await press(house, first, yes), CLOSED)
        await press(house, first, "no")
        await house.told(first, "does not want that picture to be animated")
        own = await house.ask(noah(house), "consent")
        assert f"need not ask you again here: <@{house.mia.id}>" in own.content
        await house.discord.press(noah(house), own, "consents:back")
        await house.discord.wait_for(lambda: "again here" not in own.content)
        await house.until("SELECT 1 FROM jobs WHERE cancelled_by IS NOT NULL")
        await house.discord.press(noah(house), own, "consents:never")
        await house.told(own, "Nobody but you may have me animate your pictures")
        # What is not about one's own pictures stays closed.
        assert CLOSED in (await house.ask(noah(house), "usage")).content
        house.pika.behaviour.render_seconds = 0
        await house.settled()
    assert house.query("SELECT owner_id FROM picture_opt_outs") == [(noah(house).id,)]
    assert house.kinds()[-1] in {"refund", "credit"}


async def test_never_is_taken_also_in_a_server_that_is_closed(house: House) -> None:
    async with house.bot():
        question = await asked(house, theirs(house))
    house.overrides["allowed_guilds"] = frozenset({1})
    async with house.bot():
        await press(house, question, "never")
        await house.told(question, "does not want their pictures to be animated")
    assert house.query("SELECT owner_id FROM picture_opt_outs") == [(noah(house).id,)]


@pytest.mark.parametrize("kind", [ChannelKind.FORUM, ChannelKind.VOICE])
async def test_in_a_post_and_in_the_chat_of_a_voice_channel(
    house: House, kind: ChannelKind
) -> None:
    house.overrides["retention_days"] = 30
    place = house.discord.add_channel("place", kind=kind)
    forum = kind is ChannelKind.FORUM
    spot = house.discord.add_thread("post", place, noah(house)) if forum else place
    post = house.discord.say(noah(house), spot, "my dog", [upload()])
    async with house.bot():
        form = await house.discord.invoke_menu(house.mia, spot, "Animate this picture", post)
        await house.refused(await sent_in(house, form), "I asked")
        question = next(it for it in spot.messages.values() if "asks to animate" in it.content)
        clip = await started(house, await press(house, question, "once"))
        assert clip.channel is spot
        again = await buttons_play.press(house, clip, "Again")
        assert OVER in (await buttons_play.private(house, again)).content
    assert house.kinds() == ["reserve", "settle"]


async def test_a_question_that_a_moderator_deletes_is_answered_by_nobody(house: House) -> None:
    post = theirs(house)
    async with house.bot():
        question = await asked(house, post)
        house.discord.delete_message(question)
        await house.refused(await sent_in(house, await chosen(house, post)), "You have asked")
        house.discord.delete_message(post)
        house.pass_time(hours=25)
    assert untouched(house)
