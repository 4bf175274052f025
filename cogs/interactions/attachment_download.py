"""Fetching attachments from Discord's CDN."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import aiohttp
from discord.http import Route
from yarl import URL

from bot.base import Timeouts

log = logging.getLogger(__name__)

_CDN_HOSTS: Final = frozenset(
    {
        "cdn.discordapp.com",
        "media.discordapp.net",
        # Those under which Discord shows the pictures of other sites.
        "images-ext-1.discordapp.net",
        "images-ext-2.discordapp.net",
    }
)
_CHUNK_BYTES: Final = 256 * 1024


class AttachmentTooLargeError(Exception):
    """An attachment has more bytes than were asked for."""


class AttachmentUnfetchedError(Exception):
    """The address is not Discord's, or Discord does not hand the file over, or not in time."""


async def download_attachment(url: str, most: int) -> bytes:
    """Fetch an attached file of at most `most` bytes, from Discord and nowhere else.

    Raises:
        AttachmentTooLargeError: It has more bytes.
        AttachmentUnfetchedError: It cannot be fetched.
    """
    try:
        async with asyncio.timeout(Timeouts.DOWNLOAD_SECONDS):
            return await _read(_checked(url), most)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        log.warning("an attachment was not fetched: %r", error)
        raise AttachmentUnfetchedError from error


def _checked(url: str) -> URL:
    """Parse an address to the letter, as its signature covers it; refuse hosts not of Discord.

    Beside the CDN's own hosts, files come from wherever the API is configured to be.
    """
    address = URL(url, encoded=True)
    api = URL(Route.BASE)
    if address.host not in {*_CDN_HOSTS, api.host} or address.scheme not in {"https", api.scheme}:
        raise ValueError(f"no host of Discord's: {address.host}")
    return address


async def _read(address: URL, most: int) -> bytes:
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
            if len(data) > most:
                raise AttachmentTooLargeError
    return bytes(data)
