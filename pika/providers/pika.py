"""Pika's own API (https://api.dev.pika.art), model Pika 2.5.

Sources: the service's catalogue record `pika/pika-2.5/image-to-video` for the request and
the prices; published third-party clients, August to November 2026, for the rest. See
`pika/WIRE.md` for how sure each fact is.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote
from uuid import uuid4

from pika import errors
from pika.inputs import Source, Work, host_sources, with_placeholders
from pika.models import Cancellation, Done, Failed, Order, Pending, Status, Ticket
from pika.provider import Account, Capabilities
from pika.providers import pika_works
from pika.providers.queue import video_url
from pika.transport import Transport

if TYPE_CHECKING:
    import aiohttp
    from pydantic import JsonValue

    from pika.reply import Reply

log = logging.getLogger(__name__)

DEFAULT_BASE: Final = "https://api.dev.pika.art"
_ORDERS: Final = "/v1/media/pika/"
_UPLOADS: Final = "/v1/media/uploads"
_JOBS: Final = "/v1/media/jobs/"

_NO_CONTENT: Final = frozenset({404, 409, 410, 422})
"""Answers to a call for the video of a completed job that are about the video, not the call."""
_FOUND_NOTHING: Final = 404
"""The one answer that only a good key gets."""
_ERASED: Final = frozenset({404, 410})
"""Answers to a call that erases something: it is gone already."""
_ADDRESS: Final = re.compile("https?://")

_BY_CODE: Final[dict[str, type[errors.PikaError]]] = {
    "invalid_input": errors.BadInputError,
    "content_moderation": errors.ModeratedError,
    "provider_error": errors.RenderError,
    "provider_timeout": errors.TimedOutError,
    "provider_unavailable": errors.RenderError,
    "rate_limited": errors.RateLimitedError,
    "insufficient_balance": errors.NoCreditError,
    "membership_required": errors.NoCreditError,
    "cycle_limit_exceeded": errors.NoCreditError,
    "cycle_limit": errors.NoCreditError,
    "usage_limit_exceeded": errors.NoCreditError,
    "admission_suspended": errors.BadKeyError,
    "timed_out": errors.TimedOutError,
    "internal": errors.RenderError,
}
# Not shared with the other wires, whose tables look alike: each follows its own evidence (WIRE.md).
_BY_STATUS: Final[dict[int, type[errors.PikaError]]] = {
    400: errors.BadInputError,
    401: errors.BadKeyError,
    403: errors.BadKeyError,
    404: errors.UnknownJobError,
    409: errors.KeyReusedError,
    413: errors.BadPictureError,
    415: errors.BadPictureError,
    422: errors.BadInputError,
    429: errors.RateLimitedError,
    503: errors.UnavailableError,
}


class PikaProvider:
    """Contract of api.dev.pika.art: JSON, an `X-API-Key`, replayed idempotency keys."""

    NAME: Final = "pika"
    MODEL: Final = "Pika 2.5"
    name: str = NAME
    capabilities = Capabilities(replays_keys=True, works=pika_works.WORKS)

    def __init__(self, session: aiohttp.ClientSession, account: Account) -> None:
        base = DEFAULT_BASE if account.base is None else account.base
        self.transport = Transport(session, base, {"X-API-Key": account.key})

    def price(self, work: Work) -> int:
        """The catalogue's price in micro-USD."""
        pika_works.request(with_placeholders(work))
        return pika_works.price(work)

    async def verify(self) -> None:
        """Ask for a job that cannot exist: a bad key answers 401, a good one 404."""
        reply = await self.transport.call("GET", f"{_JOBS}{uuid4().hex}")
        if reply.is_page or reply.status != _FOUND_NOTHING:
            raise _error(reply, errors.UnavailableError)

    async def prepare(self, work: Work) -> Order:
        """Upload pictures and videos that are bytes, and write out the paid request."""
        # First with placeholders: work that the wire refuses must not be uploaded either.
        pika_works.request(with_placeholders(work))
        path, body = pika_works.request(await host_sources(work, self._host))
        return Order(provider=self.name, path=_ORDERS + path, body=body)

    async def submit(self, order: Order, key: str) -> Ticket:
        """POST the order once under the idempotency key."""
        reply = await self.transport.send_order(order, key)
        job = reply.fields
        # Before the HTTP status, which is 200, 403 or 503 for a job that failed at once.
        if job.get("status") == "failed":
            raise _job_error(job, reply)
        if not reply.ok:
            raise _error(reply, errors.InDoubtError)
        return reply.ticket(self.name, job.get("id"))

    async def check(self, ticket: Ticket) -> Status:
        """Ask for the job; a status that this client does not know counts as pending."""
        path = _JOBS + quote(ticket.id, safe="")
        reply = await self.transport.call("GET", path)
        if not reply.ok:
            raise _error(reply, errors.UnavailableError)
        job = reply.fields
        match job.get("status"):
            case "completed":
                # One call less where the job has the address in it; both forms occur.
                return await self._completed(job, path)
            case "failed":
                return Failed(_job_error(job, reply), _settled_charge(job))
            case "queued" | "running" as status:
                return Pending(started=status == "running", retry_after=reply.retry_after)
            case str(unknown):
                # Called failed by mistake, a paid video would be given up; waiting costs nothing.
                log.warning("job %s has the undocumented status %r", ticket.id, unknown)
                return Pending(started=True, retry_after=reply.retry_after)
            case _:
                raise _error(reply, errors.UnexpectedReplyError)

    async def cancel(self, ticket: Ticket) -> Cancellation:
        """Answer `IMPOSSIBLE`: a deleted job loses its media, and is billed all the same."""
        log.info("job %s cannot be cancelled", ticket.id)
        return Cancellation.IMPOSSIBLE

    @staticmethod
    def traces(order: Order | None, ticket: Ticket | None) -> list[str]:
        """The job, and the addresses in the order: those that are no uploads are not found."""
        body = {} if order is None else order.body
        images = body.get("images")
        named = [
            body.get("image"),
            body.get("video"),
            *(images if isinstance(images, list) else ()),
        ]
        uploads = [f"{_UPLOADS}?url={quote(it, safe='')}" for it in named if isinstance(it, str)]
        return uploads if ticket is None else [*uploads, _JOBS + quote(ticket.id, safe="")]

    async def erase(self, trace: str) -> None:
        """DELETE it; what is not found is erased. A 503 says that it is not done yet."""
        reply = await self.transport.call("DELETE", trace)
        if reply.is_page or not (reply.ok or reply.status in _ERASED):
            raise _error(reply, errors.UnavailableError)

    async def _host(self, source: Source) -> str:
        if isinstance(source, str):
            return source
        asked: dict[str, JsonValue] = {
            "content_type": source.media_type,
            "size_bytes": len(source.data),
        }
        reply = await self.transport.call("POST", _UPLOADS, asked)
        if not reply.ok:
            raise _error(reply, errors.UnavailableError)
        target, url, headers = (reply.fields.get(k) for k in ("upload_url", "url", "headers"))
        if not isinstance(target, str) or not isinstance(url, str) or not _ADDRESS.match(url):
            raise errors.UnexpectedReplyError(
                "an upload without addresses", request_id=reply.request_id
            )
        wanted = headers if isinstance(headers, dict) else {}
        exact = {name: value for name, value in wanted.items() if isinstance(value, str)}
        # All or none: the address may be signed together with its headers.
        if len(exact) != len(wanted):
            raise errors.UnexpectedReplyError("odd upload headers", request_id=reply.request_id)
        await self.transport.put(target, source.data, exact)
        return url

    async def _completed(self, job: dict[str, JsonValue], path: str) -> Status:
        charge = _settled_charge(job)
        if url := video_url(job):
            return Done(url, charge)
        reply = await self.transport.call("GET", f"{path}/content")
        told = reply.fields.get("url")
        if reply.ok and isinstance(told, str) and told:
            return Done(told, charge)
        if reply.is_page or not (reply.ok or reply.status in _NO_CONTENT):
            raise _error(reply, errors.UnexpectedReplyError)
        return Failed(reply.error(errors.NoVideoError), charge)


def _settled_charge(job: dict[str, JsonValue]) -> int | None:
    """The bill in micro-USD once its state is `settled`, before which it may change."""
    billing = job.get("billing")
    if not isinstance(billing, dict) or billing.get("state") != "settled":
        return None
    charge = billing.get("charge_micro_usd")
    # JSON's true is an int to Python.
    return charge if type(charge) is int and charge >= 0 else None


def _job_error(job: dict[str, JsonValue], reply: Reply) -> errors.PikaError:
    """Turn a failed job into an error, which is never retryable: the job stays failed."""
    code, message = _code_and_message(job)
    kind = _BY_CODE.get(code or "", errors.RenderError)
    # Asked again, the same key would only return this failed job.
    if kind is errors.RateLimitedError:
        kind = errors.RenderError
    return reply.error(kind, message, code)


def _error(reply: Reply, otherwise: type[errors.PikaError]) -> errors.PikaError:
    """Turn a request-level refusal into an error, by its code, else by its status.

    The codes of failed jobs do not count here, because no job was made; and the status of a
    refused picture says more than its general code.
    """
    code, message = _code_and_message(reply.fields)
    kind = reply.kind_by_status(_BY_STATUS, otherwise)
    told = _BY_CODE.get(code or "", errors.RenderError)
    if kind is not errors.BadPictureError and not issubclass(told, errors.RenderError):
        kind = told
    return reply.error(kind, message, code)


def _code_and_message(fields: dict[str, JsonValue]) -> tuple[str | None, str]:
    """Read `{"error": {"code", "message"}}` or `{"message"}`; both occur."""
    error = fields.get("error")
    told = error if isinstance(error, dict) else fields
    code, message = told.get("code"), told.get("message")
    return (code if isinstance(code, str) else None), (message if isinstance(message, str) else "")
