"""What each wire takes and what it refuses before anything is sent, held against the contracts.

The contracts are looked for in the directory that CONTRACTS_DIR names.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from jsonschema_rs import Draft202012Validator

from pika import (
    PROVIDERS,
    AdditionShot,
    BadInputError,
    EffectShot,
    FramesShot,
    Order,
    Pika,
    SceneShot,
    Shot,
    SwapShot,
    TextShot,
    Work,
)
from pika.effects import CLASSIC_EFFECTS, PICTURE_EFFECTS, VIDEO_EFFECTS
from tests.pika.samples import KEY
from tests.pika.wires import PICTURE, URL, WIRES, WiredClient, only, video

if TYPE_CHECKING:
    from tests.pika.raw_server import RawServer

PAIR: Final = (URL, URL)
CLIP: Final = "https://videos.example/a.mp4"
LONG: Final[dict[str, Any]] = {"resolution": "720p", "duration": 10}
KINDS: Final[dict[type[Work], Work]] = {
    Shot: Shot(picture=URL),
    TextShot: TextShot(prompt="a"),
    FramesShot: FramesShot(pictures=PAIR, prompt="a"),
    EffectShot: EffectShot(effect="Melt", picture=URL),
    AdditionShot: AdditionShot(video=CLIP, picture=URL, prompt="a"),
    SwapShot: SwapShot(video=CLIP, prompt="a", region="b"),
    SceneShot: SceneShot(pictures=PAIR),
}
TAKEN: Final[dict[str, set[type[Work]]]] = {
    "pika": {Shot, TextShot, FramesShot, EffectShot, AdditionShot, SwapShot},
    "fal": {Shot, TextShot, FramesShot},
    "comfy": {Shot, TextShot},
    "comfy-proxy": set(KINDS),
}
PROXY_FORMS: Final = {
    Shot: "2.2/i2v",
    TextShot: "2.2/t2v",
    FramesShot: "2.2/pikaframes",
    SceneShot: "2.2/pikascenes",
    AdditionShot: "pikadditions",
    SwapShot: "pikaswaps",
    EffectShot: "pikaffects",
}


def contract(name: str) -> Any:
    if "CONTRACTS_DIR" not in os.environ:
        pytest.skip("CONTRACTS_DIR is not set, so there is no contract to hold against")
    return json.loads(Path(os.environ["CONTRACTS_DIR"], "pika", name).read_text(encoding="utf-8"))


async def refused(wire: str, work: Work, server: RawServer) -> BadInputError:
    base = {"base": server.origin, "upload_base": server.origin}
    async with Pika(KEY, provider=wire, **base) as pika:  # type: ignore[arg-type] # two of many
        with pytest.raises(BadInputError) as caught:
            await pika.prepare(work)
    assert not server.seen
    return caught.value


def test_the_table_is_whole() -> None:
    assert set(TAKEN) == set(WIRES) == set(PROVIDERS)
    for wire, kinds in TAKEN.items():
        assert PROVIDERS[wire].capabilities.works == kinds


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_wire_refuses_the_kinds_that_it_does_not_take(
    wire: str, kind: type[Work], server: RawServer
) -> None:
    work = KINDS[kind]
    if kind not in TAKEN[wire]:
        assert (await refused(wire, work, server)).code == "unsupported"
    async with Pika(KEY, provider=wire, base=server.origin) as pika:
        if kind in TAKEN[wire]:
            assert pika.price(work) > 0
        else:
            with pytest.raises(BadInputError):
                pika.price(work)


@pytest.mark.parametrize(
    ("wire", "work"),
    [
        ("pika", TextShot(prompt="a", duration=10)),
        ("pika", TextShot(prompt="a", aspect=1.0)),
        ("pika", EffectShot(effect="Melt", picture=PICTURE, negative_prompt="b")),
        ("pika", EffectShot(effect="melt", picture=PICTURE)),
        ("pika", EffectShot(effect="Pink Hair", picture=PICTURE)),
        ("pika", EffectShot(effect="Melt", video=CLIP)),
        ("pika", EffectShot(effect="Pink Hair", video=CLIP, prompt="a")),
        ("fal", TextShot(prompt="a", aspect=2.5)),
        ("fal", TextShot(prompt="a", aspect=0.4)),
        ("comfy", TextShot(prompt="a", duration=10)),
        ("comfy", TextShot(prompt="a", aspect=1.0)),
        ("comfy-proxy", FramesShot(pictures=(PICTURE, PICTURE), prompt="a", duration=4)),
        ("comfy-proxy", FramesShot(pictures=(PICTURE, PICTURE))),
        ("comfy-proxy", EffectShot(effect="90s Me", picture=PICTURE)),
        ("comfy-proxy", EffectShot(effect="Melt", video=video())),
        ("comfy-proxy", AdditionShot(video=video(), prompt="a")),
        ("comfy-proxy", AdditionShot(video=video(), prompt="a", picture=PICTURE, duration=10)),
        ("comfy-proxy", SwapShot(video=video(), prompt="a", region="b", resolution="720p")),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value)[:60],
)
async def test_values_that_a_wire_does_not_take_are_refused_with_their_price(
    wire: str, work: Work, server: RawServer
) -> None:
    assert (await refused(wire, work, server)).code == "unsupported"
    async with Pika(KEY, provider=wire, base=server.origin) as pika:
        with pytest.raises(BadInputError):
            pika.price(work)


@pytest.mark.parametrize(
    "work",
    [
        Shot(picture=URL),
        FramesShot(pictures=(PICTURE, URL), prompt="a"),
        EffectShot(effect="Melt", picture=URL),
        AdditionShot(video=CLIP, picture=PICTURE, prompt="a"),
        SwapShot(video=video(), mask=URL, prompt="a"),
    ],
    ids=lambda work: type(work).__name__,
)
async def test_the_proxy_takes_no_addresses(work: Work, server: RawServer) -> None:
    assert PROVIDERS["comfy-proxy"].capabilities.needs_bytes
    assert (await refused("comfy-proxy", work, server)).code == "needs_bytes"


@pytest.mark.parametrize(
    "picture", [PICTURE, "http://pictures.example/a.jpg"], ids=["bytes", "http"]
)
async def test_the_router_takes_public_https_alone(picture: Any, server: RawServer) -> None:
    assert PROVIDERS["comfy"].capabilities.needs_url
    async with Pika(KEY, provider="comfy") as pika:
        with pytest.raises(BadInputError) as caught:
            await pika.prepare(Shot(picture=picture))
        assert caught.value.code == "needs_url"
        order = await pika.prepare(Shot(picture=URL))
    assert order.body["image"] == URL
    assert not server.seen


@pytest.mark.parametrize("wired", ["pika", "fal"], indirect=True)
async def test_bytes_or_an_address_are_both_taken_where_neither_is_demanded(
    wired: WiredClient,
) -> None:
    wire = wired.pika.capabilities()
    assert not wire.needs_url
    assert not wire.needs_bytes
    fields = {"pika": "image", "fal": "image_url"}
    by_address = await wired.pika.prepare(Shot(picture=URL))
    assert by_address.body[fields[wired.wire]] == URL
    assert not wired.stand_in.exchanges
    by_bytes = await wired.pika.prepare(Shot(picture=PICTURE))
    assert str(by_bytes.body[fields[wired.wire]]).startswith(wired.stand_in.cdn_origin)


async def sent(provider: str, work: Work) -> Order:
    async with Pika(KEY, provider=provider) as pika:
        return await pika.prepare(work)


@pytest.mark.parametrize("options", [{}, {"negative_prompt": "blur", "seed": 7}], ids=repr)
@pytest.mark.parametrize(
    ("record", "work"),
    [
        ("pika-2.5__image-to-video", Shot(picture=URL, **LONG)),
        ("pika-2.5__text-to-video", TextShot(prompt="a", resolution="720p")),
        ("pikaframes__image-to-video", FramesShot(pictures=PAIR, duration=10)),
        ("pikaframes__image-to-video", FramesShot(pictures=(*PAIR, *PAIR, URL), duration=1)),
        ("pikaffects__image-to-video", EffectShot(effect="Melt", picture=URL)),
        ("pikaffects__image-to-video", EffectShot(effect="Melt", picture=URL, prompt="a")),
        ("pikaffects__video-to-video", EffectShot(effect="Pink Hair", video=CLIP)),
        ("pikadditions__video-to-video", AdditionShot(video=CLIP, prompt="a", **LONG)),
        ("pikadditions__video-to-video", AdditionShot(video=CLIP, prompt="a", picture=URL)),
        ("pikaswaps__video-to-video", SwapShot(video=CLIP, prompt="a", region="b")),
        ("pikaswaps__video-to-video", SwapShot(video=CLIP, prompt="a", mask=URL, picture=URL)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_bodies_are_those_of_the_catalogue(
    record: str, work: Work, options: dict[str, Any]
) -> None:
    told = contract(f"pika__{record}.json")
    if isinstance(work, EffectShot):
        options = {name: value for name, value in options.items() if name == "seed"}
    wanted = type(work).model_validate({**dict(work), **options})
    schema = told["input_schema"]
    order = await sent("pika", wanted)
    assert {"method": "POST", "path": order.path} == told["call"]
    wires = {"pika", *(["comfy"] if type(work) in TAKEN["comfy"] else [])}
    for wire in wires:
        order = await sent(wire, wanted)
        assert not [e.message for e in Draft202012Validator(schema).iter_errors(order.body)]
        assert set(order.body) == set(schema["properties"])
    (component,) = told["display_pricing"]["components"]
    tiers = [t for t in component["price_tiers"] if t["spec"].items() <= order.body.items()]
    each = max(tiers, key=lambda tier: len(tier["spec"]))["micro_usd"]
    seconds = getattr(work, "seconds", getattr(work, "duration", 1))
    async with Pika(KEY) as pika:
        paid = each * seconds if component["unit"]["type"] == "second" else each
        assert pika.price(wanted) == paid


@pytest.mark.parametrize("wired", only["comfy-proxy"], indirect=True)
async def test_forms_are_those_of_the_proxys_document(wired: WiredClient) -> None:
    document = contract("comfy-proxy-2.2.openapi.json")
    for work in wired.works():
        order = await wired.pika.prepare(work)
        assert order.path == f"/proxy/pika/generate/{PROXY_FORMS[type(work)]}"
        content = document["paths"][order.path]["post"]["requestBody"]["content"]
        kinds = {"form": "application/x-www-form-urlencoded", "multipart": "multipart/form-data"}
        schema = content[kinds[order.encoding]]["schema"]
        files: dict[str, Any] = {}
        properties = _resolved(document, schema)["properties"]
        for part in order.files:
            files.setdefault(part.name, []).append("binary")
        for name, several in files.items():
            if properties[name].get("type") != "array":
                (files[name],) = several
        form = {**order.body, **files}
        whole = {**schema, "components": document["components"]}
        assert not [e.message for e in Draft202012Validator(whole).iter_errors(form)], work
        optional = {"image", "modifyRegionMask", "modifyRegionRoi"} if len(files) < 3 else set()
        assert set(properties) - optional <= set(form) | {"modifyRegionRoi"}
        assert set(form) <= set(properties)


def _resolved(document: Any, schema: Any) -> Any:
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]


def test_the_effects_are_those_of_the_contracts() -> None:
    def listed(name: str) -> set[str]:
        schema = contract(name)["input_schema"]
        return set(schema["properties"]["pikaffect"]["enum"])

    assert listed("pika__pikaffects__image-to-video.json") == PICTURE_EFFECTS
    assert listed("pika__pikaffects__video-to-video.json") == VIDEO_EFFECTS
    document = contract("comfy-proxy-2.2.openapi.json")
    assert set(document["components"]["schemas"]["Pikaffect"]["enum"]) == CLASSIC_EFFECTS


async def test_fal_is_left_its_default_length_and_given_words_where_there_are_none() -> None:
    order = await sent("fal", Shot(picture=URL))
    prompt = order.body.pop("prompt")
    assert prompt, "fal requires one"
    assert order.body == {"image_url": URL, "negative_prompt": "", "resolution": "1080p"}
