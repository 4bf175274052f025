"""The chat, as the workflow needs it; implemented in `cogs.delivery` and `cogs.review`."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from bot.base import DeliveryError, Timeouts

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from datetime import datetime
    from pathlib import Path

    from bot.base import BotError
    from bot.jobs.job import Job, MemberHistory, ReplyTo
    from bot.jobs.progress import ShownProgress
    from bot.jobs.reviews import Review, ReviewChannel, ReviewMessage

log = logging.getLogger(__name__)


class MessageStage(Enum):
    """The stage of a job that its message shows."""

    NOTHING = auto()
    """The message is gone, or closed to the bot."""
    WAITING = auto()
    BEGUN = auto()
    """Later than waiting, and neither a failure nor a clip."""
    FAILURE = auto()
    CLIP = auto()


@dataclass(frozen=True, slots=True)
class MessageState:
    """The stage that a job's message shows, and since when."""

    stage: MessageStage
    message_id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """How a member was told of the end of their clip.

    Attributes:
        notice_message_id: The message in the channel that called them, if one did.
        is_direct_closed: They chose direct messages, and take none of the bot's.
    """

    notice_message_id: int | None = None
    is_direct_closed: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that called a member to a clip, by its id and place."""

    message_id: int
    guild_id: int
    channel_id: int


@dataclass(frozen=True, slots=True)
class ShownClip:
    """The message that shows a clip, and how its member was told of it."""

    message_id: int
    told: Told = Told()


@dataclass(frozen=True, slots=True)
class ReviewQuestion:
    """What moderators are shown of a clip, and asked about it until `until`.

    Attributes:
        clip: The video.
        picture: A JPEG; `None` if it is not kept, or too large beside the clip.
        history: Of the member.
    """

    job: Job
    clip: Path
    picture: bytes | None
    history: MemberHistory
    until: datetime


class Delivery(Protocol):
    """Shows a member the progress and the end of a job. Every call may be repeated.

    Every method raises `ChannelUnreachableError` where the channel is gone or closed to the bot,
    `MessageRefusedError` where the chat never takes the message, and another `DeliveryError` where
    this attempt failed.
    """

    async def show_picture(self, job: Job, picture: bytes) -> str:
        """Show a JPEG in the status message; return its address, which is good for about a day.

        Whoever has the address can fetch the picture, as long as the message is there.

        Raises:
            MessageDeletedError: The status message was deleted.
            FileTooLargeError: The file is over Discord's limit there.
        """

    async def check_message(self, job: Job) -> None:
        """Check that the status message is still there.

        Raises:
            MessageDeletedError: It was deleted.
        """

    async def check_member(self, job: Job) -> None:
        """Check that the job's member may be shown a clip now.

        Raises:
            MemberGoneError: They left the guild, or were kicked or banned.
            MemberTimedOutError: They are timed out.
        """

    async def show_progress(self, job: Job, shown: ShownProgress) -> None:
        """Show how far a clip is: that Pika has accepted, or whose place in line has changed."""

    async def show_busy(self, job: Job, until: datetime, *, is_down: bool) -> None:
        """Show that Pika does not accept the job yet, and until when the bot keeps trying.

        `is_down`: it does not answer, or with an error; else it has too much to do.
        """

    async def show_stopped(self, job: Job, until: datetime) -> None:
        """Show that Pika accepts no orders from this bot, and until when the job waits."""

    async def show_waiting(self, job: Job, until: datetime) -> None:
        """Show that moderators see the clip first, and until when they may decide."""

    async def show_clip(self, job: Job, clip: Path) -> ShownClip:
        """Show the video in one message, however often this is called, and notify the member.

        Raises:
            MessageDeletedError: The status message was deleted.
            FileTooLargeError: The file is over Discord's limit there.
        """

    async def show_failure(self, job: Job) -> Told:
        """Tell the member of the failure; take down what the message showed, picture or clip.

        In private where that is possible, and not at all who has left.
        """

    async def show_withheld(
        self, job: Job, why: BotError, clip: Path | None, channel_id: int
    ) -> None:
        """Show moderators a clip that nobody else sees, or where it is `None` name it.

        Raises:
            FileTooLargeError: The file is over Discord's limit there.
        """

    async def remove_clip(self, job: Job) -> None:
        """Delete the message of a clip and its notice, either of which may be gone already."""

    async def tell_removed(self, job: Job, *, refunded: bool) -> bool:
        """Tell a member in private that their clip was removed; return whether they were told."""

    async def show_interrupted(self, reply_to: ReplyTo) -> None:
        """Tell a member that a restart came before their decision; an answer stays."""

    async def read_back(self, job: Job) -> MessageState:
        """Read a job's message, which may show more than its row knows."""

    async def notify(self, job: Job, state: MessageState) -> Told:
        """Tell the member of the end that the message shows, unless they are known to be told."""

    async def delete_notice(self, notice: Notice) -> None:
        """Delete a message that called a member, which may be gone already."""


class ReviewBoard(Protocol):
    """Shows clips to moderators before anybody else. Calls and errors are as in `Delivery`."""

    async def show_picture(
        self, job: Job, picture: bytes, channel_id: int | None
    ) -> tuple[str, ReviewMessage]:
        """Show a JPEG in the review channel, if there is one; return its address and message.

        Raises:
            FileTooLargeError: The file is over Discord's limit there.
        """

    async def remove_picture(self, message: ReviewMessage) -> None:
        """Delete the message with a picture, which may be gone already."""

    async def show_question(
        self, question: ReviewQuestion, channel: ReviewChannel, earlier: ReviewMessage | None
    ) -> ReviewMessage:
        """Have one message ask about a clip in a channel, with the video; return that message.

        An `earlier` message is kept if it is still in this channel; one in another loses its video
        and buttons, and names the new one.

        Raises:
            FileTooLargeError: The file is over Discord's limit there.
        """

    async def show_outcome(self, job: Job, review: Review) -> None:
        """Show the verdict or end of a clip in place of the video and the buttons."""


async def show_progress(job: Job, message: Awaitable[None]) -> None:
    """Await a message that only reports progress, for `Timeouts.PROGRESS_SECONDS` at most.

    Its failure is logged: the job goes on whether or not it is shown.
    """
    try:
        # The lease runs meanwhile, and a slow chat must not delay a paid render.
        async with asyncio.timeout(Timeouts.PROGRESS_SECONDS):
            await message
    except (DeliveryError, TimeoutError) as error:
        log.info("job %d: progress not shown: %r", job.id, error)
