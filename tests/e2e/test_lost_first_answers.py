"""Forms, suggestions and presses whose answer is lost on its way, or that a ban meets first."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import pytest

from bot.base import Timeouts
from playground.discord import Upload
from playground.faults import Fault
from tests.e2e import buttons_play
from tests.e2e.clips_play import morgan, on_message, read
from tests.e2e.test_repeated_interactions import LOST, quiet
from tests.house import photo
from tests.reviewing import buttons

if TYPE_CHECKING:
    from tests.house import House

UNKNOWN = "I cannot tell whether that was done"


def lose(house: House, how: str, operation: str = "discord.callback") -> None:
    house.discord.faults.add(Fault(operation, **LOST[how]))


@pytest.mark.parametrize("how", LOST)
async def test_a_form_is_opened_once(
    house: House, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    async with house.bot():
        clip = await house.delivered(await house.animate())
        await house.settled()
        lose(house, how)
        form = await on_message(house, "Remove clip", clip)
        assert form.modal is not None
        sent = await house.discord.submit_modal(form, {"refund": "no", "remember": "no"})
        assert "I removed clip" in await read(house, sent)
        assert form.followups == []
    assert quiet(caplog)


async def test_a_form_that_never_arrived_is_opened(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.bot():
        clip = await house.delivered(await house.animate())
        await house.settled()
        house.discord.faults.add(Fault("discord.callback", "drop_before"))
        assert (await on_message(house, "Remove clip", clip)).modal is not None
    assert quiet(caplog)


@pytest.mark.parametrize("how", LOST)
async def test_the_buttons_under_a_clip_are_answered_once(
    house: House, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    house.overrides["retention_days"] = 30
    async with house.bot():
        clip = await buttons_play.shown(house)
        lose(house, how)
        assert (await buttons_play.press(house, clip, "Edit")).modal is not None
        lose(house, how)
        pressed = await buttons_play.press(house, clip, "More")
        assert (
            "Made with Pika 2.5, by Pika." in (await buttons_play.private(house, pressed)).content
        )
        lose(house, how)
        await buttons_play.press(house, clip, "Hide")
        await house.discord.wait_for(lambda: "Show" in buttons_play.labels(clip))
    assert quiet(caplog)


@pytest.mark.parametrize("how", LOST)
async def test_lost_suggestions_alarm_nobody(
    house: House, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    async with house.bot():
        lose(house, how)
        await house.discord.autocomplete(
            morgan(house), house.clips, "clips remove", {"clip": ""}, "clip"
        )
        # What comes after it is answered after it.
        await house.ask(house.mia, "usage")
    assert quiet(caplog)


@pytest.mark.parametrize("how", LOST)
async def test_a_press_on_a_question_counts(
    house: House, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    async with house.bot():
        await house.delivered(await house.animate())
        asked = await house.ask(morgan(house), "clips block", since="10m")
        (custom_id,) = buttons(asked).values()
        lose(house, how)
        await house.discord.press(morgan(house), asked, custom_id)
        await house.told(asked, "I blocked")
    assert quiet(caplog)


async def test_a_command_whose_acknowledgement_never_arrived_is_answered(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.bot():
        house.discord.faults.add(Fault("discord.callback", "drop_before"))
        told = await house.ask(morgan(house), "clips pause")
        assert UNKNOWN in told.content
        await house.delivered(await house.animate())
    gc.collect()
    assert quiet(caplog)


async def test_a_request_that_cannot_be_acknowledged_alarms_nobody(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Timeouts, "SHOW_SECONDS", 0.3)
    monkeypatch.setattr(Timeouts, "ACKNOWLEDGE_AGAIN_SECONDS", 1.0)
    async with house.bot():
        house.discord.faults.add(Fault("discord.callback", "drop_before"))
        told = await house.ask(house.mia, "animate", image=Upload("p.jpg", photo(), "image/jpeg"))
        assert UNKNOWN in told.content
    assert quiet(caplog)
    assert house.kinds() == []


async def test_a_moderators_command_where_nothing_is_answered_alarms_nobody(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.bot():
        place = house.discord.add_thread("t", house.clips, house.mia)
        house.discord.set_thread(place, archived=True, locked=True)
        asked = await house.discord.invoke(house.member("owner"), place, "clips status", {})
        assert asked.failed
    gc.collect()
    assert quiet(caplog)


async def test_what_was_done_and_not_answered_is_said_to_be_unknown(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.bot():
        house.discord.faults.add(Fault("discord.edit_original", "drop_after"))
        interaction = await house.discord.invoke(morgan(house), house.clips, "clips pause", {})
        await house.discord.wait_for(lambda: interaction.followups)
        assert UNKNOWN in interaction.followups[0].content
    assert quiet(caplog)


async def test_who_meets_a_ban_first_alarms_nobody(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.bot():
        panel = await house.ask(morgan(house), "clips settings")
        house.discord.limits.ban(2)
        asking = [
            asyncio.create_task(house.discord.invoke(house.mia, house.clips, "usage", {})),
            asyncio.create_task(
                house.discord.choose(
                    morgan(house), panel, "settings:pick:log_channel_id", [house.clips]
                )
            ),
        ]
        await house.discord.wait_for(lambda: caplog.text.count("got no answer") == 2)
        house.discord.clock.advance(4)
        await asyncio.gather(*asking)
    assert quiet(caplog)


async def test_what_is_asked_for_beside_an_answer_may_be_lost(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.bot():
        clip = await house.delivered(await house.animate())
        await house.settled()
        house.discord.faults.add(Fault("discord.get_member", "half_body"))
        who = await read(house, await on_message(house, "Who made this?", clip))
        assert house.mia.user.mention in who
        assert "in this server since nobody knows when" in who
    assert quiet(caplog)
