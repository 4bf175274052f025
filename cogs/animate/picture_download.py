"""Fetching members' attachments from Discord's CDN."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import discord

from bot.base import Timeouts
from bot.media.errors import PictureError, PictureProblem

log = logging.getLogger(__name__)


async def download_picture(client: discord.Client, url: str) -> bytes:
    """Fetch the bytes of an attached picture, whose size the interaction has named.

    Raises:
        PictureError: Discord does not hand it over, or not in time.
    """
    try:
        async with asyncio.timeout(Timeouts.DOWNLOAD_SECONDS):
            return await client.http.get_from_cdn(url)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.warning("an attachment was not fetched: %r", error)
        raise PictureError(PictureProblem.UNFETCHED) from error
