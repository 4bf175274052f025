"""What `/setup` checks: all that a server needs before its members can have clips made."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final

from bot.base import CLOCK_SECONDS_OFF, LEAST_FREE_BYTES, free_bytes, value
from cogs.delivery.owner_message_texts import account_refused_text
from cogs.setup.channel_checks import (
    FINE,
    LACKING,
    UNUSED,
    Check,
    log_check,
    permission_checks,
    review_check,
)
from cogs.texts.languages import _, money, ngettext, number
from cogs.texts.markdown import fit_lines
from cogs.texts.punctuation import sentences

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    import discord

    from bot.guilds.guild_settings import GuildSettings
    from bot.owner.owner_service import OwnerStatus
    from bot.services import Services
    from cogs.setup.registered_commands import RegisteredCommands

_MIB: Final = 1_048_576
_GIB: Final = 1_073_741_824
_SLOW_SECONDS: Final = 1.0
_MOST_TEXT: Final = 2500
"""Characters. Discord takes 4000 in all texts of a message, and the panel follows."""


@value
class Checks:
    """Finds out; asks Discord who the owner is, and at most once a minute for the commands.

    Attributes:
        is_owner: Asks whether a user owns the application.
    """

    services: Services
    is_owner: Callable[[int], Awaitable[bool]]
    commands: RegisteredCommands

    async def text(self, interaction: discord.Interaction, settings: GuildSettings) -> str:
        """Check all, and say it in lines, what is to be mended first."""
        # Before anything is waited for: the interaction's id tells when Discord made it.
        seconds_off = (self.services.settings.clock() - interaction.created_at).total_seconds()
        guild_id = interaction.guild_id or 0
        is_owner = await self.is_owner(interaction.user.id)
        status = await self.services.owner.status()
        found = [
            *permission_checks(interaction, await self.services.channels.rules(guild_id)),
            *self._orders(status, settings, is_owner=is_owner),
            review_check(interaction, settings),
            log_check(interaction, settings),
            await self._automod(interaction),
            await self._commands(),
            _clock(seconds_off, is_owner=is_owner),
            _gateway(interaction, is_owner=is_owner),
            _upload_limit(interaction),
        ]
        if is_owner:
            found.append(await self._disk())
        found.sort(key=lambda it: it.mark != LACKING)
        return fit_lines([f"{it.mark} {it.text}" for it in found], most=_MOST_TEXT)

    def _orders(
        self, status: OwnerStatus, settings: GuildSettings, *, is_owner: bool
    ) -> Iterator[Check]:
        """Whether clips can be ordered now; why not is the owner's to know."""
        if settings.pause is not None:
            yield Check(LACKING, _("Clips are paused here: `/clips resume` ends that."))
        provider = self.services.operator.provider
        reasons = [reason for stopped, reason in status.stopped if stopped == provider]
        if reasons and is_owner:
            yield Check(LACKING, account_refused_text(provider, reasons[0]))
        elif reasons:
            yield Check(
                LACKING,
                _("Pika takes no orders from me now. The bot's owner has been told: please wait."),
            )
        elif status.pause is not None:
            text = _("The bot's owner has paused me everywhere: please wait.")
            yield Check(LACKING, sentences(text, "`/owner resume`" if is_owner else ""))
        elif status.ceiling.micro_usd is not None and status.used >= status.ceiling.micro_usd:
            text = _("The budget of the bot's owner is used up for this month.")
            yield Check(LACKING, sentences(text, "`/owner budget`" if is_owner else ""))
        else:
            yield Check(FINE, _("Pika is ready to take orders."))
        if is_owner and status.ceiling.micro_usd is not None and not reasons:
            used = f"{money(status.used)} / {money(status.ceiling.micro_usd)}"
            yield Check(FINE, _("Your ceiling for all servers: {used} this month.", used=used))

    async def _automod(self, interaction: discord.Interaction) -> Check:
        state = await self.services.automod.state(interaction.guild_id or 0)
        if state is None:
            text = _(
                "AutoMod's rules do not hold for prompts: `/clips words automod` changes that."
            )
            return Check(UNUSED, text)
        if interaction.guild is None or not interaction.guild.me.guild_permissions.manage_guild:
            text = _(
                "AutoMod: I cannot read its rules any more. Give my role **Manage Server**, or use "
                "`/clips words automod rules:off`."
            )
            return Check(LACKING, text)
        rules = ngettext(
            "{n} AutoMod rule holds for prompts.",
            "{n} AutoMod rules hold for prompts.",
            len(state.rules.applied),
        )
        return Check(FINE, rules)

    async def _commands(self) -> Check:
        match await self.commands.are_current():
            case True:
                return Check(FINE, _("Discord has all my commands."))
            case False:
                text = _("Discord lacked some of my commands, and has them now: reload Discord.")
                return Check(LACKING, text)
            case None:
                text = _("Discord did not say which of my commands it has: look again in a minute.")
                return Check(LACKING, text)

    async def _disk(self) -> Check:
        folder = self.services.operator.data_dir
        try:
            free = await asyncio.to_thread(free_bytes, folder)
        except OSError:
            return Check(LACKING, _("My data folder cannot be read: please look at my log."))
        shown = f"{number(free / _GIB, 1)} GB"
        if free >= LEAST_FREE_BYTES:
            return Check(FINE, _("Free on my disk: {size}.", size=shown))
        text = _("Only {size} are free on my disk: make room, or I stop taking clips.", size=shown)
        return Check(LACKING, text)


def _clock(seconds_off: float, *, is_owner: bool) -> Check:
    if abs(seconds_off) <= CLOCK_SECONDS_OFF:
        return Check(FINE, _("My clock agrees with Discord's."))
    text = _(
        "My clock is {n} seconds off, so limits renew at the wrong time: {todo}",
        n=round(seconds_off),
        todo=_("set that of my machine.") if is_owner else _("tell the bot's owner."),
    )
    return Check(LACKING, text)


def _gateway(interaction: discord.Interaction, *, is_owner: bool) -> Check:
    """By the last heartbeat; a connection has none in its first minute."""
    connection = interaction.client._connection  # noqa: SLF001 - connections are the bot's own
    latency = connection._get_websocket(interaction.guild_id).latency  # noqa: SLF001 - likewise
    if not math.isfinite(latency):
        return Check(FINE, _("Connected to Discord."))
    shown = f"{number(latency * 1000)} ms"
    if latency <= _SLOW_SECONDS:
        return Check(FINE, _("Connected to Discord, which answers in {time}.", time=shown))
    text = _(
        "Discord takes {time} to answer me, so commands may fail: {todo}",
        time=shown,
        todo=_("look at my machine's network.") if is_owner else _("try again later."),
    )
    return Check(LACKING, text)


def _upload_limit(interaction: discord.Interaction) -> Check:
    size = f"{number(interaction.filesize_limit / _MIB)} MB"
    return Check(FINE, _("Files of up to {size} can be posted here; I make clips fit.", size=size))
