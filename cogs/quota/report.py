"""`/quota report`: who spent what, as text, chart and CSV table."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import TYPE_CHECKING, Final

import aiohttp
import discord
from discord import app_commands

from bot.base.child_process import ChildKilledError
from bot.reports.csv_export import jobs_csv
from bot.reports.report import Period
from cogs.quota.report_chart import CHARTED, chart_of
from cogs.quota.report_texts import report_text
from cogs.texts.languages import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.reports.chart_renderer import ChartRenderer
    from bot.reports.report import Report
    from bot.reports.service import ReportService

log = logging.getLogger(__name__)

_NAMED: Final = 2000
"""Members who are named in a table, those who spent most; others are numbers."""
_NAMED_AT_ONCE: Final = 100
# Of a gateway that does not answer, or to which there is no connection now.
_NOT_TOLD: Final = (
    *(TimeoutError, RuntimeError, OSError),
    *(aiohttp.ClientError, discord.DiscordException),
)


class ReportCommand(app_commands.Group):
    """`/quota report`."""

    def __init__(self, reports: ReportService, charts: ChartRenderer) -> None:
        super().__init__()
        self._reports = reports
        self._charts = charts

    @app_commands.command(
        description="See who spent what: totals, a chart, and a table to download"
    )
    @app_commands.describe(period="Days, weeks and months of the server's time zone")
    @app_commands.choices(
        period=[app_commands.Choice(name=it.value, value=it.value) for it in Period]
    )
    async def report(
        self, interaction: discord.Interaction, period: str = Period.THIS_MONTH.value
    ) -> None:
        """Show the totals, with a chart and a CSV table where anybody asked for a clip."""
        report = await self._reports.report(interaction.guild_id or 0, Period(period))
        files = await _files(interaction, self._charts, report) if report.jobs else []
        await interaction.edit_original_response(content=report_text(report), attachments=files)


async def _files(
    interaction: discord.Interaction, charts: ChartRenderer, report: Report
) -> list[discord.File]:
    names = await member_names(interaction.guild, list(report.members)[:_NAMED])
    plain = {member_id: display_name for member_id, (display_name, _user_name) in names.items()}
    # In a thread: everything else would wait while thousands of rows are written.
    rows = await asyncio.to_thread(jobs_csv, report.jobs, plain)
    first_day = report.interval.start.astimezone(report.time_zone)
    name = f"{report.period.replace(' ', '-')}-{first_day:%Y-%m-%d}"
    files = [discord.File(io.BytesIO(rows), f"clips-{name}.csv")]
    if report.total.spent_micro_usd:
        charted = {it: names[it] for it in list(report.members)[:CHARTED] if it in names}
        try:
            picture = await charts.draw(chart_of(report, charted))
        except ChildKilledError as error:
            log.warning("guild %s: a report without its chart: %s", interaction.guild_id, error)
            return files
        described = _("A chart of what was spent over time, and of what each member spent")
        chart = discord.File(io.BytesIO(picture), f"spending-{name}.png", description=described)
        files.insert(0, chart)
    return files


async def member_names(
    guild: discord.Guild | None, member_ids: Sequence[int]
) -> dict[int, tuple[str, str]]:
    """Ask for members' display names and user names: the latter are in letters that fonts have.

    Whoever has left has none.
    """
    if guild is None:
        return {}
    found: list[discord.Member] = []
    # Member 0 is who had their data deleted.
    known = [it for it in member_ids if it]
    try:
        # Over the gateway, which tells bots without a privileged intent of members whose ids they
        # name, a hundred at a time; else it would take a request for each.
        for start in range(0, len(known), _NAMED_AT_ONCE):
            ids = known[start : start + _NAMED_AT_ONCE]
            found += await guild.query_members(user_ids=ids, limit=_NAMED_AT_ONCE, cache=False)
    except _NOT_TOLD as error:
        log.warning("guild %d: a report without all names: %r", guild.id, error)
    return {it.id: (it.display_name, it.name) for it in found}
