"""The settings of a guild, one row each."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from bot.base import DEFAULT_RESOLUTION, DIRECT_MESSAGES, DURATIONS, RESOLUTIONS, from_ms, value

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import SqlValue, Transaction
    from pika import Duration, Resolution

MEMBER_AT_ONCE: Final = 5
"""Clips in progress, waiting or rendering, of one member, unless moderators set it."""
QUEUE_LENGTH: Final = 200
"""Clips of a guild that may wait, unless moderators set it."""
NEWCOMER_DAYS: Final = 7
"""Age in days up to which an account or a membership is a newcomer's, likewise."""


EVERY_GUILD: Final = 0
"""In place of a guild's id. Of this row only the pause is used: the owner's, for all guilds."""


class ReviewMode(StrEnum):
    """The members whose clips moderators see before the channel does."""

    OFF = "off"
    NEWCOMERS = "newcomers"
    EVERYONE = "everyone"


class AgeRestriction(StrEnum):
    """In which channels clips may be asked for, by Discord's age restriction of channels."""

    ANY = "any"
    ONLY = "only"
    NEVER = "never"


class OthersPictures(StrEnum):
    """Whether a member may animate a picture of another's, who may always forbid it."""

    ASK = "ask"
    NEVER = "never"
    ALWAYS = "always"


@value
class Pause:
    """Nobody may start a clip, until somebody ends it if `until` is `None`.

    The reason may be empty.
    """

    since: datetime
    reason: str
    until: datetime | None = None


@value
class GuildSettings:
    """The settings of a guild; durations are in seconds.

    Attributes:
        own_limits: Whether the moderators have decided what everyone may spend; until then
            the owner's default applies.
        time_zone: Its midnights begin and end windows; `None` is the owner's.
        kept_windows: Windows that had begun when the zone was last changed, as
            `bot.quota.kept_windows` writes them; `None` if it never was.
        highest_resolution: The largest that members may choose; `None` is any, as with
            `longest_duration`.
        guild_at_once: Most clips at Pika at a time; `None` leaves it to the owner's setting.
        log_acts: Whether the log channel is told what moderators do.
        alert_role_id: The role that is mentioned for reviews and alerts.
        pause: The latest that nobody ended; `pause_at` says whether it is over by itself.
    """

    own_limits: bool = False
    time_zone: ZoneInfo | None = None
    kept_windows: str | None = None
    language: str | None = None
    log_channel_id: int | None = None
    log_acts: bool = True
    alert_role_id: int | None = None
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
    age_restricted: AgeRestriction = AgeRestriction.ANY
    others_pictures: OthersPictures = OthersPictures.ASK
    pause: Pause | None = None

    def pause_at(self, now: datetime) -> Pause | None:
        """The pause that is in force at an instant, if one is."""
        until = None if self.pause is None else self.pause.until
        return self.pause if until is None or now < until else None


_DEFAULTS: Final = GuildSettings()
# Nobody else is there who could be asked, and nobody changes what is set.
_OF_DIRECT_MESSAGES: Final = GuildSettings(others_pictures=OthersPictures.NEVER)


def get(tx: Transaction, guild_id: int) -> GuildSettings:
    """The settings of a guild; the defaults if nobody has set any."""
    if guild_id == DIRECT_MESSAGES:
        return _OF_DIRECT_MESSAGES
    row = tx.one(_SELECT, {"guild": guild_id})
    return _DEFAULTS if row is None else _settings(tuple(row))


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
    """The largest resolution and duration (seconds) that a member may choose."""
    highest = settings.highest_resolution or RESOLUTIONS[-1]
    return highest, settings.longest_duration or DURATIONS[-1]


def default_size(settings: GuildSettings) -> tuple[Resolution, Duration]:
    """The resolution and duration (seconds) of a request that names none."""
    # A maximum may lie below the defaults of this program.
    highest, longest = largest_size(settings)
    resolution = settings.default_resolution or DEFAULT_RESOLUTION
    duration = settings.default_duration or DURATIONS[0]
    return min(resolution, highest, key=RESOLUTIONS.index), min(duration, longest)


# Each decision reads the row of a guild, which hardly ever changes.
@lru_cache
def _settings(values: tuple[SqlValue, ...]) -> GuildSettings:
    row: dict[str, Any] = dict(zip(_COLUMNS, values, strict=True))
    plain = {name: row[name] for name in _PLAIN if row[name] is not None}
    return GuildSettings(
        **plain,
        own_limits=bool(row["own_limits"]),
        log_acts=row["log_acts"] != 0,
        time_zone=ZoneInfo(row["time_zone"]) if row["time_zone"] else None,
        review=ReviewMode(row["review"]),
        age_restricted=AgeRestriction(row["age_restricted"]),
        others_pictures=OthersPictures(row["others_pictures"] or OthersPictures.ASK),
        pause=_pause(row),
    )


def _pause(row: dict[str, Any]) -> Pause | None:
    since, until = row["paused_at"], row["paused_until"]
    if since is None:
        return None
    end = None if until is None else from_ms(until)
    return Pause(from_ms(since), row["pause_reason"] or "", end)


_CONVERTED: Final = {
    *("own_limits", "log_acts", "time_zone"),
    *("review", "age_restricted", "others_pictures", "pause"),
}
# Named as their columns, and of the same type.
_PLAIN: Final = tuple(it for it in GuildSettings.__annotations__ if it not in _CONVERTED)
_COLUMNS: Final = (
    *(it for it in GuildSettings.__annotations__ if it != "pause"),
    "paused_at",
    "paused_until",
    "pause_reason",
)
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM guild_settings WHERE guild_id = :guild"
