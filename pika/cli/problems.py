"""The exit code, the word for scripts and the sentence for people of every error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pika import errors
from pika.cli.exits import Exit


class UsageError(Exception):
    """Wrong usage or bad input, found before anything was sent. Its text is for people."""


@dataclass(frozen=True, slots=True)
class Problem:
    """How the program reports an error.

    Attributes:
        kind: A stable word for scripts.
        sentence: What happened, and what people can do next.
    """

    exit: Exit
    kind: str
    sentence: str


_LOOK: Final = "look at your jobs at the provider before you run it again"
_FETCH: Final = "it is already paid, so fetch it with --resume"

# Scripts read these: only the sentences below may change.
_ENDINGS: Final[dict[type[Exception], tuple[Exit, str]]] = {
    errors.BadKeyError: (Exit.BAD_KEY, "bad_key"),
    errors.NoCreditError: (Exit.NO_CREDIT, "no_credit"),
    errors.ModeratedError: (Exit.MODERATED, "moderated"),
    errors.BadPictureError: (Exit.REFUSED, "bad_picture"),
    errors.BadInputError: (Exit.REFUSED, "bad_input"),
    errors.UnknownJobError: (Exit.REFUSED, "unknown_job"),
    errors.RateLimitedError: (Exit.TRY_AGAIN, "rate_limited"),
    errors.UnavailableError: (Exit.TRY_AGAIN, "unavailable"),
    errors.InDoubtError: (Exit.IN_DOUBT, "in_doubt"),
    errors.KeyReusedError: (Exit.IN_DOUBT, "key_reused"),
    errors.TimedOutError: (Exit.IN_DOUBT, "timed_out"),
    errors.CancelledError: (Exit.INTERRUPTED, "cancelled"),
    errors.NoVideoError: (Exit.RENDER_FAILED, "no_video"),
    errors.RenderError: (Exit.RENDER_FAILED, "render_failed"),
    errors.DownloadError: (Exit.DOWNLOAD_FAILED, "download_failed"),
    errors.VideoTooLargeError: (Exit.DOWNLOAD_FAILED, "video_too_large"),
    OSError: (Exit.DOWNLOAD_FAILED, "not_saved"),
    errors.UnexpectedReplyError: (Exit.UNEXPECTED, "unexpected_reply"),
    errors.PikaError: (Exit.UNEXPECTED, "other"),
}
_SENTENCES: Final = {
    "bad_key": "The key in PIKA_API_KEY was refused: is it active, and of this provider?",
    "no_credit": "The account cannot pay for this: add credit or raise its limit at the provider, "
    "then run it again.",
    "moderated": "The provider's content rules refused the picture or the words: change them, "
    "because the same again will be refused again.",
    "bad_picture": "The provider refused the picture: try a smaller one, or another format.",
    "bad_input": "The provider refused a value of the request: --verbose shows its words.",
    "unknown_job": "The provider does not know this ticket: it may have expired, or be of "
    "another account.",
    "rate_limited": "The provider takes no more jobs right now: wait, then run it again.",
    "unavailable": "The provider cannot be reached or is down: check the network, then run "
    "it again.",
    "in_doubt": "The paid request left but no answer came back, so it may have been accepted and "
    f"may be charged: {_LOOK}.",
    "key_reused": f"The provider took this for an earlier request, which may be charged: {_LOOK}.",
    "timed_out": f"No video came in time; it may still be made, and charged: {_LOOK}.",
    "cancelled": "The job was cancelled at the provider.",
    "no_video": "The job ended, but its result has expired or holds no video; it may be "
    "charged, so ask the provider.",
    "render_failed": "The provider could not make the video, and says that it charges no failed "
    "ones: run it again, perhaps with another picture.",
    "download_failed": f"The video is made but could not be downloaded; {_FETCH}.",
    "video_too_large": "The video is made but is larger than any real one should be, so it was "
    "not kept.",
    "not_saved": f"The video is made but could not be saved here: make room, then {_FETCH}.",
    "unexpected_reply": "The provider answered in a way that its documentation does not know: "
    "--verbose shows it.",
    "other": "The provider said something unforeseen.",
}
_SETTINGS: Final = {
    "key": "PIKA_API_KEY is not set, or has characters that no key has: export the provider's key.",
    "base": "PIKA_API_BASE must be http(s)://host[:port], without path, query or credentials.",
    "upload_base": "PIKA_UPLOAD_BASE must be http(s)://host[:port], "
    "without path, query or credentials.",
}


def problem_of(error: Exception) -> Problem:
    """Find the report of an error: by its class, or its nearest base that has one."""
    match error:
        case UsageError():
            return Problem(Exit.USAGE, "usage", str(error))
        case errors.ConfigurationError():
            sentence = _SETTINGS.get(error.code or "", f"A setting cannot work: {error.detail}.")
            return Problem(Exit.USAGE, "configuration", sentence)
        case errors.BadInputError(http_status=None):
            # The client's own words: the provider was not asked.
            return Problem(Exit.USAGE, "bad_input", f"This cannot be asked for: {error.detail}.")
        case _:
            for base in type(error).__mro__:
                if base in _ENDINGS:
                    code, kind = _ENDINGS[base]
                    return Problem(code, kind, _SENTENCES[kind])
    return Problem(
        Exit.UNEXPECTED, "defect", "This program has a defect: --verbose shows what to report."
    )
