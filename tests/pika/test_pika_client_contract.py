"""What the client sends, held against the service's own catalogue record.

The record is looked for in the directory that CONTRACTS_DIR names.
"""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from pika import MAX_SEED, Order, Pika, Shot
from tests.pika.raw_server import SUBMIT
from tests.pika.samples import KEY, shot

if TYPE_CHECKING:
    from playground.pika import PikaStandIn
    from tests.pika.fake_clock import FakeClock

RECORD = "pika/pika__pika-2.5__image-to-video.json"

shots = st.builds(
    Shot,
    picture=st.sampled_from(["https://a.example/b.jpg", "http://a.example/ü?sig=1%2F2#part"]),
    prompt=st.text(max_size=200),
    negative_prompt=st.text(max_size=200),
    seed=st.none() | st.integers(0, MAX_SEED),
    resolution=st.sampled_from(["720p", "1080p"]),
    duration=st.sampled_from([5, 10]),
)


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    if "CONTRACTS_DIR" not in os.environ:
        pytest.skip("CONTRACTS_DIR is not set, so there is no catalogue record to hold against")
    text = Path(os.environ["CONTRACTS_DIR"], RECORD).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def violations(record: dict[str, Any], body: object) -> list[str]:
    return [
        error.message for error in Draft202012Validator(record["input_schema"]).iter_errors(body)
    ]


def test_the_record_refuses_what_is_wrong(record: dict[str, Any]) -> None:
    """Otherwise the tests below could not fail."""
    good = {"image": "https://a.example/b.jpg"}
    assert not violations(record, good)
    for bad in ({}, {"image": "data:x"}, {**good, "seed": "1"}, {**good, "fps": 24}):
        assert violations(record, bad)


@given(wanted=shots)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_shot_by_address_becomes_a_valid_body(
    record: dict[str, Any], wanted: Shot
) -> None:
    async with Pika(KEY) as pika:
        order = await pika.prepare(wanted)
    stored = Order.model_validate_json(order.model_dump_json())
    assert not violations(record, json.loads(json.dumps(stored.body)))
    assert set(stored.body) == set(record["input_schema"]["properties"])


async def test_what_arrives_at_the_wire_is_valid_too(
    record: dict[str, Any],
    pika: Pika,
    stand_in: PikaStandIn,
    clock: FakeClock,
    tmp_path: Path,
) -> None:
    del clock
    await pika.animate(shot(), tmp_path / "1.mp4")
    await pika.animate(shot(prompt="waves", seed=MAX_SEED, duration=10), tmp_path / "2.mp4")
    sent = [seen for seen in stand_in.exchanges if seen.operation == "pika.submit"]
    assert len(sent) == 2
    for seen in sent:
        assert not violations(record, seen.request_json)
        assert (seen.method, seen.path) == (record["call"]["method"], record["call"]["path"])


def test_the_path_is_the_records(record: dict[str, Any]) -> None:
    assert record["call"] == {"method": "POST", "path": SUBMIT}


async def test_the_defaults_are_the_records(record: dict[str, Any]) -> None:
    async with Pika(KEY) as pika:
        body = (await pika.prepare(Shot(picture="https://a.example/b.jpg"))).body
    told = record["input_schema"]["properties"]
    assert {name: told[name]["default"] for name in body if name != "image"} == {
        name: value for name, value in body.items() if name != "image"
    }


async def test_every_price_is_the_records_most_specific_tier(record: dict[str, Any]) -> None:
    (component,) = record["display_pricing"]["components"]
    assert component["unit"] == {"type": "second", "quantity": 1, "included": 0}
    choices = record["input_schema"]["properties"]
    async with Pika(KEY) as pika:
        for resolution, seconds in itertools.product(
            choices["resolution"]["enum"], choices["duration_s"]["enum"]
        ):
            asked = {"resolution": resolution, "duration_s": seconds}.items()
            fitting = [t for t in component["price_tiers"] if t["spec"].items() <= asked]
            per_second = max(fitting, key=lambda tier: len(tier["spec"]))["micro_usd"]
            priced = pika.price(shot(resolution=resolution, duration=seconds))
            assert priced == per_second * seconds
