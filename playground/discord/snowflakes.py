"""Discord's ids: 64 bits that begin with the time of birth."""

from playground.discord.clock import Clock

_DISCORD_EPOCH_MS = 1_420_070_400_000


class Snowflakes:
    """Makes ids that are unique in one stand-in and grow with time, as Discord's do."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """A new id."""
        since_epoch = int(self._clock.seconds() * 1000) - _DISCORD_EPOCH_MS
        self._last = max(self._last + 1, since_epoch << 22)
        return self._last
