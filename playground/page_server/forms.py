"""Reads what the page sends: forms with values and files, and plain JSON."""

import json
from typing import Any, Final

from aiohttp import BodyPartReader, StreamReader, web

from playground.discord import Upload

MAX_VALUES_BYTES: Final = 1_000_000
"""Of the JSON in a form, and of a request that is JSON as a whole."""

VALUES: Final = "options"
"""The part of a form that holds a JSON object; every other part is a file."""

_PIECE_BYTES: Final = 256 * 1024


class FormError(ValueError):
    """The form cannot be read; the text is a sentence that says why."""


async def read_form(request: web.Request, upload_limit: int) -> dict[str, Any]:
    """The values in the part `options` (a JSON object) and one `Upload` for each file, by name.

    Several files of one name become a list. Of a file over the limit (bytes) only enough is
    kept to be refused. Raises FormError.
    """
    if request.content_type != "multipart/form-data":
        raise FormError("Send a multipart form: “options”, and files.")
    values: dict[str, Any] = {}
    try:
        async for part in await request.multipart():
            for name, value in (await _read_part(part, upload_limit)).items():
                values[name] = _together(values.get(name), value)
    except FormError:
        raise
    except ValueError as error:
        raise FormError("The form is incomplete or malformed.") from error
    return values


async def read_object(request: web.Request) -> dict[str, Any]:
    """The JSON object that is the request's body; raises FormError."""
    if request.content_type != "application/json":
        raise FormError("Send a JSON object.")
    return _parsed(await _read_most(request.content, MAX_VALUES_BYTES), "The body")


async def _read_part(part: object, upload_limit: int) -> dict[str, Any]:
    if not isinstance(part, BodyPartReader) or not part.name:
        raise FormError("Every part of the form needs a name and one body.")
    if part.filename is not None:
        data = await _read_most(part, upload_limit + 1)
        return {part.name: Upload(part.filename, data, part.headers.get("Content-Type"))}
    if part.name != VALUES:
        raise FormError(f"“{part.name}” has no file name: values belong into “options”.")
    return _parsed(await _read_most(part, MAX_VALUES_BYTES), "The part “options”")


def _together(before: object, value: object) -> object:
    if not isinstance(value, Upload) or before is None:
        return value
    return [*before, value] if isinstance(before, list) else [before, value]


async def _read_most(source: BodyPartReader | StreamReader, limit: int) -> bytes:
    """Read it all and keep its first bytes."""
    kept = bytearray()
    read = source.read_chunk if isinstance(source, BodyPartReader) else source.read
    while piece := await read(_PIECE_BYTES):
        kept += piece[: limit - len(kept)]
    return bytes(kept)


def _parsed(data: bytes, what: str) -> dict[str, Any]:
    try:
        values = json.loads(data)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise FormError(f"{what} must be a JSON object.")
    return values
