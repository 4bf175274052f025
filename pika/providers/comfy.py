"""Comfy Router in queue mode (https://api.comfy.org/v2), model Pika 2.5.

Sources: the Router's OpenAPI document and the Pika pages of its documentation, 2026; see
`pika/WIRE.md`. It has no upload: a picture must be a public https address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pika.errors import (
    BadInputError,
    BadKeyError,
    CancelledError,
    KeyReusedError,
    ModeratedError,
    NoCreditError,
    PikaError,
    RateLimitedError,
    RenderError,
    TimedOutError,
    UnavailableError,
    UnknownJobError,
)
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

_BY_BUCKET: Final[dict[str, type[PikaError]]] = {
    "invalid_input": BadInputError,
    "content_policy_violation": ModeratedError,
    "provider_error": RenderError,
    "provider_timeout": TimedOutError,
    "insufficient_credits": NoCreditError,
    "model_not_found": BadInputError,
    "unauthorized": BadKeyError,
    "forbidden": BadKeyError,
    "not_enabled": BadKeyError,
    "concurrency_limit_exceeded": RateLimitedError,
    "rate_limited": RateLimitedError,
    "queue_backlog_full": RateLimitedError,
    "service_unavailable": UnavailableError,
    "deadline_exceeded": TimedOutError,
    "queue_timeout": TimedOutError,
    "cancelled": CancelledError,
    "request_not_found": UnknownJobError,
    "client_disconnected": RenderError,
    "internal_error": RenderError,
}
"""The Router's nineteen buckets. An unknown one counts as `internal_error`."""
_ABOUT_THE_JOB: Final = frozenset(
    {
        "invalid_input",
        "content_policy_violation",
        "provider_error",
        "provider_timeout",
        "queue_timeout",
        "cancelled",
        "insufficient_credits",
    }
)
"""The buckets that, in the answer to a call for the result, are about the job; the others are
about that call."""
_BY_RESULT: Final[dict[int, type[PikaError]]] = {409: CancelledError, 422: BadInputError}
_BY_STATUS: Final[dict[int, type[PikaError]]] = {
    401: BadKeyError,
    402: NoCreditError,
    403: BadKeyError,
    404: UnknownJobError,
    409: KeyReusedError,
    422: BadInputError,
    429: RateLimitedError,
    503: UnavailableError,
}
_CONFLICT: Final = 409


class ComfyProvider(QueueProvider):
    """Contract of Comfy Router: `X-API-Key`, replayed idempotency keys, no uploads."""

    NAME: Final = "comfy"
    name: str = NAME
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

    def refusal(self, reply: Reply, otherwise: type[PikaError]) -> PikaError:
        """Turn an answer that is no success into an error, by its bucket, else by its status."""
        bucket, text = _code_and_text(reply)
        kind = _BY_BUCKET.get(bucket or "") or reply.kind_by_status(_BY_STATUS, otherwise)
        # The same key came with another body: what the first one made may be billed.
        if reply.status == _CONFLICT and kind is BadInputError:
            kind = KeyReusedError
        in_flight = reply.status == _CONFLICT and kind is RateLimitedError
        if in_flight or issubclass(kind, RenderError):
            # No job of ours has failed: the request itself did, or its twin is still at work.
            kind = otherwise
        return reply.error(kind, text, bucket)

    def failure(self, reply: Reply) -> PikaError | None:
        """Read why the job failed, from its COMPLETED status or from its result."""
        bucket, text = _code_and_text(reply)
        kind: type[PikaError] | None = None
        if bucket is not None and (reply.ok or bucket in _ABOUT_THE_JOB):
            kind = _BY_BUCKET.get(bucket, RenderError)
        elif not reply.ok and not reply.is_page:
            kind = _BY_RESULT.get(reply.status)
        return None if kind is None else reply.error(kind_for_failed_job(kind), text, bucket)

    async def _public(self, source: Source) -> str:
        if isinstance(source, str) and self.transport.may_follow(source):
            return source
        raise BadInputError("the picture must be a public https address here", code="needs_url")


def _code_and_text(reply: Reply) -> tuple[str | None, str]:
    bucket, text = first_detail(reply.fields, _BY_BUCKET.__contains__)
    # The header first: it is there even where a gateway replaced the body.
    return reply.headers.get("X-Comfy-Error-Type") or bucket, text
