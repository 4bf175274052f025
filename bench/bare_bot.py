"""Run as a program: a bot of discord.py alone that acknowledges every `/animate` and does no more.

It takes the token, the API and the gateway from the variables that `python -m bot` takes them from.
"""

from __future__ import annotations

import asyncio
import os

import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL


class BareBot(discord.Client):
    """Knows one command, and answers that it is thinking."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self._tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        """Register the command."""

        @self._tree.command(description="Make a clip")
        async def animate(interaction: discord.Interaction, image: discord.Attachment) -> None:
            del image
            await interaction.response.defer(thinking=True)

        await self._tree.sync()


async def main() -> None:
    """Run until the process is ended."""
    Route.BASE = os.environ["DISCORD_API_BASE"]
    DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["DISCORD_GATEWAY_URL"])
    await BareBot().start(os.environ["DISCORD_TOKEN"])


if __name__ == "__main__":
    asyncio.run(main())
