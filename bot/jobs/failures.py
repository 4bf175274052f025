"""From what went wrong to why the job ended."""

from __future__ import annotations

from typing import Final

from bot.base import ChannelUnreachableError, DeliveryError, FileTooLargeError
from bot.jobs.errors import NotApprovedError, NotReviewedError, TooLateError
from bot.jobs.job import Failure
from bot.media.errors import UnreadableVideoError
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
    RateLimitedError,
    RenderError,
    TimedOutError,
    UnavailableError,
    UnknownJobError,
    VideoTooLargeError,
)

_FAILURES: Final[tuple[tuple[type[BaseException], Failure], ...]] = (
    (ModeratedError, Failure.MODERATED),
    (BadPictureError, Failure.BAD_PICTURE),
    (BadInputError, Failure.BAD_INPUT),
    (NoCreditError, Failure.NO_CREDIT),
    (BadKeyError, Failure.BAD_KEY),
    (ConfigurationError, Failure.BAD_KEY),
    (RateLimitedError, Failure.BUSY),
    (UnavailableError, Failure.UNAVAILABLE),
    (InDoubtError, Failure.IN_DOUBT),
    (KeyReusedError, Failure.IN_DOUBT),
    (TimedOutError, Failure.TIMED_OUT),
    (CancelledError, Failure.RENDER_FAILED),
    (RenderError, Failure.RENDER_FAILED),
    (UnknownJobError, Failure.RENDER_FAILED),
    (DownloadError, Failure.UNFETCHED),
    (VideoTooLargeError, Failure.VIDEO_TOO_LARGE),
    (UnreadableVideoError, Failure.UNREADABLE_VIDEO),
    (FileTooLargeError, Failure.VIDEO_TOO_LARGE),
    (ChannelUnreachableError, Failure.NO_PLACE),
    (NotApprovedError, Failure.NOT_APPROVED),
    (NotReviewedError, Failure.NOT_REVIEWED),
    (DeliveryError, Failure.UNDELIVERED),
    (TooLateError, Failure.TOO_LATE),
)


def failure_of(error: BaseException) -> Failure:
    """Return why a job ends with this error; `INTERNAL` for one that nobody foresaw."""
    return next((why for kind, why in _FAILURES if isinstance(error, kind)), Failure.INTERNAL)
