"""Comfy's proxy before Pika 2.2: the contract of ComfyUI's former nodes, by its document.

What the document leaves open, as the body of any refusal but 422, is a guess.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

from aiohttp import web

from playground.faults import Handler
from playground.pika.jobs.behaviour import Behaviour
from playground.pika.jobs.files import Files
from playground.pika.jobs.inputs import RenderInput, clip_of, from_text, from_uploads
from playground.pika.jobs.job import Job, Order
from playground.pika.jobs.job_list import IdempotencyConflictError, Jobs
from playground.pika.models import proxy_models
from playground.pika.models.credits import credits_of
from playground.pika.models.fields import FieldError
from playground.pika.models.proxy_models import ProxyModel
from playground.pika.wires.proxy_forms import Form, read_form
from playground.pika.wires.routes import Route
from playground.pika.wires.site import Site

Answer: TypeAlias = Callable[[web.Request], Awaitable[web.Response]]
"""A handler that may raise FieldError and ProxyError."""

_REFUSALS: Final[Mapping[str, int]] = {
    "invalid_input": 422,
    "content_moderation": 400,
    "insufficient_balance": 402,
    "rate_limited": 429,
    "provider_error": 502,
    "provider_unavailable": 503,
    "provider_timeout": 504,
    "timed_out": 504,
    "internal": 500,
}
_STATES: Final = {"queued": "queued", "running": "started", "completed": "finished"}
_WIDE: Final = 16 / 9
_KEY_PREFIX: Final = "comfyui-"


class ProxyError(Exception):
    """A refusal other than of a form; `kind` goes on the `X-Comfy-Error-Type` header."""

    def __init__(self, status: int, text: str, kind: str = "", retry_after: str = "") -> None:
        super().__init__(text)
        told = {"X-Comfy-Error-Type": kind, "Retry-After": retry_after}
        self.status = status
        self.headers = {name: value for name, value in told.items() if value}

    def response(self) -> web.Response:
        """The answer."""
        document = {"message": str(self)}
        return web.json_response(document, status=self.status, headers=self.headers)


class ProxyApi:
    """The routes of the proxy's origin."""

    def __init__(self, site: Site, behaviour: Behaviour, files: Files, jobs: Jobs) -> None:
        self._site = site
        self._behaviour = behaviour
        self._files = files
        self._jobs = jobs

    def routes(self) -> list[Route]:
        """What the proxy answers; everything needs the key."""
        submit = self._for_key(self._submit)
        return [
            Route("POST", "/proxy/pika/generate/{model:.+}", "proxy.submit", submit),
            Route("GET", "/proxy/pika/videos/{id}", "proxy.check", self._for_key(self._check)),
            Route("*", "/{path:.*}", "proxy.unknown", self._for_key(_unknown)),
        ]

    def _for_key(self, answer: Answer) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            if not self._knows(request):
                return ProxyError(401, "Unauthorized").response()
            try:
                return await answer(request)
            except FieldError as error:
                return _form_refused(error)
            except ProxyError as error:
                return error.response()

        return guarded

    def _knows(self, request: web.Request) -> bool:
        """A key with the prefix may come on either header, any other as a bearer alone."""
        own = request.headers.get("X-API-Key")
        if own is not None:
            return own.startswith(_KEY_PREFIX) and own == self._site.key
        return request.headers.get("Authorization") == f"Bearer {self._site.key}"

    async def _submit(self, request: web.Request) -> web.Response:
        model = proxy_models.MODELS.get(request.match_info["model"])
        if model is None:
            raise ProxyError(404, "not found")
        key = request.headers.get("Idempotency-Key")
        form = await read_form(request, model, self._files)
        if self._behaviour.proxy_keys != "ignored":
            earlier = self._earlier(key, model, form)
            if earlier is not None:
                return _accepted(earlier, {"Idempotent-Replayed": "true"})
        job = self._jobs.submit(self._order(model, form, key))
        if job.refused:
            self._jobs.release(job)
            _refuse(str(job.error_code))
        return _accepted(job, {})

    def _earlier(self, key: str | None, model: ProxyModel, form: Form) -> Job | None:
        try:
            job = self._jobs.replayed(key, model.id, form.fingerprint)
        except IdempotencyConflictError as error:
            text = "the idempotency key was used for another request"
            raise ProxyError(409, text, "idempotency_mismatch") from error
        if job is not None and self._behaviour.replays_in_flight:
            raise ProxyError(409, "in flight", "idempotency_in_flight", "1")
        if job is not None and self._behaviour.proxy_keys == "consumed":
            raise ProxyError(409, "the answer is no longer kept", "idempotency_consumed")
        return job

    def _order(self, model: ProxyModel, form: Form, key: str | None) -> Order:
        render_input, body = self._render_input(model, form), form.body
        named = {
            "prompt": body["promptText"],
            "pikaffect": body.get("pikaffect"),
            "negative_prompt": body["negativePrompt"],
            "seed": body["seed"],
            "resolution": body.get("resolution", "1080p"),
        }
        return Order(
            id=str(uuid.uuid4()),
            model=model.id,
            body=body,
            sent=form.fingerprint,
            key=key,
            clip=clip_of(render_input, named, model.seconds(body)),
            render_input=render_input,
            price_micro_usd=model.price_micro_usd(body),
        )

    def _render_input(self, model: ProxyModel, form: Form) -> RenderInput | None:
        if not model.files:
            return from_text(float(str(form.body["aspectRatio"])), self._files)
        wanted = [
            (part.media, upload) for part in model.files for upload in form.uploads[part.name]
        ]
        return from_uploads(wanted, self._files)

    async def _check(self, request: web.Request) -> web.Response:
        job = self._jobs.find(request.match_info["id"])
        if job is None or job.refused:
            raise ProxyError(404, "video not found")
        failed = "failed" if self._behaviour.failures_show else "started"
        status = _STATES.get(job.status, failed)
        document: dict[str, object] = {"id": job.id, "status": status}
        headers: dict[str, str] = {}
        if status == "started":
            document["progress"] = job.percent
        if status == "finished":
            document["progress"] = 100
            document["url"] = self._url(job)
            headers["X-Comfy-Credits-Used"] = str(credits_of(job.charge_micro_usd))
        return web.json_response(document, headers=headers)

    def _url(self, job: Job) -> str | None:
        return None if job.output_shape == "missing" else self._site.video_url(job)


def _accepted(job: Job, headers: Mapping[str, str]) -> web.Response:
    return web.json_response({"video_id": job.id}, headers=headers)


def _refuse(code: str) -> None:
    status = _REFUSALS.get(code, 403)
    if status == _REFUSALS["invalid_input"]:
        raise FieldError("image", "value_error", "refused")
    wait = "1" if code in {"rate_limited", "provider_unavailable"} else ""
    raise ProxyError(status, code.replace("_", " "), retry_after=wait)


def _form_refused(error: FieldError) -> web.Response:
    location = ["body", error.field] if error.field else ["body"]
    detail = {"loc": location, "msg": error.text, "type": error.problem}
    return web.json_response({"detail": [detail]}, status=422)


async def _unknown(_request: web.Request) -> web.Response:
    raise ProxyError(404, "not found")
