"""What goes over the wire and what comes back, as frozen plain data.

`Order` and `Ticket` survive `model_dump_json` and `model_validate_json`, so that one process
can store them and another can go on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import Field, JsonValue, StringConstraints

from pika.inputs import Frozen

if TYPE_CHECKING:
    from pathlib import Path

    from pika.errors import PikaError


class Part(Frozen):
    """A file in a multipart request."""

    name: str
    filename: str
    media_type: str
    data: bytes = Field(repr=False)


class Order(Frozen):
    """The exact paid request: store it, and its idempotency key, before submitting it.

    A provider that replays keys does so only for the very same body. Files are not part of
    what is stored: the one wire that has them never replays, so an order read back from
    storage is never sent again there.
    """

    provider: str
    path: str
    body: dict[str, JsonValue]
    encoding: Literal["json", "form", "multipart"] = "json"
    files: tuple[Part, ...] = Field(default=(), exclude=True)


class Ticket(Frozen):
    """An accepted job. Enough for any process to check it and fetch its result.

    Attributes:
        urls: Paths for this job on the provider's configured origin, by purpose, where they
            do not follow from the id alone.
        charge_micro_usd: What it told on acceptance that the job costs, if it did.
    """

    provider: str
    id: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    urls: dict[str, str] = Field(default_factory=dict)
    charge_micro_usd: int | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """Not finished yet.

    Attributes:
        started: Rendering has begun; otherwise it waits in the provider's queue.
        position: Jobs ahead in that queue, where the wire tells it.
        retry_after: Seconds until the next check, where the provider asks for it.
    """

    started: bool
    position: int | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """Rendered.

    Attributes:
        video_url: Where the video is; short-lived, so download at once.
        charge_micro_usd: What the provider billed, once that is final; else `None`.
    """

    video_url: str
    charge_micro_usd: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Finished without a video, for good."""

    error: PikaError


Status: TypeAlias = Pending | Done | Failed


class Cancellation(StrEnum):
    """What became of the wish to cancel a job.

    Only the next checks tell whether it really ended: a job that had started may finish,
    and be billed.
    """

    REQUESTED = "requested"
    TOO_LATE = "too_late"
    IMPOSSIBLE = "impossible"
    """This wire has no way to cancel: the job goes on and will be paid."""


@dataclass(frozen=True, slots=True)
class DownloadedVideo:
    """A downloaded video.

    Attributes:
        path: Where the caller asked for it.
        size: Bytes.
        charge_micro_usd: As in `Done`.
    """

    path: Path
    size: int
    charge_micro_usd: int | None = None
