"""The paid request of each wire and kind of work, whole, against what was asked for."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import pytest

from pika import (
    PROVIDERS,
    AdditionShot,
    EffectShot,
    FramesShot,
    Picture,
    Pika,
    SceneShot,
    Shot,
    SwapShot,
    TextShot,
    Video,
)
from tests.pika.raw_server import form_parts
from tests.pika.samples import KEY
from tests.pika.wires import WIRES

if TYPE_CHECKING:
    from pika import Work
    from tests.pika.raw_server import RawServer, Seen

GUIDED: Final[dict[str, Any]] = {"prompt": "the waves", "negative_prompt": "blur", "seed": 7}
LONG: Final[dict[str, Any]] = {"resolution": "720p", "duration": 10}
PNG, JPG = (
    Picture(data=random.Random(kind).randbytes(3_000), media_type=kind)
    for kind in ("image/png", "image/jpeg")
)
MP4 = Video(data=random.Random(3).randbytes(5_000), media_type="video/mp4")
A, B, V = "https://files.example/a.jpg", "https://files.example/b.jpg", "https://files.example/v"

JSON: Final = {"Content-Type": "application/json"}
HEADERS: Final[dict[str, dict[str, str]]] = {
    "pika": {**JSON, "X-API-Key": KEY, "Idempotency-Key": "k1"},
    "fal": {**JSON, "Authorization": f"Key {KEY}"},
    "comfy": {**JSON, "X-API-Key": KEY, "Idempotency-Key": "k1"},
    "comfy-proxy": {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "k1"},
}
OF_HTTP: Final = {"host", "accept", "accept-encoding", "user-agent", "content-length"}

HD: Final = {**GUIDED, "resolution": "720p"}
EDIT: Final = {"video": V, **HD, "duration_s": 10}
FORM: Final = {"promptText": "the waves", "negativePrompt": "blur", "seed": "7"}
SIZED: Final = {**FORM, "resolution": "720p", "duration": "10"}


def part(name: str, file: Picture | Video) -> tuple[str, str, str, bytes]:
    return name, f"{name}.{file.media_type.partition('/')[2]}", file.media_type, file.data


REQUESTS: Final[list[tuple[str, Work, str, Any]]] = [
    (
        "pika",
        Shot(picture=A, **GUIDED, **LONG),
        "/v1/media/pika/pika-2.5/image-to-video",
        {"image": A, **HD, "duration_s": 10},
    ),
    (
        "pika",
        TextShot(**HD),
        "/v1/media/pika/pika-2.5/text-to-video",
        {**HD, "duration_s": 5},
    ),
    (
        "pika",
        FramesShot(**HD, pictures=(A, B), duration=7),
        "/v1/media/pika/pikaframes/image-to-video",
        {"images": [A, B], **HD, "transition_duration_s": 7},
    ),
    (
        "pika",
        EffectShot(effect="Melt", picture=A, prompt="the waves", seed=7),
        "/v1/media/pika/pikaffects/image-to-video",
        {"pikaffect": "Melt", "image": A, "prompt_override": "the waves", "seed": 7},
    ),
    (
        "pika",
        EffectShot(effect="Pink Hair", video=V, seed=7),
        "/v1/media/pika/pikaffects/video-to-video",
        {"pikaffect": "Pink Hair", "video": V, "seed": 7},
    ),
    (
        "pika",
        AdditionShot(video=V, picture=A, **GUIDED, **LONG),
        "/v1/media/pika/pikadditions/video-to-video",
        {**EDIT, "image": A},
    ),
    (
        "pika",
        SwapShot(video=V, picture=A, region="the sky", **GUIDED, **LONG),
        "/v1/media/pika/pikaswaps/video-to-video",
        {**EDIT, "image": A, "modify_region_roi": "the sky", "modify_region_mask": None},
    ),
    (
        "pika",
        SwapShot(video=V, mask=B, **GUIDED, **LONG),
        "/v1/media/pika/pikaswaps/video-to-video",
        {**EDIT, "image": None, "modify_region_roi": None, "modify_region_mask": B},
    ),
    (
        "fal",
        Shot(picture=A, **GUIDED, **LONG),
        "/fal-ai/pika/v2.2/image-to-video",
        {"image_url": A, **HD, "duration": 10},
    ),
    (
        "fal",
        TextShot(**GUIDED, **LONG, aspect=9 / 16),
        "/fal-ai/pika/v2.2/text-to-video",
        {**HD, "duration": 10, "aspect_ratio": "9:16"},
    ),
    (
        "fal",
        FramesShot(**HD, pictures=(A, B, A), duration=3),
        "/fal-ai/pika/v2.2/pikaframes",
        {"image_urls": [A, B, A], **HD, "transitions": [{"duration": 3}] * 2},
    ),
    (
        "comfy",
        Shot(picture=A, **GUIDED, **LONG),
        "/v2/models/pika/pika-2.5-image-to-video/requests",
        {"image": A, **HD, "duration_s": 10},
    ),
    (
        "comfy",
        TextShot(**HD),
        "/v2/models/pika/pika-2.5-text-to-video/requests",
        {**HD, "duration_s": 5},
    ),
    (
        "comfy-proxy",
        Shot(picture=PNG, **GUIDED, **LONG),
        "/proxy/pika/generate/2.2/i2v",
        (SIZED, [part("image", PNG)]),
    ),
    (
        "comfy-proxy",
        TextShot(**GUIDED, **LONG, aspect=0.4),
        "/proxy/pika/generate/2.2/t2v",
        ({**SIZED, "aspectRatio": "0.4"}, []),
    ),
    (
        "comfy-proxy",
        FramesShot(**GUIDED, **LONG, pictures=(PNG, JPG)),
        "/proxy/pika/generate/2.2/pikaframes",
        (SIZED, [part("keyFrames", PNG), part("keyFrames", JPG)]),
    ),
    (
        "comfy-proxy",
        SceneShot(**GUIDED, **LONG, pictures=(PNG, JPG), mode="precise", aspect=2.5),
        "/proxy/pika/generate/2.2/pikascenes",
        (
            {**SIZED, "ingredientsMode": "precise", "aspectRatio": "2.5"},
            [part("images", PNG), part("images", JPG)],
        ),
    ),
    (
        "comfy-proxy",
        AdditionShot(**GUIDED, video=MP4, picture=PNG),
        "/proxy/pika/generate/pikadditions",
        (FORM, [part("video", MP4), part("image", PNG)]),
    ),
    (
        "comfy-proxy",
        SwapShot(**GUIDED, video=MP4, region="the sky"),
        "/proxy/pika/generate/pikaswaps",
        ({**FORM, "modifyRegionRoi": "the sky"}, [part("video", MP4)]),
    ),
    (
        "comfy-proxy",
        SwapShot(**GUIDED, video=MP4, mask=JPG, picture=PNG),
        "/proxy/pika/generate/pikaswaps",
        (FORM, [part("video", MP4), part("image", PNG), part("modifyRegionMask", JPG)]),
    ),
    (
        "comfy-proxy",
        EffectShot(**GUIDED, effect="Melt", picture=PNG),
        "/proxy/pika/generate/pikaffects",
        ({**FORM, "pikaffect": "Melt"}, [part("image", PNG)]),
    ),
]


async def paid(wire: str, work: Work, server: RawServer, uploads: RawServer) -> Seen:
    """Order the work, and return the last request, which is the paid one."""
    server.says("*", {"id": "r1", "request_id": "r1", "video_id": "r1"})
    place = {"upload_url": f"{uploads.origin}/put?sig=1", "headers": {"Content-Type": "image/png"}}
    hosted = {"url": A, "file_url": A}
    server.says("/v1/media/uploads", {**place, **hosted})
    server.says("/storage/upload/initiate", {**place, **hosted})
    uploads.says("/put")
    origins: dict[str, Any] = {"base": server.origin, "upload_base": server.origin}
    async with Pika(KEY, provider=wire, **origins) as client:
        await client.submit(await client.prepare(work), "k1")
    return server.seen[-1]


def headers(seen: Seen) -> dict[str, str]:
    kept = {name: value for name, value in seen.headers.items() if name.lower() not in OF_HTTP}
    return kept if "json" in kept["Content-Type"] else {**kept, "Content-Type": ""}


def body(seen: Seen) -> Any:
    """JSON as it is; a form as its fields, each once, and its files in order."""
    kind = seen.headers["Content-Type"]
    if kind == "application/json":
        return json.loads(seen.body)
    if kind == "application/x-www-form-urlencoded":
        fields = parse_qsl(seen.body.decode(), keep_blank_values=True, strict_parsing=True)
        files = []
    else:
        parts = form_parts(seen)
        fields = [(name, data.decode()) for name, file, _, data in parts if file is None]
        files = [one for one in parts if one[1] is not None]
    assert len(dict(fields)) == len(fields)
    return dict(fields), files


@pytest.mark.parametrize(
    ("wire", "work", "path", "wanted"),
    REQUESTS,
    ids=[f"{wire}-{type(work).__name__}" for wire, work, *_ in REQUESTS],
)
async def test_what_is_paid_is_what_was_asked_for(
    wire: str, work: Work, path: str, wanted: Any, server: RawServer, other_origin: RawServer
) -> None:
    seen = await paid(wire, work, server, other_origin)
    assert (seen.method, seen.target, body(seen)) == ("POST", path, wanted)
    assert headers(seen) == {"Content-Type": "", **HEADERS[wire]}
    assert len(server.seen) == 1
    assert not other_origin.seen


@pytest.mark.parametrize("wire", ["pika", "fal"])
async def test_the_picture_that_is_uploaded_is_the_one_that_was_given(
    wire: str, server: RawServer, other_origin: RawServer
) -> None:
    """And the order is the one that its address would have given."""
    seen = await paid(wire, Shot(picture=PNG, **GUIDED, **LONG), server, other_origin)
    (put,) = other_origin.seen
    assert (put.method, put.target, put.body) == ("PUT", "/put?sig=1", PNG.data)
    assert put.headers["Content-Type"] == "image/png"
    assert len(server.seen) == 2
    (wanted,) = [w for name, work, _, w in REQUESTS if name == wire and isinstance(work, Shot)]
    assert body(seen) == wanted


def test_every_kind_of_work_of_every_wire_is_in_the_table() -> None:
    for wire in WIRES:
        kinds = {type(work) for name, work, *_ in REQUESTS if name == wire}
        assert kinds == PROVIDERS[wire].capabilities.works
