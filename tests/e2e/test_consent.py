"""Another member's picture is animated once they have said yes, and never before."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import open_database
from bot.requests import consents
from bot.requests.errors import ConsentGoneError
from bot.requests.kept_pictures import KeptPictures
from playground.discord import Overwrite, Permission, Upload
from playground.faults import Fault
from tests.e2e import buttons_play
from tests.e2e.clips_play import clips
from tests.e2e.test_clips_settings import opened, pick, recorded
from tests.e2e.test_picture_menus import chosen, png, sent_in, upload
from tests.house import DATABASE, photo

if TYPE_CHECKING:
    from bot.media.still import Still
    from playground.discord import Interaction, Member, Message
    from tests.house import House

IN_ORDER = ["once", "always", "no", "never"]
OVER = "That question is over"


def noah(house: House) -> Member:
    return house.member("noah")


def theirs(house: House) -> Message:
    """A picture of Noah's."""
    return house.discord.say(noah(house), house.clips, "my dog", [upload()])


async def asked(house: House, target: Message | Member, **values: Any) -> Message:
    """Mia asks; the question that Noah reads."""
    sent = await sent_in(house, await chosen(house, target), **values)
    await house.refused(sent, f"I asked <@{noah(house).id}>")
    return [it for it in house.clips.messages.values() if "asks to animate" in it.content][-1]


def custom_id(message: Message, what: str) -> str:
    found = [str(one["custom_id"]) for row in message.components for one in row["components"]]
    return next(it for it in found if f":{what}:" in it)


async def press(house: House, message: Message, what: str, member: Member | None = None) -> Any:
    return await house.discord.press(member or noah(house), message, custom_id(message, what))


async def started(house: House, pressed: Interaction) -> Message:
    message = await house.delivered(pressed)
    await house.settled()
    return message


def untouched(house: House) -> bool:
    """Whether nothing was fetched, sent to Pika, reserved or spent."""
    sent = [it.operation for it in house.pika.exchanges if it.operation != "pika.check"]
    assert set(sent) <= {"pika.balance"}
    return not (house.discord.fetched or house.kinds())


async def test_once_is_once_and_says_where_the_picture_goes(house: House) -> None:
    post = theirs(house)
    async with house.bot():
        question = await asked(house, post, prompt="it *runs*")
        for words in (
            f"<@{noah(house).id}>, <@{house.mia.id}> asks to animate your picture: ",
            f"/{house.clips.id}/{post.id}",
            "> it \\*runs\\*",
            "720p · 5 s",
            "**Pika**",
            "https://pika.art/terms-of-service",
        ):
            assert words in question.content
        pinged = [it.user for it in house.discord.notifications if it.message is question]
        assert pinged == [noah(house).user]
        assert untouched(house)
    # The answer comes to another process.
    async with house.bot():
        clip = await started(house, await press(house, question, "once"))
        assert f"<@{house.mia.id}>" in clip.content
        assert "it \\*runs\\*" in clip.content
        await house.told(question, "animate their picture this once")
        assert not question.components
        assert "runs" not in question.content
        again = await asked(house, post)
        assert again is not question
    assert house.query("SELECT member_id FROM jobs") == [(house.mia.id,)]
    assert house.kinds() == ["reserve", "settle"]
    ((state, answer, job_id, options),) = house.query(
        "SELECT state, answer, job_id, options_json FROM picture_requests WHERE answer IS NOT NULL"
    )
    assert (state, answer, job_id, options) == ("used", "once", 1, None)


async def test_always_needs_no_second_question_until_it_is_taken_back(house: House) -> None:
    post = theirs(house)
    async with house.bot():
        await started(house, await press(house, await asked(house, post), "always"))
        await started(house, await sent_in(house, await chosen(house, post)))
        own = await house.ask(noah(house), "consent")
        assert f"need not ask you again here: <@{house.mia.id}>" in own.content
        await house.discord.press(noah(house), own, "consents:back")
        await house.discord.wait_for(lambda: "again here" not in own.content)
        await asked(house, post)
    assert house.kinds() == ["reserve", "settle"] * 2


@pytest.mark.parametrize("what", ["no", "never"])
async def test_a_no_costs_nothing_and_never_is_for_everybody(house: House, what: str) -> None:
    post = theirs(house)
    moderator = house.member("moderator")
    async with house.bot():
        question = await asked(house, post, prompt="it runs")
        await press(house, question, what)
        await house.told(question, "does not want")
        assert not question.components
        assert untouched(house)
        if what == "no":
            await asked(house, post)
            return
        house.discord.set_avatar(noah(house).user, "e5f6", png())
        panel = await opened(house)
        await pick(house, panel, "others_pictures", "always")
        for member in (house.mia, moderator):
            for target in (post, noah(house)):
                form = await chosen(house, target, member)
                await house.refused(form, "does not want their pictures to be animated")
        own = await house.ask(noah(house), "consent")
        assert "Moderators cannot change that" in own.content
        await house.discord.press(noah(house), own, "consents:ask")
        await house.discord.wait_for(lambda: "Others have to ask" in own.content)
        assert (await chosen(house, post)).modal is not None
    assert untouched(house)


async def test_nobody_else_answers_and_a_question_ends_after_a_day(house: House) -> None:
    async with house.bot():
        question = await asked(house, theirs(house))
        for what in IN_ORDER:
            for other in (house.mia, house.member("moderator")):
                await house.refused(
                    await press(house, question, what, other), f"Only <@{noah(house).id}> can"
                )
        house.pass_time(hours=25)
        for what in IN_ORDER:
            await house.refused(await press(house, question, what), OVER)
    assert untouched(house)


async def test_twice_at_once_makes_one_clip(house: House) -> None:
    async with house.bot():
        question = await asked(house, theirs(house))
        both = await asyncio.gather(*(press(house, question, "once") for _ in range(2)))
        await house.until("SELECT 1 FROM jobs")
        await house.settled()
        await house.refused(await press(house, await shown_again(house, question), "once"), OVER)
    assert len(both) == 2
    assert house.kinds() == ["reserve", "settle"]


async def shown_again(house: House, question: Message) -> Message:
    """The question with its buttons, as a client shows it that was not told of the edit."""
    await house.discord.wait_for(lambda: not question.components)
    question.revisions.append(question.revisions[0])
    return question


async def test_asking_is_no_way_to_pester(house: House) -> None:
    post = theirs(house)
    async with house.bot():
        question = await asked(house, post)
        second = await sent_in(house, await chosen(house, post))
        await house.refused(second, "You have asked")
        await press(house, question, "no")
        for _ in range(4):
            await press(house, await asked(house, post), "no")
        sixth = await sent_in(house, await chosen(house, post))
        await house.refused(sixth, "asked often enough for today")
        house.pass_time(hours=25)
        await asked(house, post)


async def test_who_may_start_no_clip_asks_nobody(house: House) -> None:
    post = theirs(house)
    async with house.bot():
        form = await chosen(house, post)
        await clips(house, "block", who=house.mia)
        await house.refused(await chosen(house, post), "have blocked you")
        await house.refused(await sent_in(house, form), "have blocked you")
        await clips(house, "unblock", who=house.mia)
        await clips(house, "words add", words="waves")
        await house.refused(await sent_in(house, form, prompt="waves"), "does not allow")
        house.discord.world.leave(noah(house))
        await house.refused(await sent_in(house, form), "cannot ask the person")
    assert untouched(house)
    assert not [it for it in house.clips.messages.values() if "asks to animate" in it.content]


async def test_a_question_that_cannot_be_shown_may_be_asked_again(house: House) -> None:
    post = theirs(house)
    async with house.bot():
        form = await chosen(house, post)
        house.discord.faults.add(
            Fault(
                "discord.create_message",
                "reply",
                status=403,
                body={"code": 50013, "message": "Missing Permissions"},
            )
        )
        await house.refused(await sent_in(house, form), "could not post the question")
        await asked(house, post)


async def test_a_limit_offers_nothing_that_nobody_agreed_to(house: House) -> None:
    post = theirs(house)
    moderator = house.member("moderator")
    async with house.bot():
        await house.ask(moderator, "quota budget", amount=0.45, unit="usd", window="month")
        form = await chosen(house, post)
        told = await house.refused(
            await sent_in(house, form, size="1080p", length="10"), "would cost"
        )
        assert not told.components
    assert not house.query("SELECT 1 FROM offers")


async def test_a_yes_that_cannot_be_used_waits_for_the_member(house: House) -> None:
    post = theirs(house)
    async with house.bot():
        question = await asked(house, post)
        await clips(house, "pause")
        pressed = await press(house, question, "once")
        await house.refused(pressed, "I could not start the clip")
        await house.told(question, "please press the button")
        assert untouched(house)
        await house.refused(
            await press(house, question, "start", noah(house)), f"Only <@{house.mia.id}>"
        )
        await clips(house, "resume")
        await started(house, await press(house, question, "start", house.mia))
        await house.discord.wait_for(lambda: not question.components)
    assert house.kinds() == ["reserve", "settle"]


async def test_taken_back_while_it_renders(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        pressed = await press(house, await asked(house, theirs(house)), "once")
        await house.told(pressed.original, "Rendering")
        own = await house.ask(noah(house), "consent")
        await house.discord.press(noah(house), own, "consents:never")
        await house.until("SELECT 1 FROM jobs WHERE cancelled_by = 1")
        house.pika.behaviour.render_seconds = 0
        await house.told(pressed.original, "wants no clip of it")
        await house.settled()
    assert house.spent() == (0, 0)


async def begun_again(house: House) -> Message:
    """A clip of Noah's picture, who let Mia always do that; she may press the buttons under it."""
    clip = await started(house, await press(house, await asked(house, theirs(house)), "always"))
    own = await buttons_play.shown(house, image=upload(width=400))
    assert own is not clip
    return clip


async def test_taken_back_while_others_are_made_by_the_buttons_under_it(house: House) -> None:
    house.overrides |= {"renders_at_once": 1, "retention_days": 30}
    async with house.bot():
        clip = await begun_again(house)
        house.pika.behaviour.render_seconds = math.inf
        rendering = await buttons_play.press(house, clip, "Again")
        await house.told(rendering.original, "Rendering")
        form = await buttons_play.press(house, clip, "Edit")
        values = {"prompt": "it runs", "resolution": "720p", "duration": "5"}
        waiting = await house.discord.submit_modal(form, values)
        await house.told(waiting.original, "in line")
        # Noah's own, and one of another picture: these go on.
        own = await buttons_play.press(house, clip, "Again", noah(house))
        await house.told(own.original, "in line")
        other = await house.animate(image=upload(width=400))
        await house.told(other.original, "in line")
        back = await house.ask(noah(house), "consent")
        await house.discord.press(noah(house), back, "consents:back")
        await house.told(waiting.original, "wants no clip of it")
        house.pika.behaviour.render_seconds = 0
        await house.told(rendering.original, "wants no clip of it")
        await house.delivered(own)
        await house.delivered(other)
        await house.settled()
    cancelled = house.query("SELECT id, submitted_at IS NULL FROM jobs WHERE cancelled_by = 1")
    assert cancelled == [(3, 0), (4, 1)]
    assert house.query("SELECT sum(member_clips) FROM ledger WHERE job_id IN (3, 4)") == [(0,)]


async def test_taken_back_before_another_clip_is_written_down(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.overrides["retention_days"] = 30
    read = KeptPictures.still

    async def taken_back_meanwhile(kept: KeptPictures, *asked_for: Any) -> Still:
        still = await read(kept, *asked_for)
        now = house.clock()
        await kept.database.write(lambda tx: consents.take_back(tx, noah(house).id, now))
        return still

    async with house.bot():
        clip = await begun_again(house)
        monkeypatch.setattr(KeptPictures, "still", taken_back_meanwhile)
        await house.refused(await buttons_play.press(house, clip, "Again"), OVER)
    assert house.kinds() == ["reserve", "settle"] * 2


async def test_a_server_forbids_it_or_allows_it(house: House) -> None:
    post = theirs(house)
    async with house.bot():
        form = await chosen(house, post)
        panel = await opened(house)
        await pick(house, panel, "others_pictures", "never")
        await house.refused(await chosen(house, post), "only your own pictures")
        await house.refused(await sent_in(house, form), "only your own pictures")
        await pick(house, panel, "others_pictures", "always")
        await started(house, await sent_in(house, form))
        # The form was used; its picture may still be chosen anew.
        await house.refused(await sent_in(house, form), "form is too old")
    assert recorded(house) == [
        ({"others_pictures": "ask"}, {"others_pictures": "never"}),
        ({"others_pictures": "never"}, {"others_pictures": "always"}),
    ]


async def test_another_clip_of_the_same_picture_needs_another_yes(house: House) -> None:
    post = theirs(house)
    async with house.bot():
        await started(house, await press(house, await asked(house, post), "once"))
        # The same file, sent by its owner; and one that nobody was asked about.
        await house.delivered(await house.animate(noah(house), image=upload()))
        await house.delivered(await house.animate(image=upload(width=400)))
        await house.settled()
    house.execute("UPDATE jobs SET picture_file = iif(id < 3, 'same', 'other') WHERE id > 0")
    async with open_database(house.data_dir / DATABASE) as database:

        async def may(job_id: int, member: Member) -> bool:
            try:
                await database.read(lambda tx: consents.check_reuse(tx, job_id, member.id))
            except ConsentGoneError:
                return False
            return True

        assert [await may(it, house.mia) for it in (1, 2, 3)] == [False, False, True]
        assert [await may(it, noah(house)) for it in (1, 2, 3)] == [True, True, True]


async def test_no_button_under_the_clip_goes_round_the_owner(house: House) -> None:
    house.overrides["retention_days"] = 30
    async with house.bot():
        question = await asked(house, theirs(house))
        clip = await started(house, await press(house, question, "once"))
        for member in (house.mia, house.member("moderator")):
            pressed = await buttons_play.press(house, clip, "Again", member)
            told = await buttons_play.private(house, pressed)
            assert OVER in told.content
        own = await buttons_play.press(house, clip, "Again", noah(house))
        await started(house, own)
    assert house.query("SELECT member_id FROM jobs") == [(house.mia.id,), (noah(house).id,)]
    assert house.kinds() == ["reserve", "settle"] * 2


async def test_the_picture_of_a_clip_belongs_to_whose_it_was(house: House) -> None:
    post = theirs(house)
    async with house.bot():
        await started(house, await press(house, await asked(house, post), "always"))
        # A message that Mia caused, with the picture as where the provider fetches it from there.
        clip = await started(house, await sent_in(house, await chosen(house, post)))
        house.discord.unfurl(clip, "picture", Upload("p.jpg", photo(), "image/jpeg"))
        own = await house.ask(noah(house), "consent")
        await house.discord.press(noah(house), own, "consents:back")
        await house.discord.wait_for(lambda: "again here" not in own.content)
        question = await asked(house, clip)
        assert question.content.startswith(f"<@{noah(house).id}>, <@{house.mia.id}>")


async def test_who_asked_has_left_or_the_bot_may_not_speak(house: House) -> None:
    post = theirs(house)
    async with house.bot():
        question = await asked(house, post)
        house.discord.world.leave(house.mia)
        await house.refused(await press(house, question, "once"), OVER)
        morgan = house.member("moderator")
        form = await chosen(house, post, morgan)
        bot = house.discord.world.guild.members[house.discord.world.bot.id]
        house.clips.overwrites[bot.id] = Overwrite("member", deny=Permission.SEND_MESSAGES)
        await house.refused(await chosen(house, post, morgan), "may not post clips in this channel")
        await house.refused(await sent_in(house, form), "may not post clips in this channel")
    assert untouched(house)


async def test_in_a_thread_the_question_is_asked_there(house: House) -> None:
    thread = house.discord.add_thread("dogs", house.clips, noah(house))
    post = house.discord.say(noah(house), thread, "my dog", [upload()])
    async with house.bot():
        form = await house.discord.invoke_menu(house.mia, thread, "Animate this picture", post)
        await house.refused(await sent_in(house, form), "I asked")
        question = next(it for it in thread.messages.values() if "asks to animate" in it.content)
        clip = await started(house, await press(house, question, "once"))
    assert clip.channel is thread
