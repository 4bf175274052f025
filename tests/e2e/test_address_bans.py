"""Cloudflare bans the bot's address for a while: nothing is sent until that is over."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from playground.faults import Fault
from tests.house import shows_clip

if TYPE_CHECKING:
    from tests.house import House

BAN_SECONDS = 3


async def test_nothing_is_sent_while_the_address_is_banned(house: House) -> None:
    house.overrides |= {"renders_at_once": 4}
    house.pika.behaviour.render_seconds = math.inf
    places = [house.discord.add_channel(name) for name in ("one", "two", "three", "four")]
    members = (house.mia, house.member("noah"))
    asked = []
    async with house.bot():
        for number, place in enumerate(places):
            asked.append(await house.animate(members[number % 2], channel=place))
            await house.told(asked[-1].original, "Rendering")
        house.discord.limits.ban(BAN_SECONDS)
        house.pika.behaviour.render_seconds = 0
        await house.settled()
    banned = [it for it in house.discord.exchanges if it.status == 429]
    # What was on its way when the first page came.
    assert 1 <= len(banned) <= 5
    assert all(it.original is not None and shows_clip(it.original) for it in asked)
    assert house.kinds() == ["reserve"] * 4 + ["settle"] * 4
    assert house.spent() == house.paid() == (4, 800_000)
    # No clip was uploaded in vain after that.
    uploads = [it for it in banned if it.request_bytes > 10_000]
    assert len(uploads) <= len(asked)


@pytest.mark.usefixtures("quick_gateway")
async def test_the_gateway_is_not_asked_while_it_turns_the_address_away(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.bot():
        banned = Fault("discord.gateway", "reply", status=429, headers={"Retry-After": "1"})
        house.discord.faults.add(banned)
        await house.discord.drop_gateway(forget_sessions=True)
        await house.discord.wait_for(lambda: house.discord.gateway.identify_count == 2)
        await house.delivered(await house.animate())
    (said,) = [it for it in caplog.messages if "(HTTP 429)" in it]
    assert said.endswith("the next try to reconnect is in 1.0 s.")


@pytest.mark.usefixtures("quick_gateway")
async def test_the_gateways_address_is_asked_for_once_in_a_ban(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.bot():
        house.discord.limits.ban(2)
        await house.discord.drop_gateway(4011)
        await house.discord.wait_for(lambda: house.discord.gateway.identify_count == 2)
        await house.delivered(await house.animate())
    held_back = [it for it in caplog.messages if "was lost (AddressBannedError" in it]
    assert len(held_back) == 1
