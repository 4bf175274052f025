"""Who owns the application, and whether they manage a guild. Needs no privileged intent."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from bot.base import DIRECT_MESSAGES
from bot.owner.errors import GuildLookupError, NotInGuildError
from cogs.texts.languages import _, ngettext
from cogs.texts.markdown import shorten

if TYPE_CHECKING:
    from collections.abc import Collection

log = logging.getLogger(__name__)

_UNKNOWN_MEMBER, _UNKNOWN_USER = 10007, 10013
_NO_MEMBER: Final = frozenset({_UNKNOWN_MEMBER, _UNKNOWN_USER})
_OWNERS_FRESH_SECONDS: Final = 5.0
# Characters of a name as it is quoted, of up to ten times a hundred: with more of them an entry
# would not fit its page of a list, and be shown on none.
_NAME_SHOWN: Final = 40
# An interaction has three seconds in all.
_ASK_SECONDS: Final = 1.0


class DiscordGuildLookup:
    """Asks Discord, by the gateway's memory of guilds and roles, and by REST for members."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._application: discord.AppInfo | None = None
        self._read_at = -_OWNERS_FRESH_SECONDS
        self._asking = asyncio.Lock()

    async def guild_ids(self) -> Collection[int]:
        """Read anew who owns the application, then return the guilds of this connection."""
        await self._client.wait_until_ready()
        await self._read_owners()
        return [guild.id for guild in self._client.guilds]

    async def is_owner(self, user_id: int) -> bool:
        """Ask whether a user owns the application now; where Discord is silent, as it said last."""
        with suppress(TimeoutError):
            # One question for all who ask at a time: none of them is answered from before it.
            async with asyncio.timeout(_ASK_SECONDS), self._asking:
                if time.monotonic() - self._read_at > _OWNERS_FRESH_SECONDS:
                    await self._read_owners()
        return user_id in self.owner_ids()

    async def _read_owners(self) -> None:
        # Before the answer: else whoever is no owner could have Discord asked without end.
        self._read_at = time.monotonic()
        try:
            self._application = await self._client.application_info()
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("Discord did not say who owns this application: %r", error)

    def owner_ids(self) -> frozenset[int]:
        """Return the users who own the application: one, or those of its team who may change it.

        Of the team those who are only invited, or may only look, are left out.
        """
        application = self._application or self._client.application
        if application is None:
            return frozenset()
        if application.team is None:
            return frozenset({application.owner.id})
        team = application.team
        accepted, reader = discord.TeamMembershipState.accepted, discord.TeamMemberRole.read_only
        return frozenset(
            member.id
            for member in team.members
            # The team's own owner has no role there that means anything.
            if member.membership_state is accepted
            and (member.role is not reader or member.id == team.owner_id)
        )

    def known_ids(self) -> Collection[int]:
        """Return the guilds that the bot is in, as the gateway told."""
        return {guild.id for guild in self._client.guilds}

    def is_member(self, guild_id: int) -> bool:
        """Tell whether the bot is in a guild, as the gateway told."""
        return self._client.get_guild(guild_id) is not None

    def find(self, guild_id: int) -> discord.Guild:
        """Return a guild that the bot is in.

        Raises:
            NotInGuildError: It is in no such guild.
        """
        guild = self._client.get_guild(guild_id)
        if guild is None:
            raise NotInGuildError(guild_id)
        return guild

    def describe(self, guild_id: int) -> str:
        """Name a guild in the bot's log, in English; its name is quoted, as strangers choose it."""
        if guild_id == DIRECT_MESSAGES:
            return "direct messages"
        guild = self._client.get_guild(guild_id)
        return f"(id {guild_id})" if guild is None else describe_guild(guild)

    def guild_text(self, guild_id: int) -> str:
        """Name a guild to the owner, in the task's language; its name is quoted likewise."""
        if guild_id == DIRECT_MESSAGES:
            return _("direct messages")
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return _("(id {id})", id=guild_id)
        if guild.member_count is None:
            return _("{name} (id {id})", name=_quoted_name(guild), id=guild_id)
        return ngettext(
            "{name} (id {id}, {n} member)",
            "{name} (id {id}, {n} members)",
            guild.member_count,
            name=_quoted_name(guild),
            id=guild_id,
        )

    async def is_managed(self, guild_id: int) -> bool:
        """Ask whether an owner of the application owns the guild or may manage it.

        Raises:
            GuildLookupError: Discord did not say.
        """
        try:
            return await self._ask(guild_id)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            raise GuildLookupError(str(error)) from error

    async def _ask(self, guild_id: int) -> bool:
        guild = self._client.get_guild(guild_id)
        # Soon after a start, and in an outage, the gateway has told no more than its id.
        if guild is None or guild.unavailable:
            guild = await self._client.fetch_guild(guild_id)
        owner_ids = self.owner_ids()
        if guild.owner_id in owner_ids:
            return True
        for owner_id in sorted(owner_ids):
            if await _manages(guild, owner_id):
                return True
        return False


async def _manages(guild: discord.Guild, user_id: int) -> bool:
    try:
        member = await guild.fetch_member(user_id)
    except discord.NotFound as error:
        if error.code in _NO_MEMBER:
            return False
        raise
    return member.guild_permissions.manage_guild  # as administrators have it too


def describe_guild(guild: discord.Guild) -> str:
    """Name a guild on a line of the log: its name, which strangers choose; its id and size."""
    return f"{_quoted_name(guild)} (id {guild.id}, {guild.member_count or '?'} members)"


def _quoted_name(guild: discord.Guild) -> str:
    quoted = repr(guild.name)
    return f"{quoted[0]}{shorten(quoted[1:-1], _NAME_SHOWN)}{quoted[-1]}"
