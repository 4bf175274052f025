"""The connection to Discord: intents, the command tree, and syncing it when it changed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import AppCommandOptionType, app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.base.errors import RequestRefusedError
from bot.base.key_values import get_value, set_value
from bot.config import DISCORD_API_BASE
from bot.media.errors import PictureError, PictureProblem
from bot.owner.guild_access import GuildAccess
from cogs.delivery.request_guard import RequestGuard
from cogs.gateway.connection import Gateway
from cogs.gateway.events import EventReader
from cogs.interactions.acknowledging import LOST, HandledInteractions
from cogs.interactions.components import reply_privately
from cogs.interactions.place import is_usable_if_closed
from cogs.interactions.spoken_languages import set_languages
from cogs.owner.group import is_for_owner
from cogs.owner.guild_lookup import DiscordGuildLookup
from cogs.setup.registered_commands import are_registered
from cogs.texts.catalogs import catalogs_digest, read_catalog
from cogs.texts.error_texts import error_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.base import Timeouts
    from bot.base.database import Database
    from bot.base.event_counts import EventCounts
    from bot.guilds.languages import GuildLanguages
    from bot.owner.guild_records import GuildRecords

log = logging.getLogger(__name__)

PERMISSIONS: Final = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    attach_files=True,
    read_message_history=True,
)
"""What an invite asks for: enough to answer as the bot once an interaction's token is dead.

`docs/discord.md` says which route needs which, and tests hold it to that."""
INTENTS: Final = discord.Intents(guilds=True, auto_moderation_configuration=True)
"""Commands and buttons come as interactions, so Discord need not send any messages."""

_COMMANDS_KEY: Final = "commands"
_CDN: Final = discord.Asset.BASE

# No voice is used here, so its missing libraries are nothing to warn an owner of.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def use_endpoints(api_base: str, gateway_url: str) -> None:
    """Point discord.py at an API and a gateway, for the whole process: it keeps them in classes."""
    Route.BASE = api_base
    DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway_url)
    # Avatars and stickers have no address of their own in what Discord sends.
    is_discord = api_base == DISCORD_API_BASE
    discord.Asset.BASE = _CDN if is_discord else str(URL(api_base).origin())


def privileged_intents(flags: discord.ApplicationFlags) -> Iterator[str]:
    """Name the privileged intents that an application may use, as its Bot page does."""
    for name, attribute in _PRIVILEGED.items():
        if getattr(flags, attribute) or getattr(flags, f"{attribute}_limited"):
            yield name


_PRIVILEGED: Final = {
    "Presence Intent": "gateway_presence",
    "Server Members Intent": "gateway_guild_members",
    "Message Content Intent": "gateway_message_content",
}


def _options(data: object) -> Iterator[dict[str, Any]]:
    """Walk the options of a command, those of its subcommand included."""
    given = data.get("options", []) if isinstance(data, dict) else []
    for option in given:
        yield option
        yield from _options(option)


class Tree(app_commands.CommandTree["Client"]):
    """Sets each command's language, and answers those that fail with a sentence."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._handled = HandledInteractions()

    async def interaction_check(self, interaction: discord.Interaction[Client], /) -> bool:
        """Answer in the user's language; refuse where the guild is closed or a file is lacking.

        Raises:
            TransformerError: An attachment option holds no id.
        """
        if self._handled.is_repeated(interaction):
            return False
        set_languages(interaction, interaction.client.languages)
        if not await self._is_open(interaction):
            return False
        # Discord's clients upload what they name. For other programs discord.py would raise a
        # bare `ValueError`, and they deserve their sentence too.
        for option in _options(interaction.data):
            kind, value = AppCommandOptionType.attachment, option.get("value")
            if option["type"] == kind.value and not str(value).isdecimal():
                refusal = PictureError(PictureProblem.NOT_A_PICTURE)
                raise app_commands.TransformerError(
                    value, kind, app_commands.Transformer()
                ) from refusal
        return True

    async def _is_open(self, interaction: discord.Interaction[Client]) -> bool:
        """Check the guild, and answer where it is closed. Nothing is suggested there either."""
        if is_for_owner(interaction) or is_usable_if_closed(interaction):
            return True
        try:
            await interaction.client.access.require_open(interaction.guild_id)
        except RequestRefusedError as refusal:
            if interaction.type is discord.InteractionType.autocomplete:
                await interaction.response.autocomplete([])
            else:
                await reply_privately(interaction, error_text(refusal))
            return False
        return True

    async def _call(self, interaction: discord.Interaction[Client]) -> None:
        """Answer what fails before a command runs, as its acknowledgement may."""
        try:
            await super()._call(interaction)
        except Exception as error:  # noqa: BLE001 - it would be lost in a task of discord.py's
            text = error_text(error)
            # Suggestions are answered by suggestions alone.
            if interaction.type is not discord.InteractionType.autocomplete:
                await reply_privately(interaction, text)

    async def on_error(
        self, interaction: discord.Interaction[Client], error: app_commands.AppCommandError, /
    ) -> None:
        """Answer the member alone with the error's sentence."""
        await reply_privately(interaction, error_text(error))


class Client(discord.AutoShardedClient):
    """Connections without privileged intents, and REST. Commands are added before the login.

    Not a `Bot` of discord.py's, which reads messages: it takes 1.4 MB more. Its connections are
    `Gateway`'s, so that discord.py's `shards` and `latency` know of none.

    Attributes:
        languages: What guilds and members have chosen.
        access: Which guilds may use the bot.
        lookup: Who owns the application.
        gateway: Its connections.
    """

    def __init__(  # noqa: PLR0913 - the parts that it is made of
        self,
        database: Database,
        languages: GuildLanguages,
        allowed_guilds: frozenset[int] | None,
        records: GuildRecords,
        timeouts: Timeouts,
        counts: EventCounts,
        *,
        direct_messages: bool,
    ) -> None:
        super().__init__(
            intents=INTENTS,
            # Prompts and reasons are shown: no mention in them may notify anybody.
            allowed_mentions=discord.AllowedMentions.none(),
            http_trace=RequestGuard(counts).trace(),
        )
        EventReader(self._connection)
        self.gateway = Gateway(self, counts)
        self._connecting: asyncio.Task[None] | None = None
        self.tree = Tree(self)
        self._database = database
        self.languages = languages
        self.lookup = DiscordGuildLookup(self)
        self.access = GuildAccess(
            *(allowed_guilds, self.lookup, records, timeouts), direct=direct_messages
        )

    async def before_identify_hook(self, _shard_id: int | None, *, initial: bool = False) -> None:
        """Do nothing: `Gateway` has waited before it connected."""

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected to the gateway, whatever it does, until the client is closed.

        Raises:
            discord.ConnectionClosed: The token was refused.
        """
        del reconnect
        self._connecting = asyncio.create_task(self.gateway.run(), name="shards")
        await self._connecting

    async def close(self) -> None:
        """End the connections in order, then all of REST."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait({self._connecting})
        await super().close()

    async def setup_hook(self) -> None:
        """Tell the owner how to invite the bot, and sync the commands if they changed."""
        link = discord.utils.oauth_url(self.application_id or 0, permissions=PERMISSIONS)
        log.info("logged in as %s; invite: %s", self.user, link)
        if self.application is not None and self.application.bot_public:
            log.warning(
                "this application is a Public Bot, so that anybody may invite it. Servers that are"
                " not yours stay closed; to keep it out of them, untick Public Bot on the Bot page"
                " at https://discord.com/developers/applications/%d/bot.",
                self.application.id,
            )
        # Discord allows few syncs a day, and a start is no reason for one.
        is_same = await get_value(self._database, _COMMANDS_KEY) == self._fingerprint()
        if not (is_same and await self._has_commands()):
            await self.sync_commands()

    async def sync_commands(self) -> None:
        """Send Discord all commands, in each of its languages that there is a catalogue for."""
        from cogs.texts.command_translator import (  # noqa: PLC0415 - most starts send nothing
            CommandTranslator,
        )

        await self.tree.set_translator(CommandTranslator())
        synced = await self.tree.sync()
        # Most of these languages nobody here may speak.
        read_catalog.cache_clear()
        # Only now: after a sync that failed, the next start tries again.
        await set_value(self._database, _COMMANDS_KEY, self._fingerprint())
        log.info("synced %d commands", len(synced))

    async def _has_commands(self) -> bool:
        """Ask whether Discord still has them: somebody may have taken them away by its API."""
        try:
            return await are_registered(self, self.tree)
        except LOST as error:
            log.info("Discord did not say which commands it has: %r", error)
            return True

    def _fingerprint(self) -> str:
        """Digest the commands, their translations, and the API and application they went to."""
        commands = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        # Not translated for that, which would keep each catalogue in memory.
        words = catalogs_digest()
        # Another application has no commands yet, even if the folder of data is the same.
        facts = json.dumps(
            [Route.BASE, self.application_id, commands, words], sort_keys=True, default=str
        )
        return hashlib.sha256(facts.encode()).hexdigest()
