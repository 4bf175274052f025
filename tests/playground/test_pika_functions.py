"""What Pika's own API offers beside image-to-video."""

import io
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import av
import pytest

from playground.pika.video.canned import canned_clip
from tests.playground.pika_customer import Customer, a_customer, jpeg


@pytest.fixture
async def customer() -> AsyncIterator[Customer]:
    async with a_customer() as customer:
        yield customer


@cache
def footage() -> bytes:
    return canned_clip(160, 90, 1)


async def ordered(customer: Customer, model: str, **body: Any) -> Any:
    """The final document of a job of this model."""
    answer = await customer.ask("POST", f"/v1/media/pika/{model}", json=body)
    assert answer.status == 200, answer.body
    return await customer.ended(answer.json["id"])


async def size_and_seconds(customer: Customer, job: Any) -> tuple[int, int, float]:
    answer = await customer.ask("GET", job["output"]["video"]["url"])
    with av.open(io.BytesIO(answer.body), "r") as container:
        assert container.duration is not None
        stream = container.streams.video[0]
        return stream.width, stream.height, container.duration / 1_000_000


async def test_words_alone_become_a_wide_clip(customer: Customer) -> None:
    job = await ordered(customer, "pika-2.5/text-to-video", prompt="waves", resolution="720p")
    assert (job["status"], job["model"]) == ("completed", "pika/pika-2.5/text-to-video")
    width, height, seconds = await size_and_seconds(customer, job)
    assert width / height == pytest.approx(16 / 9, rel=0.01)
    assert seconds == 5.0
    assert job["billing"]["charge_micro_usd"] == 200_000


async def test_keyframes_become_a_clip_as_long_as_their_transitions(customer: Customer) -> None:
    images = [await customer.upload(jpeg(90, 160)) for _ in range(3)]
    job = await ordered(
        customer, "pikaframes/image-to-video", images=images, transition_duration_s=2
    )
    assert await size_and_seconds(customer, job) == (90, 160, 4.0)
    assert customer.pika.jobs[job["id"]].image_bytes == 3 * len(jpeg(90, 160))


async def test_every_keyframe_must_be_a_picture(customer: Customer) -> None:
    images = [await customer.upload(), await customer.upload(b"no picture")]
    job = await ordered(customer, "pikaframes/image-to-video", images=images)
    assert job["error"]["code"] == "invalid_input"


async def test_a_picture_is_given_an_effect(customer: Customer) -> None:
    image = await customer.upload()
    job = await ordered(customer, "pikaffects/image-to-video", image=image, pikaffect="Melt")
    assert (await size_and_seconds(customer, job))[2] == 5.0
    assert job["billing"]["charge_micro_usd"] == 50_000


@pytest.mark.parametrize(
    ("model", "body", "micro_usd"),
    [
        ("pikaffects", {"pikaffect": "Anime Cat"}, 50_000),
        ("pikadditions", {"prompt": "a hat", "duration_s": 10}, 30_000),
        ("pikaswaps", {"prompt": "a hat", "modify_region_roi": "the head"}, 30_000),
    ],
)
async def test_a_video_is_made_another(
    customer: Customer, model: str, body: dict[str, Any], micro_usd: int
) -> None:
    video = await customer.upload(footage(), "video/mp4")
    job = await ordered(customer, f"{model}/video-to-video", video=video, **body)
    assert await size_and_seconds(customer, job) == (160, 90, body.get("duration_s", 5))
    assert job["billing"]["charge_micro_usd"] == micro_usd


async def test_a_subject_and_a_mask_must_be_pictures(customer: Customer) -> None:
    video = await customer.upload(footage(), "video/mp4")
    good, bad = await customer.upload(), await customer.upload(b"no picture")
    for image, mask, code in [(good, good, None), (bad, good, "x"), (good, bad, "x")]:
        job = await ordered(
            customer,
            "pikaswaps/video-to-video",
            video=video,
            prompt="a hat",
            image=image,
            modify_region_mask=mask,
        )
        assert (job["error"] and "x") == code


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"no video", "video/mp4"), (jpeg(), "image/jpeg"), (b"", "video/webm")],
)
async def test_a_video_must_be_one(customer: Customer, data: bytes, kind: str) -> None:
    if data:
        video = await customer.upload(data, kind)
    else:
        order = {"content_type": kind, "size_bytes": 9}
        video = (await customer.ask("POST", "/v1/media/uploads", json=order)).json["url"]
    job = await ordered(customer, "pikaffects/video-to-video", video=video, pikaffect="Anime Cat")
    assert job["error"]["code"] == "invalid_input"


async def test_a_picture_must_not_be_a_video(customer: Customer) -> None:
    image = await customer.upload(footage(), "video/mp4")
    assert (await customer.completed(image=image))["error"]["code"] == "invalid_input"


async def test_effects_are_moderated_by_their_own_words(customer: Customer) -> None:
    job = await ordered(
        customer,
        "pikaffects/image-to-video",
        image=await customer.upload(),
        pikaffect="Melt",
        prompt_override="forbidden",
    )
    assert job["error"]["code"] == "content_moderation"


async def test_a_key_belongs_to_one_model(customer: Customer) -> None:
    headers = {"Idempotency-Key": "k"}
    body = {"image": await customer.upload(), "pikaffect": "Melt"}
    where = "/v1/media/pika/pikaffects/image-to-video"
    assert (await customer.ask("POST", where, json=body, headers=headers)).status == 200
    other = await customer.submit(key="k", image=body["image"])
    assert other.status == 409


async def test_unknown_functions_are_not_found(customer: Customer) -> None:
    for path in ("pikascenes/image-to-video", "pika-2.5/video-to-video", "pika-2.5"):
        assert (await customer.ask("POST", f"/v1/media/pika/{path}", json={})).status == 404
