"""fal's queue before Pika 2.2: its paths, headers, statuses and documents.

No POST is idempotent here: each is a new job, and is paid.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias

from aiohttp import web

from playground.faults import Handler
from playground.pika.jobs.behaviour import Behaviour
from playground.pika.jobs.files import Files, Upload
from playground.pika.jobs.inputs import RenderInput, clip_of, from_text, from_uploads
from playground.pika.jobs.job import Job, Order
from playground.pika.jobs.job_list import Jobs
from playground.pika.jobs.json_bodies import BodyError, json_object
from playground.pika.models import fal_models
from playground.pika.models.fal_models import ASPECTS, FalModel
from playground.pika.models.fields import FieldError
from playground.pika.wires.fal_errors import error_response, fal_type, field_error, request_error
from playground.pika.wires.fal_uploads import FalUploads
from playground.pika.wires.routes import Route
from playground.pika.wires.site import Site

Answer: TypeAlias = Callable[[web.Request], Awaitable[web.Response]]
"""A handler that may raise FieldError and BodyError."""

_APP: Final = "/fal-ai/pika"
_REQUESTS: Final = "/v1/models/requests/by-endpoint"
_MOST_LISTED: Final = 100
_ASKED: Final = ("1", "true")
_STATES: Final = {"queued": "IN_QUEUE", "running": "IN_PROGRESS"}


class FalApi:
    """The routes of the queue's origin and of the origin where uploads begin."""

    def __init__(self, site: Site, behaviour: Behaviour, files: Files, jobs: Jobs) -> None:
        self._site = site
        self._behaviour = behaviour
        self._files = files
        self._jobs = jobs
        self._uploads = FalUploads(site, files)

    def routes(self) -> list[Route]:
        """What the queue answers; everything needs the key."""
        one = f"{_APP}/requests/{{id}}"
        return [
            Route("POST", f"{_APP}/{{model:.+}}", "fal.submit", self._for_key(self._submit)),
            Route("GET", f"{one}/status", "fal.status", self._for_key(self._status)),
            Route("GET", one, "fal.result", self._for_key(self._result)),
            Route("PUT", f"{one}/cancel", "fal.cancel", self._for_key(self._cancel)),
            Route("*", "/{path:.*}", "fal.unknown", self._for_key(_unknown)),
        ]

    def upload_routes(self) -> list[Route]:
        """What the origin of uploads answers, and of the list of requests; all needs the key."""
        initiate, token = map(self._for_key, (self._uploads.initiate, self._uploads.token))
        return [
            Route("POST", "/storage/upload/initiate", "fal.initiate", initiate),
            Route("POST", "/storage/auth/token", "fal.token", token),
            Route("GET", _REQUESTS, "fal.requests", self._for_key(self._requests)),
            Route("*", "/{path:.*}", "fal.unknown", self._for_key(_unknown)),
        ]

    def cdn_routes(self) -> list[Route]:
        """What the origin of files answers besides; the key must not come here, but a token."""
        return [Route("POST", "/files/upload", "fal.upload", self._uploads.upload)]

    def _for_key(self, answer: Answer) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            if request.headers.get("Authorization") != f"Key {self._site.key}":
                text = "Authentication is required to access this application"
                return web.json_response({"detail": text}, status=401)
            try:
                return await answer(request)
            except FieldError as error:
                return field_error(error)
            except BodyError as error:
                return request_error(400, "bad_request", str(error))

        return guarded

    async def _requests(self, request: web.Request) -> web.Response:
        """List what has ended, the latest first, in pages whose cursor is their number."""
        query = request.query
        limit, page = int(query.get("limit", "50")), int(query.get("cursor", "0"))
        if "endpoint_id" not in query or not 1 <= limit <= _MOST_LISTED:
            return request_error(400, "bad_request", "endpoint_id, and a limit of 1 to 100")
        if "start" in query:
            datetime.fromisoformat(query["start"])
        ended = [
            job
            for job in reversed(self._jobs.by_id.values())
            if job.model == query["endpoint_id"] and not job.refused and job.status not in _STATES
        ]
        more = len(ended) > (page + 1) * limit
        document: dict[str, object] = {
            "items": [
                _listed(job, payloads=query.get("expand") == "payloads")
                for job in ended[page * limit : (page + 1) * limit]
            ],
            "has_more": more,
            "next_cursor": str(page + 1) if more else None,
        }
        return web.json_response(document)

    async def _submit(self, request: web.Request) -> web.Response:
        model = fal_models.MODELS.get(request.match_info["model"])
        if model is None:
            return request_error(404, "bad_request", "Application not found")
        asked, sent = await json_object(request)
        job = self._jobs.submit(self._order(model, model.checked(asked), sent))
        if job.refused:
            return error_response(str(job.error_code))
        document = {**self._handle(job), "status": "IN_QUEUE"}
        document["queue_position"] = self._jobs.position(job)
        return _told(job, document)

    def _order(self, model: FalModel, body: Mapping[str, object], sent: bytes) -> Order:
        render_input = self._render_input(model, body)
        return Order(
            id=str(uuid.uuid4()),
            model=f"fal-ai/pika/{model.id}",
            body=body,
            sent=sent,
            key=None,
            clip=clip_of(render_input, body, model.seconds(body)),
            render_input=render_input,
            price_micro_usd=model.price_micro_usd(body),
        )

    def _render_input(self, model: FalModel, body: Mapping[str, object]) -> RenderInput | None:
        if model.kind == "text":
            return from_text(ASPECTS[str(body["aspect_ratio"])], self._files)
        field = "image_urls" if model.kind == "frames" else "image_url"
        value = body[field]
        urls = value if isinstance(value, list) else [value]
        return from_uploads([("image", self._upload(field, url)) for url in urls], self._files)

    def _upload(self, field: str, url: object) -> Upload | None:
        ours = f"{self._site.cdn_origin}/"
        if not isinstance(url, str) or not url.startswith(("https://", ours)):
            raise FieldError(field, "file_download_error", "must be a URL that can be fetched")
        return self._files.upload(self._site.upload_name(url))

    async def _status(self, request: web.Request) -> web.Response:
        job = self._job(request)
        if job is None:
            return _not_found()
        document = self._handle(job)
        # Its own clients read the logs of each status, asked for or not.
        document["logs"] = [] if request.query.get("logs") in _ASKED else None
        state = _STATES.get(job.status)
        if state is None:
            return _told(job, {**document, **self._ending(job)})
        document["status"] = state
        if state == "IN_QUEUE":
            document["queue_position"] = self._jobs.position(job)
        return _told(job, document, status=202)

    def _ending(self, job: Job) -> dict[str, object]:
        document: dict[str, object] = {"status": "COMPLETED"}
        if job.error_code is None:
            return {**document, "metrics": {"inference_time": job.seconds}}
        if not self._behaviour.status_tells_error:
            return document
        error_type = fal_type(_code(job))
        return {**document, "error": error_type.replace("_", " "), "error_type": error_type}

    async def _result(self, request: web.Request) -> web.Response:
        job = self._job(request)
        if job is None:
            return _not_found()
        if job.status in _STATES:
            return request_error(400, "bad_request", "Request is still in progress")
        if job.error_code is not None:
            answer = error_response(_code(job))
            answer.headers["X-Fal-Request-Id"] = job.id
            return answer
        return _told(job, self._output(job))

    def _output(self, job: Job) -> dict[str, object]:
        video = {
            "url": self._site.video_url(job),
            "content_type": "video/mp4",
            "file_name": "output.mp4",
            "file_size": job.video.stat().st_size if job.video.exists() else None,
        }
        outputs: dict[str, dict[str, object]] = {
            "video_url": {"video": video},
            "videos": {"videos": [video]},
            "missing": {},
        }
        return outputs[job.output_shape]

    async def _cancel(self, request: web.Request) -> web.Response:
        job = self._job(request)
        if job is None:
            return web.json_response({"status": "NOT_FOUND"}, status=404)
        if job.status not in _STATES:
            return _told(job, {"status": "ALREADY_COMPLETED"}, status=400)
        job.cancel()
        return _told(job, {"status": "CANCELLATION_REQUESTED"}, status=202)

    def _job(self, request: web.Request) -> Job | None:
        job = self._jobs.find(request.match_info["id"])
        return None if job is None or job.refused else job

    def _handle(self, job: Job) -> dict[str, object]:
        url = f"{self._site.origin}{_APP}/requests/{job.id}"
        return {
            "request_id": job.id,
            "response_url": url,
            "status_url": f"{url}/status",
            "cancel_url": f"{url}/cancel",
        }


def _listed(job: Job, *, payloads: bool) -> dict[str, object]:
    item: dict[str, object] = {
        "request_id": job.id,
        "endpoint_id": job.model,
        "sent_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "status_code": 200 if job.error_code is None else 422,
        "duration": job.seconds,
    }
    return {**item, "json_input": dict(job.body)} if payloads else item


def _code(job: Job) -> str:
    code = str(job.error_code)
    return "file_download_error" if code == "invalid_input" and job.order.clip is None else code


def _told(job: Job, document: Mapping[str, object], status: int = 200) -> web.Response:
    return web.json_response(document, status=status, headers={"X-Fal-Request-Id": job.id})


def _not_found() -> web.Response:
    return request_error(404, "bad_request", "Request not found")


async def _unknown(_request: web.Request) -> web.Response:
    return request_error(404, "bad_request", "Not found")
