"""The stored `Failure` for each error that ends a job."""

from __future__ import annotations

from typing import Final, TypeAlias

from bot.base import (
    ChannelUnreachableError,
    ContentRefusedError,
    DeliveryError,
    FileTooLargeError,
    MessageDeletedError,
    UnreadableVideoError,
)
from bot.jobs.errors import (
    MemberGoneError,
    MemberTimedOutError,
    NotApprovedError,
    NotReviewedError,
    PictureLostError,
    PictureNotShownError,
    TooLateError,
)
from bot.jobs.job import Failure
from pika import (
    BadInputError,
    BadKeyError,
    BadPictureError,
    CancelledError,
    ConfigurationError,
    DownloadError,
    InDoubtError,
    KeyReusedError,
    ModeratedError,
    NoCreditError,
    NoVideoError,
    RateLimitedError,
    RenderError,
    TimedOutError,
    UnavailableError,
    UnknownJobError,
    VideoTooLargeError,
)

_Errors: TypeAlias = type[BaseException] | tuple[type[BaseException], ...]
# The first match counts, so a subclass stands above its base class.
_FAILURES: Final[tuple[tuple[_Errors, Failure], ...]] = (
    (ModeratedError, Failure.MODERATED),
    (BadPictureError, Failure.BAD_PICTURE),
    (BadInputError, Failure.BAD_INPUT),
    (NoCreditError, Failure.NO_CREDIT),
    ((BadKeyError, ConfigurationError), Failure.BAD_KEY),
    (RateLimitedError, Failure.BUSY),
    (UnavailableError, Failure.UNAVAILABLE),
    ((InDoubtError, KeyReusedError), Failure.IN_DOUBT),
    (TimedOutError, Failure.TIMED_OUT),
    ((DownloadError, NoVideoError), Failure.UNFETCHED),
    ((CancelledError, RenderError, UnknownJobError), Failure.RENDER_FAILED),
    ((VideoTooLargeError, FileTooLargeError), Failure.VIDEO_TOO_LARGE),
    (UnreadableVideoError, Failure.UNREADABLE_VIDEO),
    (PictureNotShownError, Failure.PICTURE_NOT_SHOWN),
    (PictureLostError, Failure.PICTURE_LOST),
    (ChannelUnreachableError, Failure.NO_PLACE),
    (MemberGoneError, Failure.MEMBER_GONE),
    (MemberTimedOutError, Failure.MEMBER_TIMED_OUT),
    (MessageDeletedError, Failure.MESSAGE_DELETED),
    (ContentRefusedError, Failure.BLOCKED_BY_FILTER),
    (NotApprovedError, Failure.NOT_APPROVED),
    (NotReviewedError, Failure.NOT_REVIEWED),
    (DeliveryError, Failure.UNDELIVERED),
    (TooLateError, Failure.TOO_LATE),
)


def failure_of(error: BaseException) -> Failure:
    """The failure of a job that this error ends; `INTERNAL` for an error not listed here."""
    found = (failure for errors, failure in _FAILURES if isinstance(error, errors))
    return next(found, Failure.INTERNAL)
