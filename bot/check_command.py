"""`python -m bot --check`: asks Discord too, and writes what is found."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING

import discord

from bot import settings_check
from bot.command_line import EXIT_OTHER, EXIT_SETTING
from bot.config import SettingError, load_settings
from bot.settings_check import ApplicationFacts
from cogs.client import privileged_intents, use_endpoints
from cogs.interactions.acknowledging import LOST
from cogs.login import try_log_in

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.settings_check import Finding


def check_settings() -> int:
    """Try the settings of the environment, and write a line for each finding.

    Returns:
        The exit status: `EXIT_SETTING` where something is wrong, `EXIT_OTHER` where somebody did
        not answer.
    """
    logging.disable()  # the findings say it all
    try:
        return asyncio.run(_check(load_settings()))
    except SettingError as error:
        for finding in settings_check.setting_findings(error):
            _write_finding(finding)
        return EXIT_SETTING


async def _check(settings: Settings) -> int:
    """Write what is found; return the exit status."""
    findings = []
    async for finding in settings_check.check(settings, _ask_discord):
        findings.append(finding)
        _write_finding(finding)
    if any(it.is_wrong for it in findings):
        return EXIT_SETTING
    return EXIT_OTHER if any(it.is_open for it in findings) else 0


def _write_finding(finding: Finding) -> None:
    mark = "WRONG" if finding.is_wrong else "?" if finding.is_open else "ok"
    if finding.is_advice:
        mark = "!"
    sys.stdout.write(f"{mark:5} {finding.text}\n")
    sys.stdout.flush()


async def _ask_discord(settings: Settings) -> ApplicationFacts:
    use_endpoints(settings.discord_api_base, settings.discord_gateway_url)
    async with discord.Client(intents=discord.Intents.none()) as client:
        await try_log_in(client, settings)
        application = client.application
        return ApplicationFacts(
            str(client.user),
            application is not None and application.bot_public,
            await _owner_channel(client, settings),
            await _count_commands(client),
            () if application is None else tuple(privileged_intents(application.flags)),
        )


async def _count_commands(client: discord.Client) -> int | None:
    try:
        return len(await client.http.get_global_commands(client.application_id or 0))
    except LOST:
        return None


async def _owner_channel(client: discord.Client, settings: Settings) -> str | None:
    if settings.owner_channel is None:
        return None
    try:
        return str(await client.fetch_channel(settings.owner_channel))
    except (discord.HTTPException, discord.InvalidData) as error:
        raise SettingError("OWNER_CHANNEL", f"is no channel that the bot sees: {error}.") from error
