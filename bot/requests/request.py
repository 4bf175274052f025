"""A request as data: who asks for what, and what they are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.quota.ledger import MemberKey

if TYPE_CHECKING:
    from datetime import datetime

    from bot.jobs.animate_options import AnimateOptions
    from bot.jobs.estimates import ExpectedTime
    from bot.jobs.job import Job
    from bot.media.pictures import PictureChange
    from bot.quota.rules import Allowance


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks, as the chat describes them at that moment.

    Attributes:
        created_at: When their account was made.
        joined_at: When they joined the guild; `None` if the chat does not say.
    """

    guild_id: int
    member_id: int
    role_ids: frozenset[int]
    created_at: datetime
    joined_at: datetime | None


@dataclass(frozen=True, slots=True)
class PricedOptions:
    """Options with every default filled in, and what they cost in micro-USD."""

    options: AnimateOptions
    price_micro_usd: int


@dataclass(frozen=True, slots=True)
class AnimateRequest:
    """Who asks, where, and for what: all that is known before the picture is fetched.

    Attributes:
        options: As the member chose them.
        channel_ids: The ids of the channel and of what it is in: its parent, its category.
        upload_limit: The largest file, in bytes, that the chat says it takes here.
        picture_url: Where the chat keeps the original picture, for about a day.
        picture_bytes: How large the chat says the picture is.
        offer_id: The offer that this takes up, which is then gone.
        priced: What `RequestService.precheck` found; `None` before.
    """

    who: Requester
    options: AnimateOptions
    channel_ids: frozenset[int]
    upload_limit: int
    picture_url: str
    picture_bytes: int
    offer_id: int | None = None
    priced: PricedOptions | None = None

    @property
    def member_key(self) -> MemberKey:
        """Whose spending it will be."""
        return MemberKey(self.who.guild_id, self.who.member_id)


@dataclass(frozen=True, slots=True)
class AcceptedRequest:
    """An accepted request.

    Attributes:
        picture_changes: What was changed about the picture so that Pika takes it.
        queue_position: 0 starts at once, 1 starts when one other clip is finished.
        wait_seconds: Until its turn, as far as can be told.
        expected_time: How long it will render, once its turn has come.
        allowance: What each limit has left, this request included.
    """

    job: Job
    picture_changes: tuple[PictureChange, ...]
    queue_position: int
    wait_seconds: float
    expected_time: ExpectedTime
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class MemberUsage:
    """What a member may know of their own spending.

    Attributes:
        open_jobs: How many clips are still being made.
        failures: The latest jobs without a clip, within a day; their cost came back.
    """

    allowance: Allowance
    open_jobs: int
    failures: tuple[Job, ...]
