"""Each kind of work as a form of the Pika 2.2 contract of Comfy's proxy.

Source: the proxy's OpenAPI document (`/proxy/pika/generate/…`).
"""

from __future__ import annotations

from functools import singledispatch
from typing import Final, Literal, TypeAlias

from pydantic import JsonValue

from pika.effects import CLASSIC_EFFECTS
from pika.errors import BadInputError
from pika.inputs import (
    AdditionShot,
    EffectShot,
    FramesShot,
    Picture,
    SceneShot,
    Shot,
    SwapShot,
    TextShot,
    Video,
    Work,
)
from pika.models import Part

Body: TypeAlias = dict[str, JsonValue]
Form: TypeAlias = tuple[str, Literal["form", "multipart"], Body, tuple[Part, ...]]
"""Path below `/proxy/pika/generate/`, encoding, fields, files."""

WORKS: Final[frozenset[type[Work]]] = frozenset(
    {Shot, TextShot, FramesShot, SceneShot, AdditionShot, SwapShot, EffectShot}
)
_FRAMES_MIN_SECONDS: Final = 5
_EDIT_DEFAULTS: Final = ("1080p", 5)
"""Resolution and duration of an edit unless chosen: its form has fields for neither."""


def require(work: Work) -> None:
    """Refuse work that the contract does not take, whatever its sources are.

    Raises:
        BadInputError: The contract has no form for the work, or not with these values.
    """
    match work:
        case FramesShot(duration=seconds) if seconds < _FRAMES_MIN_SECONDS:
            raise BadInputError("transitions of 5 to 10 seconds here", code="unsupported")
        case FramesShot(prompt=""):
            raise BadInputError("frames need a prompt here", code="unsupported")
        case AdditionShot(picture=None):
            raise BadInputError("additions need a picture here", code="unsupported")
        case AdditionShot() | SwapShot() if (work.resolution, work.duration) != _EDIT_DEFAULTS:
            raise BadInputError("an edit keeps the video's own size here", code="unsupported")
        case EffectShot() if work.effect not in CLASSIC_EFFECTS or work.picture is None:
            raise BadInputError(f"no effect {work.effect!r} on this here", code="unsupported")


@singledispatch
def form(work: Work) -> Form:
    """The form of work that passed `require`.

    Raises:
        BadInputError: A source is an address.
    """
    raise BadInputError(f"{type(work).__name__} is not offered here", code="unsupported")


@form.register
def _shot(work: Shot) -> Form:
    files = (_part("image", work.picture),)
    return "2.2/i2v", "multipart", _sized(work), files


@form.register
def _text(work: TextShot) -> Form:
    body = {**_sized(work), "aspectRatio": work.aspect}
    return "2.2/t2v", "form", body, ()


@form.register
def _frames(work: FramesShot) -> Form:
    files = tuple(_part("keyFrames", picture) for picture in work.pictures)
    return "2.2/pikaframes", "multipart", _sized(work), files


@form.register
def _scene(work: SceneShot) -> Form:
    files = tuple(_part("images", picture) for picture in work.pictures)
    body = {**_sized(work), "ingredientsMode": work.mode, "aspectRatio": work.aspect}
    return "2.2/pikascenes", "multipart", body, files


@form.register
def _addition(work: AdditionShot) -> Form:
    files = (_part("video", work.video), _part("image", work.picture))
    return "pikadditions", "multipart", _prompts(work), files


@form.register
def _swap(work: SwapShot) -> Form:
    sources = {"video": work.video, "image": work.picture, "modifyRegionMask": work.mask}
    files = tuple(_part(name, source) for name, source in sources.items() if source is not None)
    region: Body = {"modifyRegionRoi": work.region} if work.region else {}
    return "pikaswaps", "multipart", {**_prompts(work), **region}, files


@form.register
def _effect(work: EffectShot) -> Form:
    body = {**_prompts(work), "pikaffect": work.effect}
    return "pikaffects", "multipart", body, (_part("image", work.picture),)


def _prompts(work: Work) -> Body:
    body: Body = {"promptText": work.prompt, "negativePrompt": work.negative_prompt}
    return body if work.seed is None else {**body, "seed": work.seed}


def _sized(work: Shot | TextShot | FramesShot | SceneShot) -> Body:
    return {**_prompts(work), "resolution": work.resolution, "duration": work.duration}


def _part(name: str, source: object) -> Part:
    if not isinstance(source, Picture | Video):
        raise BadInputError("pictures and videos must be files here", code="needs_bytes")
    suffix = source.media_type.partition("/")[2]
    return Part(
        name=name, filename=f"{name}.{suffix}", media_type=source.media_type, data=source.data
    )
