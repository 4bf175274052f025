"""The forms of the Comfy proxy before Pika 2.2 as data, and what each costs.

Source: the OpenAPI document of Comfy's API, 2026-10; stricter where that is silent and a clip
would be impossible.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from playground.pika.models.fields import Field, FieldError, Media, checked
from playground.pika.models.pika22_prices import RESOLUTIONS, clip_micro_usd, frames_micro_usd

Encoding: TypeAlias = Literal["multipart/form-data", "application/x-www-form-urlencoded"]
"""How a form is sent."""

EFFECTS: Final = (
    *("Cake-ify", "Crumble", "Crush", "Decapitate", "Deflate", "Dissolve", "Explode", "Eye-pop"),
    *("Inflate", "Levitate", "Melt", "Peel", "Poke", "Squish", "Ta-da", "Tear"),
)
"""The preset effects of this contract."""

MAX_SEED: Final = 2**32 - 1
"""The largest seed of ComfyUI's node; the document names no bound."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file, or several under one name, that a form carries."""

    name: str
    media: Media = "image"
    least: int = 1
    most: int = 1


@dataclass(frozen=True, slots=True)
class ProxyModel:
    """One form; `id` is its path after `/proxy/pika/generate/`.

    `files` come in the order of their importance: the first one moves. `fixed_micro_usd` is
    that of every clip, or None where resolution and length decide.
    """

    id: str
    fields: tuple[Field, ...]
    files: tuple[FilePart, ...] = ()
    encoding: Encoding = "multipart/form-data"
    fixed_micro_usd: int | None = None

    def checked(self, texts: Mapping[str, str]) -> dict[str, object]:
        """The values of the form's texts, defaults filled in; raises FieldError."""
        known = {field.name: field for field in self.fields}
        read = {
            name: _read(known[name], text) if name in known else text
            for name, text in texts.items()
        }
        return checked(self.fields, read)

    def price_micro_usd(self, body: Mapping[str, object]) -> int:
        """What a checked form costs in micro-USD once its video is finished."""
        if self.fixed_micro_usd is not None:
            return self.fixed_micro_usd
        resolution, seconds = str(body["resolution"]), self.seconds(body)
        if self.id == "2.2/pikascenes":
            return _SCENES_MICRO_USD[resolution, seconds]
        price = frames_micro_usd if self.id == "2.2/pikaframes" else clip_micro_usd
        return price(resolution, seconds)

    def seconds(self, body: Mapping[str, object]) -> int:
        """How long the clip of a checked form is."""
        return int(str(body.get("duration", _USUAL_SECONDS)))


_USUAL_SECONDS: Final = 5
_SCENES_MICRO_USD: Final[Mapping[tuple[str, int], int]] = {
    ("720p", 5): 300_000,
    ("1080p", 5): 500_000,
    ("720p", 10): 400_000,
    ("1080p", 10): 1_500_000,
}


# Python would also read "1_000", " 5 " and "nan".
_INTEGER: Final = re.compile(r"-?[0-9]{1,20}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")


def _read(field: Field, text: str) -> object:
    match field.types[0]:
        case "integer" if _INTEGER.fullmatch(text):
            return int(text)
        case "number" if _NUMBER.fullmatch(text):
            return float(text)
        case "integer" | "number" as kind:
            problem = "int_parsing" if kind == "integer" else "float_parsing"
            raise FieldError(field.name, problem, f"{text!r} is no {kind}")
        case _:
            return text


_PROMPT: Final = Field("promptText", ("string",))
_NEEDED_PROMPT: Final = Field("promptText", ("string",), required=True)
_NEGATIVE: Final = Field("negativePrompt", ("string",))
_SEED: Final = Field("seed", ("integer",), least=0, most=MAX_SEED)
_RESOLUTION: Final = Field("resolution", ("string",), "1080p", enum=RESOLUTIONS)
_DURATION: Final = Field("duration", ("integer",), 5, enum=(5, 10))
_IMAGE: Final = FilePart("image")
_VIDEO: Final = FilePart("video", "video")

MODELS: Final = {
    model.id: model
    for model in (
        ProxyModel("2.2/i2v", (_PROMPT, _NEGATIVE, _SEED, _RESOLUTION, _DURATION), (_IMAGE,)),
        ProxyModel(
            "2.2/t2v",
            (
                Field("aspectRatio", ("number",), 16 / 9, least=0.4, most=2.5),
                *(_NEEDED_PROMPT, _NEGATIVE, _SEED, _RESOLUTION, _DURATION),
            ),
            encoding="application/x-www-form-urlencoded",
        ),
        ProxyModel(
            "2.2/pikaframes",
            (
                Field("duration", ("integer",), 5, least=5, most=10),
                *(_NEEDED_PROMPT, _NEGATIVE, _SEED, _RESOLUTION),
            ),
            (FilePart("keyFrames", least=2, most=5),),
        ),
        ProxyModel(
            "2.2/pikascenes",
            (
                Field("ingredientsMode", ("string",), enum=("creative", "precise"), required=True),
                Field("aspectRatio", ("number",), least=0.4, most=2.5),
                *(_PROMPT, _NEGATIVE, _SEED, _RESOLUTION, _DURATION),
            ),
            (FilePart("images", most=5),),
        ),
        ProxyModel(
            "pikadditions",
            (_PROMPT, _NEGATIVE, _SEED),
            (_VIDEO, _IMAGE),
            fixed_micro_usd=300_000,
        ),
        ProxyModel(
            "pikaswaps",
            (Field("modifyRegionRoi", ("string",), shortest=1), _PROMPT, _NEGATIVE, _SEED),
            (_VIDEO, FilePart("image", least=0), FilePart("modifyRegionMask", least=0)),
            fixed_micro_usd=300_000,
        ),
        ProxyModel(
            "pikaffects",
            (
                Field("pikaffect", ("string",), enum=EFFECTS, required=True),
                *(_PROMPT, _NEGATIVE, _SEED),
            ),
            (_IMAGE,),
            fixed_micro_usd=450_000,
        ),
    )
}
"""All forms by their id."""
