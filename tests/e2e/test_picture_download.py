"""What is read from Discord's CDN: no more than a picture may have, and from there alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.media.still import MAX_BYTES
from playground.faults import Fault

if TYPE_CHECKING:
    from tests.house import House


async def told(house: House, words: str) -> None:
    async with house.bot():
        interaction = await house.animate()
        await house.refused(interaction, words)
    assert house.pika.jobs == {}
    assert house.query("SELECT * FROM ledger") == []


async def test_more_bytes_than_were_named_are_not_read_to_their_end(house: House) -> None:
    house.discord.faults.add(
        Fault("discord.cdn", "reply", status=200, body=b"\0" * (MAX_BYTES + 1))
    )
    await told(house, "over 32 MB")


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_whatever_is_no_file_is_no_picture(house: House, status: int) -> None:
    seen = []

    async def elsewhere(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response(body=b"")

    app = web.Application()
    app.router.add_get("/{path:.*}", elsewhere)
    async with TestServer(app) as server:
        where = {"Location": str(server.make_url("/picture.jpg"))}
        house.discord.faults.add(Fault("discord.cdn", "reply", status=status, headers=where))
        await told(house, "could not fetch your picture")
    assert seen == []


async def test_a_picture_comes_from_discord_alone(house: House) -> None:
    """The same server under another name, as Discord would never call it."""
    cdn = house.discord.cdn
    cdn.base = cdn.base.replace("127.0.0.1", "localhost")
    waiting = Fault("discord.cdn", "drop_before")
    house.discord.faults.add(waiting)
    await told(house, "could not fetch your picture")
    assert house.discord.faults.take("discord.cdn") is waiting, "it was asked"
