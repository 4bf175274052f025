"""The plain data: what it refuses, that it is frozen, and what a shot costs."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from pika import MAX_PICTURE_BYTES, MAX_SEED, Order, Picture, Pika, Shot, Ticket
from tests.pika.samples import JPEG, KEY, shot

URL = "https://pictures.example/a.jpg"


def test_a_bare_shot_has_the_defaults_of_the_node() -> None:
    bare = Shot(picture=URL)
    assert bare.model_dump() == {
        "picture": URL,
        "prompt": "",
        "negative_prompt": "",
        "seed": None,
        "resolution": "1080p",
        "duration": 5,
    }


@pytest.mark.parametrize("seed", [None, 0, 1, 2**31, MAX_SEED])
def test_a_seed_within_the_bounds_is_kept(seed: int | None) -> None:
    assert shot(seed=seed).seed == seed


@pytest.mark.parametrize(
    "options",
    [
        {"seed": -1},
        {"seed": 2**32},
        {"seed": True},
        {"seed": "7"},
        {"seed": 7.0},
        {"resolution": "480p"},
        {"resolution": "1080P"},
        {"resolution": 1080},
        {"resolution": None},
        {"duration": 7},
        {"duration": "5"},
        {"duration": True},
        {"duration": None},
        {"prompt": None},
        {"prompt": b"waves"},
        {"prompt": "x" * 10_001},
        {"prompt": "\ud800"},
        {"negative_prompt": "x" * 10_001},
        {"picture": None},
        {"picture": ""},
        {"picture": JPEG},
        {"picture": "data:image/png;base64,iVBORw0KGgo="},
        {"picture": "ftp://pictures.example/a.jpg"},
        {"picture": "pictures.example/a.jpg"},
        {"picture": "https://"},
        {"picture": "https:///a.jpg"},
        {"picture": f"https://pictures.example/{'a' * 4096}"},
        {"aspect_ratio": "16:9"},
    ],
    ids=lambda options: " ".join(f"{k}={v!r:.30}" for k, v in options.items()),
)
def test_a_shot_out_of_bounds_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        shot(**options)


def test_a_picture_may_have_exactly_the_documented_size() -> None:
    assert len(Picture(data=bytes(MAX_PICTURE_BYTES), media_type="image/png").data) == 20_000_000


@pytest.mark.parametrize(
    "fields",
    [
        {"data": b"", "media_type": "image/png"},
        {"data": bytes(MAX_PICTURE_BYTES + 1), "media_type": "image/png"},
        {"data": JPEG, "media_type": "image/gif"},
        {"data": JPEG, "media_type": "IMAGE/JPEG"},
        {"data": JPEG},
        {"data": "text", "media_type": "image/png"},
        {"data": JPEG, "media_type": "image/jpeg", "name": "a.jpg"},
    ],
    ids=["empty", "too large", "gif", "capitals", "no type", "text", "extra"],
)
def test_a_picture_out_of_bounds_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Picture(**fields)


@pytest.mark.parametrize("ident", ["", "x" * 501, 7, None])
def test_a_ticket_needs_an_id(ident: Any) -> None:
    with pytest.raises(ValidationError):
        Ticket(provider="pika", id=ident)


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        (shot(), "seed", 1),
        (Picture(data=JPEG, media_type="image/png"), "media_type", "image/jpeg"),
        (Order(provider="pika", path="/x", body={}), "path", "/y"),
        (Ticket(provider="pika", id="media_1"), "id", "media_2"),
    ],
)
def test_models_are_frozen(model: BaseModel, name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        setattr(model, name, value)


def test_the_bytes_of_a_picture_stay_out_of_its_repr() -> None:
    assert "JFIF" not in repr(shot())


@pytest.mark.parametrize(
    ("resolution", "duration", "micro_usd"),
    [("720p", 5, 200_000), ("720p", 10, 400_000), ("1080p", 5, 450_000), ("1080p", 10, 600_000)],
)
async def test_a_shot_has_the_published_price(
    resolution: str, duration: int, micro_usd: int
) -> None:
    async with Pika(KEY) as pika:
        assert pika.price(shot(resolution=resolution, duration=duration)) == micro_usd
