"""Request bodies: JSON, forms, or multipart with files, of which none may be over the limit."""

import json
import re
from dataclasses import dataclass, field
from mimetypes import guess_type
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader

from playground.discord.rules.errors import ApiError, invalid_form, invalid_json, too_large
from playground.discord.state.messages import Upload

if TYPE_CHECKING:
    from aiohttp import web

_FILE_FIELD = re.compile(r"^files\[(\d)\]$")
_PIECE_BYTES: Final = 256 * 1024


@dataclass(slots=True)
class Body:
    """What a request carried: JSON, and files by their index in `files[n]`.

    `size` counts the whole body in bytes; `problem` is set where it could not be understood.
    """

    json: Any = None
    files: dict[int, Upload] = field(default_factory=dict)
    size: int = 0
    problem: ApiError | None = None

    def object(self) -> dict[str, Any]:
        """The JSON object in it, empty when there is no body; ApiError for anything else."""
        if self.problem is not None:
            raise self.problem
        if self.json is None:
            return {}
        if not isinstance(self.json, dict):
            raise invalid_form({"_": ("DICT_TYPE_CONVERT", "Only dictionaries may be used here.")})
        return self.json


async def read_body(request: "web.Request", upload_limit: int) -> Body:
    """Read the whole request; a file over the limit (bytes) is read too, but not kept."""
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request, upload_limit)
    data = await request.read()
    body = Body(size=len(data))
    if request.content_type == "application/x-www-form-urlencoded":
        _parse_form(body, data)
    elif data:
        _parse(body, data)
    return body


def _parse_form(body: Body, data: bytes) -> None:
    fields = dict(parse_qsl(data.decode(errors="replace"), keep_blank_values=True))
    if "payload_json" in fields:
        _parse(body, fields["payload_json"].encode())
    elif fields:
        body.json = fields


def _parse(body: Body, data: bytes) -> None:
    try:
        body.json = json.loads(data)
    except ValueError:
        body.problem = invalid_json()


async def _read_multipart(request: "web.Request", upload_limit: int) -> Body:
    body = Body()
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader):
                await _read_part(part, body, upload_limit)
    except ValueError:
        body.problem = invalid_form({"_": ("MULTIPART", "The multipart body is malformed.")})
    body.size = request.content.total_bytes
    return body


async def _read_part(part: BodyPartReader, body: Body, upload_limit: int) -> None:
    data = await _read_capped(part, upload_limit)
    if data is None:
        body.problem = too_large()
    elif part.name == "payload_json":
        _parse(body, data)
    elif match := _FILE_FIELD.match(part.name or ""):
        name = part.filename or "unknown"
        body.files[int(match[1])] = Upload(name, data, guess_type(name)[0])
    else:
        body.problem = invalid_form({part.name or "_": ("UNKNOWN_FIELD", "Unknown form field.")})


async def _read_capped(part: BodyPartReader, limit: int) -> bytes | None:
    pieces: list[bytes] = []
    size = 0
    while piece := await part.read_chunk(_PIECE_BYTES):
        size += len(piece)
        if size <= limit:
            pieces.append(piece)
        else:
            pieces.clear()
    return b"".join(pieces) if size <= limit else None
