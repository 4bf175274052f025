"""A request as data: who asks for what, and what they are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.quota.ledger import MemberKey

if TYPE_CHECKING:
    from datetime import datetime

    from bot.jobs.estimates import ExpectedTime
    from bot.jobs.job import Job, ReplyTo
    from bot.media.pictures import Still
    from bot.quota.rules import Allowance
    from pika import Duration, Resolution


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
class Wish:
    """What a member typed, checked.

    Attributes:
        seed: `None` has one drawn.
        resolution: `None` takes the guild's default.
        duration: In seconds; likewise.
    """

    prompt: str
    negative_prompt: str
    seed: int | None
    resolution: Resolution | None
    duration: Duration | None


@dataclass(frozen=True, slots=True)
class Options:
    """How the video will be made, once every default is filled in; `duration` in seconds."""

    resolution: Resolution
    duration: Duration


@dataclass(frozen=True, slots=True)
class Front:
    """Who asks, where, and for what: all that is known before the picture is fetched.

    Attributes:
        channel_ids: The ids of the channel and of what it is in: its parent, its category.
        upload_limit: The largest file, in bytes, that the chat says it takes here.
        picture_url: Where the chat keeps the original picture, for about a day.
        picture_bytes: How large the chat says it is.
        offer_id: The offer that this takes up, which is then gone.
    """

    who: Requester
    wish: Wish
    channel_ids: frozenset[int]
    upload_limit: int
    picture_url: str
    picture_bytes: int
    offer_id: int | None = None

    @property
    def member_key(self) -> MemberKey:
        """Whose spending it will be."""
        return MemberKey(self.who.guild_id, self.who.member_id)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request in full: acknowledged, and with its picture."""

    address: ReplyTo
    front: Front
    still: Still


@dataclass(frozen=True, slots=True)
class AcceptedRequest:
    """An accepted request.

    Attributes:
        queue_position: Its place in the line: 0 starts at once, 1 starts when one is finished.
        wait_seconds: Seconds until its turn, as far as can be told.
        expected_time: How long it will render, once its turn has come.
        allowance: What each limit has left, this request included.
    """

    job: Job
    queue_position: int
    wait_seconds: float
    expected_time: ExpectedTime
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class MemberUsage:
    """What a member may know of their own spending.

    Attributes:
        open_jobs: Clips still being made.
        failures: The latest jobs without a clip, within a day; their cost came back.
    """

    allowance: Allowance
    open_jobs: int
    failures: tuple[Job, ...]
