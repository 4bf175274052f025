"""All errors of a call to Pika.

They carry data and no sentence for people: `detail` is the provider's own text and belongs in
a log, for it may name accounts or keys. Whoever talks to people words an error by its class.
"""

from __future__ import annotations

from typing import ClassVar, Final

_LOGGED: Final = ("code", "http_status", "request_id", "retry_after")


class PikaError(Exception):
    """The base of the tree.

    Attributes:
        detail: The provider's text, or what was wrong locally. For logs only.
        code: The provider's own error code, or `None`.
        http_status: The status of the answer, or `None` where there was no answer.
        request_id: The provider's id of the request, to quote to its support.
        retry_after: Seconds that the provider asks to wait, or `None`.
        retryable: The same call may succeed later, unchanged.
        may_be_charged: The provider may have accepted (and may bill) the work.
    """

    retryable: ClassVar[bool] = False
    may_be_charged: ClassVar[bool] = False

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        http_status: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
        self.http_status = http_status
        self.request_id = request_id
        self.retry_after = retry_after

    def __str__(self) -> str:
        facts = ((name, getattr(self, name)) for name in _LOGGED)
        told = [f"{name}={value}" for name, value in facts if value is not None]
        # Cut, because a provider's answer may be a whole page of HTML.
        return " ".join([type(self).__name__, *told, self.detail[:500]]).strip()


class ConfigurationError(PikaError):
    """A key, base URL or provider name that cannot work. Raised before anything is sent.

    Attributes:
        provider: The wire whose account cannot work, where a client has several.
    """

    provider: str | None = None


class BadInputError(PikaError):
    """The provider refused the request's fields. Sending it again changes nothing."""


class BadPictureError(BadInputError):
    """The picture was refused: its format, size, or the provider could not fetch it."""


class BadKeyError(PikaError):
    """The key is wrong, inactive or not allowed to do this."""


class NoCreditError(PikaError):
    """The account behind the key cannot pay: balance, membership or a spending cap."""


class ModeratedError(PikaError):
    """The provider's content rules refused the picture or the words."""


class RateLimitedError(PikaError):
    """Too many requests or jobs at once; `retry_after` says when, if the provider did."""

    retryable = True


class UnavailableError(PikaError):
    """The provider could not be reached, or answered that it is down. Nothing was accepted."""

    retryable = True


class InDoubtError(PikaError):
    """A paid request left, and no readable answer came back.

    Only a provider that replays idempotency keys may be asked again, with the same
    key and the same body. Everywhere else asking again may pay twice.
    """

    retryable = True
    may_be_charged = True


class KeyReusedError(PikaError):
    """The idempotency key was used before, and the job that it made then may be billed."""

    may_be_charged = True


class RenderError(PikaError):
    """The provider accepted the job and failed to render it. Failed jobs are not billed."""


class TimedOutError(RenderError):
    """The provider gave the job up, or a deadline passed here; it may still finish there."""

    may_be_charged = True


class CancelledError(RenderError):
    """The job was cancelled at the provider."""


class NoVideoError(RenderError):
    """The job ended, but its result has expired or holds no video."""

    may_be_charged = True


class UnknownJobError(PikaError):
    """The provider does not know the ticket, or no longer."""


class UnexpectedReplyError(PikaError):
    """An answer that fits no documented shape."""


class DownloadError(PikaError):
    """The finished video, which is billed, could not be fetched; a later attempt may."""

    retryable = True
    may_be_charged = True


class VideoTooLargeError(PikaError):
    """The finished video, which is billed, is over the caller's cap in bytes."""

    may_be_charged = True
