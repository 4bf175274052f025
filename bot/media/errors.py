"""Errors about pictures and videos that cannot be used. Data only."""

from __future__ import annotations

from enum import StrEnum

from bot.base import RequestRefusedError


class PictureProblem(StrEnum):
    """The reason for which a picture cannot be used."""

    EMPTY = "empty"
    UNFETCHED = "unfetched"
    TOO_MANY_BYTES = "too_many_bytes"
    NOT_A_PICTURE = "not_a_picture"
    BROKEN = "broken"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_COSTLY = "too_costly"  # it broke the limit on memory or time
    TOO_MANY_FRAMES = "too_many_frames"
    TOO_SMALL = "too_small"
    TOO_NARROW = "too_narrow"
    NOT_KEPT = "not_kept"  # that of an earlier clip, whose time is over


class PictureError(RequestRefusedError):
    """A picture cannot be used, for a `problem` whose bound is in `bot.media.still`.

    Attributes:
        most_pixels: The bound for pictures of its format, where the problem is its pixels.
    """

    def __init__(self, problem: PictureProblem, most_pixels: int = 0) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.most_pixels = most_pixels

    def __reduce__(self) -> tuple[type[PictureError], tuple[PictureProblem, int]]:
        # It comes from another process. An exception is made anew from its message alone.
        return PictureError, (self.problem, self.most_pixels)
