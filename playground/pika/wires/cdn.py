"""The second origin: presigned uploads go there and videos come from there, without the key."""

import asyncio
from typing import Final

from aiohttp import web

from playground.pika.jobs.behaviour import Behaviour
from playground.pika.jobs.files import Files, Upload, max_bytes
from playground.pika.jobs.job_list import Jobs
from playground.pika.wires.routes import Route

_CREDENTIALS: Final = ("X-API-Key", "Authorization")
_CHUNK: Final = bytes(64 * 1024)


class Cdn:
    """Its routes; operations are named after the wire, refusals are XML as in object stores."""

    def __init__(self, wire: str, behaviour: Behaviour, files: Files, jobs: Jobs) -> None:
        self._wire = wire
        self._behaviour = behaviour
        self._files = files
        self._jobs = jobs

    def routes(self) -> list[Route]:
        """What the second origin answers."""
        return [
            Route("PUT", "/uploads/{name}", f"{self._wire}.put", self._put),
            Route("GET", "/cdn/{name}", f"{self._wire}.download", self._download),
            Route("*", "/{path:.*}", f"{self._wire}.unknown", _unknown),
        ]

    async def _put(self, request: web.Request) -> web.StreamResponse:
        upload = self._files.upload(request.match_info["name"])
        refusal = _credentials_sent(request) or _put_refusal(request, upload)
        if refusal is not None or upload is None:
            return refusal or _refused(404, "NoSuchUpload")
        data = await request.read()
        await self._files.store(upload, data)
        return web.Response()

    async def _download(self, request: web.Request) -> web.StreamResponse:
        job = self._jobs.of_video(request.match_info["name"])
        refusal = _credentials_sent(request)
        if refusal is not None or job is None:
            return refusal or _refused(404, "NoSuchKey")
        if self._behaviour.expire_outputs:
            return _refused(403, "ExpiredToken")
        if job.result == "huge":
            return await _endless(request)
        body = await asyncio.to_thread(job.video.read_bytes)
        return web.Response(body=body, content_type="video/mp4")


def _put_refusal(request: web.Request, upload: Upload | None) -> web.Response | None:
    if upload is None:
        return _refused(404, "NoSuchUpload")
    if any(request.headers.get(name) != value for name, value in upload.headers.items()):
        return _refused(403, "SignatureDoesNotMatch")
    if request.content_length is None:
        return _refused(411, "MissingContentLength")
    if request.content_length > max_bytes(upload.content_type):
        return _refused(413, "EntityTooLarge")
    if upload.signed and request.content_length != upload.size_bytes:
        return _refused(400, "IncorrectNumberOfBytes")
    return None


def _credentials_sent(request: web.Request) -> web.Response | None:
    if any(name in request.headers for name in _CREDENTIALS):
        return _refused(400, "CredentialsSentToAnotherOrigin")
    return None


def _refused(status: int, code: str) -> web.Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code></Error>'
    return web.Response(status=status, text=text, content_type="application/xml")


async def _endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "video/mp4"})
    await response.prepare(request)
    while True:
        await response.write(_CHUNK)


async def _unknown(_request: web.Request) -> web.StreamResponse:
    return _refused(404, "NoSuchKey")
