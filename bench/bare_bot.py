"""The least program that is a bot: one command, acknowledged. `python -m bench.bare_bot`.

It takes Discord's addresses and token from the environment, under the names of the real bot's
settings.
"""

from __future__ import annotations

import os

import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL


def main() -> None:
    """Run until the process is told to stop."""
    Route.BASE = os.environ["DISCORD_API_BASE"]
    DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["DISCORD_GATEWAY_URL"])
    client = discord.Client(intents=discord.Intents(guilds=True))
    tree = app_commands.CommandTree(client)

    @tree.command(description="Turn a picture into a short video")
    async def animate(interaction: discord.Interaction) -> None:
        await interaction.response.defer()

    client.run(os.environ["DISCORD_TOKEN"], log_handler=None)


if __name__ == "__main__":
    main()
