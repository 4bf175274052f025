"""Logs at each start, in a few lines, which of the owner's settings hold."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.quota import ledger
from bot.quota.limits import Unit, Window, window_interval
from pika import PROVIDERS, usd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.base import Clock, Database
    from bot.config import Settings
    from bot.quota.limits import Limit

log = logging.getLogger(__name__)


async def log_summary(settings: Settings, database: Database, clock: Clock) -> None:
    """Log the settings that hold; warn where there is no ceiling."""
    since = window_interval(Window.MONTH, clock(), settings.time_zone).start
    spent = await database.read(lambda tx: ledger.spent_by_guild(tx, ledger.ALL_GUILDS, since))
    for line in summary_lines(settings, spent.micro_usd):
        log.info("%s", line)
    if settings.owner_budget_usd_per_month is None:
        log.warning(
            "there is no ceiling (OWNER_BUDGET_USD_PER_MONTH=none): moderators alone decide what"
            " their servers spend, and your key pays for it."
        )


def summary_lines(settings: Settings, micro_usd: int | None = None) -> Iterator[str]:
    """Say what holds.

    Args:
        settings: Those of this start.
        micro_usd: What all guilds together have spent or reserved this month, if that is known.
    """
    provider = PROVIDERS.get(settings.pika_provider)
    yield f"provider: {settings.pika_provider}, {provider.MODEL if provider else 'unknown'}."
    ceiling = settings.owner_budget_usd_per_month
    of_it = "no ceiling" if ceiling is None else f"the ceiling is {usd(ceiling)} a month"
    yield of_it + ("." if micro_usd is None else f"; used this month: {usd(micro_usd)}.")
    yield f"default limit of a member: {_limit(settings.default_limit)}."
    channel = settings.owner_channel
    how = "by direct message" if channel is None else f"in the channel {channel}"
    yield f"messages to the bot's owner: {how}."
    yield f"time zone: {settings.time_zone.key}. data folder: {settings.data_dir.absolute()}."


def _limit(limit: Limit) -> str:
    amount = usd(limit.amount) if limit.unit is Unit.USD else f"{limit.amount} clips"
    return f"{amount} per {limit.window}"
