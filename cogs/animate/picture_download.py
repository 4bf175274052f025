"""Fetching what members attached, from where Discord keeps it."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import discord

from bot.base import Timeouts
from bot.media.errors import PictureError, PictureProblem

log = logging.getLogger(__name__)


async def download_picture(client: discord.Client, url: str) -> bytes:
    """Return a picture's bytes.

    Raises:
        PictureError: It is not to be had, or not any more.
    """
    try:
        async with asyncio.timeout(Timeouts.DOWNLOAD_SECONDS):
            return await client.http.get_from_cdn(url)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.warning("an attachment was not to be had: %r", error)
        raise PictureError(PictureProblem.UNFETCHED) from error
