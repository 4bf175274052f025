"""The kinds of work that Pika does, as frozen plain data; no wire takes all of them.

Every kind survives `model_dump_json` and `model_validate_json`, pictures included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from pika.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Resolution: TypeAlias = Literal["720p", "1080p"]
"""The short side of the video in pixels; the aspect follows the picture."""

Duration: TypeAlias = Literal[5, 10]
"""Length of the video in seconds."""

MAX_PICTURE_BYTES = 20_000_000
"""Pika's upload limit for pictures, bytes (its August to October 2026 documentation; a later
note says more, and the smaller holds everywhere)."""

MAX_VIDEO_INPUT_BYTES = 100_000_000
"""Largest source video taken, bytes. No limit is documented; this is ours."""

MAX_SEED = 2**32 - 1
"""The largest seed that every wire to Pika takes."""

PictureType: TypeAlias = Literal["image/jpeg", "image/png", "image/webp"]
VideoType: TypeAlias = Literal["video/mp4", "video/quicktime", "video/webm"]
HttpUrl: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^https?://[^\s/?#]+([/?#]\S*)?$", max_length=4096)
]
Text: TypeAlias = Annotated[str, StringConstraints(max_length=10_000)]
Seed: TypeAlias = Annotated[int, Field(ge=0, le=MAX_SEED)]
Aspect: TypeAlias = Annotated[float, Field(ge=0.4, le=2.5)]
"""Width divided by height, in the range of the published Pika 2.2 contract."""

LANDSCAPE = 16 / 9


class Frozen(BaseModel):
    """Strict, immutable, without unknown fields; bytes become base64 in JSON."""

    # Base64, because pydantic's own choice for bytes in JSON, UTF-8, fails at most pictures.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
        defer_build=True,
    )

    EXTRAS: ClassVar[frozenset[str]] = frozenset()
    """The names of fields that a wire must list in its `Capabilities.extras` to be given."""


class Picture(Frozen):
    """An encoded still picture, to be uploaded."""

    # Not in a `repr`: a log line or a traceback would have 20 MB of a member's picture.
    data: bytes = Field(min_length=1, max_length=MAX_PICTURE_BYTES, repr=False)
    media_type: PictureType


class Video(Frozen):
    """An encoded video, to be uploaded."""

    data: bytes = Field(min_length=1, max_length=MAX_VIDEO_INPUT_BYTES, repr=False)
    media_type: VideoType


PictureSource: TypeAlias = Picture | HttpUrl
"""The bytes, or an address that the service can fetch without credentials."""

VideoSource: TypeAlias = Video | HttpUrl
Source: TypeAlias = Picture | Video | HttpUrl


class _Prompted(Frozen):
    """The fields that all kinds share.

    Attributes:
        prompt: What should happen; if empty, Pika decides.
        negative_prompt: What to avoid.
        seed: Repeats a motion; `None` lets Pika choose a seed, which it does not tell.
    """

    prompt: Text = ""
    negative_prompt: Text = ""
    seed: Seed | None = None


class _Sized(_Prompted):
    """The fields of the kinds whose video has a resolution and a length to choose."""

    resolution: Resolution = "1080p"
    duration: Duration = 5


class Shot(_Sized):
    """One picture to animate, and how.

    The defaults are those of Pika's own ComfyUI node: 1080p, 5 seconds. No length of a
    prompt is documented for Pika 2.5; the bound here is the catalogue's largest.
    """

    picture: PictureSource


class TextShot(_Sized):
    """A video from words alone.

    Attributes:
        prompt: Required.
        aspect: Width divided by height. A wire without this choice takes 16:9 only.
    """

    prompt: Text = Field(min_length=1)
    aspect: Aspect = LANDSCAPE


class FramesShot(_Prompted):
    """A video through two to five pictures in order.

    Attributes:
        duration: Seconds of each transition, 1 to 10; over 5 needs exactly two pictures.
    """

    pictures: tuple[PictureSource, ...] = Field(min_length=2, max_length=5)
    resolution: Resolution = "1080p"
    duration: Annotated[int, Field(ge=1, le=10)] = 5

    @model_validator(mode="after")
    def _long_transitions_are_single(self) -> Self:
        if self.duration > 5 and len(self.pictures) > 2:  # noqa: PLR2004 - Pika's rule
            raise ValueError("transitions over 5 seconds need exactly two pictures")
        return self

    @property
    def seconds(self) -> int:
        """Length of the whole video, in seconds."""
        return self.duration * (len(self.pictures) - 1)


class EffectShot(_Prompted):
    """A named preset effect ("pikaffect") on a picture or on a video, not on both.

    Attributes:
        effect: Its name, as the service spells it: see `pika.effects`.
        prompt: Replaces the effect's own words, where the wire allows it.
    """

    effect: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    picture: PictureSource | None = None
    video: VideoSource | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.picture is None) == (self.video is None):
            raise ValueError("give either a picture or a video")
        return self


class AdditionShot(_Sized):
    """An object added to a video ("pikadditions"): described, or shown in a picture."""

    video: VideoSource
    picture: PictureSource | None = None
    prompt: Text = Field(min_length=1)


class SwapShot(_Sized):
    """An object in a video replaced ("pikaswaps").

    Attributes:
        region: What to replace, in words. Either this or `mask`.
        mask: What to replace, white on black.
        picture: The replacement, beside the prompt.
    """

    video: VideoSource
    prompt: Text = Field(min_length=1)
    region: Text = ""
    mask: PictureSource | None = None
    picture: PictureSource | None = None

    @model_validator(mode="after")
    def _one_region(self) -> Self:
        if bool(self.region) == (self.mask is not None):
            raise ValueError("give the region either in words or as a mask")
        return self


class SceneShot(_Sized):
    """A video composed of ingredients in pictures ("pikascenes").

    Attributes:
        pictures: One to five ingredients.
        mode: How freely the ingredients are used.
    """

    pictures: tuple[PictureSource, ...] = Field(min_length=1, max_length=5)
    mode: Literal["creative", "precise"] = "creative"
    aspect: Aspect = LANDSCAPE


Work: TypeAlias = Shot | TextShot | FramesShot | EffectShot | AdditionShot | SwapShot | SceneShot
"""One piece of work of any kind."""

_SOURCES = ("picture", "pictures", "video", "mask")
# No name under `.invalid` ever resolves (RFC 2606): sent by mistake, it reaches nobody.
_PLACEHOLDER = "https://stand-in.invalid"


async def host_sources(work: Work, host: Callable[[Source], Awaitable[str]]) -> Work:
    """Copy the work with each picture and video replaced by an address, which `host` gives."""
    changes: dict[str, str | tuple[str, ...]] = {}
    # One upload after another, so that none still runs when another has failed.
    for name, value in _sources(work).items():
        if isinstance(value, tuple):
            changes[name] = tuple([await host(source) for source in value])
        else:
            changes[name] = await host(value)
    return work.model_copy(update=changes)


def with_placeholders(work: Work) -> Work:
    """Copy the work as `host_sources` would, without any upload, to price or validate it."""
    changes = {
        name: tuple(map(_placeholder, value)) if isinstance(value, tuple) else _placeholder(value)
        for name, value in _sources(work).items()
    }
    return work.model_copy(update=changes)


def address_of(source: Source | None) -> str:
    """Take a source that is an address already.

    Raises:
        BadInputError: It still is bytes.
    """
    if not isinstance(source, str):
        raise BadInputError("a source that was not uploaded", code="source")
    return source


def _sources(work: Work) -> dict[str, Source | tuple[Source, ...]]:
    found = {name: getattr(work, name, None) for name in _SOURCES}
    return {name: value for name, value in found.items() if value is not None}


def _placeholder(source: Source) -> str:
    return source if isinstance(source, str) else _PLACEHOLDER
