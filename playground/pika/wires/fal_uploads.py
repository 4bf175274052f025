"""fal's two ways to upload: to an address that is asked for, or with a token that is."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

from aiohttp import web

from playground.pika.jobs.files import EXTENSIONS, Files, max_bytes
from playground.pika.jobs.json_bodies import json_object
from playground.pika.models.fields import FieldError
from playground.pika.wires.fal_errors import request_error
from playground.pika.wires.site import Site

TOKEN_LIFE: Final = timedelta(hours=1)
"""How long a token is said to be good; no document says it, this is a guess."""

_STORAGES: Final = ("fal-cdn-v3", "gcs")


class FalUploads:
    """What the origins of uploads and of files answer; the first alone is given the key."""

    def __init__(self, site: Site, files: Files) -> None:
        self._site = site
        self._files = files
        self._tokens: set[str] = set()

    async def initiate(self, request: web.Request) -> web.Response:
        """Tell where the bytes are to be put; the JavaScript client uploads so."""
        if request.query.get("storage_type") not in _STORAGES:
            return request_error(400, "bad_request", "storage_type: must be fal-cdn-v3")
        asked, _ = await json_object(request)
        name, content_type = asked.pop("file_name", None), asked.pop("content_type", None)
        if asked or not isinstance(name, str) or not name:
            raise FieldError("file_name", "missing", "wanted: file_name and content_type")
        url = self._site.upload_url(self._files.reserve(_checked(content_type)))
        return web.json_response({"upload_url": f"{url}?signature=x", "file_url": url})

    async def token(self, request: web.Request) -> web.Response:
        """Give a token for `upload`; the Python client uploads so."""
        if request.query.get("storage_type") != "fal-cdn-v3":
            return request_error(400, "bad_request", "storage_type: must be fal-cdn-v3")
        token = secrets.token_urlsafe(24)
        self._tokens.add(token)
        document = {
            "token": token,
            "token_type": "Bearer",
            "base_url": self._site.cdn_origin,
            "expires_at": (datetime.now(UTC) + TOKEN_LIFE).isoformat(),
        }
        return web.json_response(document)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Keep the bytes that a bearer of a token posts."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self._tokens:
            return web.json_response({"detail": "Authentication is required"}, status=401)
        try:
            content_type = _checked(request.content_type)
        except FieldError as error:
            return request_error(422, "bad_request", str(error))
        if (request.content_length or 0) > max_bytes(content_type):
            return request_error(413, "bad_request", "the file is too large")
        upload = self._files.reserve(content_type)
        await self._files.store(upload, await request.read())
        return web.json_response({"access_url": self._site.upload_url(upload)})


def _checked(content_type: object) -> str:
    if content_type not in EXTENSIONS:
        raise FieldError("content_type", "enum", f"{content_type} is not supported")
    return str(content_type)
