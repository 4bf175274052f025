"""Fetching what members attached, from where Discord keeps it."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import aiohttp
import discord

from bot.media.errors import PictureError, PictureProblem

log = logging.getLogger(__name__)

_FETCH_SECONDS: Final = 60.0
"""A fetch holds one of the few places of the intake; Discord's CDN takes seconds."""


async def download_picture(client: discord.Client, url: str) -> bytes:
    """Return a picture's bytes.

    Raises:
        PictureError: It is not to be had, or not any more.
    """
    try:
        async with asyncio.timeout(_FETCH_SECONDS):
            return await client.http.get_from_cdn(url)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.warning("an attachment was not to be had: %r", error)
        raise PictureError(PictureProblem.UNFETCHED) from error
