"""Why the gate does not let a request in. Data only; nothing was reserved, sent or stored."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from bot.base import RequestRefusedError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.quota.limits import Cost
    from bot.quota.rules import LimitStatus
    from bot.requests.request import PricedOptions
    from pika import Duration, Resolution


class PausedError(RequestRefusedError):
    """Nobody may start a clip in this guild now.

    Attributes:
        reason: The moderators', for members; may be empty.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("the guild is paused")
        self.reason = reason


class BlockedError(RequestRefusedError):
    """The moderators have blocked this member.

    Attributes:
        until: When the block ends; `None` is not by itself.
        reason: The moderators'; may be empty.
    """

    def __init__(self, until: datetime | None, reason: str) -> None:
        super().__init__(f"blocked until {until}")
        self.until = until
        self.reason = reason


class ChannelNotAllowedError(RequestRefusedError):
    """The bot may not be used in this channel.

    Attributes:
        allowed: The ids of channels and categories where it may.
    """

    def __init__(self, allowed: Collection[int]) -> None:
        super().__init__("not in this channel")
        self.allowed = frozenset(allowed)


class BlockedWordError(RequestRefusedError):
    """A prompt contains what the moderators have blocked. Which word it is, is not said."""


class OptionAboveMaximumError(RequestRefusedError):
    """The guild does not allow this resolution or length.

    Attributes:
        resolution: The highest it allows.
        duration: The longest it allows, in seconds.
    """

    def __init__(self, resolution: Resolution, duration: Duration) -> None:
        super().__init__(f"over {resolution} or {duration} s")
        self.resolution = resolution
        self.duration = duration


class QueueLimit(StrEnum):
    """What is full."""

    MEMBER = "member"
    GUILD = "guild"


class QueueFullError(RequestRefusedError):
    """Too many clips are in the making.

    Attributes:
        queue: Whose: the member's own, or all that wait in the guild.
        highest: How many there may be.
    """

    def __init__(self, queue: QueueLimit, highest: int) -> None:
        super().__init__(f"{queue.value}: {highest} already")
        self.queue = queue
        self.highest = highest


class LimitReachedError(RequestRefusedError):
    """A limit leaves too little for this request.

    Attributes:
        status: The rule, what it has left and when it renews.
        cost: What the request would have cost.
        grants_left: What the member's grants still hold, in the limit's unit.
        offered: What the same picture can be had as now, the dearest first.
        offer_id: Under which the request waits for the member to choose one of those.
    """

    def __init__(
        self,
        status: LimitStatus,
        cost: Cost,
        grants_left: int = 0,
        offered: tuple[PricedOptions, ...] = (),
        offer_id: int | None = None,
    ) -> None:
        super().__init__(f"{status} leaves too little for {cost}")
        self.status = status
        self.cost = cost
        self.grants_left = grants_left
        self.offered = offered
        self.offer_id = offer_id


class OfferGoneError(RequestRefusedError):
    """What was offered is too old, was taken, or was replaced by a later one."""
