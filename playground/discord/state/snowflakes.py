"""Discord's ids: 64 bits that begin with the time of birth."""

from datetime import UTC, datetime

from playground.discord.state.clock import Clock

_DISCORD_EPOCH_MS = 1_420_070_400_000


class Snowflakes:
    """Makes ids that are unique in one stand-in and grow with time, as Discord's do."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0
        self._backdated = 0

    def next(self) -> int:
        """A new id."""
        since_epoch = int(self._clock.seconds() * 1000) - _DISCORD_EPOCH_MS
        self._last = max(self._last + 1, since_epoch << 22)
        return self._last

    def backdated(self, seconds: float) -> int:
        """An id that tells of a birth so many seconds ago."""
        self._backdated += 1
        since_epoch = int((self._clock.seconds() - seconds) * 1000) - _DISCORD_EPOCH_MS
        return (since_epoch << 22) + self._backdated


def born_at(snowflake: int) -> datetime:
    """The time of birth that an id tells."""
    return datetime.fromtimestamp(((snowflake >> 22) + _DISCORD_EPOCH_MS) / 1000, UTC)
