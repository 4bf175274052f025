"""The image-to-video record of Pika's catalogue as data: its input, checked strictly; its price.

Source: the record `pika/pika-2.5/image-to-video` that Pika's own API published in 2026-10.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypedDict, cast

MODEL: Final = "pika/pika-2.5/image-to-video"
"""The catalogue's id, also the tail of the submit path."""

SHORT_SIDES: Final[Mapping[str, int]] = {"720p": 720, "1080p": 1080}
"""Pixels of a clip's short side by the name of its resolution."""


class InvalidInputError(ValueError):
    """A body that the catalogue does not allow; the text names the field and the fault."""


@dataclass(frozen=True, slots=True)
class Field:
    """One input field in the words of JSON Schema; `default` is no matter where `required`."""

    name: str
    types: tuple[str, ...]
    default: object = None
    enum: tuple[object, ...] = ()
    pattern: str = ""
    required: bool = False


FIELDS: Final = (
    Field("image", ("string",), pattern="^https?://", required=True),
    Field("prompt", ("string", "null")),
    Field("negative_prompt", ("string", "null")),
    Field("duration_s", ("integer",), default=5, enum=(5, 10)),
    Field("resolution", ("string",), default="1080p", enum=("720p", "1080p")),
    Field("seed", ("integer", "null")),
)
"""All fields of the input; any other is refused."""

PRICE_TIERS: Final[tuple[tuple[Mapping[str, object], int], ...]] = (
    ({"resolution": "720p"}, 40_000),
    ({"resolution": "720p", "duration_s": 5}, 40_000),
    ({"resolution": "1080p"}, 60_000),
    ({"resolution": "1080p", "duration_s": 5}, 90_000),
)
"""Micro-USD for each second of video; of the tiers that fit, the one with most terms counts."""


class ImageToVideo(TypedDict):
    """A checked body with its defaults filled in."""

    image: str
    prompt: str | None
    negative_prompt: str | None
    duration_s: int
    resolution: str
    seed: int | None


_PYTHON_TYPES: Final[Mapping[str, type]] = {"string": str, "integer": int, "null": type(None)}


def checked(body: Mapping[str, object]) -> ImageToVideo:
    """The body with its defaults filled in; raises InvalidInputError.

    Strict: `true` is no integer, and neither is 5.0.
    """
    unknown = sorted(body.keys() - {field.name for field in FIELDS})
    if unknown:
        raise InvalidInputError(f"{unknown[0]}: unknown field")
    values = {field.name: _checked_value(field, body) for field in FIELDS}
    return cast("ImageToVideo", values)


def price_micro_usd(body: ImageToVideo) -> int:
    """What a checked body costs in micro-USD once its job completes."""
    fitting = [tier for tier in PRICE_TIERS if tier[0].items() <= body.items()]
    _, per_second = max(fitting, key=lambda tier: len(tier[0]))
    return per_second * body["duration_s"]


def _checked_value(field: Field, body: Mapping[str, object]) -> object:
    if field.name not in body:
        if field.required:
            raise InvalidInputError(f"{field.name}: required")
        return field.default
    value = body[field.name]
    if type(value) not in {_PYTHON_TYPES[name] for name in field.types}:
        raise InvalidInputError(f"{field.name}: must be {' or '.join(field.types)}")
    if field.enum and value not in field.enum:
        raise InvalidInputError(f"{field.name}: must be one of {list(field.enum)}")
    if field.pattern and not re.search(field.pattern, str(value)):
        raise InvalidInputError(f"{field.name}: must match {field.pattern}")
    return value
