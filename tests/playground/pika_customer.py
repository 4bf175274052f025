"""A plain customer of the stand-in Pika: raw aiohttp, no client library in between."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from PIL import Image

from playground.pika import PikaStandIn, WireName

SUBMIT = "/v1/media/pika/pika-2.5/image-to-video"


def jpeg(width: int = 64, height: int = 36) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).save(buffer, "JPEG")
    return buffer.getvalue()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    body: bytes
    json: Any


@dataclass(frozen=True)
class Customer:
    pika: PikaStandIn
    http: aiohttp.ClientSession

    async def ask(self, method: str, where: str, **options: Any) -> Answer:
        """Ask the API's origin with the key, or any full URL exactly as the options say."""
        if where.startswith("/"):
            options["headers"] = {**self.credentials, **options.get("headers", {})}
            where = self.pika.origin + where
        async with self.http.request(method, where, allow_redirects=False, **options) as response:
            json = await response.json() if response.content_type == "application/json" else None
            return Answer(response.status, response.headers, await response.read(), json)

    @property
    def credentials(self) -> dict[str, str]:
        if self.pika.wire == "fal":
            return {"Authorization": f"Key {self.pika.key}"}
        return {"X-API-Key": self.pika.key}

    async def upload(self, data: bytes | None = None, content_type: str = "image/jpeg") -> str:
        data = jpeg() if data is None else data
        order = {"content_type": content_type, "size_bytes": len(data)}
        place = (await self.ask("POST", "/v1/media/uploads", json=order)).json
        put = await self.ask("PUT", place["upload_url"], data=data, headers=place["headers"])
        assert put.status == 200
        return str(place["url"])

    async def submit(self, *, key: str | None = None, **body: Any) -> Answer:
        body = {"image": await self.upload(), **body} if "image" not in body else body
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self.ask("POST", SUBMIT, json=body, headers=headers)

    async def check(self, job_id: str) -> Any:
        return (await self.ask("GET", f"/v1/media/jobs/{job_id}")).json

    async def completed(self, **body: Any) -> Any:
        """The final document of a new job; the stand-in's times must be zero."""
        job_id = (await self.submit(**body)).json["id"]
        return await self.ended(job_id)

    async def ended(self, job_id: str) -> Any:
        await self.pika.jobs[job_id].made()
        return await self.check(job_id)


@asynccontextmanager
async def a_customer(wire: WireName = "pika") -> AsyncIterator[Customer]:
    """A customer of a new stand-in whose jobs take no time and whose videos are canned."""
    async with PikaStandIn(wire=wire) as pika, aiohttp.ClientSession() as http:
        pika.behaviour.queue_seconds = pika.behaviour.render_seconds = 0
        pika.behaviour.result = "canned"
        yield Customer(pika, http)
