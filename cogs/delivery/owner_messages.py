"""What the owner of the application is told: by direct message, or in a channel of their choice."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from bot.base.errors import ChannelUnreachableError, DeliveryError
from cogs.delivery.discord_errors import convert_discord_errors
from cogs.delivery.owner_message_texts import owner_message_text
from cogs.texts.languages import use_language

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from bot.guilds.languages import GuildLanguages
    from bot.guilds.log_messages import UnsentLogMessage

log = logging.getLogger(__name__)


class OwnerMessages:
    """Implements `bot.guilds.log_sender.LogChannelPort` for messages to the owner.

    A direct message is in the language that its reader has chosen anywhere, a post in a channel in
    that of its server.

    Args:
        client: Logged in.
        owner_ids: Those who own the application now.
        channel_id: A channel to write in; `None` for direct messages.
        languages: What guilds and members have chosen.
    """

    def __init__(
        self,
        client: discord.Client,
        owner_ids: Callable[[], Collection[int]],
        channel_id: int | None,
        languages: GuildLanguages,
    ) -> None:
        self._client = client
        self._owner_ids = owner_ids
        self._channel_id = channel_id
        self._languages = languages
        self._channel_guild_id: int | None = None
        self._told: set[tuple[int, int]] = set()

    async def post(self, unsent: UnsentLogMessage) -> None:
        """Post a message in the channel; without one, or where it is closed, to each owner."""
        if self._channel_id is not None:
            channel = self._client.get_partial_messageable(self._channel_id)
            try:
                await _send(channel, unsent, await self._language_of_channel(self._channel_id))
            except ChannelUnreachableError as error:
                log.warning("OWNER_CHANNEL %d cannot be written to: %r", self._channel_id, error)
            else:
                return
        await self._post_to_each(unsent)

    async def _language_of_channel(self, channel_id: int) -> str:
        """Find the language of the server that the channel is in; Discord is asked for it once."""
        if self._channel_guild_id is None:
            # The first messages are sent before the gateway has told of any channel.
            with convert_discord_errors():
                channel = await self._client.http.get_channel(channel_id)
            self._channel_guild_id = int(str(channel.get("guild_id", 0)))
        return self._languages.of(self._channel_guild_id)

    async def _post_to_each(self, unsent: UnsentLogMessage) -> None:
        """Write to each owner once, also where this is repeated because another was not reached.

        Raises:
            ChannelUnreachableError: None of them takes direct messages.
            DeliveryError: One of them was not reached yet.
        """
        failed: DeliveryError | None = None
        for owner_id in sorted(self._owner_ids()):
            if (unsent.id, owner_id) in self._told:
                continue
            try:
                with convert_discord_errors():
                    channel = await self._client.create_dm(discord.Object(owner_id))
                await _send(channel, unsent, self._languages.of_owner(owner_id))
            except ChannelUnreachableError as error:
                log.warning("owner %d takes no direct messages: %r", owner_id, error)
            except DeliveryError as error:
                failed = error
            else:
                self._told.add((unsent.id, owner_id))
        if failed is not None:
            raise failed
        told = {it for it in self._told if it[0] == unsent.id}
        if not told:
            raise ChannelUnreachableError(f"nobody was told: {owner_message_text(unsent.message)}")
        self._told -= told


async def _send(channel: discord.abc.Messageable, unsent: UnsentLogMessage, language: str) -> None:
    with use_language(language):
        text = owner_message_text(unsent.message)
    with convert_discord_errors():
        await channel.send(text, nonce=f"notice-{unsent.id}")
