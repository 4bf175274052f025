"""Clips behind a spoiler and back, by a press; and the words of each for screen readers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from playground.discord import Overwrite, Permission
from playground.faults import Fault
from tests.e2e.buttons_play import labels, press, shown
from tests.e2e.clips_play import audit
from tests.house import open_house

if TYPE_CHECKING:
    from pathlib import Path

    from playground.discord import Interaction, Message
    from tests.house import House


def is_hidden(message: Message) -> bool:
    (attachment,) = message.attachments
    return attachment.spoiler


async def told(house: House, pressed: Interaction) -> str:
    """What a presser reads, alone, of a press that was acknowledged first or not."""

    def said() -> list[Message]:
        answers = [*pressed.followups, pressed.original]
        return [it for it in answers if it is not None and it.viewer is pressed.member.user]

    (message,) = await house.discord.wait_for(said)
    return message.content


async def test_a_clip_is_hidden_and_shown_by_one_press_each_weeks_later(house: House) -> None:
    async with house.bot():
        clip = await shown(house, prompt="*waves*")
        (before,) = clip.attachments
        assert before.description == "AI-generated video: *waves*"
        assert not before.spoiler
        twice = [press(house, clip, "Hide") for _ in range(2)]
        await asyncio.gather(*twice)
        await house.discord.wait_for(lambda: is_hidden(clip))
        assert labels(clip) == ["Again", "Edit", "Show", "More"]
    house.pass_time(days=20)
    async with house.bot():
        bot = house.discord.world.bot
        house.clips.overwrites[bot.id] = Overwrite("member", deny=Permission.SEND_MESSAGES)
        await press(house, clip, "Show")
        await house.discord.wait_for(lambda: labels(clip) == ["Again", "Edit", "Hide", "More"])
        (after,) = clip.attachments
        assert not after.spoiler
        # Not a new upload, and its words are still there.
        assert (after.id, after.description) == (before.id, before.description)
        assert "waves" in clip.content
    assert audit(house) == []


async def test_a_moderator_may_hide_it_and_nobody_else(house: House) -> None:
    noah, morgan = house.member("noah"), house.member("moderator")
    async with house.bot():
        clip = await shown(house)
        assert clip.attachments[0].description == "AI-generated video, made without words."
        refused = await press(house, clip, "Hide", noah)
        assert "Only who asked for this clip, or a moderator" in await told(house, refused)
        assert not is_hidden(clip)
        await press(house, clip, "Hide", morgan)
        await house.discord.wait_for(lambda: is_hidden(clip))
        await house.until("SELECT 1 FROM audit")
        house.discord.faults.add(
            Fault(
                "discord.edit_original",
                "reply",
                1,
                403,
                {},
                {"code": 50001, "message": "Missing Access"},
            )
        )
        broken = await press(house, clip, "Show", morgan)
        assert "Discord did not take that" in await told(house, broken)
        assert is_hidden(clip)
    assert audit(house) == [("hide", "job", 1, morgan.id, "")]


@pytest.mark.parametrize("wire", ["pika", "comfy"])
async def test_the_option_hides_it_from_the_first_moment_on(tmp_path: Path, wire: str) -> None:
    async with open_house(tmp_path / "data", wire) as house:  # type: ignore[arg-type] # one of them
        house.overrides["retention_days"] = 30
        async with house.bot():
            clip = await shown(house, spoiler=True)
            shown_files = [it for revision in clip.revisions for it in revision.attachments]
            assert shown_files
            assert all(it.spoiler for it in shown_files)
            assert labels(clip) == ["Again", "Edit", "Show", "More"]
            again = await house.delivered(await press(house, clip, "Again"))
            await house.settled()
            assert is_hidden(again)
