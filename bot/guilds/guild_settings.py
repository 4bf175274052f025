"""What a guild's moderators have set, as one row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bot.base import from_ms
from bot.base.video_options import DEFAULT_RESOLUTION, DURATIONS, RESOLUTIONS

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import SqlRow, SqlValue, Transaction
    from pika import Duration, Resolution

MEMBER_AT_ONCE: Final = 5
"""Clips that one member may have in the making, unless the moderators set another number."""
QUEUE_LENGTH: Final = 200
"""Clips of a guild that may wait for their turn, unless the moderators set another number."""
NEWCOMER_DAYS: Final = 7
"""How young an account or a membership makes a newcomer, unless the moderators say."""


class ReviewMode(StrEnum):
    """Whose clips moderators see before the channel does."""

    OFF = "off"
    NEWCOMERS = "newcomers"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Pause:
    """Why nobody may start a clip."""

    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """What holds in a guild.

    Attributes:
        own_limits: Whether the moderators have decided what everyone may spend; until then
            the owner's default does.
        time_zone: Whose midnights its windows follow; `None` is the owner's.
        default_resolution: What a request gets that names none.
        default_duration: Likewise, in seconds.
        highest_resolution: The largest that may be asked for; `None` is any.
        longest_duration: Likewise, in seconds.
        member_at_once: Most clips of one member in the making, waiting or rendering.
        guild_at_once: Most clips at Pika at a time; `None` leaves it to the owner's setting.
        queue_length: Most clips that wait for their turn.
        newcomer_days: How young an account or a membership makes a newcomer.
    """

    own_limits: bool = False
    time_zone: ZoneInfo | None = None
    language: str | None = None
    log_channel_id: int | None = None
    default_resolution: Resolution | None = None
    default_duration: Duration | None = None
    highest_resolution: Resolution | None = None
    longest_duration: Duration | None = None
    member_at_once: int = MEMBER_AT_ONCE
    guild_at_once: int | None = None
    queue_length: int = QUEUE_LENGTH
    review: ReviewMode = ReviewMode.OFF
    review_channel_id: int | None = None
    newcomer_days: int = NEWCOMER_DAYS
    pause: Pause | None = None


def get(tx: Transaction, guild_id: int) -> GuildSettings:
    """Return what holds in a guild; without a row, the defaults."""
    row = tx.one("SELECT * FROM guild_settings WHERE guild_id = :guild", {"guild": guild_id})
    return GuildSettings() if row is None else _settings(row)


def put(tx: Transaction, guild_id: int, **columns: SqlValue) -> None:
    """Change some of a guild's columns; `None` brings a default back."""
    names = ", ".join(columns)
    values = ", ".join(f":{name}" for name in columns)
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    tx.execute(
        f"INSERT INTO guild_settings (guild_id, {names}) VALUES (:guild_id, {values})"
        f" ON CONFLICT (guild_id) DO UPDATE SET {changes}",
        {"guild_id": guild_id, **columns},
    )


def largest_size(settings: GuildSettings) -> tuple[Resolution, Duration]:
    """Return the largest resolution and duration (seconds) that a member may choose."""
    return (
        settings.highest_resolution or RESOLUTIONS[-1],
        settings.longest_duration or DURATIONS[-1],
    )


def default_size(settings: GuildSettings) -> tuple[Resolution, Duration]:
    """Return the resolution and duration (seconds) of a request that names none.

    A default that is above what the guild allows is brought down to that.
    """
    highest, longest = largest_size(settings)
    resolution = settings.default_resolution or DEFAULT_RESOLUTION
    return (
        min(resolution, highest, key=RESOLUTIONS.index),
        min(settings.default_duration or DURATIONS[0], longest),
    )


def _settings(row: SqlRow) -> GuildSettings:
    paused_at = row["paused_at"]
    plain = {name: row[name] for name in _PLAIN if row[name] is not None}
    return GuildSettings(
        **plain,
        own_limits=bool(row["own_limits"]),
        time_zone=ZoneInfo(row["time_zone"]) if row["time_zone"] else None,
        review=ReviewMode(row["review"]),
        pause=None if paused_at is None else Pause(from_ms(paused_at), row["pause_reason"] or ""),
    )


_PLAIN: Final = (
    "language",
    "log_channel_id",
    "default_resolution",
    "default_duration",
    "highest_resolution",
    "longest_duration",
    "member_at_once",
    "guild_at_once",
    "queue_length",
    "review_channel_id",
    "newcomer_days",
)
