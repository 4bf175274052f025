"""How long the bot waits, for others and for itself: every waiting time on one page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Waiting times. Those in small letters are set for a process; tests set shorter ones.

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

    LEASE: ClassVar = timedelta(minutes=15)
    """How long a claimed step may take before someone else may carry on."""
    STEP: ClassVar = timedelta(minutes=14)
    """A step ends before its lease does, so that two never hold the same job."""
    STOP_GRACE_SECONDS: ClassVar = 8.0
    """What running steps get to finish when the bot stops; orchestrators commonly kill after
    10 s."""
    DATABASE_PAUSE_SECONDS: ClassVar = 5.0
    """After the database did not answer: a full disk, or a backup that holds the file."""
    WORKER_SLEEP_SECONDS: ClassVar = 30.0
    """The longest sleep of the worker: by then it looks for due jobs even if nobody woke it."""
    LOG_SENDER_SLEEP_SECONDS: ClassVar = 60.0
    """Likewise of the loop that posts log messages."""
    PROGRESS_SECONDS: ClassVar = 10.0
    """For a message that only reports progress: a slow chat must not hold a job up."""
    CANCEL_CHECK_SECONDS: ClassVar = 5.0
    """Until the next look at a render that was asked to stop and has not; later ones wait for
    a tenth of its age."""
    REVIEW_CHECK: ClassVar = timedelta(days=1)
    """How often a review is looked for where it was asked: messages are deleted by mistake."""
    CLOSED_REVIEW_CHANNEL: ClassVar = timedelta(hours=1)
    """How often a closed review channel is tried: nobody says when it is opened."""
    REVIEWS_APART: ClassVar = timedelta(seconds=1)
    """Between clips brought into another channel: how fast Discord takes messages there."""
    RESUBMIT_AGE: ClassVar = timedelta(hours=12)
    """How old a request may be that a start still sends. Providers that remember idempotency
    keys do so for a day, or do not say; half of that also allows for a clock that is wrong."""
    START_DELAY: ClassVar = timedelta(seconds=10)
    """A new job waits so long for its member to be told, so that they read that it was
    accepted before reading anything later. Should that take longer, it starts by itself."""
    OFFER_LIFE: ClassVar = timedelta(hours=1)
    """How long a refused request waits. The chat keeps its picture for about a day."""
    LOG_MESSAGE_LIFE: ClassVar = timedelta(days=1)
    """How long a message waits for a log channel that is set and opened."""
    PRECHECK_SECONDS: ClassVar = 0.5
    """How long the acknowledgement waits for a refusal. Discord gives three seconds in all."""
    DOWNLOAD_SECONDS: ClassVar = 60.0
    """For a member's picture: it holds one of the few places for pictures, and Discord's CDN
    takes seconds."""
    SHOW_SECONDS: ClassVar = 10.0
    """For the answer to a request: Discord's library repeats what fails for half a minute, and
    an accepted job starts sooner."""

    def pause(self, attempts: int) -> timedelta:
        """Return the pause after so many failed attempts in a row."""
        return min(self.longest_backoff, self.backoff * (1 << min(attempts, 20)))
