"""How long the bot waits, for others and for itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Waiting times. Fields are set once for a process; tests set shorter ones.

    Attributes:
        pika: For Pika to take a picture or an order, or to serve a finished video.
        render: For Pika to finish. It documents no limit; some clips take over 5 minutes.
        discord: For Discord to take a finished clip, or the message that one failed.
        review: For moderators to decide about a clip, from its request on.
        backoff: The first pause after a failed attempt; doubled up to `longest_backoff`.
        read_back: Between two attempts to read a job's message back from the chat, or to
            apologise for a request that a restart interrupted.
        gap_scale: Multiplies the gaps between checks of a render.
        guild_look: Between two looks at who manages a guild.
        doubt_look: Between two rounds of asking Pika about orders in doubt.
        line_look: Between two looks at whose place in line has changed.
        erasure_look: Between two looks for what members wanted deleted and could not be yet.
        file_look: Between two looks whether the database file is still there.
        daily_look: Between two looks whether a daily task is due.
        notice_look: Between two looks for notices whose time is over.
        probe: Between two tries whether a provider takes orders from this account again.
    """

    pika: timedelta = timedelta(minutes=10)
    render: timedelta = timedelta(minutes=30)
    discord: timedelta = timedelta(hours=24)
    review: timedelta = timedelta(days=7)
    backoff: timedelta = timedelta(seconds=2)
    longest_backoff: timedelta = timedelta(minutes=2)
    read_back: timedelta = timedelta(seconds=30)
    gap_scale: float = 1.0
    guild_look: timedelta = timedelta(minutes=5)
    doubt_look: timedelta = timedelta(minutes=1)
    line_look: timedelta = timedelta(seconds=15)
    erasure_look: timedelta = timedelta(minutes=1)
    file_look: timedelta = timedelta(seconds=5)
    daily_look: timedelta = timedelta(seconds=30)
    notice_look: timedelta = timedelta(minutes=1)
    probe: timedelta = timedelta(minutes=5)

    LEASE: ClassVar = timedelta(minutes=15)
    """How long a claimed step may take before another worker may."""
    STEP: ClassVar = timedelta(minutes=14)
    """A step is stopped before its lease ends, so that two never run for one job."""
    KEY_CHECK_SECONDS: ClassVar = 10.0
    """For the check of Pika's key at a start, which goes on without it."""
    STOP_GRACE_SECONDS: ClassVar = 8.0
    """For running steps when the bot stops; orchestrators commonly kill after 10 s."""
    DATABASE_PAUSE_SECONDS: ClassVar = 5.0
    """After the database did not answer: a full disk, or a backup that locks the file."""
    CLOCK_LOOK_SECONDS: ClassVar = 5.0
    """Between two looks whether somebody has set the machine's clock."""
    WORKER_SLEEP_SECONDS: ClassVar = 30.0
    """The longest sleep of the worker: by then it looks for due jobs even if nobody woke it."""
    LOG_SENDER_SLEEP_SECONDS: ClassVar = 2.0
    """Likewise, of the loop that posts log messages. Nobody wakes it for an act of a moderator."""
    ACTS_TOGETHER: ClassVar = timedelta(seconds=1)
    """How long a moderator's act waits for others with which the log channel is told of it."""
    ACTS_APART: ClassVar = timedelta(seconds=20)
    """Between two messages about acts in a log channel, where acts come in a burst."""
    PINGS_APART: ClassVar = timedelta(minutes=10)
    """Between two mentions of the moderators' role for the same kind of thing."""
    SWEEP_SECONDS: ClassVar = 3600.0
    """Between two rounds of deleting what is kept for some days only."""
    PICTURE_SWEEP_SECONDS: ClassVar = 1.0
    """Between two sweeps of the pictures that no job needs any more."""
    PROGRESS_SECONDS: ClassVar = 10.0
    """For a message that only reports progress: a slow chat must not delay a job."""
    PLACE_SECONDS: ClassVar = 3.0
    """How long a step that posts keeps others from posting. A video takes a second or two; what
    takes longer waits for Discord, which may limit a channel for minutes."""
    CANCEL_CHECK_SECONDS: ClassVar = 5.0
    """Between checks of a cancelled render, at least; after 50 s, a tenth of its age."""
    REVIEW_CHECK: ClassVar = timedelta(days=1)
    """How often a review's message is looked for: some are deleted by mistake."""
    CLOSED_REVIEW_CHANNEL: ClassVar = timedelta(hours=1)
    """How often a closed review channel is tried: nobody says when it is opened."""
    REVIEWS_APART: ClassVar = timedelta(seconds=1)
    """Between clips brought into another channel: how fast Discord takes messages there."""
    RESUBMIT_AGE: ClassVar = timedelta(hours=12)
    """Age up to which a start still sends a request. Providers keep idempotency keys for a day,
    or do not say; half of that also allows for a clock that is wrong."""
    ORDER_WAIT: ClassVar = RESUBMIT_AGE
    """Age up to which a request waits in line while its provider takes no orders."""
    START_DELAY: ClassVar = timedelta(seconds=10)
    """For the answer to a new job's member: until then the job waits, to be heard of later."""
    OFFER_LIFE: ClassVar = timedelta(hours=1)
    """How long a smaller clip is offered. Discord serves the picture for about a day."""
    CONSENT_LIFE: ClassVar = timedelta(days=1)
    """How long a question for somebody's picture is open, and a yes to it can be used. Discord
    serves the picture for about as long."""
    LOG_MESSAGE_LIFE: ClassVar = timedelta(days=1)
    """How long a message waits for a log channel to be set, or for Discord to take it."""
    DOUBT_ASKED_FOR: ClassVar = timedelta(days=1)
    """How long Pika is asked about an order in doubt, ever more seldom. Then its owner looks."""
    OWNER_MESSAGE_LIFE: ClassVar = timedelta(days=7)
    """Likewise a message to the owner, who has to know also after a long outage."""
    FIRST_LOOK_SECONDS: ClassVar = 1.5
    """How long an interaction waits for the first look at its guild. It has three seconds."""
    LOOK_SECONDS: ClassVar = 30.0
    """For one look at a guild: discord.py itself repeats failures for that long."""
    PRECHECK_SECONDS: ClassVar = 0.5
    """How long acknowledging waits for a refusal. Discord gives three seconds in all."""
    DOWNLOAD_SECONDS: ClassVar = 60.0
    """For a member's picture, which takes one of few slots. Discord's CDN takes seconds."""
    SHOW_SECONDS: ClassVar = 10.0
    """For the answer to any request: discord.py itself repeats failures for half a minute."""
    SHOW_AGAIN_SECONDS: ClassVar = 0.5
    """Between two tries of that, where the connection to Discord broke."""
    NOTICE_SECONDS: ClassVar = 60.0
    """For the message that notifies a member of what is shown. A nonce is known for minutes."""
    ACKNOWLEDGE_AGAIN_SECONDS: ClassVar = 0.1
    """Between two tries to acknowledge, for which Discord gives three seconds in all."""

    def pause(self, attempts: int) -> timedelta:
        """The pause after `attempts` failures in a row, at most `longest_backoff`."""
        # Bounded, since doubling overflows a `timedelta` after an hour or two of an outage.
        return min(self.longest_backoff, self.backoff * (1 << min(attempts, 20)))
