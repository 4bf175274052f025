"""What a status message says of a clip in line or at Pika, and when that is worth an edit.

A message is edited a few times, however long a queue is: when a place in it has halved, when the
render begins, and once when it takes longer than was said.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from bot.base import value

if TYPE_CHECKING:
    from datetime import datetime

    from bot.jobs.estimates import ExpectedTime
    from pika import Pending

QUEUE_WORTH_TELLING: Final = timedelta(seconds=10)
"""How long a clip waits at Pika before its member reads so where Pika tells no place."""
_LATE: Final = "late"


class Stage(StrEnum):
    """How far a clip is, as far as Pika tells. Stored."""

    IN_LINE = "line"
    """It waits here; its place is how many clips are finished before it is sent."""
    SENT = "sent"
    IN_QUEUE = "queue"
    RENDERING = "rendering"


@value
class Progress:
    """What a message says of a clip in line or at Pika.

    Attributes:
        place: In line, or in Pika's queue, 1 for the next; `None` where it is not told.
        is_late: It takes longer than nine in ten such clips.
    """

    stage: Stage
    place: int | None = None
    is_late: bool = False

    def __str__(self) -> str:
        """Write it as a job stores it, such as `queue:7` or `rendering::late`."""
        place = "" if self.place is None else str(self.place)
        parts = (self.stage.value, place, _LATE if self.is_late else "")
        return ":".join(parts).rstrip(":")

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read what `str` wrote; `None` of the empty text, where nothing is shown yet."""
        if not text:
            return None
        stage, place, late = (*text.split(":"), "", "")[:3]
        return cls(Stage(stage), int(place) if place else None, late == _LATE)


@value
class ShownProgress:
    """All that a message about a clip in line or at Pika needs.

    Attributes:
        since: When the order was sent, or from when the place in line is.
        expected_time: From then on; `None` where too few such clips were made to tell one.
        until: When a clip at Pika that is not finished ends; `None` of one in line.
    """

    progress: Progress
    since: datetime
    expected_time: ExpectedTime | None
    until: datetime | None = None


def next_progress(
    shown: Progress | None, pending: Pending, elapsed: timedelta, *, is_late: bool
) -> Progress | None:
    """What the message should say now; `None` where what it says may stay."""
    told = _told(shown, pending, elapsed)
    late = is_late or (shown is not None and shown.is_late)
    following = Progress(told.stage, told.place, late)
    return None if following == shown else following


def _told(shown: Progress | None, pending: Pending, elapsed: timedelta) -> Progress:
    before = shown or Progress(Stage.SENT)
    if pending.started:
        return Progress(Stage.RENDERING)
    if pending.position is None:
        is_long = elapsed >= QUEUE_WORTH_TELLING and before.stage is not Stage.IN_QUEUE
        return Progress(Stage.IN_QUEUE) if is_long else before
    place = pending.position + 1
    if before.place is not None and place > before.place // 2:
        return before
    return Progress(Stage.IN_QUEUE, place)
