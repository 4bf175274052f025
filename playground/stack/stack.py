"""The local stack: both stand-ins on loopback and the real bot between them."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playground.discord import Channel, DiscordStandIn, Member
from playground.pika import PikaStandIn
from playground.stack.bot_process import BotProcess
from playground.stack.places import add_places
from playground.stack.temporary_folder import temporary_folder

START_SECONDS: Final = 30.0
"""How long the bot may take to connect and register its commands."""

DATABASE: Final = "animate-bot.sqlite3"
"""What the bot calls its database, in its DATA_DIR."""


@dataclass(frozen=True, slots=True)
class LocalStack:
    """A running bot and the world around it; `database` is the bot's own SQLite file."""

    discord: DiscordStandIn
    pika: PikaStandIn
    bot: BotProcess
    database: Path

    def member(self, username: str) -> Member | None:
        """The person with that account name, in the guild in which the demo plays."""
        people = self.discord.world.guild.members.values()
        return next((m for m in people if m.user.username == username and not m.user.bot), None)

    def channel(self, name: str) -> Channel | None:
        """The channel with that name, without the hash sign, in the same guild."""
        channels = self.discord.world.guild.channels.values()
        return next((channel for channel in channels if channel.name == name), None)


@asynccontextmanager
async def open_stack(
    more_settings: Mapping[str, str] | None = None, *, verbose: bool = False
) -> AsyncGenerator[LocalStack, None]:
    """Start everything and wait until people can use the bot; afterwards nothing is left.

    If this process is killed, the bot and the temporary folder go soon after. `verbose` lets the
    bot's log through to stderr. `more_settings` of the bot go by the names of its variables.
    Raises BotFailed when the bot does not come up.
    """
    async with AsyncExitStack() as leaving:
        folder = await leaving.enter_async_context(temporary_folder())
        data = folder.path / "data"
        discord = await leaving.enter_async_context(DiscordStandIn())
        add_places(discord)
        pika = await leaving.enter_async_context(PikaStandIn(folder=folder.path))
        settings = {
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_BASE": discord.api_base,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
            "PIKA_PROVIDER": "pika",
            "PIKA_API_KEY": pika.key,
            "PIKA_API_BASE": pika.origin,
            "DATA_DIR": str(data),
            **(more_settings or {}),
        }
        bot = BotProcess(settings, folder, verbose=verbose)
        await leaving.enter_async_context(bot)
        try:
            await bot.run_while_alive(discord.wait_ready(START_SECONDS))
        except TimeoutError:
            sentence = f"The bot did not connect within {START_SECONDS:.0f} seconds."
            raise bot.failure(sentence) from None
        yield LocalStack(discord, pika, bot, data / DATABASE)
