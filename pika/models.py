"""Orders, tickets and statuses: what a provider is sent and answers, as frozen plain data.

`Order` and `Ticket` survive `model_dump_json` and `model_validate_json`, so that one process
can store them and another can go on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

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
    # Not in a `repr`: a log line or a traceback would have megabytes of a member's picture.
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
        urls: Paths for this job by purpose, where they do not follow from the id alone. Never
            whole addresses: the key goes with each call, and only to the configured origin.
        charge_micro_usd: The job's cost as the provider told it on acceptance, or `None`.
    """

    provider: str
    id: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    urls: dict[str, str] = Field(default_factory=dict)
    charge_micro_usd: int | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """Not finished yet.

    Attributes:
        started: Rendering has begun; otherwise the job waits in the provider's queue.
        position: Jobs ahead in that queue, or `None` where the wire does not tell.
        retry_after: Seconds until the next check, as the provider asks, or `None`.
    """

    started: bool
    position: int | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """Rendered.

    Attributes:
        video_url: The address of the video; short-lived, so download at once.
        charge_micro_usd: The provider's bill once it is final, else `None`.
    """

    video_url: str
    charge_micro_usd: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Finished without a video, for good.

    Only a `NoVideoError` may not be the last word: a video may be shown a moment after the
    job's end. So it is asked for `LOOKS_FOR_A_VIDEO` times before the error is believed.

    Attributes:
        error: Why there is none.
        charge_micro_usd: The provider's final bill where it tells one all the same.
    """

    error: PikaError
    charge_micro_usd: int | None = None


LOOKS_FOR_A_VIDEO: Final = 5
"""How often a finished job that shows no video is asked for it, in all."""


Status: TypeAlias = Pending | Done | Failed


class Cancellation(StrEnum):
    """The provider's answer to a cancel.

    Only the next checks tell whether the job ended: one that had started may finish and be
    billed.
    """

    REQUESTED = "requested"
    TOO_LATE = "too_late"
    IMPOSSIBLE = "impossible"
    """This wire has no way to cancel: the job goes on and will be paid."""


@dataclass(frozen=True, slots=True)
class DownloadedVideo:
    """A downloaded video.

    Attributes:
        path: The file, as the caller named it.
        size: Bytes.
        charge_micro_usd: As in `Done`.
    """

    path: Path
    size: int
    charge_micro_usd: int | None = None
