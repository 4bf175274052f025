"""Errors of the room. Data only; `cogs` words them."""

from __future__ import annotations

from bot.base.errors import BotError, RequestRefusedError


class GuildClosedError(RequestRefusedError):
    """The bot's owner has not opened the guild.

    Attributes:
        guild_id: For the owner, who needs it to open the guild.
    """

    def __init__(self, guild_id: int) -> None:
        super().__init__(f"guild {guild_id} is closed")
        self.guild_id = guild_id


class DirectMessagesClosedError(RequestRefusedError):
    """The bot's owner lets nobody ask for clips in direct messages."""


class GuildUnknownError(RequestRefusedError):
    """Nobody could find out yet whether the guild is open; until then it is closed."""


class NotInGuildError(BotError):
    """The bot is in no guild of this id, or no more."""

    def __init__(self, guild_id: int) -> None:
        super().__init__(f"not in guild {guild_id}")
        self.guild_id = guild_id


class GuildIdError(BotError):
    """A text names no guild: it is no id."""


class ChargeError(BotError):
    """A charge was given for an order that was not billed."""


class GuildLookupError(BotError):
    """Discord did not say who manages a guild."""
