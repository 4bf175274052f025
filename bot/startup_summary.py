"""Logs at each start, in a few lines, which of the owner's settings hold."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.base import Unit
from bot.guilds import guild_settings
from bot.guilds.guild_settings import EVERY_GUILD
from bot.quota.allowances import Ceiling, OwnerLimits
from pika import PROVIDERS, usd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.base import Clock, Database, Limit
    from bot.config import Settings

log = logging.getLogger(__name__)


async def log_summary(settings: Settings, database: Database, clock: Clock) -> None:
    """Log the settings that hold; warn where there is no ceiling."""
    setting = settings.owner_budget_usd_per_month
    owner = OwnerLimits(settings.default_limit, setting, settings.time_zone)
    used, in_force, pause = await database.read(
        lambda tx: (
            owner.used(tx, clock()),
            owner.ceiling(tx),
            guild_settings.get(tx, EVERY_GUILD).pause,
        )
    )
    for line in summary_lines(settings, used, in_force):
        log.info("%s", line)
    if in_force.micro_usd is None:
        by = "/owner budget" if in_force.is_commanded else "OWNER_BUDGET_USD_PER_MONTH=none"
        log.warning(
            "there is no ceiling (%s): moderators alone decide what their servers spend, and your"
            " key pays for it.",
            by,
        )
    if pause is not None:
        log.warning("all servers are paused by /owner pause: no new clips are taken.")


def summary_lines(
    settings: Settings, micro_usd: int | None = None, in_force: Ceiling | None = None
) -> Iterator[str]:
    """Say what holds.

    Args:
        settings: Those of this start.
        micro_usd: What all guilds together have spent or reserved this month, if that is known.
        in_force: The ceiling, which may be another than that of the settings, if that is known.
    """
    provider = PROVIDERS.get(settings.pika_provider)
    yield f"provider: {settings.pika_provider}, {provider.MODEL if provider else 'unknown'}."
    in_force = in_force or Ceiling(settings.owner_budget_usd_per_month)
    amount = in_force.micro_usd
    of_it = "no ceiling" if amount is None else f"the ceiling is {usd(amount)} a month"
    if in_force.is_commanded:
        of_it += ", set by /owner budget; OWNER_BUDGET_USD_PER_MONTH is not used"
    yield of_it + ("." if micro_usd is None else f"; used this month: {usd(micro_usd)}.")
    yield f"default limit of a member: {_limit(settings.default_limit)}."
    if settings.direct_messages is not None:
        total = settings.direct_messages_budget_usd_per_month
        most = "no total" if total is None else f"{usd(total)} a month for all of them"
        yield f"direct messages: {_limit(settings.direct_messages)} for each person, {most}."
    channel = settings.owner_channel
    how = "by direct message" if channel is None else f"in the channel {channel}"
    yield f"messages to the bot's owner: {how}."
    yield f"time zone: {settings.time_zone.key}. data folder: {settings.data_dir.absolute()}."


def _limit(limit: Limit) -> str:
    amount = usd(limit.amount) if limit.unit is Unit.USD else f"{limit.amount} clips"
    return f"{amount} per {limit.window}"
