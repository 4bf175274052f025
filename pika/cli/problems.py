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

# The kinds and exit codes are read by scripts: the sentences alone may change.
_PROBLEMS: Final[dict[type[Exception], Problem]] = {
    errors.BadKeyError: Problem(
        Exit.BAD_KEY,
        "bad_key",
        "The key in PIKA_API_KEY was refused: is it active, and of this provider?",
    ),
    errors.NoCreditError: Problem(
        Exit.NO_CREDIT,
        "no_credit",
        "The account cannot pay for this: add credit or raise its limit at the provider, "
        "then run it again.",
    ),
    errors.ModeratedError: Problem(
        Exit.MODERATED,
        "moderated",
        "The provider's content rules refused the picture or the words: change them, "
        "because the same again will be refused again.",
    ),
    errors.BadPictureError: Problem(
        Exit.REFUSED,
        "bad_picture",
        "The provider refused the picture: try a smaller one, or another format.",
    ),
    errors.BadInputError: Problem(
        Exit.REFUSED,
        "bad_input",
        "The provider refused a value of the request: --verbose shows its words.",
    ),
    errors.UnknownJobError: Problem(
        Exit.REFUSED,
        "unknown_job",
        "The provider does not know this ticket: it may have expired, or be of another account.",
    ),
    errors.RateLimitedError: Problem(
        Exit.TRY_AGAIN,
        "rate_limited",
        "The provider takes no more jobs right now: wait, then run it again.",
    ),
    errors.UnavailableError: Problem(
        Exit.TRY_AGAIN,
        "unavailable",
        "The provider cannot be reached or is down: check the network, then run it again.",
    ),
    errors.InDoubtError: Problem(
        Exit.IN_DOUBT,
        "in_doubt",
        "The paid request left but no answer came back, so it may have been accepted and may "
        f"be charged: {_LOOK}.",
    ),
    errors.KeyReusedError: Problem(
        Exit.IN_DOUBT,
        "key_reused",
        f"The provider took this for an earlier request, which may be charged: {_LOOK}.",
    ),
    errors.TimedOutError: Problem(
        Exit.IN_DOUBT,
        "timed_out",
        f"No video came in time; it may still be made, and charged: {_LOOK}.",
    ),
    errors.CancelledError: Problem(
        Exit.INTERRUPTED, "cancelled", "The job was cancelled at the provider."
    ),
    errors.NoVideoError: Problem(
        Exit.RENDER_FAILED,
        "no_video",
        "The job ended, but its result has expired or holds no video; it may be charged, so ask "
        "the provider.",
    ),
    errors.RenderError: Problem(
        Exit.RENDER_FAILED,
        "render_failed",
        "The provider could not make the video, and says that it charges no failed ones: run it "
        "again, perhaps with another picture.",
    ),
    errors.DownloadError: Problem(
        Exit.DOWNLOAD_FAILED,
        "download_failed",
        f"The video is made but could not be downloaded; {_FETCH}.",
    ),
    errors.VideoTooLargeError: Problem(
        Exit.DOWNLOAD_FAILED,
        "video_too_large",
        "The video is made but is larger than any real one should be, so it was not kept.",
    ),
    OSError: Problem(
        Exit.DOWNLOAD_FAILED,
        "not_saved",
        f"The video is made but could not be saved here: make room, then {_FETCH}.",
    ),
    errors.UnexpectedReplyError: Problem(
        Exit.UNEXPECTED,
        "unexpected_reply",
        "The provider answered in a way that its documentation does not know: --verbose shows it.",
    ),
    errors.PikaError: Problem(Exit.UNEXPECTED, "other", "The provider said something unforeseen."),
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
            for kind in type(error).__mro__:
                if kind in _PROBLEMS:
                    return _PROBLEMS[kind]
    return Problem(
        Exit.UNEXPECTED, "defect", "This program has a defect: --verbose shows what to report."
    )
