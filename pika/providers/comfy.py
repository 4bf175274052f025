"""Comfy Router in queue mode (https://api.comfy.org/v2), model Pika 2.5.

Sources: the Router's OpenAPI document and the Pika pages of its documentation, 2026; see
`pika/WIRE.md`. It has no upload: a picture must be a public https address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pika import errors
from pika.inputs import Shot, Source, TextShot, Work, host_sources, with_placeholders
from pika.models import Order, Ticket
from pika.provider import Account, Capabilities
from pika.providers import pika_works
from pika.providers.queue import QueueProvider, first_detail, kind_for_failed_job
from pika.transport import Transport

if TYPE_CHECKING:
    import aiohttp

    from pika.reply import Reply

DEFAULT_BASE: Final = "https://api.comfy.org"
_MODELS: Final = {
    Shot: "/v2/models/pika/pika-2.5-image-to-video/requests",
    TextShot: "/v2/models/pika/pika-2.5-text-to-video/requests",
}

_OF_THE_JOB: Final[dict[str, type[errors.PikaError]]] = {
    "invalid_input": errors.BadInputError,
    "content_policy_violation": errors.ModeratedError,
    "provider_error": errors.RenderError,
    "provider_timeout": errors.TimedOutError,
    "queue_timeout": errors.TimedOutError,
    "cancelled": errors.CancelledError,
    "insufficient_credits": errors.NoCreditError,
}
"""The buckets that are about the job even in the answer to a call for its result."""
_BY_BUCKET: Final[dict[str, type[errors.PikaError]]] = {
    **_OF_THE_JOB,
    "model_not_found": errors.BadInputError,
    "unauthorized": errors.BadKeyError,
    "forbidden": errors.BadKeyError,
    "not_enabled": errors.BadKeyError,
    "concurrency_limit_exceeded": errors.RateLimitedError,
    "rate_limited": errors.RateLimitedError,
    "queue_backlog_full": errors.RateLimitedError,
    "service_unavailable": errors.UnavailableError,
    "deadline_exceeded": errors.TimedOutError,
    "request_not_found": errors.UnknownJobError,
    "client_disconnected": errors.RenderError,
    "internal_error": errors.RenderError,
}
"""The Router's nineteen buckets. An unknown one counts as `internal_error`."""
# A result's 409 is a cancelled job; an order's is a key that was used before.
_BY_RESULT: Final = {409: errors.CancelledError, 422: errors.BadInputError}
_BY_STATUS: Final[dict[int, type[errors.PikaError]]] = {
    401: errors.BadKeyError,
    402: errors.NoCreditError,
    403: errors.BadKeyError,
    404: errors.UnknownJobError,
    409: errors.KeyReusedError,
    422: errors.BadInputError,
    429: errors.RateLimitedError,
    503: errors.UnavailableError,
}
_CONFLICT: Final = 409


class ComfyProvider(QueueProvider):
    """Contract of Comfy Router: `X-API-Key`, replayed idempotency keys, no uploads."""

    NAME: Final = "comfy"
    MODEL: Final = "Pika 2.5"
    name: str = NAME
    # For `verify`, and for a ticket without paths: `accept` writes those of its model down.
    jobs: str = _MODELS[Shot]
    capabilities = Capabilities(
        replays_keys=True,
        can_cancel=True,
        tells_position=True,
        needs_url=True,
        works=frozenset({Shot, TextShot}),
    )

    def __init__(self, session: aiohttp.ClientSession, account: Account) -> None:
        base = DEFAULT_BASE if account.base is None else account.base
        self.transport = Transport(session, base, {"X-API-Key": account.key})

    def price(self, work: Work) -> int:
        """Pika's own price in micro-USD: the Router publishes none."""
        self.capabilities.require(work)
        pika_works.request(with_placeholders(work))
        return pika_works.price(work)

    async def prepare(self, work: Work) -> Order:
        """Write out the paid request; this wire has no uploads.

        Raises:
            BadInputError: The work is not offered, or its picture is no public https address.
        """
        self.capabilities.require(work)
        _, body = pika_works.request(await host_sources(work, self._public))
        return Order(provider=self.name, path=_MODELS[type(work)], body=body)

    async def submit(self, order: Order, key: str) -> Ticket:
        """POST the order once under the idempotency key, which the Router keeps for 24 h."""
        return await self.accept(order, key, order.path)

    def refusal(self, reply: Reply, otherwise: type[errors.PikaError]) -> errors.PikaError:
        """Turn an answer that is no success into an error, by its bucket, else by its status."""
        bucket, text = _code_and_text(reply)
        kind = _BY_BUCKET.get(bucket or "") or reply.kind_by_status(_BY_STATUS, otherwise)
        # The same key came with another body: the job of the first one may be billed.
        if reply.status == _CONFLICT and kind is errors.BadInputError:
            kind = errors.KeyReusedError
        in_flight = reply.status == _CONFLICT and kind is errors.RateLimitedError
        if in_flight or issubclass(kind, errors.RenderError):
            # No job of ours has failed: the request itself did, or its twin is still at work.
            kind = otherwise
        return reply.error(kind, text, bucket)

    def failure(self, reply: Reply) -> errors.PikaError | None:
        """Read why the job failed, from its COMPLETED status or from its result."""
        bucket, text = _code_and_text(reply)
        kind: type[errors.PikaError] | None = None
        # A bucket about the call, such as a refused key, must not end a job that is paid.
        if bucket is not None and (reply.ok or bucket in _OF_THE_JOB):
            kind = _BY_BUCKET.get(bucket, errors.RenderError)
        elif not reply.ok and not reply.is_page:
            kind = _BY_RESULT.get(reply.status)
        return None if kind is None else reply.error(kind_for_failed_job(kind), text, bucket)

    async def _public(self, source: Source) -> str:
        if isinstance(source, str) and self.transport.may_follow(source):
            return source
        raise errors.BadInputError(
            "the picture must be a public https address here", code="needs_url"
        )


def _code_and_text(reply: Reply) -> tuple[str | None, str]:
    bucket, text = first_detail(reply.fields, _BY_BUCKET.__contains__)
    # The header first: it is there even where a gateway replaced the body.
    return reply.headers.get("X-Comfy-Error-Type") or bucket, text
