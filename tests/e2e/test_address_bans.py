"""Cloudflare bans the bot's address for a while: nothing is sent until that is over."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

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
