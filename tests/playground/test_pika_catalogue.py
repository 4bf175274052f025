import json
import os
from pathlib import Path
from typing import Any

import pytest

from playground.pika import catalogue
from playground.pika.catalogue import FIELDS, InvalidInputError, checked, price_micro_usd

IMAGE = {"image": "https://cdn.example/a.png"}


def test_defaults_are_those_of_the_catalogue() -> None:
    assert checked(IMAGE) == {
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
    with pytest.raises(InvalidInputError, match=f"^{field}:"):
        checked(body)


@pytest.mark.parametrize(
    ("resolution", "seconds", "micro_usd"),
    [
        ("720p", 5, 200_000),
        ("720p", 10, 400_000),
        ("1080p", 5, 450_000),
        ("1080p", 10, 600_000),
    ],
)
def test_prices(resolution: str, seconds: int, micro_usd: int) -> None:
    body = checked({**IMAGE, "resolution": resolution, "duration_s": seconds})
    assert price_micro_usd(body) == micro_usd


@pytest.fixture
def record() -> Any:
    directory = os.environ.get("CONTRACTS_DIR")
    if not directory:
        pytest.skip("CONTRACTS_DIR is not set: nothing to compare the catalogue with")
    path = Path(directory) / "pika" / f"{catalogue.MODEL.replace('/', '__')}.json"
    return json.loads(path.read_text())


def test_the_input_is_that_of_the_published_record(record: Any) -> None:
    schema = record["input_schema"]
    published = schema["properties"]
    assert schema["additionalProperties"] is False
    assert {field.name for field in FIELDS} == set(published)
    assert {field.name for field in FIELDS if field.required} == set(schema["required"])
    for field in FIELDS:
        told = published[field.name]
        types = [told["type"]] if "type" in told else [one["type"] for one in told["anyOf"]]
        assert field.types == tuple(types)
        assert field.default == told.get("default")
        assert list(field.enum) == told.get("enum", [])
        assert field.pattern == told.get("pattern", "")
        assert told.keys() <= {
            *("anyOf", "default", "description", "enum", "media_kinds", "pattern", "title", "type")
        }


def test_path_and_prices_are_those_of_the_published_record(record: Any) -> None:
    assert record["call"] == {"method": "POST", "path": f"/v1/media/{catalogue.MODEL}"}
    (component,) = record["display_pricing"]["components"]
    assert component["unit"] == {"type": "second", "quantity": 1, "included": 0}
    told = [(tier["spec"], tier["micro_usd"]) for tier in component["price_tiers"]]
    assert told == [(dict(spec), micro_usd) for spec, micro_usd in catalogue.PRICE_TIERS]
