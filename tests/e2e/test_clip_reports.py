"""*Report* under a clip: what the reporter is told, and what moderators read and press."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from playground.discord import Overwrite, Permission
from playground.faults import Fault
from tests.decided import decide
from tests.e2e.buttons_play import labels, press, private, shown
from tests.e2e.test_notices import log_channel
from tests.e2e.test_raid import confirm

if TYPE_CHECKING:
    import pytest

    from playground.discord import Interaction, Member, Message
    from tests.house import House


BUTTONS = ["Remove clip", "Block member", "Dismiss"]


async def report(house: House, clip: Message, member: Member) -> Interaction:
    """The answer to the button."""
    details = await private(house, await press(house, clip, "More", member))
    return await press(house, details, "Report", member)


async def test_a_report_reaches_moderators_once_who_remove_the_clip_by_a_press(
    house: House,
) -> None:
    noah, morgan, there = house.member("noah"), house.member("moderator"), log_channel(house)
    async with house.bot():
        clip = await shown(house)
        told = await private(house, await report(house, clip, noah))
        assert "named no channel for reports" in told.content
    await decide(house, log_channel_id=there.id)
    async with house.bot():
        form = await report(house, clip, noah)
        sent = await house.discord.submit_modal(form, {"reason": "that is *me*"})
        assert "the moderators have your report" in (await private(house, sent)).content
        twice = await house.discord.submit_modal(form, {"reason": "again"})
        assert "reported this clip already" in (await private(house, twice)).content
        found = await house.discord.wait_for(
            lambda: [m for m in there.messages.values() if "reports a clip" in m.content]
        )
        (message,) = found
        assert (
            f"<@{noah.id}> reports a clip of <@{house.mia.id}>:** that is \\*me\\*"
            in message.content
        )
        assert f"{clip.channel.guild.id}/{clip.channel.id}/{clip.id}" in message.content
        assert labels(message) == BUTTONS
        opened = await press(house, message, "Remove clip", morgan)
        forms = [
            house.discord.submit_modal(
                opened, {"refund": "no", "remember": "yes", "reason": "reported"}
            )
            for _ in range(2)
        ]
        both = await asyncio.gather(*forms)
        said = [await answer(house, it) for it in both]
        assert len([it for it in said if "was removed already" in it]) == 1
        assert len([it for it in said if "I removed clip **#1**" in it]) == 1
        assert clip.deleted
        await house.told(
            message, f"➡️ <@{morgan.id}> removed clip #1 of <@{house.mia.id}>: reported"
        )
        assert f"<@{morgan.id}> refused the picture of clip #1" in message.content
        assert "reports a clip of" in message.content
        await house.discord.wait_for(lambda: labels(message) == ["Block member"])
        await house.refused(await house.animate(), "do not allow this picture here")
    assert house.query("SELECT removed_by FROM jobs") == [(morgan.id,)]
    assert house.query("SELECT action FROM audit ORDER BY id") == [("remove",), ("pictures",)]


async def answer(house: House, pressed: Interaction) -> str:
    """What is answered to who presses under a report, and to nobody else."""
    report = pressed.source

    def found() -> list[Message]:
        answers = [*pressed.followups, pressed.original]
        return [it for it in answers if it is not None and it is not report and not it.loading]

    (message,) = await house.discord.wait_for(found)
    assert message.viewer is pressed.member.user
    return message.content


async def reported(house: House, clip: Message) -> Message:
    """The message of Noah's report, in the log channel."""
    form = await report(house, clip, house.member("noah"))
    await house.discord.submit_modal(form, {"reason": "rude"})
    found = await house.discord.wait_for(
        lambda: [
            m
            for m in log_channel(house).messages.values()
            if "reports a clip" in m.content and f"/{clip.id}\n" in m.content
        ]
    )
    return found[0]


async def test_moderators_block_the_member_or_dismiss_after_a_restart(house: House) -> None:
    morgan, there = house.member("moderator"), log_channel(house)
    await decide(house, log_channel_id=there.id)
    async with house.bot():
        blocked, dismissed = await shown(house), await shown(house)
        messages = [await reported(house, it) for it in (blocked, dismissed)]
    async with house.bot():
        first, second = messages
        opened = await press(house, first, "Block member", morgan)
        wrong = await house.discord.submit_modal(opened, {"length": "soon", "reason": ""})
        assert "did not understand how long" in await answer(house, wrong)
        sent = await house.discord.submit_modal(opened, {"length": "2h", "reason": "rude clips"})
        assert f"<@{house.mia.id}> is blocked until" in await answer(house, sent)
        act = f"➡️ <@{morgan.id}> blocked <@{house.mia.id}> for 2 hours: rude clips"
        await house.told(first, act)
        assert labels(first) == ["Remove clip", "Dismiss"]
        await house.refused(await house.animate(), "have blocked you")

        # Twice at once, by one who saw it before.
        twice = [press(house, second, "Dismiss", morgan) for _ in range(2)]
        both = await asyncio.gather(*twice)
        (told,) = await house.discord.wait_for(lambda: [*both[0].followups, *both[1].followups])
        assert f"decided already: <@{morgan.id}> dismissed the report of clip #2" in told.content
        await house.told(second, f"➡️ <@{morgan.id}> dismissed the report of clip #2")
        await house.discord.wait_for(lambda: not second.components)
        # The other report is as it was.
        assert labels(first) == ["Remove clip", "Dismiss"]
    assert house.query("SELECT action FROM audit ORDER BY id") == [("block",), ("dismiss",)]
    assert not blocked.deleted
    assert not dismissed.deleted


async def test_a_report_of_a_clip_that_is_gone_and_without_rights(house: House) -> None:
    morgan, noah, there = house.member("moderator"), house.member("noah"), log_channel(house)
    await decide(house, log_channel_id=there.id)
    async with house.bot():
        clip = await shown(house)
        message = await reported(house, clip)
        # Whoever may read the log channel is no moderator by that.
        there.overwrites[noah.id] = Overwrite("member", allow=Permission.VIEW_CHANNEL)
        for label in BUTTONS:
            told = await answer(house, await press(house, message, label, noah))
            assert "This is for moderators" in told
        # Who is one in that channel alone has no say over clips of another.
        allowed = Permission.VIEW_CHANNEL | Permission.MANAGE_MESSAGES
        there.overwrites[noah.id] = Overwrite("member", allow=allowed)
        for label in BUTTONS:
            told = await answer(house, await press(house, message, label, noah))
            assert ("whole server" if label == "Block member" else "in another channel") in told
        assert labels(message) == BUTTONS

        details = await private(house, await press(house, clip, "More"))
        question = await private(house, await press(house, details, "Delete"))
        await press(house, question, "Delete it")
        await house.discord.wait_for(lambda: clip.deleted)
        await house.told(message, "The clip is not shown any more.")
        # As before, for who has not seen that yet.
        message.revisions.append(message.revisions[0])
        pressed = await press(house, message, "Remove clip", morgan)
        assert "was removed already" in await answer(house, pressed)
        await house.told(message, "The clip is not shown any more.")
        await house.discord.wait_for(lambda: labels(message) == ["Block member", "Dismiss"])
        await press(house, message, "Dismiss", morgan)
        await house.discord.wait_for(lambda: not message.components)
        # What an earlier version or a restored copy knows nothing of.
        unknown = next(iter(message.revisions[0].components))
        for row in unknown["components"]:
            row["custom_id"] = row["custom_id"].replace(str(noah.id), "5")
        message.revisions.append(message.revisions[0])
        for label in BUTTONS:
            told = await answer(house, await press(house, message, label, morgan))
            assert "know nothing of that report" in told
    assert house.query("SELECT action FROM audit ORDER BY id") == [("dismiss",)]


async def test_reports_follow_what_is_done_by_command(house: House) -> None:
    morgan, there = house.member("moderator"), log_channel(house)
    await decide(house, log_channel_id=there.id)
    async with house.bot():
        removed, other = await shown(house), await shown(house)
        first, second = [await reported(house, it) for it in (removed, other)]
    # After a restart, and where nobody wants to be told of acts.
    await decide(house, log_acts=False)
    async with house.bot():
        await house.ask(morgan, "clips remove", clip="1", reason="rude")
        await house.told(first, f"➡️ <@{morgan.id}> removed clip #1 of <@{house.mia.id}>: rude")
        assert "The clip is not shown any more." in first.content
        assert labels(first) == ["Block member"]
        assert labels(second) == BUTTONS
        await house.ask(morgan, "clips block", who=house.mia, reason="rude")
        for message, left in ((first, []), (second, ["Remove clip", "Dismiss"])):
            await house.told(message, f"➡️ <@{morgan.id}> blocked <@{house.mia.id}>")
            assert labels(message) == left
        await house.ask(morgan, "clips unblock", who=house.mia)
        await house.discord.wait_for(lambda: labels(second) == BUTTONS)
        # One act about several members.
        question = await house.ask(morgan, "clips block", since="2h", reason="a raid")
        await confirm(house, question)
        await house.discord.wait_for(lambda: labels(second) == ["Remove clip", "Dismiss"])


async def test_a_report_that_waits_for_discord_says_what_was_done_meanwhile(house: House) -> None:
    morgan, there = house.member("moderator"), log_channel(house)
    await decide(house, log_channel_id=there.id)
    closed = Fault("discord.create_message", "reply", status=503, times=None)
    async with house.bot():
        clip = await shown(house)
        form = await report(house, clip, house.member("noah"))
        house.discord.faults.add(closed)
        await house.discord.submit_modal(form, {"reason": "rude"})
        await house.until("SELECT 1 FROM log_messages")
        await house.ask(morgan, "clips remove", clip="1")
    house.discord.faults.clear(closed.operation)
    async with house.bot():
        (message,) = await house.discord.wait_for(
            lambda: [m for m in there.messages.values() if "reports a clip" in m.content]
        )
        assert "The clip is not shown any more." in message.content
        assert labels(message) == ["Block member"]


async def test_nobody_floods_the_moderators(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.guilds.clip_reports.MOST_A_DAY", 1)
    await decide(house, log_channel_id=log_channel(house).id)
    noah = house.member("noah")
    async with house.bot():
        first, second = [await shown(house) for _ in range(2)]
        form = await report(house, first, noah)
        await house.discord.submit_modal(form, {"reason": "rude"})
        refused = await private(house, await report(house, second, noah))
        assert "many clips today" in refused.content
        house.pass_time(days=1, seconds=1)
        assert (await report(house, second, noah)).modal is not None
