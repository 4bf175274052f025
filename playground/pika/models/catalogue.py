"""The records of Pika's catalogue as data: what each model takes, and what it costs.

Source: the records that Pika's own API published in 2026-10.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from playground.pika.models.effects import PICTURE_EFFECTS, VIDEO_EFFECTS
from playground.pika.models.fields import Field, FieldError, checked

EFFECT_SECONDS: Final = 5
"""The length of a clip whose model lets nobody choose one (our guess)."""

_URL: Final = "^https?://"
_LONG_TRANSITION: Final = 5
_FRAMES_OF_A_LONG_TRANSITION: Final = 2

_PROMPT: Final = Field("prompt", ("string", "null"))
_NEGATIVE: Final = Field("negative_prompt", ("string", "null"))
_SEED: Final = Field("seed", ("integer", "null"))
_RESOLUTION: Final = Field("resolution", ("string",), "1080p", enum=("720p", "1080p"))
_DURATION: Final = Field("duration_s", ("integer",), 5, enum=(5, 10))
_IMAGE: Final = Field("image", ("string",), pattern=_URL, media="image", required=True)
_VIDEO: Final = Field("video", ("string",), pattern=_URL, media="video", required=True)
_SUBJECT: Final = Field("image", ("string", "null"), pattern=_URL, media="image")
_WISH: Final = Field("prompt", ("string",), shortest=1, required=True)


@dataclass(frozen=True, slots=True)
class Model:
    """One record; `tiers` are micro-USD for each `unit`, the fitting tier of most terms counts.

    Of the fields named in `exactly_one` just one may hold a value.
    """

    id: str
    fields: tuple[Field, ...]
    unit: Literal["second", "request"]
    tiers: tuple[tuple[Mapping[str, object], int], ...]
    exactly_one: tuple[str, ...] = ()

    def checked(self, body: Mapping[str, object]) -> dict[str, object]:
        """The body with its defaults filled in; raises FieldError."""
        values = checked(self.fields, body)
        _check_frames(values)
        given = [name for name in self.exactly_one if values[name] is not None]
        if self.exactly_one and len(given) != 1:
            text = f"give exactly one of {' and '.join(self.exactly_one)}"
            raise FieldError(self.exactly_one[0], "value_error", text)
        return values

    def price_micro_usd(self, body: Mapping[str, object]) -> int:
        """What a checked body costs in micro-USD once its job completes."""
        fitting = [tier for tier in self.tiers if tier[0].items() <= body.items()]
        _, price = max(fitting, key=lambda tier: len(tier[0]))
        return price * seconds(body) if self.unit == "second" else price


def seconds(body: Mapping[str, object]) -> int:
    """How long the clip of a checked body is."""
    images, transition = body.get("images"), body.get("transition_duration_s")
    if isinstance(images, list) and isinstance(transition, int):
        return transition * (len(images) - 1)
    duration = body.get("duration_s", EFFECT_SECONDS)
    return duration if isinstance(duration, int) else EFFECT_SECONDS


def _check_frames(body: Mapping[str, object]) -> None:
    images, transition = body.get("images"), body.get("transition_duration_s")
    if not isinstance(images, list) or not isinstance(transition, int):
        return
    if transition > _LONG_TRANSITION and len(images) != _FRAMES_OF_A_LONG_TRANSITION:
        text = "more than 5 seconds need exactly 2 keyframes"
        raise FieldError("transition_duration_s", "value_error", text)


IMAGE_TO_VIDEO: Final = Model(
    "pika/pika-2.5/image-to-video",
    (_IMAGE, _PROMPT, _NEGATIVE, _DURATION, _RESOLUTION, _SEED),
    "second",
    (
        ({"resolution": "720p"}, 40_000),
        ({"resolution": "720p", "duration_s": 5}, 40_000),
        ({"resolution": "1080p"}, 60_000),
        ({"resolution": "1080p", "duration_s": 5}, 90_000),
    ),
)
"""The picture that moves: the model that the bot uses."""

TEXT_TO_VIDEO: Final = Model(
    "pika/pika-2.5/text-to-video",
    (_WISH, _NEGATIVE, Field("duration_s", ("integer",), 5, enum=(5,)), _RESOLUTION, _SEED),
    "second",
    (
        ({"resolution": "720p", "duration_s": 5}, 40_000),
        ({"resolution": "1080p", "duration_s": 5}, 90_000),
    ),
)
"""A clip out of words alone."""

_FRAMES: Final = Model(
    "pika/pikaframes/image-to-video",
    (
        Field(
            *("images", ("array",)),
            pattern=_URL,
            shortest=2,
            longest=5,
            media="image",
            required=True,
        ),
        _PROMPT,
        _NEGATIVE,
        Field("transition_duration_s", ("integer",), 5, least=1, most=10),
        _RESOLUTION,
        _SEED,
    ),
    "second",
    (({"resolution": "720p"}, 40_000), ({"resolution": "1080p"}, 60_000)),
)

_PICTURE_EFFECT: Final = Model(
    "pika/pikaffects/image-to-video",
    (
        Field("pikaffect", ("string",), enum=PICTURE_EFFECTS, required=True),
        _IMAGE,
        _SEED,
        Field("prompt_override", ("string", "null"), shortest=1, longest=10_000),
    ),
    "request",
    (({}, 50_000),),
)

_VIDEO_EFFECT: Final = Model(
    "pika/pikaffects/video-to-video",
    (Field("pikaffect", ("string",), enum=VIDEO_EFFECTS, required=True), _VIDEO, _SEED),
    "request",
    (({}, 50_000),),
)

_ADDITIONS: Final = Model(
    "pika/pikadditions/video-to-video",
    (_VIDEO, _WISH, _NEGATIVE, _SUBJECT, _DURATION, _RESOLUTION, _SEED),
    "request",
    (({}, 30_000),),
)

_SWAPS: Final = Model(
    "pika/pikaswaps/video-to-video",
    (
        *(_VIDEO, _WISH, _NEGATIVE, _SUBJECT, _DURATION, _RESOLUTION, _SEED),
        Field("modify_region_roi", ("string", "null"), shortest=1),
        Field("modify_region_mask", ("string", "null"), pattern=_URL, media="image"),
    ),
    "request",
    (({}, 30_000),),
    exactly_one=("modify_region_roi", "modify_region_mask"),
)

MODELS: Final = {
    model.id: model
    for model in (
        *(IMAGE_TO_VIDEO, TEXT_TO_VIDEO, _FRAMES),
        *(_PICTURE_EFFECT, _VIDEO_EFFECT, _ADDITIONS, _SWAPS),
    )
}
"""All models by the catalogue's id, which is also the tail of the submit path."""
