"""`/animate`: from a member's picture to an accepted job."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, Literal

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.desk import Ask, Wish
from bot.errors import PictureError, PictureProblem
from bot.job import Address
from bot.stills import check_size
from bot.words import MAX_CHARACTERS, check_words
from cogs import replies
from cogs.delivery import TOKEN_LIFE
from cogs.failures import sentence_for
from pika import MAX_SEED

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.stills import Stills

log = logging.getLogger(__name__)

_FETCH_SECONDS: Final = 60.0
"""A fetch holds one of the few places of the intake; Discord's CDN takes seconds."""

_SHOW_SECONDS: Final = 10.0
"""Discord's library repeats what fails for half a minute; an accepted job starts sooner."""

Seed = app_commands.Range[int, 0, MAX_SEED]


class Words(app_commands.Transformer):
    """A text option with the bound that Discord's client then shows while one types."""

    def __init__(self, field: str) -> None:
        self._field = field

    @property
    def max_value(self) -> int:
        """Characters."""
        return MAX_CHARACTERS

    async def transform(self, _interaction: discord.Interaction, value: str, /) -> str:
        """Check what a client sent, whatever bound it knew."""
        return check_words(self._field, value)


class Animate(commands.Cog):
    """Turns a picture into a video."""

    def __init__(self, desk: Desk, stills: Stills) -> None:
        self._desk = desk
        self._stills = stills
        self._open: set[asyncio.Task[None]] = set()

    async def drain(self, seconds: float) -> None:
        """Wait for the requests that are being decided, at most so long."""
        if self._open:
            await asyncio.wait(self._open, timeout=seconds)

    @app_commands.command(name="animate", description="Turn a picture into a short video")
    @app_commands.describe(
        image="The picture to animate",
        prompt="What should move, and how",
        negative_prompt="What to avoid",
        seed="An earlier clip's number repeats its motion; left out, a new one is drawn",
        resolution="Short side of the video: 720p costs less, 1080p is the default",
        duration="Length of the video in seconds: 5 is the default",
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def animate(  # noqa: PLR0913 - one parameter an option
        self,
        interaction: discord.Interaction,
        image: discord.Attachment,
        prompt: app_commands.Transform[str, Words("prompt")] = "",
        negative_prompt: app_commands.Transform[str, Words("negative_prompt")] = "",
        seed: Seed | None = None,
        resolution: Literal["1080p", "720p"] = "1080p",
        duration: Literal[5, 10] = 5,
    ) -> None:
        """Refuse what needs no look at the picture, acknowledge, then decide."""
        check_size(image.size)
        wish = Wish(prompt, negative_prompt, seed, resolution, duration)
        task = asyncio.create_task(self._handle(interaction, image, wish))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        await task

    async def _handle(
        self, interaction: discord.Interaction, image: discord.Attachment, wish: Wish
    ) -> None:
        address = await _acknowledge(interaction)
        await self._desk.open(address)
        try:
            still = await self._stills.take(image.size, lambda: _fetch(image))
            accepted = await self._desk.request(
                Ask(address, still, wish, interaction.filesize_limit, image.url)
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the member gets a sentence
            text = replies.refused(address.member_id, sentence_for(error))
            if await _show(interaction, text):
                await self._desk.dismiss(address)
        else:
            await _show(interaction, replies.accepted(accepted, still.notes))
            await self._desk.release(accepted)


async def _acknowledge(interaction: discord.Interaction) -> Address:
    """Show that the bot is thinking, and return where its answer goes.

    Should the bot die right here, Discord itself tells the member after 15 minutes that it
    did not respond; from the next line on, the bot's next start does.
    """
    response = await interaction.response.defer(thinking=True)
    if response is None or response.message_id is None:
        raise LookupError(f"interaction {interaction.id} was acknowledged without a message")
    if interaction.guild_id is None or interaction.channel is None:
        raise LookupError(f"interaction {interaction.id} has no guild or channel")
    return Address(
        interaction_id=interaction.id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel.id,
        member_id=interaction.user.id,
        message_id=response.message_id,
        application_id=interaction.application_id,
        token=interaction.token,
        token_until=interaction.created_at + TOKEN_LIFE,
    )


async def _fetch(image: discord.Attachment) -> bytes:
    try:
        async with asyncio.timeout(_FETCH_SECONDS):
            return await image.read()
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.warning("an attachment of %d bytes was not to be had: %r", image.size, error)
        raise PictureError(PictureProblem.UNFETCHED) from error


async def _show(interaction: discord.Interaction, text: str) -> bool:
    """Edit the acknowledgement; return whether Discord took it."""
    try:
        async with asyncio.timeout(_SHOW_SECONDS):
            await interaction.edit_original_response(content=text)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.warning("interaction %d: its message was not edited: %r", interaction.id, error)
        return False
    return True
