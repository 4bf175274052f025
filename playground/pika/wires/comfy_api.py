"""Comfy's Router before Pika 2.5, queued or held: paths, headers, statuses and documents."""

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias

from aiohttp import web

from playground.faults import Handler
from playground.pika.jobs.behaviour import Behaviour
from playground.pika.jobs.files import Files
from playground.pika.jobs.inputs import RenderInput, clip_of, from_text, from_url
from playground.pika.jobs.job import Job, Order
from playground.pika.jobs.job_list import IdempotencyConflictError, Jobs
from playground.pika.models import catalogue
from playground.pika.models.catalogue import Model
from playground.pika.models.credits import credits_of
from playground.pika.models.fields import FieldError
from playground.pika.wires.comfy_errors import RouterError, bucket_of, field_response
from playground.pika.wires.own_documents import job_document
from playground.pika.wires.routes import Route
from playground.pika.wires.site import Site

Answer: TypeAlias = Callable[[web.Request], Awaitable[web.Response]]
"""A handler that may raise RouterError and FieldError."""

MODELS: Final[Mapping[str, Model]] = {
    "pika/pika-2.5-image-to-video": catalogue.IMAGE_TO_VIDEO,
    "pika/pika-2.5-text-to-video": catalogue.TEXT_TO_VIDEO,
}
"""The Router's names of the models whose input is that of Pika's own catalogue."""

MAX_KEY_LENGTH: Final = 255
"""Characters of an idempotency key."""

HELD_SECONDS: Final = 600
"""How long the Router keeps a connection open for a result."""

_LOOK_SECONDS: Final = 0.02
_STATES: Final = {"queued": "IN_QUEUE", "running": "IN_PROGRESS"}
_POLL_AFTER: Final = {"IN_QUEUE": "2", "IN_PROGRESS": "1"}
_WIDE: Final = 16 / 9


class ComfyApi:
    """The routes of the Router's origin."""

    def __init__(self, site: Site, behaviour: Behaviour, files: Files, jobs: Jobs) -> None:
        self._site = site
        self._behaviour = behaviour
        self._files = files
        self._jobs = jobs

    def routes(self) -> list[Route]:
        """What the Router answers; everything needs the key."""
        model = "/v2/models/{model:[^/]+/[^/]+}"
        one = f"{model}/requests/{{id}}"
        answers: list[tuple[str, str, str, Answer]] = [
            ("POST", model, "comfy.run", self._run),
            ("POST", f"{model}/requests", "comfy.submit", self._submit),
            ("POST", f"{model}/estimate", "comfy.estimate", self._estimate),
            ("GET", f"{one}/status", "comfy.status", self._status),
            ("GET", one, "comfy.result", self._result),
            ("PUT", f"{one}/cancel", "comfy.cancel", self._cancel),
            ("*", "/{path:.*}", "comfy.unknown", _unknown),
        ]
        return [
            Route(method, path, operation, self._for_key(answer))
            for method, path, operation, answer in answers
        ]

    def _for_key(self, answer: Answer) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            if not self._knows(request):
                return RouterError("unauthorized", "a valid API key is required").response()
            try:
                return await answer(request)
            except RouterError as error:
                return error.response()
            except FieldError as error:
                return field_response(error)

        return guarded

    def _knows(self, request: web.Request) -> bool:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        given = request.headers.get("X-API-Key", bearer)
        return given.startswith("comfyui-") and given == self._site.key

    async def _submit(self, request: web.Request) -> web.Response:
        return self._admitted(*await self._accepted(request))

    async def _run(self, request: web.Request) -> web.Response:
        """Hold the connection until the result is there."""
        job, headers = await self._accepted(request)
        if headers and job.status in _STATES:
            text = "a request with this Idempotency-Key is in flight"
            raise RouterError("concurrency_limit_exceeded", text, 409, retry_after=1)
        until = time.monotonic() + HELD_SECONDS
        while job.status in _STATES:
            if time.monotonic() >= until:
                raise RouterError("deadline_exceeded", "still in work", retry_after=1)
            await asyncio.sleep(_LOOK_SECONDS)
        return self._outcome(job, headers)

    async def _accepted(self, request: web.Request) -> tuple[Job, dict[str, str]]:
        """The job of the request, and headers where the request was known before."""
        model = _model(request)
        key = request.headers.get("Idempotency-Key")
        if key is not None and not 1 <= len(key) <= MAX_KEY_LENGTH:
            raise RouterError("invalid_input", "Idempotency-Key: 1 to 255 characters", 400)
        sent = await request.read()
        earlier = self._earlier(key, model, sent)
        if earlier is not None:
            return earlier, {"Idempotent-Replayed": "true"}
        self._check_credit(1)
        order = self._order(model, model.checked(_parsed(request, sent)), sent, key)
        self._check_credit(order.price_micro_usd)
        return self._jobs.submit(order), {}

    def _earlier(self, key: str | None, model: Model, sent: bytes) -> Job | None:
        try:
            job = self._jobs.replayed(key, model.id, sent)
        except IdempotencyConflictError as error:
            text = "Idempotency-Key: used for another request"
            raise RouterError("invalid_input", text, 409) from error
        if job is not None and self._behaviour.replays_in_flight:
            text = "a request with this Idempotency-Key is in flight"
            raise RouterError("concurrency_limit_exceeded", text, 409, retry_after=1)
        return job

    def _check_credit(self, price_micro_usd: int) -> None:
        """Refuse before a job is made, so that the idempotency key stays free."""
        code = self._jobs.refusal(price_micro_usd)
        if code is not None:
            self._jobs.counters.refused += 1
            bucket = bucket_of(code)
            wait = 1 if bucket in {"rate_limited", "service_unavailable"} else None
            raise RouterError(bucket, f"refused: {bucket}", retry_after=wait)

    def _order(
        self, model: Model, body: Mapping[str, object], sent: bytes, key: str | None
    ) -> Order:
        render_input = self._render_input(body)
        return Order(
            id=str(uuid.uuid4()),
            model=model.id,
            body=body,
            sent=sent,
            key=key,
            clip=clip_of(render_input, body, catalogue.seconds(body)),
            render_input=render_input,
            price_micro_usd=model.price_micro_usd(body),
        )

    def _render_input(self, body: Mapping[str, object]) -> RenderInput | None:
        if "image" not in body:
            return from_text(_WIDE, self._files)
        url = str(body["image"])
        if any(url.startswith(f"{origin}/") for origin in self._site.public_origins):
            return from_url(url, self._files)
        if not url.startswith("https://"):
            raise FieldError("image", "value_error", "must be a public https URL")
        return None

    def _admitted(self, job: Job, headers: Mapping[str, str]) -> web.Response:
        document = {**self._handle(job), "status": "IN_QUEUE"}
        document["queue_position"] = self._jobs.position(job)
        if not headers:
            document["estimate"] = _estimate(job.model, job.order.price_micro_usd)
        return web.json_response(document, status=201, headers=headers)

    async def _status(self, request: web.Request) -> web.Response:
        return self._told(self._job(request), status=200)

    def _told(self, job: Job, status: int) -> web.Response:
        state = _STATES.get(job.status, "COMPLETED")
        document = {**self._handle(job), "status": state}
        if state == "IN_QUEUE":
            document["queue_position"] = self._jobs.position(job)
        if job.error_code is not None:
            document["error_type"] = bucket_of(job.error_code)
        wait = _POLL_AFTER.get(state)
        headers = {} if wait is None else {"Retry-After": wait}
        return web.json_response(document, status=status, headers=headers)

    async def _result(self, request: web.Request) -> web.Response:
        job = self._job(request)
        if job.status in _STATES:
            return self._told(job, status=202)
        if self._behaviour.expire_results:
            raise RouterError("request_not_found", "the result is no longer kept", 410)
        return self._outcome(job, {})

    def _outcome(self, job: Job, headers: Mapping[str, str]) -> web.Response:
        if job.error_code is not None:
            bucket = bucket_of(job.error_code)
            raise RouterError(bucket, f"the request ended: {bucket}")
        document = job_document(job, self._site.video_url(job))
        wanted = ("id", "model", "status", "output")
        return web.json_response({name: document[name] for name in wanted}, headers=headers)

    async def _cancel(self, request: web.Request) -> web.Response:
        job = self._job(request)
        told: dict[str, object] = {"request_id": job.id}
        if job.status not in _STATES:
            told["status"] = "ALREADY_COMPLETED"
            return web.json_response(told, status=self._behaviour.late_cancel_status)
        job.cancel()
        return web.json_response({**told, "status": "CANCELLATION_REQUESTED"}, status=202)

    async def _estimate(self, request: web.Request) -> web.Response:
        model = _model(request)
        body = model.checked(_parsed(request, await request.read()))
        self._render_input(body)
        return web.json_response(_estimate(model.id, model.price_micro_usd(body)))

    def _job(self, request: web.Request) -> Job:
        model = _model(request)
        job = self._jobs.find(request.match_info["id"])
        if job is None or job.model != model.id:
            raise RouterError("request_not_found", "no such request")
        return job

    def _handle(self, job: Job) -> dict[str, object]:
        url = f"{self._site.origin}/v2/models/{_router_id(job.model)}/requests/{job.id}"
        return {
            "request_id": job.id,
            "status_url": f"{url}/status",
            "response_url": url,
            "cancel_url": f"{url}/cancel",
        }


def _model(request: web.Request) -> Model:
    model = MODELS.get(request.match_info["model"])
    if model is None:
        raise RouterError("model_not_found", "no such model")
    return model


def _router_id(model_id: str) -> str:
    return next(name for name, model in MODELS.items() if model.id == model_id)


def _parsed(request: web.Request, sent: bytes) -> dict[str, object]:
    if request.content_type != "application/json":
        raise RouterError("invalid_input", "Content-Type: must be application/json", 400)
    try:
        asked = json.loads(sent)
    except ValueError as error:
        raise RouterError("invalid_input", "the body is no JSON", 400) from error
    if not isinstance(asked, dict):
        raise FieldError("", "dict_type", "must be an object")
    return asked


def _estimate(model_id: str, micro_usd: int) -> dict[str, object]:
    return {
        "source": "exact",
        "currency": "USD",
        "amount": f"{micro_usd / 1_000_000:.2f}",
        "amount_cents": micro_usd / 10_000,
        "credits": credits_of(micro_usd),
        "provider": "pika",
        "model": _router_id(model_id),
        "pricing_as_of": datetime.now(UTC).isoformat(timespec="seconds"),
    }


async def _unknown(_request: web.Request) -> web.Response:
    raise RouterError("request_not_found", "no such operation")
