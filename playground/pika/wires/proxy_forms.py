"""Reading the forms of the Comfy proxy: texts and files, strictly."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from playground.pika.jobs.files import PICTURES, VIDEOS, Files, Upload, max_bytes
from playground.pika.jobs.inputs import first_frame
from playground.pika.models.fields import FieldError
from playground.pika.models.proxy_models import FilePart, ProxyModel
from playground.pika.video.picture import PictureError, open_upright

_TYPES: Final = {"image": PICTURES, "video": VIDEOS}


@dataclass(frozen=True, slots=True)
class Form:
    """A checked form; `uploads` by the name of their part, in the order of the model.

    `fingerprint` is the same for forms that mean the same, whatever their boundary is.
    """

    body: Mapping[str, object]
    uploads: Mapping[str, list[Upload]]
    fingerprint: bytes


async def read_form(request: web.Request, model: ProxyModel, files: Files) -> Form:
    """The form of a request; raises FieldError."""
    if request.content_type != model.encoding:
        raise FieldError("", "content_type", f"Content-Type: must be {model.encoding}")
    texts, sent_files = await _parts(request, model)
    body = model.checked(texts)
    _check_counts(model, sent_files, body)
    uploads = {
        part.name: [await _stored(part, one, files) for one in sent_files[part.name]]
        for part in model.files
    }
    return Form(body, uploads, await asyncio.to_thread(_fingerprint, body, uploads))


async def _parts(
    request: web.Request, model: ProxyModel
) -> tuple[dict[str, str], dict[str, list[web.FileField]]]:
    texts: dict[str, str] = {}
    sent_files: dict[str, list[web.FileField]] = {part.name: [] for part in model.files}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            if name not in sent_files:
                raise FieldError(name, "extra_forbidden", "no such file")
            sent_files[name].append(value)
        elif name in sent_files or not isinstance(value, str):
            raise FieldError(name, "file_type", "must be a file")
        elif name in texts:
            raise FieldError(name, "extra_forbidden", "sent twice")
        else:
            texts[name] = value
    return texts, sent_files


def _check_counts(
    model: ProxyModel, sent: Mapping[str, list[web.FileField]], body: Mapping[str, object]
) -> None:
    for part in model.files:
        count = len(sent[part.name])
        if count < part.least:
            raise FieldError(part.name, "missing", f"needs at least {part.least} files")
        if count > part.most:
            raise FieldError(part.name, "too_long", f"allows at most {part.most} files")
    if "modifyRegionRoi" in body and bool(sent["modifyRegionMask"]) is bool(
        body["modifyRegionRoi"]
    ):
        text = "give exactly one of modifyRegionMask and modifyRegionRoi"
        raise FieldError("modifyRegionRoi", "value_error", text)


async def _stored(part: FilePart, sent: web.FileField, files: Files) -> Upload:
    if sent.content_type not in _TYPES[part.media or "image"]:
        raise FieldError(part.name, "file_type", f"{sent.content_type} is not supported")
    data = await asyncio.to_thread(sent.file.read)
    if len(data) > max_bytes(sent.content_type):
        raise FieldError(part.name, "file_too_large", f"{len(data)} bytes are too many")
    upload = files.reserve(sent.content_type)
    path = await files.store(upload, data)
    try:
        await asyncio.to_thread(_decode, upload, path)
    except PictureError as error:
        raise FieldError(part.name, "value_error", str(error)) from error
    return upload


def _decode(upload: Upload, path: Path) -> None:
    if upload.is_video:
        first_frame(path)
    else:
        open_upright(path)


def _fingerprint(body: Mapping[str, object], uploads: Mapping[str, list[Upload]]) -> bytes:
    paths = {
        name: [upload.path for upload in several if upload.path]
        for name, several in uploads.items()
    }
    digests = {
        name: [hashlib.sha256(path.read_bytes()).hexdigest() for path in several]
        for name, several in paths.items()
    }
    return json.dumps([body, digests], sort_keys=True).encode()
