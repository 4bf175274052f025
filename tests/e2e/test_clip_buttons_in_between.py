"""The buttons under a clip, where something else happens between two presses."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import pytest

from playground.discord import ChannelKind, Overwrite, Permission
from tests.decided import decide
from tests.e2e.buttons_play import press, private, shown
from tests.e2e.clips_play import clips, on_message, rendering
from tests.e2e.test_clip_reports import report
from tests.e2e.test_consent import asked, theirs
from tests.e2e.test_consent import press as answers
from tests.e2e.test_notices import log_channel
from tests.e2e.test_owner_commands import CLOSED
from tests.e2e.test_owner_commands import ask as owner_asks
from tests.e2e.test_picture_menus import chosen
from tests.e2e.test_picture_menus import sent_in as chosen_sent_in
from tests.reviewing import answer, buttons, everyone_is_reviewed
from tests.reviewing import asked as review_question
from tests.reviewing import waiting as waits_for_review

if TYPE_CHECKING:
    from playground.discord import Interaction, Message
    from tests.house import House

pytestmark = pytest.mark.usefixtures("kept_pictures")

GONE = "no such clip"


async def sent_in(house: House, form: Interaction) -> Message:
    """What is said to the form of *Edit*, to its sender alone."""
    values = {"prompt": "slower", "resolution": "720p", "duration": "5"}
    return await private(house, await house.discord.submit_modal(form, values))


async def taken_down(house: House, clip: Message) -> None:
    form = await on_message(house, "Remove clip", clip)
    values = {"refund": "no", "remember": "no", "reason": "rude"}
    await private(house, await house.discord.submit_modal(form, values))


async def test_what_moderators_decide_while_a_form_is_open_holds(house: House) -> None:
    async with house.bot():
        first = await shown(house)
        form = await press(house, first, "Edit")
        assert form.modal is not None
        await clips(house, "pause")
        assert "paused new clips" in (await sent_in(house, form)).content
        await clips(house, "resume")
        await clips(house, "block", who=house.mia)
        assert "blocked you" in (await sent_in(house, form)).content
        await clips(house, "unblock", who=house.mia)
        await clips(house, "words add", words="slower")
        assert "does not allow" in (await sent_in(house, form)).content
        await clips(house, "words remove", words="slower")
        bot = house.discord.world.bot
        house.clips.overwrites[bot.id] = Overwrite("member", deny=Permission.SEND_MESSAGES)
        assert "Send Messages" in (await sent_in(house, form)).content
        del house.clips.overwrites[bot.id]
        await taken_down(house, first)
        assert GONE in (await sent_in(house, form)).content
    assert house.kinds() == ["reserve", "settle"]


async def test_who_is_blocked_keeps_what_is_theirs(house: House) -> None:
    """No new clip, while the one that is there can be hidden and deleted."""
    async with house.bot():
        first = await shown(house)
        await clips(house, "block", who=house.mia)
        refused = await private(house, await press(house, first, "Again"))
        assert "blocked you" in refused.content
        await press(house, first, "Hide")
        await house.discord.wait_for(lambda: first.attachments[0].spoiler)
        details = await private(house, await press(house, first, "More"))
        await press(house, details, "Delete")
        await house.told(details, "Delete your clip?")
        await press(house, details, "Delete it")
        await house.told(details, "I deleted your clip.")
    assert house.kinds() == ["reserve", "settle"]


async def test_a_clip_that_is_removed_while_it_is_asked_about(house: House) -> None:
    noah = house.member("noah")
    await decide(house, log_channel_id=log_channel(house).id)
    async with house.bot():
        first = await shown(house)
        form = await report(house, first, noah)
        details = await private(house, await press(house, first, "More"))
        await press(house, details, "Delete")
        await house.told(details, "Delete your clip?")
        await taken_down(house, first)
        sent = await house.discord.submit_modal(form, {"reason": "rude"})
        assert GONE in (await private(house, sent)).content
        late = await press(house, details, "Delete it")
        (refusal,) = await house.discord.wait_for(lambda: late.followups)
        assert GONE in refusal.content
    assert house.query("SELECT count(*) FROM log_messages WHERE kind = 'clip_reported'") == [(0,)]
    assert house.query("SELECT removed_by FROM jobs") == [(house.member("moderator").id,)]


async def test_a_waiting_clip_whose_message_is_deleted_is_cancelled_once(house: House) -> None:
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        await rendering(house, member=house.member("noah"))
        waiting = await house.animate()
        await house.told(waiting.original, "in line")
        question = await private(house, await press(house, waiting.original, "Cancel"))
        assert waiting.original is not None
        house.discord.delete_message(waiting.original)
        await press(house, question, "Cancel it")
        await house.told(question, "I cancelled your clip. Nothing was charged.")
        await house.until("SELECT 1 FROM jobs WHERE id = 2 AND ended_at > 0")
    assert house.query("SELECT kind FROM ledger WHERE job_id = 2") == [("reserve",), ("refund",)]


async def test_again_outlives_its_token_and_is_cancelled_after_it(house: House) -> None:
    place = house.discord.add_channel("voice", kind=ChannelKind.VOICE)
    async with house.bot():
        first = await house.delivered(await house.animate(channel=place))
        await house.settled()
        house.pika.behaviour.render_seconds = math.inf
        again, other = [await press(house, first, "Again") for _ in range(2)]
        for one in (again, other):
            await house.told(one.original, "Rendering")
            house.discord.expire_interaction(one)
        question = await private(house, await press(house, other.original, "Cancel"))
        await press(house, question, "Cancel it")
        await house.told(question, "I am cancelling")
        house.pika.behaviour.render_seconds = 0
        clip = await house.delivered(again)
        assert clip.channel is place
        await house.told(other.original, "here is no clip this time")
        await house.settled()
    assert house.spent() == (3, 600_000) == house.paid()


async def test_again_in_a_thread_that_is_archived_or_locked(house: House) -> None:
    thread = house.discord.add_thread("waves", house.clips, house.mia)
    async with house.bot():
        first = await house.delivered(await house.animate(channel=thread))
        await house.settled()
        house.pika.behaviour.render_seconds = math.inf
        again = await press(house, first, "Again")
        await house.told(again.original, "Rendering")
        house.discord.set_thread(thread, archived=True)
        house.pika.behaviour.render_seconds = 0
        await house.delivered(again)
        await house.settled()
        house.discord.set_thread(thread, locked=True, archived=True)
        refused = await press(house, first, "Again", house.member("noah"))
        await house.settled()
        assert refused.original is None or refused.original.viewer is refused.member.user
    assert house.kinds() == ["reserve", "settle"] * 2


async def test_in_a_server_that_was_closed_meanwhile_nothing_is_made(house: House) -> None:
    async with house.bot():
        question = await asked(house, theirs(house))
        first = await shown(house)
        form = await press(house, first, "Edit")
        details = await private(house, await press(house, first, "More"))
        mine = await house.ask(house.mia, "consent")
        picture = await chosen(house, theirs(house))
        await owner_asks(house, "servers close", server=str(house.discord.world.guild.id))
        for label, message in (("Again", first), ("Hide", first), ("Delete", details)):
            assert CLOSED in (await private(house, await press(house, message, label))).content
        answer = await answers(house, question, "once")
        assert CLOSED in (await private(house, answer)).content
        assert CLOSED in (await sent_in(house, form)).content
        sent = await chosen_sent_in(house, picture)
        assert CLOSED in (await private(house, sent)).content
        # But for what spends nothing, and is about one's own pictures.
        await house.discord.press(house.mia, mine, "consents:never")
        await house.told(mine, "Nobody but you")
    assert house.kinds() == ["reserve", "settle"]
    assert not first.deleted


async def answer_beside(house: House, question: Message) -> str:
    """What is said to a press on *Cancel it* that the question does not show."""
    pressed = await press(house, question, "Cancel it")
    (refusal,) = await house.discord.wait_for(lambda: pressed.followups)
    return refusal.content


@pytest.mark.parametrize("verdict", ["Approve", "Refuse and refund"])
@pytest.mark.parametrize("first", ["member", "moderator", "both"])
async def test_a_member_gives_up_what_moderators_decide_about(
    house: House, verdict: str, first: str
) -> None:
    """Pika has made it: it is paid once, and given back at most once, where that was said."""
    await everyone_is_reviewed(house)
    async with house.bot():
        waiting = await waits_for_review(house, house.mia)
        question = await private(house, await press(house, waiting.original, "Cancel"))
        assert "It is made already: it counts $0.20" in question.content
        board = await review_question(house)
        stale = buttons(board)[verdict]
        helper = house.member("helper")
        if first == "member":
            await press(house, question, "Cancel it")
            await house.settled()
            board.revisions.append(board.revisions[0])
            await answer(house, await house.discord.press(helper, board, stale))
        elif first == "moderator":
            await house.discord.press(helper, board, stale)
            await house.settled()
            assert "ended already" in await answer_beside(house, question)
        else:
            before = question.content
            decided, given_up = await asyncio.gather(
                house.discord.press(helper, board, stale), press(house, question, "Cancel it")
            )
            await house.discord.wait_for(lambda: question.content != before or given_up.followups)
            await house.discord.wait_for(lambda: not board.components or decided.followups)
        await house.settled()
    ((state, cancelled_by),) = house.query("SELECT state, cancelled_by FROM jobs")
    is_given_back = verdict != "Approve" and cancelled_by is None
    assert house.kinds() == ["reserve", "settle", *["credit"] * is_given_back]
    assert house.paid() == (1, 200_000)
    assert (state == "delivered") is (verdict == "Approve" and cancelled_by is None)
    if first != "both":
        assert (cancelled_by is None) is (first == "moderator")
