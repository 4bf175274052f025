"""The Pika 2.2 models of fal as data: what each takes, and what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from playground.pika.models.fields import Field, FieldError, checked
from playground.pika.models.pika22_prices import RESOLUTIONS, clip_micro_usd, frames_micro_usd

_FRAMES_MOST_SECONDS: Final = 25
_TRANSITION: Final = (
    Field("duration", ("integer",), 5, least=1, most=10),
    Field("prompt", ("string", "null")),
)
_PROMPT: Final = Field("prompt", ("string",), required=True)
_COMMON: Final = (
    Field("negative_prompt", ("string",), ""),
    Field("resolution", ("string",), "720p", enum=RESOLUTIONS),
    Field("seed", ("integer", "null")),
)
# The published types disagree: an integer in one, a string in another; clients send both.
_DURATION: Final = Field("duration", ("integer", "string"), 5, enum=(5, 10, "5", "10"))

ASPECTS: Final[Mapping[str, float]] = {
    "16:9": 16 / 9,
    "9:16": 9 / 16,
    "1:1": 1,
    "4:5": 4 / 5,
    "5:4": 5 / 4,
    "3:2": 3 / 2,
    "2:3": 2 / 3,
}
"""Width over height of a clip out of words, by its name."""


@dataclass(frozen=True, slots=True)
class FalModel:
    """One model; `id` is the path after `fal-ai/pika/`."""

    id: str
    kind: Literal["image", "text", "frames"]
    fields: tuple[Field, ...]

    def checked(self, body: Mapping[str, object]) -> dict[str, object]:
        """The body with its defaults filled in; raises FieldError."""
        values = checked(self.fields, body)
        if self.kind == "frames":
            values["transitions"] = _checked_transitions(values)
            if self.seconds(values) > _FRAMES_MOST_SECONDS:
                text = f"in all at most {_FRAMES_MOST_SECONDS} seconds"
                raise FieldError("transitions", "value_error", text)
        return values

    def seconds(self, body: Mapping[str, object]) -> int:
        """How long the clip of a checked body is."""
        if self.kind != "frames":
            return int(str(body["duration"]))
        return sum(int(str(one["duration"])) for one in _objects(body["transitions"]))

    def price_micro_usd(self, body: Mapping[str, object]) -> int:
        """What a checked body costs in micro-USD once its job completes."""
        price = frames_micro_usd if self.kind == "frames" else clip_micro_usd
        return price(str(body["resolution"]), self.seconds(body))


def _checked_transitions(body: Mapping[str, object]) -> list[dict[str, object]]:
    gaps = len(_listed(body["image_urls"])) - 1
    if body["transitions"] is None:
        return [checked(_TRANSITION, {}) for _ in range(gaps)]
    told = _objects(body["transitions"])
    if len(told) != gaps:
        text = f"{gaps + 1} pictures need {gaps} transitions, not {len(told)}"
        raise FieldError("transitions", "value_error", text)
    return [checked(_TRANSITION, one) for one in told]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> list[dict[str, object]]:
    entries = _listed(value)
    objects = [entry for entry in entries if isinstance(entry, dict)]
    if len(objects) != len(entries):
        raise FieldError("transitions", "model_type", "must hold objects")
    return objects


MODELS: Final = {
    model.id: model
    for model in (
        FalModel(
            "v2.2/image-to-video",
            "image",
            (Field("image_url", ("string",), required=True), _PROMPT, *_COMMON, _DURATION),
        ),
        FalModel(
            "v2.2/text-to-video",
            "text",
            (
                Field("aspect_ratio", ("string",), "16:9", enum=tuple(ASPECTS)),
                *(_PROMPT, *_COMMON, _DURATION),
            ),
        ),
        FalModel(
            "v2.2/pikaframes",
            "frames",
            (
                Field("image_urls", ("array",), shortest=2, longest=5, required=True),
                Field("transitions", ("array", "null")),
                Field("prompt", ("string", "null")),
                *_COMMON,
            ),
        ),
    )
}
"""All models by their id."""
