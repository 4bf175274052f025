"""What members read while they wait: what Pika tells, what was said before, and times that hold."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from PIL import Image

from bot.base import Limit
from bot.jobs.workflow import Workflow
from playground.discord import Upload
from playground.faults import Fault
from tests.crashes import break_once
from tests.house import open_house, photo

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from playground.discord import Message
    from tests.house import House


def print_photo() -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(photo())).convert("CMYK").save(out, "JPEG")
    return out.getvalue()


def said(message: Message | None) -> list[str]:
    assert message is not None
    return [revision.content for revision in message.revisions]


async def checked(house: House) -> None:
    """Wait until the bot has asked for the status once more, and acted on it."""
    seen = sum(exchange.operation == "fal.status" for exchange in house.pika.exchanges)
    await house.pika.wait_requests("fal.status", seen + 2)


async def test_the_place_in_pikas_queue_is_told_a_few_times(tmp_path: Path) -> None:
    """Though it is asked for many times; and the render, once it begins."""
    async with open_house(tmp_path / "data", "fal") as house:
        behaviour = house.pika.behaviour
        behaviour.queue_seconds = behaviour.render_seconds = math.inf
        behaviour.queue_ahead = 6
        async with house.bot():
            interaction = await house.animate()
            content = await house.told(interaction.original, "Number 7 in Pika's queue")
            assert "Rendering" not in content
            for ahead in (5, 4, 3, 2):
                behaviour.queue_ahead = ahead
                await checked(house)
            await house.told(interaction.original, "Number 3 in Pika's queue")
            behaviour.queue_seconds = 0
            await house.told(interaction.original, "Rendering")
            behaviour.render_seconds = 0
            message = await house.delivered(interaction)
            await house.settled()
        texts = said(message)
        told = [text for text in texts if "in Pika's queue" in text]
        assert ["Number 7" in told[0], "Number 3" in told[1], len(told)] == [True, True, 2]
        assert "Sent to Pika" in texts[2]
        assert house.kinds() == ["reserve", "settle"]


async def test_what_was_said_stays_to_the_end(house: House) -> None:
    """What was done to the picture and what is left; at the end, cost and what was left."""
    picture = Upload("print.jpg", print_photo(), "image/jpeg")
    async with house.bot():
        message = await house.delivered(await house.animate(image=picture, prompt="kite"))
        await house.settled()
    accepted, rendering, clip = said(message)[1:]
    for content in (accepted, rendering):
        assert "print colours" in content
        assert "4 of 5 clips left today" in content
        assert "Pika 2.5" in content
    assert "$0.20" in clip
    assert "After this clip: 4 of 5 clips left today" in clip
    assert "print colours" not in clip


async def test_nothing_is_said_of_a_time_that_nobody_knows(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("50 clips a day")
    async with house.bot():
        message = await house.delivered(await house.animate())
        assert not any("within" in content for content in said(message))
        for _ in range(8):
            await house.delivered(await house.animate())
        message = await house.delivered(await house.animate())
        await house.settled()
    accepted, rendering, _ = said(message)[1:]
    assert "such clips are made within" in accepted
    assert "such clips are made within" in rendering


async def test_a_clip_that_takes_longer_than_was_said_says_so_once(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("50 clips a day")
    async with house.bot():
        for _ in range(9):
            await house.delivered(await house.animate())
        house.pika.behaviour.render_seconds = math.inf
        interaction = await house.animate(prompt="late")
        await house.told(interaction.original, "such clips are made within")
        house.pass_time(minutes=5)
        content = await house.told(interaction.original, "longer than nine in ten such clips")
        assert "within" not in content
        house.pika.behaviour.render_seconds = 0
        message = await house.delivered(interaction)
        await house.settled()
    assert sum("longer than" in content for content in said(message)) == 1


async def test_a_pika_that_is_down_is_not_called_busy(house: House) -> None:
    """And the end of the waiting is named."""
    house.patience = replace(house.patience, pika=timedelta(minutes=10))
    async with house.bot():
        house.pika.faults.add(Fault("pika.submit", "reply", status=503, body={}))
        interaction = await house.animate()
        content = await house.told(interaction.original, "Pika is down or cannot be reached")
        assert "this ends <t:" in content
        await house.delivered(interaction)
        await house.settled()


async def test_after_a_silent_failure_nobody_is_told_to_try_the_same(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", "comfy-proxy") as house:
        async with house.bot():
            interaction = await house.animate(prompt="something forbidden")
            content = await house.told(interaction.original, "content rules may have refused")
            assert "Please try again" not in content
            await house.settled()
        assert house.kinds() == ["reserve", "refund"]


async def test_a_place_in_line_is_told_anew_when_it_has_halved(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing of it comes after what a later step shows; that one look broke is no matter."""
    break_once(monkeypatch, Workflow, "tell_line", TypeError("an odd answer"))
    house.overrides["renders_at_once"] = 1
    house.patience = replace(house.patience, line_look=timedelta(milliseconds=20))
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot(TypeError):
        await house.told((await house.animate()).original, "Rendering")
        await house.told((await house.animate()).original, "number 1 in line")
        second = await house.animate()
        await house.told(second.original, "number 2 in line")
        # Noah's goes before both.
        last = await house.animate(house.member("noah"))
        await house.told(last.original, "number 1 in line")
        for job in ("2", "4"):
            await house.ask(house.member("moderator"), "clips cancel", job=job)
        await house.told(second.original, "Number 1 in line, as of <t:")
        house.pika.behaviour.render_seconds = 0
        message = await house.delivered(second)
        await house.settled()
    texts = said(message)
    assert [text.split(": ")[1][:9] for text in texts[1:4]] == [
        "Accepted,",
        "Number 1 ",
        "Rendering",
    ]
    assert len(texts) == 5
