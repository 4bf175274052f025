"""Reads a command's options and files from the form that the page sends."""

import json
from typing import Any, Final

from aiohttp import BodyPartReader, web

from playground.discord import Upload

MAX_OPTIONS_BYTES: Final = 1_000_000
"""Of the JSON with a command's options."""

_PIECE_BYTES: Final = 256 * 1024


class FormError(ValueError):
    """The form cannot be read; the text is a sentence that says why."""


async def read_form(request: web.Request, upload_limit: int) -> dict[str, Any]:
    """The values in the part `options` (a JSON object) and one `Upload` for each file, by option.

    Of a file over the limit (bytes) only enough is kept to be refused. Raises FormError.
    """
    if request.content_type != "multipart/form-data":
        raise FormError("Send a multipart form: “options”, and files.")
    options: dict[str, Any] = {}
    try:
        async for part in await request.multipart():
            options |= await _read_part(part, upload_limit)
    except FormError:
        raise
    except ValueError as error:
        raise FormError("The form is incomplete or malformed.") from error
    return options


async def _read_part(part: object, upload_limit: int) -> dict[str, Any]:
    if not isinstance(part, BodyPartReader) or not part.name:
        raise FormError("Every part of the form needs a name and one body.")
    if part.filename is not None:
        data = await _read_most(part, upload_limit + 1)
        return {part.name: Upload(part.filename, data, part.headers.get("Content-Type"))}
    if part.name != "options":
        raise FormError(f"“{part.name}” has no file name: values belong into “options”.")
    return _parsed(await _read_most(part, MAX_OPTIONS_BYTES))


async def _read_most(part: BodyPartReader, limit: int) -> bytes:
    """Read it all and keep its first bytes."""
    kept = bytearray()
    while piece := await part.read_chunk(_PIECE_BYTES):
        kept += piece[: limit - len(kept)]
    return bytes(kept)


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        values = json.loads(data)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise FormError("The part “options” must be a JSON object.")
    return values
