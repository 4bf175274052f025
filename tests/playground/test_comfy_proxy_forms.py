"""All forms of the proxy, held against the published document where CONTRACTS_DIR is set."""

import json
import os
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from jsonschema_rs import Draft202012Validator

from playground.pika.models.proxy_models import MODELS, ProxyModel
from playground.pika.video.canned import canned_clip
from tests.playground.pika_customer import Answer, Customer, a_customer, jpeg

GENERATE = "/proxy/pika/generate/"


@cache
def footage() -> bytes:
    return canned_clip(160, 90, 1)


@pytest.fixture
async def customer() -> AsyncIterator[Customer]:
    async with a_customer("comfy-proxy") as customer:
        yield customer


async def submit(
    customer: Customer, model: str, files: tuple[str, ...] = (), **texts: Any
) -> Answer:
    encoded = model == "2.2/t2v"
    data = aiohttp.FormData(default_to_multipart=not encoded)
    for name, text in texts.items():
        data.add_field(name, str(text))
    for name in files:
        content = footage() if name == "video" else jpeg()
        kind = "video/mp4" if name == "video" else "image/jpeg"
        data.add_field(name, content, filename=f"{name}.x", content_type=kind)
    return await customer.ask("POST", GENERATE + model, data=data)


async def finished(customer: Customer, answer: Answer) -> Any:
    assert answer.status == 200, answer.body
    await customer.pika.jobs[answer.json["video_id"]].made()
    return (await customer.ask("GET", f"/proxy/pika/videos/{answer.json['video_id']}")).json


@pytest.mark.parametrize(
    ("model", "files", "texts", "micro_usd"),
    [
        ("2.2/i2v", ("image",), {}, 450_000),
        ("2.2/i2v", ("image",), {"duration": 10}, 1_000_000),
        ("2.2/t2v", (), {"promptText": "x", "aspectRatio": 0.4}, 450_000),
        ("2.2/t2v", (), {"promptText": "x", "resolution": "720p"}, 200_000),
        ("2.2/pikaframes", ("keyFrames",) * 2, {"promptText": "x", "duration": 7}, 420_000),
        ("2.2/pikascenes", ("images",) * 3, {"ingredientsMode": "precise"}, 500_000),
        (
            "2.2/pikascenes",
            ("images",),
            {"ingredientsMode": "creative", "duration": 10, "resolution": "720p"},
            400_000,
        ),
        ("pikadditions", ("video", "image"), {"promptText": "x"}, 300_000),
        ("pikaswaps", ("video", "modifyRegionMask"), {}, 300_000),
        ("pikaswaps", ("video", "image"), {"modifyRegionRoi": "hat"}, 300_000),
        ("pikaffects", ("image",), {"pikaffect": "Melt"}, 450_000),
    ],
)
async def test_every_form_becomes_a_video_at_its_price(
    customer: Customer, model: str, files: tuple[str, ...], texts: Any, micro_usd: int
) -> None:
    done = await finished(customer, await submit(customer, model, files, **texts))
    assert done["status"] == "finished"
    assert (await customer.ask("GET", done["url"])).status == 200
    assert customer.pika.counters.charged_micro_usd == micro_usd


@pytest.mark.parametrize(
    ("model", "files", "texts", "field"),
    [
        ("2.2/t2v", (), {}, "promptText"),
        ("2.2/t2v", (), {"promptText": "x", "aspectRatio": 2.6}, "aspectRatio"),
        ("2.2/t2v", (), {"promptText": "x", "aspectRatio": "16:9"}, "aspectRatio"),
        ("2.2/t2v", (), {"promptText": "x", "aspectRatio": "nan"}, "aspectRatio"),
        ("2.2/t2v", (), {"promptText": "x", "seed": "1_000"}, "seed"),
        ("2.2/pikaframes", ("keyFrames",), {"promptText": "x"}, "keyFrames"),
        ("2.2/pikaframes", ("keyFrames",) * 6, {"promptText": "x"}, "keyFrames"),
        ("2.2/pikaframes", ("keyFrames",) * 2, {"promptText": "x", "duration": 4}, "duration"),
        ("2.2/pikaframes", ("keyFrames",) * 2, {}, "promptText"),
        ("2.2/pikascenes", ("images",), {}, "ingredientsMode"),
        ("2.2/pikascenes", (), {"ingredientsMode": "precise"}, "images"),
        ("2.2/pikascenes", ("images",), {"ingredientsMode": "wild"}, "ingredientsMode"),
        ("pikadditions", ("video",), {}, "image"),
        ("pikadditions", ("image",), {}, "video"),
        ("pikaswaps", ("video",), {}, "modifyRegionRoi"),
        ("pikaswaps", ("video", "modifyRegionMask"), {"modifyRegionRoi": "x"}, "modifyRegionRoi"),
        ("pikaffects", ("image",), {"pikaffect": "Baby Me"}, "pikaffect"),
        ("pikaffects", ("image",), {}, "pikaffect"),
    ],
)
async def test_every_form_is_checked(
    customer: Customer, model: str, files: tuple[str, ...], texts: Any, field: str
) -> None:
    answer = await submit(customer, model, files, **texts)
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, ["body", field])
    assert customer.pika.paid_submits == 0


@cache
def document() -> Any:
    directory = os.environ.get("CONTRACTS_DIR")
    if not directory:
        pytest.skip("CONTRACTS_DIR is not set: nothing to compare the forms with")
    path = Path(directory) / "pika" / "comfy-proxy-2.2.openapi.json"
    return json.loads(path.read_text(encoding="utf-8"))


def schema(name: str) -> Any:
    return document()["components"]["schemas"][name]


def resolved(value: Any) -> Any:
    if "$ref" in value:
        return schema(value["$ref"].rsplit("/", 1)[1])
    return {**value, **value["anyOf"][0]} if "anyOf" in value else value


def published(model: ProxyModel) -> tuple[str, Any]:
    """The encoding and the schema of a form."""
    operation = document()["paths"][GENERATE + model.id]["post"]
    ((encoding, content),) = operation["requestBody"]["content"].items()
    return encoding, resolved(content["schema"])


def test_the_forms_are_those_of_the_document() -> None:
    paths = {path for path in document()["paths"] if path.startswith(GENERATE)}
    assert {GENERATE + model for model in MODELS} == paths


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_a_form_is_that_of_the_document(model: ProxyModel) -> None:
    encoding, told = published(model)
    assert model.encoding == encoding
    properties = {name: resolved(value) for name, value in told["properties"].items()}
    files = {
        name
        for name, value in properties.items()
        if "binary" in (value.get("format"), value.get("items", {}).get("format"))
    }
    assert {part.name for part in model.files} == files
    assert {field.name for field in model.fields} == properties.keys() - files
    several = {name for name in files if properties[name].get("type") == "array"}
    assert {part.name for part in model.files if part.most > 1} == several
    required = set(told.get("required", []))
    # An effect has no default, so the document can only have forgotten that it is required.
    assert {field.name for field in model.fields if field.required} - {"pikaffect"} == required


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_a_field_is_that_of_the_document(model: ProxyModel) -> None:
    _, told = published(model)
    for field in model.fields:
        value = resolved(told["properties"][field.name])
        assert field.types == (value["type"],)
        if "enum" in value:
            assert set(field.enum) == set(value["enum"])
        if "default" in value:
            assert field.default == value["default"]
        if "minimum" in value:
            assert (field.least, field.most) == (value["minimum"], value["maximum"])


async def test_the_answers_are_those_of_the_document(customer: Customer) -> None:
    customer.pika.behaviour.render_seconds = float("inf")
    answer = await submit(customer, "2.2/i2v", ("image",))
    where = f"/proxy/pika/videos/{answer.json['video_id']}"
    started = (await customer.ask("GET", where)).json
    customer.pika.behaviour.render_seconds = 0
    done = await finished(customer, answer)
    refused = (await submit(customer, "2.2/i2v")).json
    answers = [
        ("PikaGenerateResponse", answer.json),
        ("PikaVideoResponse", started),
        ("PikaVideoResponse", done),
        ("PikaHTTPValidationError", refused),
    ]
    for name, body in answers:
        rooted = {**document(), "$ref": f"#/components/schemas/{name}"}
        errors = Draft202012Validator(rooted).iter_errors(body)
        assert [error.message for error in errors] == []
