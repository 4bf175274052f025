"""The clients of fal and Comfy, each with a job to its end on the stand-ins of their services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from tests.house import photo
from tests.libraries.programs import program, run_to_the_end
from tests.playground.pika_customer import a_customer

if TYPE_CHECKING:
    from pathlib import Path

# The first run on a machine installs the client.
pytestmark = pytest.mark.timeout(300)


async def shows_videos(text: str, count: int) -> None:
    """That many addresses, one a line, each of a video."""
    addresses = [line for line in text.splitlines() if line.startswith("http")]
    assert len(addresses) == count
    async with ClientSession() as session:
        for address in addresses:
            async with session.get(address) as answer:
                assert (await answer.read())[4:8] == b"ftyp"


@pytest.mark.parametrize(
    ("library", "uploads"),
    [("fal", {"fal.token", "fal.upload"}), ("faljs", {"fal.initiate", "fal.put"})],
)
async def test_a_client_of_fal_uploads_and_follows_a_job(
    library: str, uploads: set[str], tmp_path: Path
) -> None:
    command = program(library, tmp_path, "job")
    picture = tmp_path / "a.jpg"
    picture.write_bytes(photo())
    async with a_customer("fal") as customer:
        pika = customer.pika
        pika.behaviour.queue_seconds = pika.behaviour.render_seconds = 0.1
        text = await run_to_the_end(
            command,
            tmp_path,
            FAL_KEY=pika.key,
            QUEUE=pika.origin,
            REST=pika.upload_origin,
            FILES=pika.cdn_origin,
            PICTURE=str(picture),
        )
        await shows_videos(text, 1)
        asked = {exchange.operation for exchange in pika.exchanges}
        jobs = {"fal.submit", "fal.status", "fal.result", "fal.download"}
        assert asked == uploads | jobs
        assert pika.paid_submits == 1


async def test_the_client_of_comfy_runs_jobs_held_and_queued(tmp_path: Path) -> None:
    command = program("comfy", tmp_path, "job")

    async def serve(_request: web.Request) -> web.Response:
        return web.Response(body=photo(), content_type="image/jpeg")

    app = web.Application()
    app.router.add_get("/a.jpg", serve)
    async with a_customer("comfy") as customer, TestServer(app, host="127.0.0.1") as server:
        pika = customer.pika
        pika.behaviour.queue_seconds = pika.behaviour.render_seconds = 0.1
        origin = f"http://127.0.0.1:{server.port}"
        pika.public_origins.add(origin)
        text = await run_to_the_end(
            command,
            tmp_path,
            COMFY_API_KEY=pika.key,
            COMFY_ROUTER_BASE_URL=pika.origin,
            PICTURE=f"{origin}/a.jpg",
        )
        await shows_videos(text, 3)
        asked = {exchange.operation for exchange in pika.exchanges}
        assert asked >= {"comfy.run", "comfy.submit", "comfy.status", "comfy.result"}
        assert "comfy.unknown" not in asked
        assert pika.paid_submits == 3
