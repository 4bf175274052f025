"""The least program that is a bot: one command, acknowledged. `python -m bench.bare_bot`.

It takes Discord's addresses and token from the environment, under the names of the real bot's
settings. With `register` it registers its command first, which a bot need not at each start.
"""

from __future__ import annotations

import os
import sys
from typing import Final

import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

REGISTER: Final = "register"
"""The argument with which it registers its command."""


class BareBot(discord.Client):
    """Knows one command, and answers that it is thinking."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self._tree = app_commands.CommandTree(self)

        @self._tree.command(description="Turn a picture into a short video")
        async def animate(interaction: discord.Interaction, image: discord.Attachment) -> None:
            del image
            await interaction.response.defer(thinking=True)

    async def setup_hook(self) -> None:
        """Register the command, if asked to."""
        if REGISTER in sys.argv[1:]:
            await self._tree.sync()


def main() -> None:
    """Run until the process is told to stop."""
    Route.BASE = os.environ["DISCORD_API_BASE"]
    DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["DISCORD_GATEWAY_URL"])
    BareBot().run(os.environ["DISCORD_TOKEN"], log_handler=None)


if __name__ == "__main__":
    main()
