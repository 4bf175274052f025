"""A job as data: its states, its possible failures, and where its member is answered.

`queued → submitting → rendering → rendered → delivered`, or `→ failed → notified`, or
`→ cancelled → notified`.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

from bot.base import Tell, from_ms, to_ms, value
from bot.jobs.accepted_notes import AcceptedNotes
from bot.jobs.animate_options import AnimateOptions
from bot.jobs.progress import Progress, Stage
from pika import PROVIDERS, Order, Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.base import SqlRow, SqlValue


class JobState(StrEnum):
    """The states of a job. Stored."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    RENDERING = "rendering"
    RENDERED = "rendered"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOTIFIED = "notified"


IN_PROGRESS: Final = frozenset(
    {JobState.QUEUED, JobState.SUBMITTING, JobState.RENDERING, JobState.RENDERED}
)
"""The states in which a job may still become a clip."""


class Doubt(StrEnum):
    """Whether Pika bills a job of which nobody knew that when it ended. Stored."""

    OPEN = "open"
    BILLED = "billed"
    NOT_BILLED = "not_billed"


class Failure(StrEnum):
    """Why a job ended without a clip. Stored; `cogs` has a sentence for each."""

    MODERATED = "moderated"
    BAD_PICTURE = "bad_picture"
    BAD_INPUT = "bad_input"
    PICTURE_NOT_SHOWN = "picture_not_shown"
    PICTURE_LOST = "picture_lost"
    NO_CREDIT = "no_credit"
    BAD_KEY = "bad_key"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    RENDER_FAILED = "render_failed"
    TIMED_OUT = "timed_out"
    IN_DOUBT = "in_doubt"
    UNFETCHED = "unfetched"
    UNREADABLE_VIDEO = "unreadable_video"
    VIDEO_TOO_LARGE = "video_too_large"
    NO_PLACE = "no_place"
    NO_PLACE_AGAIN = "no_place_again"
    """The place had vanished, as that of another clip of the member's had within a day: it counts
    for the member."""
    MEMBER_GONE = "member_gone"
    MEMBER_TIMED_OUT = "member_timed_out"
    MESSAGE_DELETED = "message_deleted"
    MESSAGE_DELETED_AGAIN = "message_deleted_again"
    """A moderator deleted its message, when another clip of the member's had no place within a day:
    it counts for the member."""
    BLOCKED_BY_FILTER = "blocked_by_filter"
    BLOCKED_BY_FILTER_AGAIN = "blocked_by_filter_again"
    """A filter of the chat refused it, when another clip of the member's was not shown within a
    day: it counts for the member."""
    NOT_APPROVED = "not_approved"
    NOT_REVIEWED = "not_reviewed"
    UNDELIVERED = "undelivered"
    TOO_LATE = "too_late"
    INTERNAL = "internal"


NO_MESSAGE: Final = 0
"""In place of the id of a message that may not exist."""

COUNTED_UNSEEN: Final = frozenset(
    {Failure.NO_PLACE_AGAIN, Failure.MESSAGE_DELETED_AGAIN, Failure.BLOCKED_BY_FILTER_AGAIN}
)
"""The failures of finished clips that count for their members all the same."""


@value
class ReplyTo:
    """Where a member is answered.

    Attributes:
        message_id: The status message, with which the request was acknowledged; `NO_MESSAGE` if
            nobody knows whether it was.
        token: A secret that lets anybody edit that message until `token_until`; `None` once the
            job is at its end.
    """

    interaction_id: int
    guild_id: int
    channel_id: int
    member_id: int
    message_id: int
    application_id: int
    token: str | None
    token_until: datetime

    # The token must not reach a log or a traceback.
    def __repr__(self) -> str:
        return f"<ReplyTo of interaction {self.interaction_id}>"

    @classmethod
    def from_row(cls, row: SqlRow | Mapping[str, Any]) -> Self:
        """Read the columns that `jobs` and `unanswered_interactions` share."""
        plain = {name: row[name] for name in _REPLY_TO}
        return cls(**plain, token_until=from_ms(row["token_until"]))

    def columns(self) -> dict[str, SqlValue]:
        """The columns that `jobs` and `unanswered_interactions` share, as `from_row` reads them."""
        plain: dict[str, SqlValue] = {name: getattr(self, name) for name in _REPLY_TO}
        return plain | {"token_until": to_ms(self.token_until)}


_REPLY_TO: Final = tuple(it for it in ReplyTo.__annotations__ if it != "token_until")


@value
class Job:
    """One row of `jobs`, as read when it was claimed.

    Attributes:
        upload_limit: The largest file, in bytes, that Discord is believed to take.
        price_micro_usd: The reserved sum.
        charge_micro_usd: The provider's bill, once known to be final.
        claim: The number of the claim under which this copy was read.
        attempts: Failed attempts in the present state.
        failing_since: When the first of those failed.
        language: The language of its messages, such as `en`.
        member_language: That of direct messages about it; `None` is the same.
        needs_review: Whether moderators see the clip before the channel does.
        may_be_billed: Whether Pika may bill a job that is in doubt or ended without a clip.
        cancelled_by: The moderator, or its own member, who cancelled the job.
        cancel_reason: A moderator's, for the member; may be empty.
        cancel_counts: Whether it counts for its member, who cancelled it, where Pika bills it.
        reference: The short word that joins a sentence shown to a member with the log.
        doubt: Set for a job that ended in doubt; only `Doubt.OPEN` is still one.
        picture_channel_id: Where moderators were shown the picture, and Pika fetches it.
        picture_message_id: The message there.
        picture_file: The name of the picture's file, as long as that is kept.
        poster_file: The name of the file with a still of the clip, as long as that is kept: while
            the picture is, and the clip is not removed.
        picture_hash: What makes the picture known again, as `Still.perceptual_hash`.
        notice_message_id: The message that called the member to the clip.
        tell: How the member is told that it has ended.
        remove_reason: That of the moderator who removed the clip, for the member; may be empty.
        promised_at: When nine in ten such clips are made, as its member was told last.
        shown_progress: What its message says of its way at Pika, as `str(Progress)`.
        notes_json: What its member was told when it was accepted, as `AcceptedNotes`.
    """

    id: int
    reply_to: ReplyTo
    upload_limit: int
    provider: str
    options: AnimateOptions
    price_micro_usd: int
    state: JobState
    idempotency_key: str | None
    order: Order | None
    ticket: Ticket | None
    charge_micro_usd: int | None
    failure: Failure | None
    reference: str
    created_at: datetime
    submitted_at: datetime | None
    claim: int
    attempts: int
    failing_since: datetime | None
    language: str
    needs_review: bool
    may_be_billed: bool
    cancelled_by: int | None
    cancel_reason: str
    doubt: Doubt | None = None
    picture_channel_id: int | None = None
    picture_message_id: int | None = None
    picture_file: str | None = None
    poster_file: str | None = None
    picture_hash: str | None = None
    notice_message_id: int | None = None
    remove_reason: str = ""
    tell: Tell = Tell.MENTION
    cancel_counts: bool = False
    rendered_at: datetime | None = None
    promised_at: datetime | None = None
    shown_progress: str = ""
    notes_json: str = "{}"
    member_language: str | None = None

    @classmethod
    def from_row(
        cls, row: SqlRow | Mapping[str, Any], options: AnimateOptions | None = None
    ) -> Self:
        """Read a row of `jobs`, which may have further columns.

        Args:
            row: The row.
            options: Its options, where they are at hand and need not be read.

        Raises:
            pydantic.ValidationError: Its JSON was not written by this program.
        """
        plain = {name: row[name] for name in _PLAIN}
        order, ticket, failure = row["order_json"], row["ticket_json"], row["failure"]
        return cls(
            **plain,
            reply_to=ReplyTo.from_row(row),
            options=options or AnimateOptions.model_validate_json(row["options_json"]),
            state=JobState(row["state"]),
            order=Order.model_validate_json(order) if order else None,
            ticket=Ticket.model_validate_json(ticket) if ticket else None,
            failure=Failure(failure) if failure else None,
            created_at=from_ms(row["created_at"]),
            submitted_at=_instant(row["submitted_at"]),
            failing_since=_instant(row["failing_since"]),
            rendered_at=_instant(row["rendered_at"]),
            promised_at=_instant(row["promised_at"]),
            needs_review=bool(row["needs_review"]),
            may_be_billed=bool(row["may_be_billed"]),
            tell=Tell(row["tell"]),
            cancel_counts=bool(row["cancel_counts"]),
            doubt=Doubt(row["doubt"]) if row["doubt"] else None,
        )

    @property
    def is_being_ordered(self) -> bool:
        """Whether its order may have been accepted, and its ticket is not known."""
        return self.state is JobState.SUBMITTING and self.may_be_billed

    @property
    def is_unordered(self) -> bool:
        """Whether it waits for its order, or for another try of one that was surely not taken."""
        waits = self.state in {JobState.QUEUED, JobState.SUBMITTING}
        return waits and not self.is_being_ordered

    @property
    def shows_picture(self) -> bool:
        """Whether its status message may show, or have shown, the picture to the provider."""
        # Or their channel shows it to moderators, unless they review it only since it was shown.
        return PROVIDERS[self.provider].capabilities.needs_url and self.picture_message_id is None

    @property
    def for_member_alone(self) -> Self:
        """A copy whose language is that of what its member alone reads."""
        return replace(self, language=self.member_language or self.language)

    @property
    def notes(self) -> AcceptedNotes:
        """What its member was told when it was accepted."""
        return AcceptedNotes.from_json(self.notes_json)

    @property
    def model(self) -> str:
        """The name of the model that renders it."""
        return PROVIDERS[self.provider].MODEL

    @property
    def tells_moderation(self) -> bool:
        """Whether its provider says so where its content rules refuse a clip."""
        return PROVIDERS[self.provider].capabilities.tells_moderation

    @property
    def can_be_cancelled(self) -> bool:
        """Whether its provider may stop it once it has the order."""
        return PROVIDERS[self.provider].capabilities.can_cancel

    @property
    def told_place(self) -> int | None:
        """Its place in line as its member was told last; `None` if it was told none."""
        progress = Progress.parse(self.shown_progress)
        return progress.place if progress and progress.stage is Stage.IN_LINE else None

    @property
    def counts_unseen(self) -> bool:
        """Whether it counts for its member although its clip was not shown."""
        # Without bound, whoever cancels, or leaves and comes back, could have the server pay.
        gave_up = self.cancel_counts or self.failure is Failure.MEMBER_GONE
        if gave_up and self.may_be_billed and self.doubt is None:
            return True
        return self.failure in COUNTED_UNSEEN

    @property
    def is_cancelled_by_member(self) -> bool:
        """Whether its own member cancelled it."""
        return self.cancelled_by == self.reply_to.member_id

    @property
    def failed_attempts(self) -> dict[str, SqlValue]:
        """The columns that a change of state sets to 0 and `NULL` unless it is given them."""
        since = None if self.failing_since is None else to_ms(self.failing_since)
        return {"attempts": self.attempts, "failing_since": since}

    @property
    def cost_micro_usd(self) -> int:
        """The real charge in micro-USD where it is known, else the price."""
        return self.price_micro_usd if self.charge_micro_usd is None else self.charge_micro_usd


def line_progress(clips_before: int) -> str:
    """The `shown_progress` of a job in line that others go before."""
    return str(Progress(Stage.IN_LINE, clips_before))


def ticket_of(job: Job) -> Ticket:
    """The ticket of a job that Pika has accepted.

    Raises:
        LookupError: Pika has not accepted it.
    """
    if job.ticket is None:
        raise LookupError(f"job {job.id} is {job.state} without a ticket")
    return job.ticket


def _instant(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)


# Annotations are strings here. Any other type is converted by name in `from_row`.
_SQL_TYPES: Final = frozenset({"int", "str", "int | None", "str | None"})
_PLAIN: Final = tuple(it for it, kind in Job.__annotations__.items() if kind in _SQL_TYPES)


@value
class MemberHistory:
    """What became of clips that a member asked for in a guild.

    Attributes:
        shown: Those that were removed later included.
        removed: By moderators, after they were shown.
        refused_by_pika: By its content rules.
        refused: By moderators in review.
        cancelled: By moderators.
        failed: Ended without a clip for any other reason.
    """

    shown: int
    removed: int
    refused_by_pika: int
    refused: int
    cancelled: int
    failed: int
