"""Pika's own API (api.dev.pika.art): its paths, headers, statuses and checks."""

import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final, TypeAlias

from aiohttp import web

from playground.faults import Handler
from playground.pika.jobs.behaviour import Behaviour
from playground.pika.jobs.files import EXTENSIONS, Files, Upload, max_bytes
from playground.pika.jobs.inputs import RenderInput, clip_of, from_text, from_uploads
from playground.pika.jobs.job import Job, Order
from playground.pika.jobs.job_list import IdempotencyConflictError, Jobs
from playground.pika.jobs.json_bodies import BodyError, json_object
from playground.pika.models import catalogue
from playground.pika.models.fields import Field, FieldError, Media
from playground.pika.wires.own_documents import error_document, job_document
from playground.pika.wires.routes import Route
from playground.pika.wires.site import Site

ERROR_STATUSES: Final[Mapping[str, int]] = {
    "invalid_input": 422,
    "content_moderation": 403,
    "provider_error": 502,
    "provider_timeout": 504,
    "provider_unavailable": 503,
    "rate_limited": 429,
    "insufficient_balance": 403,
    "membership_required": 403,
    "cycle_limit_exceeded": 403,
    "admission_suspended": 403,
    "usage_limit_exceeded": 403,
    "timed_out": 504,
    "internal": 500,
}
"""All error codes of a job, and the HTTP status where a submit is answered with one.

The codes are documented; of the statuses only 403 and 503 are, the others are our guess.
"""

MAX_KEY_LENGTH: Final = 200
"""Characters of an idempotency key; the documentation asks to stay within."""

_WIDE: Final = 16 / 9

Answer: TypeAlias = Callable[[web.Request], Awaitable[web.Response]]
"""A handler that may raise ApiError."""


class ApiError(Exception):
    """A request-level refusal: no job was made of it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class OwnApi:
    """The routes of the API's origin."""

    def __init__(self, site: Site, behaviour: Behaviour, files: Files, jobs: Jobs) -> None:
        self._site = site
        self._behaviour = behaviour
        self._files = files
        self._jobs = jobs

    def routes(self) -> list[Route]:
        """What the API's origin answers; everything needs the key."""
        answers: list[tuple[str, str, str, Answer]] = [
            ("POST", "/v1/media/uploads", "pika.upload", self._upload),
            ("DELETE", "/v1/media/uploads", "pika.delete_upload", self._delete_upload),
            ("POST", "/v1/media/{model:pika/[^/]+/[^/]+}", "pika.submit", self._submit),
            ("GET", "/v1/media/jobs/{id}", "pika.check", self._check),
            ("GET", "/v1/media/jobs/{id}/content", "pika.content", self._content),
            ("DELETE", "/v1/media/jobs/{id}", "pika.delete", self._erase),
            ("GET", "/v1/files/{name}", "pika.file", self._file),
            ("*", "/{path:.*}", "pika.unknown", _unknown),
        ]
        return [
            Route(method, path, operation, self._for_key(answer))
            for method, path, operation, answer in answers
        ]

    def _for_key(self, answer: Answer) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            if request.headers.get("X-API-Key") != self._site.key:
                return _refused(ApiError(401, "unauthorized", "a valid API key is required"))
            try:
                return await answer(request)
            except ApiError as error:
                return _refused(error)

        return guarded

    async def _upload(self, request: web.Request) -> web.Response:
        asked, _ = await _json_object(request)
        content_type, size = asked.pop("content_type", None), asked.pop("size_bytes", None)
        if asked or not isinstance(content_type, str) or type(size) is not int or size < 1:
            raise ApiError(422, "invalid_input", "wanted: content_type and a positive size_bytes")
        if content_type not in EXTENSIONS:
            raise ApiError(415, "invalid_input", f"content_type: {content_type} is not supported")
        if size > max_bytes(content_type):
            raise ApiError(413, "invalid_input", f"size_bytes: at most {max_bytes(content_type)}")
        upload = self._files.reserve(content_type, size, signed=True)
        url = self._site.upload_url(upload)
        return web.json_response(
            {"upload_url": f"{url}?expires=900", "url": url, "headers": upload.headers}
        )

    async def _delete_upload(self, request: web.Request) -> web.Response:
        upload = self._uploaded(request.query.get("url", ""))
        if upload is None:
            raise ApiError(404, "not_found", "no such upload")
        await self._files.forget(upload)
        return web.Response(status=204)

    def _uploaded(self, url: str) -> Upload | None:
        return self._files.upload(self._site.upload_name(url))

    async def _submit(self, request: web.Request) -> web.Response:
        key = request.headers.get("Idempotency-Key")
        if key is not None and not 1 <= len(key) <= MAX_KEY_LENGTH:
            raise ApiError(422, "invalid_input", "Idempotency-Key: 1 to 200 characters")
        model = catalogue.MODELS.get(request.match_info["model"])
        if model is None:
            raise ApiError(404, "not_found", "no such model")
        asked, sent = await _json_object(request)
        try:
            order = self._order(model, model.checked(asked), sent, key)
            job = self._jobs.replayed(key, model.id, sent) or self._jobs.submit(order)
        except FieldError as error:
            raise ApiError(422, "invalid_input", str(error)) from error
        except IdempotencyConflictError as error:
            raise ApiError(409, "conflict", "Idempotency-Key: used for another request") from error
        status = ERROR_STATUSES[str(job.error_code)] if job.refused else 200
        headers = {"Retry-After": "1"} if status in {429, 503} else {}
        return web.json_response(self._document(job), status=status, headers=headers)

    def _order(
        self, model: catalogue.Model, body: Mapping[str, object], sent: bytes, key: str | None
    ) -> Order:
        render_input = self._render_input(model, body)
        return Order(
            id=f"media_{secrets.token_hex(12)}",
            model=model.id,
            body=body,
            sent=sent,
            key=key,
            clip=clip_of(render_input, body, catalogue.seconds(body)),
            render_input=render_input,
            price_micro_usd=model.price_micro_usd(body),
        )

    def _render_input(
        self, model: catalogue.Model, body: Mapping[str, object]
    ) -> RenderInput | None:
        if model is catalogue.TEXT_TO_VIDEO:
            return from_text(_WIDE, self._files)
        wanted = [(media, self._uploaded(url)) for media, url in _inputs(model, body)]
        return from_uploads(wanted, self._files)

    async def _check(self, request: web.Request) -> web.Response:
        return web.json_response(self._document(self._job(request)))

    async def _content(self, request: web.Request) -> web.Response:
        job = self._job(request)
        if job.status != "completed":
            raise ApiError(409, "not_completed", f"the job is {job.status}")
        here = f"{self._site.origin}/v1/files/{job.video.name}"
        url = here if self._behaviour.content_via_files else self._site.video_url(job)
        return web.json_response({"url": url})

    async def _erase(self, request: web.Request) -> web.Response:
        self._job(request).erase()
        return web.Response(status=204)

    async def _file(self, request: web.Request) -> web.Response:
        job = self._jobs.of_video(request.match_info["name"])
        if job is None:
            raise ApiError(404, "not_found", "no such file")
        return web.Response(status=302, headers={"Location": self._site.video_url(job)})

    def _job(self, request: web.Request) -> Job:
        job = self._jobs.find(request.match_info["id"])
        if job is None:
            raise ApiError(404, "not_found", "no such job")
        return job

    def _document(self, job: Job) -> dict[str, object]:
        return job_document(job, self._site.video_url(job))


def _inputs(model: catalogue.Model, body: Mapping[str, object]) -> Iterator[tuple[Media, str]]:
    """The URLs in a checked body and what they lead to, that of the video first."""
    for field in sorted((field for field in model.fields if field.media), key=_is_picture):
        for url in _listed(body[field.name]):
            yield field.media, str(url)


def _is_picture(field: Field) -> bool:
    return field.media == "image"


def _listed(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


async def _json_object(request: web.Request) -> tuple[dict[str, object], bytes]:
    try:
        return await json_object(request)
    except BodyError as error:
        raise ApiError(422, "invalid_input", str(error)) from error


def _refused(error: ApiError) -> web.Response:
    return web.json_response(error_document(error.code, str(error)), status=error.status)


async def _unknown(request: web.Request) -> web.Response:
    raise ApiError(404, "not_found", f"no such operation: {request.method} {request.path}")
