"""`/owner status`: everything at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot import __version__
from bot.jobs.job import JobState
from cogs.delivery.owner_message_texts import account_refused_text
from cogs.texts.amounts import timestamp
from cogs.texts.languages import N_, _, money, ngettext
from cogs.texts.markdown import escape, fit_lines
from cogs.texts.punctuation import labelled, listed

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
    yield _version_line(status)
    yield from ceiling_lines(status)
    yield _pause_line(status)
    for provider, reason in status.stopped:
        yield f"🔴 {account_refused_text(provider, reason)}"
    jobs = [_(_STATES[JobState(it)], count=n) for it, n in sorted(status.open_jobs.items())]
    if jobs:
        yield _("Clips in the making: {jobs}.", jobs=listed(jobs))
    else:
        yield _("Clips in the making: none.")
    yield _doubts_line(status)
    if status.used_by_guild:
        yield _("**Used this month, by server**")
    else:
        yield _("Nothing was used yet.")
    for guild_id, micro_usd in status.used_by_guild.items():
        yield labelled(f"• {money(micro_usd)}", escape(lookup.guild_text(guild_id)))


_STATES: Final = {
    JobState.QUEUED: N_("{count} queued"),
    JobState.SUBMITTING: N_("{count} submitting"),
    JobState.RENDERING: N_("{count} rendering"),
    JobState.RENDERED: N_("{count} rendered"),
    # Of which nobody was told yet.
    JobState.FAILED: N_("{count} failed"),
    JobState.CANCELLED: N_("{count} cancelled"),
}


def _version_line(status: OwnerStatus) -> str:
    if status.running_since is None:
        return f"**animate-bot {__version__}**"
    since = timestamp(status.running_since)
    return _("**animate-bot {version}**, running since {since}", version=__version__, since=since)


def _pause_line(status: OwnerStatus) -> str:
    pause = status.pause
    if pause is None:
        return _("New clips are taken; nothing is paused by you.")
    since = timestamp(pause.since)
    if not pause.reason:
        return _("⏸️ **All servers are paused** {since}", since=since)
    reason = escape(pause.reason)
    return _("⏸️ **All servers are paused** {since}: {reason}", since=since, reason=reason)


def _doubts_line(status: OwnerStatus) -> str:
    if not status.doubts:
        return _("No order is in doubt.")
    return ngettext(
        "⚠️ {n} order in doubt, counted at {amount}: `/owner doubts list`.",
        "⚠️ {n} orders in doubt, counted at {amount}: `/owner doubts list`.",
        status.doubts,
        amount=money(status.doubtful),
    )


def ceiling_lines(status: OwnerStatus) -> Iterator[str]:
    """Say which ceiling holds, how much of it is used, and when it renews."""
    ceiling, used, renews = status.ceiling, money(status.used), timestamp(status.renews_at)
    if ceiling.micro_usd is None:
        yield _(
            "⚠️ **There is no ceiling.** Used this month: {used}, renews {renews}.",
            used=used,
            renews=renews,
        )
    else:
        yield _(
            "**Ceiling: {used} of {ceiling} used this month**, {left} left, renews {renews}.",
            used=used,
            ceiling=money(ceiling.micro_usd),
            left=money(max(0, ceiling.micro_usd - status.used)),
            renews=renews,
        )
    if ceiling.is_commanded:
        yield _(
            "-# Set by `/owner budget`. OWNER_BUDGET_USD_PER_MONTH, which is {setting}, is not "
            "used until `/owner budget amount:setting`.",
            # As the settings spell it, whatever language they are read in.
            setting="none" if status.setting is None else money(status.setting),
        )
    else:
        yield _("-# From OWNER_BUDGET_USD_PER_MONTH; `/owner budget` sets another.")
