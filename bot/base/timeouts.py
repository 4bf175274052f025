"""How long the bot waits for others, and how often it asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Timeouts:
    """The waiting times of a job's life.

    Attributes:
        pika: For Pika to take a picture or an order, or to hand a finished video over.
        render: For Pika to finish. No limit is documented; clients that gave up after
            5 minutes lost clips that came later.
        discord: For Discord to take a finished clip, or the news of a failure.
        review: For moderators to decide about a clip, from its request on.
        backoff: The first pause after a failed attempt; doubled up to `longest_backoff`.
        read_back: Before the chat is asked once more what it shows of a job.
        gap_scale: Multiplies the gaps between checks of a render.
    """

    pika: timedelta = timedelta(minutes=10)
    render: timedelta = timedelta(minutes=30)
    discord: timedelta = timedelta(hours=24)
    review: timedelta = timedelta(days=7)
    backoff: timedelta = timedelta(seconds=2)
    longest_backoff: timedelta = timedelta(minutes=2)
    read_back: timedelta = timedelta(seconds=30)
    gap_scale: float = 1.0

    def pause(self, attempts: int) -> timedelta:
        """Return the pause after so many failed attempts in a row."""
        return min(self.longest_backoff, self.backoff * (1 << min(attempts, 20)))
