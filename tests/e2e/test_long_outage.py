"""What waited while the bot was away for long: told or made, and never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.base import Timeouts
from tests.e2e.test_wires import at_pika
from tests.house import House, open_house

if TYPE_CHECKING:
    from pathlib import Path

    from playground.pika import WireName

HOURS = Timeouts.RESUBMIT_AGE.total_seconds() / 3600


@pytest.mark.parametrize("state", ["queued", "submitting"])
@pytest.mark.parametrize("wire", ["pika", "fal", "comfy", "comfy-proxy"])
async def test_what_waited_too_long_is_not_sent_any_more(
    tmp_path: Path, wire: WireName, state: str
) -> None:
    """Of a long outage, without any copy."""
    async with open_house(tmp_path / "data", wire) as house:
        house.pika.behaviour.queue_seconds = 3600
        house.overrides["renders_at_once"] = 1
        async with house.bot():
            first = await house.animate()
            await at_pika(house, first)
            second = await house.animate(house.member("noah"))
            await house.told(second.original, "in line")
        sent = house.pika.paid_submits
        if state == "submitting":
            house.execute(
                "UPDATE jobs SET state = 'submitting', idempotency_key = 'k', order_json ="
                " (SELECT order_json FROM jobs WHERE id = 1) WHERE id = 2",
            )
        house.pass_time(hours=HOURS, minutes=1)
        async with house.bot():
            content = await house.failed(second, "offline for too long")
            await house.settled()
        note = "I cannot tell whether" if state == "submitting" else "Nothing was charged."
        assert f"Please ask for it again. {note}" in content
        assert house.pika.paid_submits == sent
        assert house.query("SELECT failure, may_be_billed FROM jobs WHERE id = 2") == [
            ("too_late", int(state == "submitting"))
        ]
        assert house.spent() == (0, 0)


async def test_what_waited_a_night_is_still_made(house: House) -> None:
    house.pika.behaviour.render_seconds = 3600
    house.overrides["renders_at_once"] = 1
    async with house.bot():
        await house.told((await house.animate()).original, "Rendering")
        second = await house.animate(house.member("noah"))
        await house.told(second.original, "in line")
    house.pika.behaviour.render_seconds = 0.05
    house.pass_time(hours=HOURS, minutes=-5)
    async with house.bot():
        await house.delivered(second)
        await house.settled()
    assert house.pika.paid_submits == 2
