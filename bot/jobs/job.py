"""A job as data: its states, how it may end, and where its member is answered.

`queued → submitting → rendering → rendered → delivered`, or `→ failed → notified`, or
`→ cancelled → notified`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from bot.base import from_ms, to_ms
from bot.jobs.animate_options import AnimateOptions
from pika import Order, Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import SqlRow, SqlValue


class JobState(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    RENDERING = "rendering"
    RENDERED = "rendered"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOTIFIED = "notified"


class Failure(StrEnum):
    """Why a job ended without a clip. Stored; `cogs` has a sentence for each."""

    MODERATED = "moderated"
    BAD_PICTURE = "bad_picture"
    BAD_INPUT = "bad_input"
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
    NOT_APPROVED = "not_approved"
    NOT_REVIEWED = "not_reviewed"
    UNDELIVERED = "undelivered"
    TOO_LATE = "too_late"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where a member is answered.

    Attributes:
        message_id: The status message that this request was acknowledged with.
        token: Lets its holder edit that message until `token_until`; a secret, and
            `None` once it is of no more use.
        token_until: When the token dies.
    """

    interaction_id: int
    guild_id: int
    channel_id: int
    member_id: int
    message_id: int
    application_id: int
    token: str | None
    token_until: datetime

    def __repr__(self) -> str:
        return f"<ReplyTo of interaction {self.interaction_id}>"

    @classmethod
    def from_row(cls, row: SqlRow) -> Self:
        """Read the columns that `jobs` and `unanswered_interactions` share."""
        plain = {name: row[name] for name in _REPLY_TO if name != "token_until"}
        return cls(**plain, token_until=from_ms(row["token_until"]))

    def columns(self) -> dict[str, SqlValue]:
        """Return the columns that `jobs` and `unanswered_interactions` share."""
        plain: dict[str, SqlValue] = {name: getattr(self, name) for name in _REPLY_TO}
        return plain | {"token_until": to_ms(self.token_until)}


_REPLY_TO: Final = (
    "interaction_id",
    "guild_id",
    "channel_id",
    "member_id",
    "message_id",
    "application_id",
    "token",
    "token_until",
)


@dataclass(frozen=True, slots=True)
class Job:
    """One row of `jobs`, as read when it was claimed.

    Attributes:
        upload_limit: The largest file, in bytes, that the chat is believed to take.
        picture_url: Where the chat keeps the original picture, for about a day.
        price_micro_usd: What was reserved.
        charge_micro_usd: What the provider billed, once known to be final.
        claim: Which claim this copy was read under.
        attempts: Failed attempts in the present state.
        failing_since: When the first of those failed.
        language: In which its messages are written, such as `en`.
        needs_review: Whether moderators see the clip before the channel does.
        may_be_billed: Whether it ended without a clip and Pika may bill it all the same.
        cancelled_by: The moderator who called it off; `None` if nobody has.
        cancel_reason: Theirs, for the member; may be empty.
        reference: The short word that joins a sentence shown to a member with the log.
    """

    id: int
    reply_to: ReplyTo
    upload_limit: int
    picture_url: str | None
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

    @classmethod
    def from_row(cls, row: SqlRow) -> Self:
        """Read a row."""
        plain = {name: row[name] for name in _PLAIN}
        order, ticket, failure = row["order_json"], row["ticket_json"], row["failure"]
        return cls(
            **plain,
            reply_to=ReplyTo.from_row(row),
            options=AnimateOptions.model_validate_json(row["options_json"]),
            state=JobState(row["state"]),
            order=Order.model_validate_json(order) if order else None,
            ticket=Ticket.model_validate_json(ticket) if ticket else None,
            failure=Failure(failure) if failure else None,
            created_at=from_ms(row["created_at"]),
            submitted_at=_instant(row["submitted_at"]),
            failing_since=_instant(row["failing_since"]),
            needs_review=bool(row["needs_review"]),
            may_be_billed=bool(row["may_be_billed"]),
        )

    @property
    def cost_micro_usd(self) -> int:
        """What the clip costs: the real charge where it is known, else the price."""
        return self.price_micro_usd if self.charge_micro_usd is None else self.charge_micro_usd


def ticket_of(job: Job) -> Ticket:
    """Return what Pika knows a job by.

    Raises:
        LookupError: It was not accepted there.
    """
    if job.ticket is None:
        raise LookupError(f"job {job.id} is {job.state} without a ticket")
    return job.ticket


def _instant(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)


_PLAIN: Final = (
    "id",
    "upload_limit",
    "picture_url",
    "provider",
    "price_micro_usd",
    "idempotency_key",
    "charge_micro_usd",
    "reference",
    "claim",
    "attempts",
    "language",
    "cancelled_by",
    "cancel_reason",
)
