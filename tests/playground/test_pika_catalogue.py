import json
import os
from pathlib import Path
from typing import Any

import pytest

from playground.pika.models.catalogue import IMAGE_TO_VIDEO, MODELS, Model
from playground.pika.models.fields import Field, FieldError

IMAGE = {"image": "https://cdn.example/a.png"}


def test_defaults_are_those_of_the_catalogue() -> None:
    assert IMAGE_TO_VIDEO.checked(IMAGE) == {
        "image": "https://cdn.example/a.png",
        "prompt": None,
        "negative_prompt": None,
        "duration_s": 5,
        "resolution": "1080p",
        "seed": None,
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "image"),
        ({"image": None}, "image"),
        ({"image": "data:image/png;base64,AAAA"}, "image"),
        ({"image": "ftp://host/a.png"}, "image"),
        ({**IMAGE, "aspect_ratio": "16:9"}, "aspect_ratio"),
        ({**IMAGE, "duration": 5}, "duration"),
        ({**IMAGE, "prompt": 5}, "prompt"),
        ({**IMAGE, "negative_prompt": ["no"]}, "negative_prompt"),
        ({**IMAGE, "duration_s": 6}, "duration_s"),
        ({**IMAGE, "duration_s": "5"}, "duration_s"),
        ({**IMAGE, "duration_s": 5.0}, "duration_s"),
        ({**IMAGE, "duration_s": None}, "duration_s"),
        ({**IMAGE, "resolution": "480p"}, "resolution"),
        ({**IMAGE, "resolution": None}, "resolution"),
        ({**IMAGE, "seed": True}, "seed"),
        ({**IMAGE, "seed": 1.5}, "seed"),
        ({**IMAGE, "seed": "7"}, "seed"),
    ],
)
def test_anything_else_is_refused_by_its_field(body: dict[str, object], field: str) -> None:
    with pytest.raises(FieldError, match=f"^{field}:"):
        IMAGE_TO_VIDEO.checked(body)


VIDEO = {"video": "https://cdn.example/a.mp4", "prompt": "a hat"}
FRAMES = {"images": ["https://cdn.example/a.png"] * 3}


@pytest.mark.parametrize(
    ("model", "body", "field"),
    [
        ("pika-2.5/text-to-video", {}, "prompt"),
        ("pika-2.5/text-to-video", {"prompt": ""}, "prompt"),
        ("pika-2.5/text-to-video", {"prompt": "x", "duration_s": 10}, "duration_s"),
        ("pikaframes/image-to-video", {"images": FRAMES["images"][:1]}, "images"),
        ("pikaframes/image-to-video", {"images": FRAMES["images"] * 2}, "images"),
        ("pikaframes/image-to-video", {"images": ["ftp://a", "ftp://b"]}, "images"),
        ("pikaframes/image-to-video", {"images": [1, 2]}, "images"),
        *(
            ("pikaframes/image-to-video", {**FRAMES, "transition_duration_s": wrong}, name)
            for wrong in (0, 6, 11)
            for name in ("transition_duration_s",)
        ),
        ("pikaffects/image-to-video", {**IMAGE, "pikaffect": "Anime Cat"}, "pikaffect"),
        (
            "pikaffects/image-to-video",
            {**IMAGE, "pikaffect": "Melt", "prompt_override": ""},
            "prompt_override",
        ),
        (
            "pikaffects/image-to-video",
            {**IMAGE, "pikaffect": "Melt", "prompt_override": "x" * 10_001},
            "prompt_override",
        ),
        ("pikaffects/video-to-video", {"video": VIDEO["video"], "pikaffect": "Melt"}, "pikaffect"),
        ("pikadditions/video-to-video", {**VIDEO, "image": "a.png"}, "image"),
        ("pikaswaps/video-to-video", VIDEO, "modify_region_roi"),
        (
            "pikaswaps/video-to-video",
            {**VIDEO, "modify_region_roi": "hat", "modify_region_mask": "https://a/b.png"},
            "modify_region_roi",
        ),
    ],
)
def test_the_other_models_are_as_strict(model: str, body: dict[str, object], field: str) -> None:
    with pytest.raises(FieldError, match=f"^{field}:"):
        MODELS[f"pika/{model}"].checked(body)


@pytest.mark.parametrize(
    ("model", "body", "micro_usd"),
    [
        ("pika-2.5/image-to-video", {**IMAGE, "resolution": "720p"}, 200_000),
        ("pika-2.5/image-to-video", {**IMAGE, "resolution": "720p", "duration_s": 10}, 400_000),
        ("pika-2.5/image-to-video", IMAGE, 450_000),
        ("pika-2.5/image-to-video", {**IMAGE, "duration_s": 10}, 600_000),
        ("pika-2.5/text-to-video", {"prompt": "x", "resolution": "720p"}, 200_000),
        ("pikaframes/image-to-video", FRAMES, 600_000),
        ("pikaframes/image-to-video", {**FRAMES, "transition_duration_s": 2}, 240_000),
        ("pikaffects/image-to-video", {**IMAGE, "pikaffect": "Melt"}, 50_000),
        ("pikadditions/video-to-video", {**VIDEO, "duration_s": 10}, 30_000),
        ("pikaswaps/video-to-video", {**VIDEO, "modify_region_roi": "hat"}, 30_000),
    ],
)
def test_prices(model: str, body: dict[str, object], micro_usd: int) -> None:
    known = MODELS[f"pika/{model}"]
    assert known.price_micro_usd(known.checked(body)) == micro_usd


def record(model: Model) -> Any:
    directory = os.environ.get("CONTRACTS_DIR")
    if not directory:
        pytest.skip("CONTRACTS_DIR is not set: nothing to compare the catalogue with")
    path = Path(directory) / "pika" / f"{model.id.replace('/', '__')}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def schema_of(field: Field) -> dict[str, Any]:
    """What a record would say of this field, without its titles and descriptions."""
    value: dict[str, Any] = {}
    words = {"image": ["image"], "video": ["video"]}
    if field.media:
        value["media_kinds"] = words[field.media]
    if field.pattern:
        value["pattern"] = field.pattern
    bounds = {"minLength": field.shortest or None, "maxLength": field.longest}
    numbers = {"minimum": field.least, "maximum": field.most}
    value |= {name: one for name, one in (bounds | numbers).items() if one is not None}
    if field.types[0] == "array":
        few, many = value.pop("minLength"), value.pop("maxLength")
        value = {"items": {"type": "string", **value}, "minItems": few, "maxItems": many}
    if len(field.enum) == 1:
        value["const"] = field.enum[0]
    elif field.enum:
        value["enum"] = list(field.enum)
    value["type"] = field.types[0]
    if field.types[1:] == ("null",):
        value = {"anyOf": [value, {"type": "null"}]}
    return value if field.required else {**value, "default": field.default}


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_the_input_is_that_of_the_published_record(model: Model) -> None:
    schema = record(model)["input_schema"]
    assert schema["additionalProperties"] is False
    assert {field.name for field in model.fields if field.required} == set(schema["required"])
    told = {
        name: {word: said for word, said in value.items() if word not in {"title", "description"}}
        for name, value in schema["properties"].items()
    }
    for value in told.values():
        if "const" in value:
            value.setdefault("type", "integer")
    assert {field.name: schema_of(field) for field in model.fields} == told


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_path_and_prices_are_those_of_the_published_record(model: Model) -> None:
    published = record(model)
    assert published["call"] == {"method": "POST", "path": f"/v1/media/{model.id}"}
    (component,) = published["display_pricing"]["components"]
    assert component["unit"] == {"type": model.unit, "quantity": 1, "included": 0}
    told = [(tier["spec"], tier["micro_usd"]) for tier in component["price_tiers"]]
    assert told == [(dict(spec), micro_usd) for spec, micro_usd in model.tiers]
