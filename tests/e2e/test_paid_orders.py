"""What is paid for is what was asked for: the whole order and its picture, on every wire."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any, Final

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from playground.discord import Upload
from tests.house import House, open_house

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from playground.pika import WireName
    from playground.pika.jobs.job import Job

ASKED: Final[dict[str, Any]] = {
    "prompt": "the waves",
    "negative_prompt": "blur",
    "seed": 7,
    "resolution": "1080p",
    "duration": 10,
}
_SAME: Final = {name: ASKED[name] for name in ("prompt", "negative_prompt", "seed", "resolution")}
BODIES: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    "pika": ("image", {**_SAME, "duration_s": 10}),
    "fal": ("image_url", {**_SAME, "duration": 10}),
    "comfy": ("image", {**_SAME, "duration_s": 10}),
    "comfy-proxy": (
        "",
        {
            "promptText": "the waves",
            "negativePrompt": "blur",
            "seed": 7,
            "resolution": "1080p",
            "duration": 10,
        },
    ),
}
"""What is asked for in the words of each wire, and the name under which it has the picture."""
MODELS: Final = {
    "pika": "pika/pika-2.5/image-to-video",
    "fal": "fal-ai/pika/v2.2/image-to-video",
    "comfy": "pika/pika-2.5/image-to-video",
    "comfy-proxy": "2.2/i2v",
}


def picture(colour: str, spot: str) -> Image.Image:
    image = Image.new("RGB", (320, 180), colour)
    ImageDraw.Draw(image).ellipse((40, 30, 140, 130), spot)
    return image


BLUE, GREEN = picture("navy", "gold"), picture("darkgreen", "white")


def upload(image: Image.Image) -> Upload:
    out = io.BytesIO()
    image.save(out, "PNG")
    return Upload("photo.png", out.getvalue(), "image/png")


def ordered_picture(job: Job) -> bytes:
    """What Pika got to animate."""
    assert job.order.render_input is not None
    return job.order.render_input.picture.read_bytes()


def assert_shows(data: bytes, image: Image.Image) -> None:
    """It is this picture, as far as a good JPEG can tell."""
    got = Image.open(io.BytesIO(data)).convert("RGB")
    assert got.size == image.size
    assert max(ImageStat.Stat(ImageChops.difference(got, image)).mean) < 2


@pytest.mark.parametrize("wire", BODIES)
async def test_pika_is_asked_for_all_that_the_member_asked_for(
    tmp_path: Path, wire: WireName
) -> None:
    field, wanted = BODIES[wire]
    async with open_house(tmp_path / "data", wire) as house:
        async with house.bot():
            interaction = await house.animate(image=upload(BLUE), **ASKED)
            await house.delivered(interaction)
            await house.settled()
        (job,) = house.pika.jobs.values()
        sent = dict(job.order.body)
        address = sent.pop(field, None)
        assert sent == wanted
        assert job.order.model == MODELS[wire]
        assert job.order.key == key_of(house, interaction.id)
        assert_shows(ordered_picture(job), BLUE)
        if wire == "comfy":
            assert str(address).startswith(tuple(house.pika.public_origins))


def key_of(house: House, interaction_id: int) -> str | None:
    """The idempotency key, which is the same in every copy of the database."""
    if house.pika.wire == "fal":
        return None
    return f"animate-bot-{house.discord.world.application_id}-{interaction_id}"


@pytest.mark.parametrize("wire", BODIES)
async def test_each_of_two_members_gets_their_own_picture_animated(
    tmp_path: Path, wire: WireName
) -> None:
    async with open_house(tmp_path / "data", wire) as house:
        noah = house.member("noah")
        async with house.bot():
            asked = await asyncio.gather(
                house.animate(image=upload(BLUE), seed=1, prompt="of mia"),
                house.animate(noah, image=upload(GREEN), seed=2, prompt="of noah"),
            )
            for interaction, prompt in zip(asked, ("of mia", "of noah"), strict=True):
                assert prompt in (await house.delivered(interaction)).content
            await house.settled()
        pictures = {
            job.order.body["seed"]: ordered_picture(job) for job in house.pika.jobs.values()
        }
        assert_shows(pictures[1], BLUE)
        assert_shows(pictures[2], GREEN)
        members = house.query("SELECT member_id, json_extract(options_json, '$.seed') FROM jobs")
        assert sorted(members, key=lambda it: it[1]) == [(house.mia.id, 1), (noah.id, 2)]
