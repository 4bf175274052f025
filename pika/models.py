"""What goes to Pika and what comes back, as frozen plain data.

`Shot`, `Order` and `Ticket` survive `model_dump_json` and `model_validate_json`, so
that one process can store them and another can go on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

if TYPE_CHECKING:
    from pathlib import Path

    from pika.errors import PikaError

Resolution: TypeAlias = Literal["720p", "1080p"]
"""The short side of the video in pixels; the aspect follows the picture."""

Duration: TypeAlias = Literal[5, 10]
"""Length of the video in seconds."""

MAX_PICTURE_BYTES = 20_000_000
"""Pika's upload limit for pictures, bytes (its August to October 2026 documentation)."""

MAX_SEED = 2**32 - 1
"""The largest seed that every wire to Pika takes."""

MediaType: TypeAlias = Literal["image/jpeg", "image/png", "image/webp"]
HttpUrl: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^https?://[^\s/?#]+([/?#]\S*)?$", max_length=4096)
]
Text: TypeAlias = Annotated[str, StringConstraints(max_length=10_000)]


class _Frozen(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )


class Picture(_Frozen):
    """An encoded still picture, to be uploaded."""

    data: bytes = Field(min_length=1, max_length=MAX_PICTURE_BYTES, repr=False)
    media_type: MediaType


class Shot(_Frozen):
    """One picture to animate, and how.

    The defaults are those of Pika's own ComfyUI node: 1080p, 5 seconds. No length of a
    prompt is documented for Pika 2.5; the bound here is the catalogue's largest.

    Attributes:
        picture: The bytes, or an address that Pika can fetch without credentials.
        prompt: What should move; empty leaves it to Pika.
        negative_prompt: What to avoid.
        seed: 0 to 4,294,967,295; `None` lets Pika choose one, which it does not tell.
        resolution: The short side of the video.
        duration: Seconds.
    """

    picture: Picture | HttpUrl
    prompt: Text = ""
    negative_prompt: Text = ""
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None
    resolution: Resolution = "1080p"
    duration: Duration = 5


class Order(_Frozen):
    """The exact paid request: store it, and its idempotency key, before submitting it.

    A provider that replays keys does so only for the very same body.
    """

    provider: str
    path: str
    body: dict[str, JsonValue]


class Ticket(_Frozen):
    """An accepted job. Enough for any process to check it and fetch its result."""

    provider: str
    id: Annotated[str, StringConstraints(min_length=1, max_length=500)]


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


@dataclass(frozen=True, slots=True)
class Clip:
    """A downloaded video.

    Attributes:
        path: Where the caller asked for it.
        size: Bytes.
        charge_micro_usd: As in `Done`.
    """

    path: Path
    size: int
    charge_micro_usd: int | None = None
