"""`/owner status`: everything at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot import __version__
from cogs.delivery.owner_messages import account_refused_text
from cogs.texts.amounts import timestamp
from cogs.texts.languages import money
from cogs.texts.markdown import escape, fit_lines, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.owner.owner_service import OwnerService, OwnerStatus
    from cogs.owner.guild_lookup import DiscordGuildLookup


class StatusCommand(app_commands.Group):
    """`/owner status`."""

    def __init__(self, owner: OwnerService, lookup: DiscordGuildLookup) -> None:
        super().__init__()
        self._owner = owner
        self._lookup = lookup

    @app_commands.command(description="See spending, clips, orders in doubt, and what is paused")
    async def status(self, interaction: discord.Interaction) -> None:
        """Show everything at this moment."""
        status = await self._owner.status()
        lines = status_lines(status, self._lookup)
        await interaction.edit_original_response(content=fit_lines(lines))


def status_lines(status: OwnerStatus, lookup: DiscordGuildLookup) -> Iterator[str]:
    """Word the status, the most important first: what does not fit is left out at the end."""
    since = (
        "" if status.running_since is None else f", running since {timestamp(status.running_since)}"
    )
    yield f"**animate-bot {__version__}**{since}"
    yield from ceiling_lines(status)
    if status.pause is None:
        yield "New clips are taken; nothing is paused by you."
    else:
        reason = f": {escape(status.pause.reason)}" if status.pause.reason else ""
        yield f"⏸️ **All servers are paused** {timestamp(status.pause.since)}{reason}"
    for provider, reason in status.stopped:
        yield f"🔴 {account_refused_text(provider, reason)}"
    jobs = ", ".join(f"{count} {state}" for state, count in sorted(status.open_jobs.items()))
    yield f"Clips in the making: {jobs or 'none'}."
    if status.doubts:
        yield (
            f"⚠️ {plural(status.doubts, 'order')} in doubt, counted at {money(status.doubtful)}: "
            "`/owner doubts list`."
        )
    else:
        yield "No order is in doubt."
    yield "**Used this month, by server**" if status.used_by_guild else "Nothing was used yet."
    for guild_id, micro_usd in status.used_by_guild.items():
        yield f"• {money(micro_usd)}: {escape(lookup.describe(guild_id))}"


def ceiling_lines(status: OwnerStatus) -> Iterator[str]:
    """Say which ceiling holds, how much of it is used, and when it renews."""
    ceiling, renews = status.ceiling, timestamp(status.renews_at)
    setting = "none" if status.setting is None else money(status.setting)
    if ceiling.micro_usd is None:
        yield f"⚠️ **There is no ceiling.** Used this month: {money(status.used)}, renews {renews}."
    else:
        left = max(0, ceiling.micro_usd - status.used)
        yield (
            f"**Ceiling: {money(status.used)} of {money(ceiling.micro_usd)} used this month**, "
            f"{money(left)} left, renews {renews}."
        )
    if ceiling.is_commanded:
        yield (
            f"-# Set by `/owner budget`. OWNER_BUDGET_USD_PER_MONTH, which is {setting}, is not "
            "used until `/owner budget amount:setting`."
        )
    else:
        yield "-# From OWNER_BUDGET_USD_PER_MONTH; `/owner budget` sets another."
