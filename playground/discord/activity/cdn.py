"""The CDN: attachments at signed URLs that expire, in ranges as browsers ask for video."""

import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from aiohttp import web

from playground.discord.activity.picture_sizes import picture_size
from playground.discord.state.messages import Attachment, Upload

if TYPE_CHECKING:
    from playground.discord.state.clock import Clock
    from playground.discord.state.snowflakes import Snowflakes

URL_LIFE_SECONDS: Final = 24 * 3600
"""How long a signed URL is good for."""

_PIECE_BYTES: Final = 256 * 1024
_SHOWN: Final = frozenset({"image", "video", "audio"})
"""What browsers show rather than save, by the first half of its type."""

_UNSAFE: Final = re.compile(r"[^\w.\-]")


class Cdn:
    """Keeps the bytes of every attachment and serves those whose URL is still good."""

    def __init__(self, clock: "Clock", snowflakes: "Snowflakes") -> None:
        self._clock = clock
        self._snowflakes = snowflakes
        self._secret = secrets.token_bytes(16)
        self._attachments: dict[int, Attachment] = {}
        self._assets: dict[str, Upload] = {}
        self.asked: list[str] = []
        self.base = ""

    def keep(
        self,
        upload: Upload,
        channel_id: int,
        *,
        ephemeral: bool = False,
        description: str | None = None,
    ) -> Attachment:
        """Store a file without copying its bytes, under a name that an address can hold."""
        attachment = Attachment(
            id=self._snowflakes.next(),
            filename=_UNSAFE.sub("_", upload.filename).strip(".") or "unknown",
            data=upload.data,
            content_type=upload.content_type,
            sign=self._url,
            channel_id=channel_id,
            size=picture_size(upload),
            ephemeral=ephemeral,
            description=description,
        )
        self._attachments[attachment.id] = attachment
        return attachment

    def publish(self, path: str, picture: Upload) -> str:
        """Store an avatar, a sticker, or the copy of another site's picture; return its address.

        It is there for good and without a signature, beside the attachments.
        """
        self._assets[path] = picture
        return f"{self.base.removesuffix('/cdn')}/{path}"

    async def serve_asset(self, request: web.Request) -> web.StreamResponse:
        """Answer with what was published there, or 404."""
        self.asked.append(request.path)
        picture = self._assets.get(request.path.removeprefix("/"))
        if picture is None:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=picture.data, content_type=picture.content_type)

    def _url(self, attachment: Attachment) -> str:
        issued = int(self._clock.seconds())
        expires = issued + URL_LIFE_SECONDS
        folder = "ephemeral-attachments" if attachment.ephemeral else "attachments"
        path = f"/{folder}/{attachment.channel_id}/{attachment.id}/{quote(attachment.filename)}"
        signature = self._signature(attachment.id, expires, issued)
        return f"{self.base}{path}?ex={expires:x}&is={issued:x}&hm={signature}&"

    def _signature(self, attachment_id: int, expires: int, issued: int) -> str:
        text = f"{attachment_id}.{expires:x}.{issued:x}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()

    def _is_good(self, attachment_id: int, query: "web.Request") -> bool:
        try:
            expires = int(query.query["ex"], 16)
            issued = int(query.query["is"], 16)
        except (KeyError, ValueError):
            return False
        expected = self._signature(attachment_id, expires, issued)
        signed = hmac.compare_digest(expected, query.query.get("hm", ""))
        return signed and self._clock.seconds() < expires

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer 200 or 206 with the bytes, 404 for a bad or expired URL, 416 beyond the end."""
        self.asked.append(request.path)
        attachment_id = int(request.match_info["attachment_id"])
        attachment = self._attachments.get(attachment_id)
        right_place = attachment is not None and request.match_info["channel_id"] == str(
            attachment.channel_id
        )
        if attachment is None or not right_place or not self._is_good(attachment_id, request):
            return web.Response(status=404, text="This content is no longer available.")
        size = len(attachment.data)
        try:
            start, stop, _ = request.http_range.indices(size)
        except ValueError:
            start, stop = size, size
        partial = "Range" in request.headers
        if partial and start >= stop:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{size}"})
        response = _headed(attachment, stop - start, 206 if partial else 200)
        if partial:
            response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        return await _send(request, response, memoryview(attachment.data)[start:stop])


def _headed(attachment: Attachment, length: int, status: int) -> web.StreamResponse:
    response = web.StreamResponse(status=status)
    response.content_type = attachment.content_type or "application/octet-stream"
    response.content_length = length
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Content-Type-Options"] = "nosniff"
    kind = (attachment.content_type or "").partition("/")[0]
    if kind not in _SHOWN:
        response.headers["Content-Disposition"] = f'attachment; filename="{attachment.filename}"'
    return response


async def _send(
    request: web.Request, response: web.StreamResponse, data: memoryview
) -> web.StreamResponse:
    await response.prepare(request)
    if request.method != "HEAD":
        for start in range(0, len(data), _PIECE_BYTES):
            await response.write(data[start : start + _PIECE_BYTES])
        await response.write_eof()
    return response
