"""What the workflow needs of the chat. `cogs.delivery.discord_delivery` implements it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.jobs.estimates import ExpectedTime
    from bot.jobs.job import Job, ReplyTo
    from bot.jobs.reviews import Review, ReviewMessage


class MessageStage(Enum):
    """How far the chat shows that a job has come."""

    NOTHING = auto()
    """Its message is gone, or closed to the bot."""
    WAITING = auto()
    BEGUN = auto()
    """Something that comes after waiting, and is neither of the two ends."""
    FAILURE = auto()
    CLIP = auto()


@dataclass(frozen=True, slots=True)
class MessageState:
    """What the chat shows of a job.

    Attributes:
        message_id: The message that shows it.
        since: When it came to show this.
    """

    stage: MessageStage
    message_id: int
    since: datetime


class Delivery(Protocol):
    """Shows a member what becomes of a job. Every call may be repeated.

    Every method raises `NoPlaceError` where there is nowhere left to show anything, and
    `DeliveryError` where it did not work this time.
    """

    async def show_rendering(self, job: Job, expected_time: ExpectedTime, since: datetime) -> None:
        """Show that Pika has been rendering the job since then."""

    async def show_busy(self, job: Job) -> None:
        """Show that Pika does not take the job yet and that the bot keeps trying."""

    async def show_waiting(self, job: Job, until: datetime) -> None:
        """Show that moderators see the clip first, and when that ends without one of them."""

    async def show_clip(self, job: Job, clip: Path) -> int:
        """Show the video once, however often this is called, and notify the member.

        Returns:
            The id of the message that holds it.

        Raises:
            TooLargeError: The file is over what the chat takes.
        """

    async def show_failure(self, job: Job) -> None:
        """Tell the member why there is no clip, and notify them.

        If a clip was shown before the job was called off, this takes it down.
        """

    async def remove_clip(self, reply_to: ReplyTo) -> None:
        """Delete the message of a clip; that it is gone already is fine."""

    async def show_interrupted(self, reply_to: ReplyTo) -> None:
        """Tell a member that a restart came before the decision on their request.

        Where they were answered all the same, that answer stays.
        """

    async def read_back(self, job: Job) -> MessageState:
        """Return what the chat shows of a job, which may be more than its row knows."""

    async def notify(self, job: Job, state: MessageState) -> None:
        """Notify the member of the end that the chat shows, unless they were notified."""


class ReviewBoard(Protocol):
    """Shows moderators clips that nobody else has seen. Every call may be repeated.

    Every method raises `NoPlaceError` where there is nowhere left to show anything, and
    `DeliveryError` where it did not work this time.
    """

    async def show_question(
        self, job: Job, clip: Path, channel_id: int, until: datetime, earlier: ReviewMessage | None
    ) -> ReviewMessage:
        """Have the question about a clip stand in a channel, with the video.

        Args:
            job: Whose clip it is.
            clip: The video.
            channel_id: Where.
            until: When the job ends if nobody decides.
            earlier: Where the question stood; it stays if that is in this channel and still
                there, and is taken away if it is in another.

        Returns:
            The message that asks.

        Raises:
            TooLargeError: The file is over what the chat takes.
        """

    async def show_outcome(self, job: Job, review: Review) -> None:
        """Show what became of a clip, without the video and without asking any more."""
