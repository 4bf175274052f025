"""How Comfy's Router tells what went wrong: one bucket on a header, and a body in two shapes."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from playground.pika.models.fields import FieldError

BUCKETS: Final[Mapping[str, int]] = {
    "invalid_input": 422,
    "content_policy_violation": 400,
    "provider_error": 502,
    "provider_timeout": 504,
    "insufficient_credits": 402,
    "model_not_found": 404,
    "unauthorized": 401,
    "forbidden": 403,
    "concurrency_limit_exceeded": 429,
    "client_disconnected": 499,
    "internal_error": 500,
    "deadline_exceeded": 504,
    "not_enabled": 403,
    "service_unavailable": 503,
    "rate_limited": 429,
    "cancelled": 409,
    "queue_timeout": 504,
    "request_not_found": 404,
    "queue_backlog_full": 429,
}
"""All buckets of the Router, and the HTTP status that goes with each.

That of `client_disconnected` is a guess; the others were read in the document and its SDK.
"""

_SYNONYMS: Final[Mapping[str, str]] = {
    "content_moderation": "content_policy_violation",
    "provider_unavailable": "service_unavailable",
    "insufficient_balance": "insufficient_credits",
    "membership_required": "forbidden",
    "cycle_limit_exceeded": "forbidden",
    "admission_suspended": "forbidden",
    "usage_limit_exceeded": "forbidden",
    "timed_out": "provider_timeout",
    "internal": "internal_error",
}


class RouterError(Exception):
    """A refusal by the Router; `status` differs from the bucket's usual one where given."""

    def __init__(
        self, bucket: str, text: str, status: int | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(text)
        self.bucket = bucket
        self.status = BUCKETS[bucket] if status is None else status
        self.retry_after = retry_after

    def response(self) -> web.Response:
        """The answer, with its bucket in the body and on the header."""
        headers = {"X-Comfy-Error-Type": self.bucket}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        document = {"detail": str(self), "error_type": self.bucket}
        return web.json_response(document, status=self.status, headers=headers)


def bucket_of(code: str) -> str:
    """The bucket under which an error code of the behaviour is told; buckets are kept."""
    return _SYNONYMS.get(code, code)


def field_response(error: FieldError) -> web.Response:
    """The answer to a body that the model does not allow: the bucket is on the header alone."""
    location = ["body", error.field] if error.field else ["body"]
    detail = {"loc": location, "msg": error.text, "type": error.problem}
    return web.json_response(
        {"detail": [detail]}, status=422, headers={"X-Comfy-Error-Type": "invalid_input"}
    )
