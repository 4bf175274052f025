"""`/quota report`: who spent what, as words, as a picture, and as a table."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.reports.csv_export import jobs_csv
from bot.reports.report import Period
from cogs.quota.report_chart import CHARTED, chart_of
from cogs.quota.report_texts import report_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.reports.chart_renderer import ChartRenderer
    from bot.reports.report import Report
    from bot.reports.service import ReportService

log = logging.getLogger(__name__)


def report_command(
    reports: ReportService, charts: ChartRenderer
) -> app_commands.Command[Any, ..., None]:
    """Return the command that shows where the money went."""

    @app_commands.command(
        name="report", description="See who spent what: totals, a chart, and a table to download"
    )
    @app_commands.describe(period="Days, weeks and months of the server's time zone")
    @app_commands.choices(
        period=[app_commands.Choice(name=it.value, value=it.value) for it in Period]
    )
    async def report(
        interaction: discord.Interaction, period: str = Period.THIS_MONTH.value
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        seen = await reports.report(interaction.guild_id or 0, Period(period))
        files = await _files(interaction, charts, seen) if seen.jobs else []
        await interaction.edit_original_response(content=report_text(seen), attachments=files)

    return report


async def _files(
    interaction: discord.Interaction, charts: ChartRenderer, seen: Report
) -> list[discord.File]:
    rows = await asyncio.to_thread(jobs_csv, seen.jobs)
    name = (
        f"{seen.period.replace(' ', '-')}-{seen.interval.start.astimezone(seen.time_zone):%Y-%m-%d}"
    )
    files = [discord.File(io.BytesIO(rows), f"clips-{name}.csv")]
    if seen.total.spent_micro_usd:
        names = await _names(interaction.guild, list(seen.members)[:CHARTED])
        picture = await charts.draw(chart_of(seen, names))
        described = "A chart of what was spent over time, and of what each member spent"
        files.insert(
            0, discord.File(io.BytesIO(picture), f"spending-{name}.png", description=described)
        )
    return files


async def _names(
    guild: discord.Guild | None, member_ids: Iterable[int]
) -> dict[int, tuple[str, ...]]:
    """Ask what members are called: as here, and in plain letters. Of those gone, nothing."""
    if guild is None:
        return {}
    found = await asyncio.gather(*(_member(guild, member_id) for member_id in member_ids))
    return {it.id: (it.display_name, it.name) for it in found if it is not None}


async def _member(guild: discord.Guild, member_id: int) -> discord.Member | None:
    try:
        return await guild.fetch_member(member_id)
    except discord.HTTPException as error:
        log.info("member %d of guild %d has no name: %r", member_id, guild.id, error)
        return None
