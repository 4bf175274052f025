"""Fetching members' attachments from Discord's CDN."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import aiohttp
from discord.http import Route
from yarl import URL

from bot.base import Timeouts
from bot.media.errors import PictureError, PictureProblem
from bot.media.still import MAX_BYTES

log = logging.getLogger(__name__)

_CDN_HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_CHUNK_BYTES: Final = 256 * 1024


async def download_picture(url: str) -> bytes:
    """Fetch the bytes of an attached picture, at most `MAX_BYTES`, from Discord and nowhere else.

    Raises:
        PictureError: The address is not Discord's, or Discord does not hand the picture over, or
            not in time, or sends more than the limit.
    """
    try:
        async with asyncio.timeout(Timeouts.DOWNLOAD_SECONDS):
            return await _read(_checked(url))
    except (aiohttp.ClientError, OSError, ValueError) as error:
        log.warning("an attachment was not fetched: %r", error)
        raise PictureError(PictureProblem.UNFETCHED) from error


def _checked(url: str) -> URL:
    """Parse an address to the letter, as its signature covers it; refuse hosts not of Discord.

    Beside the CDN's own hosts, files come from wherever the API is configured to be.
    """
    address = URL(url, encoded=True)
    api = URL(Route.BASE)
    if address.host not in {*_CDN_HOSTS, api.host} or address.scheme not in {"https", api.scheme}:
        raise ValueError(f"no host of Discord's: {address.host}")
    return address


async def _read(address: URL) -> bytes:
    data = bytearray()
    async with (
        # Of its own: it has no cookies, and the bot's token is in no header of it.
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        # The CDN redirects nowhere; whoever does must not choose what is read.
        session.get(address, allow_redirects=False) as response,
    ):
        if response.status != 200:  # noqa: PLR2004 - OK
            raise OSError(f"HTTP {response.status}")
        # Counted while reading: the interaction names a size, and nobody need keep to it.
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            data += chunk
            if len(data) > MAX_BYTES:
                raise PictureError(PictureProblem.TOO_MANY_BYTES)
    return bytes(data)
