"""Every way a request is refused. Data only; nothing was reserved, sent to Pika or queued."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from bot.base import RequestRefusedError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.base import Cost
    from bot.quota.rules import LimitStatus
    from bot.requests.request import PricedOptions
    from pika import Duration, Resolution


class OwnerPausedError(RequestRefusedError):
    """Nobody may start a clip in any guild now; `reason`, for members, may be empty."""

    def __init__(self, reason: str) -> None:
        super().__init__("all guilds are paused")
        self.reason = reason


class OrdersStoppedError(RequestRefusedError):
    """The provider takes no orders from this bot's account, for whoever asks."""


class PausedError(RequestRefusedError):
    """Nobody may start a clip in this guild: until moderators say so if `until` is `None`.

    `reason`, for members, may be empty.
    """

    def __init__(self, reason: str, until: datetime | None = None) -> None:
        super().__init__("the guild is paused")
        self.reason = reason
        self.until = until


class BlockedError(RequestRefusedError):
    """Moderators blocked this member: until they lift the block if `until` is `None`.

    `reason` may be empty. With `by_owner` it was the bot's owner, of direct messages.
    """

    def __init__(self, until: datetime | None, reason: str, *, by_owner: bool = False) -> None:
        super().__init__(f"blocked until {until}")
        self.until = until
        self.reason = reason
        self.by_owner = by_owner


class ChannelNotAllowedError(RequestRefusedError):
    """The bot may not be used in this channel.

    It may in the channels and categories with the ids `allowed`; where these are none, in any
    that is not forbidden.
    """

    def __init__(self, allowed: Collection[int]) -> None:
        super().__init__("not in this channel")
        self.allowed = frozenset(allowed)


class AgeRestrictionError(RequestRefusedError):
    """The bot may be used only in age-restricted channels, or else only in others."""

    def __init__(self, *, only_restricted: bool) -> None:
        super().__init__(f"age-restricted channels only: {only_restricted}")
        self.only_restricted = only_restricted


class BlockedWordError(RequestRefusedError):
    """A prompt contains a blocked word; which one is not said, or it would soon be evaded."""


class RefusedPictureError(RequestRefusedError):
    """The picture is one that moderators refuse, or very like it; which one is not said."""


class OptionAboveMaximumError(RequestRefusedError):
    """The guild allows no more than this resolution and this duration in seconds."""

    def __init__(self, resolution: Resolution, duration: Duration) -> None:
        super().__init__(f"over {resolution} or {duration} s")
        self.resolution = resolution
        self.duration = duration


class QueueLimit(StrEnum):
    """Whose queue is full: the member's own, or the whole guild's."""

    MEMBER = "member"
    GUILD = "guild"


class QueueFullError(RequestRefusedError):
    """`highest` clips are in progress for the member already, or wait in the guild."""

    def __init__(self, queue: QueueLimit, highest: int) -> None:
        super().__init__(f"{queue.value}: {highest} already")
        self.queue = queue
        self.highest = highest


class RequestLimit(StrEnum):
    """Whose requests are too many: the member's own, or those of all members of all guilds."""

    MEMBER = "member"
    PROCESS = "process"


class OwnClipGoneError(RequestRefusedError):
    """A clip is not this member's, or not known in this guild."""


class TooManyRequestsError(RequestRefusedError):
    """As many requests as may be are being decided at this moment. It is over within seconds."""

    def __init__(self, limit: RequestLimit) -> None:
        super().__init__(f"too many open requests of the {limit.value}")
        self.limit = limit


class LimitReachedError(RequestRefusedError):
    """A limit leaves too little for this request.

    Attributes:
        status: The rule, its remainder and when it renews.
        cost: The cost of the refused request.
        grants_left: The rest of the member's grants, in the limit's unit.
        offered: Smaller options that fit, the dearest first.
        offer_id: The stored offer from which the member may choose them.
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
    """The offer is too old, was accepted, or was replaced by a later one."""


class NoPictureError(RequestRefusedError):
    """The message that was chosen has no picture, or the person has no avatar of their own."""

    def __init__(self, *, is_avatar: bool) -> None:
        super().__init__(f"no picture; avatar: {is_avatar}")
        self.is_avatar = is_avatar


class PictureRequestGoneError(RequestRefusedError):
    """The form is too old, or somebody else's."""


class OthersPicturesForbiddenError(RequestRefusedError):
    """In this guild nobody may animate a picture of somebody else's."""


class OthersPicturesDirectlyError(RequestRefusedError):
    """In direct messages nobody could be asked for a picture of somebody else's."""


class OwnerOptedOutError(RequestRefusedError):
    """Somebody lets nobody animate their pictures."""

    def __init__(self, owner_id: int) -> None:
        super().__init__(f"{owner_id} has opted out")
        self.owner_id = owner_id


class OwnerNotAskableError(RequestRefusedError):
    """Nobody can tell whose picture it is, or they are not in this guild any more."""


class MemberUnknownError(RequestRefusedError):
    """Discord did not say in time whether somebody is in the guild."""


class QuestionOpenError(RequestRefusedError):
    """The member's last question to the owner has no answer yet."""

    def __init__(self, owner_id: int) -> None:
        super().__init__(f"{owner_id} was asked")
        self.owner_id = owner_id


class TooManyQuestionsError(RequestRefusedError):
    """The member has asked for enough pictures in a day, or else the owner was asked enough."""

    def __init__(self, *, by_member: bool) -> None:
        super().__init__(f"too many questions; by the member: {by_member}")
        self.by_member = by_member


class QuestionNotShownError(RequestRefusedError):
    """Discord did not take the message that asks for a picture."""


class NotAskedError(RequestRefusedError):
    """Somebody else is asked, whose id is `owner_id`."""

    def __init__(self, owner_id: int) -> None:
        super().__init__(f"{owner_id} is asked")
        self.owner_id = owner_id


class ConsentGoneError(RequestRefusedError):
    """The question is too old, was answered, or its yes was used or taken back."""
