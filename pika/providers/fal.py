"""fal's queue (https://queue.fal.run), model Pika 2.2.

Sources: fal's model page and client libraries, 2026; see `pika/WIRE.md`. There is no
idempotency key here: an order that may have been accepted is never sent again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode
from uuid import uuid4

from pydantic import SecretStr

from pika import errors
from pika.inputs import (
    FramesShot,
    Shot,
    Source,
    TextShot,
    Work,
    address_of,
    host_sources,
    with_placeholders,
)
from pika.models import Order, Ticket
from pika.provider import Account, Capabilities
from pika.providers import pika22
from pika.providers.queue import QueueProvider, first_detail, kind_for_failed_job
from pika.transport import Transport

if TYPE_CHECKING:
    from datetime import datetime

    import aiohttp
    from pydantic import JsonValue

    from pika.reply import Reply

DEFAULT_BASE: Final = "https://queue.fal.run"
DEFAULT_UPLOAD_BASE: Final = "https://rest.fal.ai"
DEFAULT_HISTORY_BASE: Final = "https://api.fal.ai"
_MODEL: Final = "/fal-ai/pika/v2.2/"
_JOBS: Final = "/fal-ai/pika/requests"
_REQUESTS: Final = "/v1/models/requests/by-endpoint"
_PAGES: Final = 10
"""Of at most 100 requests each: who looks for an order reads no further."""
_EARLIER: Final = timedelta(minutes=5)
"""For clocks that differ: from so long before an order was sent it is looked for."""
_INITIATE: Final = "/storage/upload/initiate?storage_type=fal-cdn-v3"
_DEFAULT_PROMPT: Final = "Natural, subtle motion."
"""Sent where there is no prompt, because fal requires one."""
_FRAMES_PER_SECOND: Final = {"720p": 40_000, "1080p": 60_000}
_FRAMES_MIN_SECONDS: Final = 5
_DEFAULT_SECONDS: Final = 5
_NO_CREDIT_WORDS: Final = ("balance", "locked")
"""Words in a refusal for want of credit; its type and status are not documented."""
_ASPECTS: Final = {
    name: int(name.partition(":")[0]) / int(name.partition(":")[2])
    for name in ("16:9", "9:16", "1:1", "4:5", "5:4", "3:2", "2:3")
}

_BY_TYPE: Final[dict[str, type[errors.PikaError]]] = {
    "image_too_small": errors.BadPictureError,
    "image_too_large": errors.BadPictureError,
    "image_load_error": errors.BadPictureError,
    "file_download_error": errors.BadPictureError,
    "file_too_large": errors.BadPictureError,
    "unsupported_image_format": errors.BadPictureError,
    "face_detection_error": errors.BadPictureError,
    "content_policy_violation": errors.ModeratedError,
    "concurrent_requests_limit": errors.RateLimitedError,
    "generation_timeout": errors.TimedOutError,
    "request_timeout": errors.TimedOutError,
    "startup_timeout": errors.TimedOutError,
    "client_cancelled": errors.CancelledError,
    "bad_request": errors.BadInputError,
}
_BY_STATUS: Final[dict[int, type[errors.PikaError]]] = {
    400: errors.BadInputError,
    401: errors.BadKeyError,
    402: errors.NoCreditError,
    403: errors.BadKeyError,
    413: errors.BadPictureError,
    422: errors.BadInputError,
    429: errors.RateLimitedError,
    # No 5xx: an order that met one may have been accepted, and there are no keys to ask again.
}
# In the answer to a call for the result; any other 4xx is how fal reports a failed job.
_ABOUT_THE_CALL: Final = frozenset({401, 403, 404, 408, 409, 429})
_NOT_FOUND: Final = 404
_UNPROCESSABLE: Final = 422
_REFUSED: Final = range(400, 500)


class FalProvider(QueueProvider):
    """Contract of queue.fal.run: `Authorization: Key …`, uploads on an origin of their own."""

    NAME: Final = "fal"
    MODEL: Final = "Pika 2.2"
    name: str = NAME
    jobs: str = _JOBS
    capabilities = Capabilities(
        can_cancel=True, tells_position=True, works=frozenset({Shot, TextShot, FramesShot})
    )

    def __init__(self, session: aiohttp.ClientSession, account: Account) -> None:
        auth = {"Authorization": SecretStr(f"Key {account.key.get_secret_value()}")}
        base = DEFAULT_BASE if account.base is None else account.base
        uploads = DEFAULT_UPLOAD_BASE if account.upload_base is None else account.upload_base
        self.transport = Transport(session, base, auth)
        self._uploads = Transport(session, uploads, auth, setting="upload_base")
        # An account of another service has no list there, and its key nothing to do there.
        history = account.history_base or (DEFAULT_HISTORY_BASE if account.base is None else None)
        self._history = history and Transport(session, history, auth, setting="history_base")

    def price(self, work: Work) -> int:
        """The model page's price in micro-USD. It has none for 10 seconds: that is a guess."""
        _request(with_placeholders(work))
        if isinstance(work, FramesShot):
            return _FRAMES_PER_SECOND[work.resolution] * max(_FRAMES_MIN_SECONDS, work.seconds)
        return pika22.price(work)

    async def prepare(self, work: Work) -> Order:
        """Upload pictures and videos that are bytes, and write out the paid request."""
        # First with placeholders: work that the wire refuses must not be uploaded either.
        _request(with_placeholders(work))
        function, body = _request(await host_sources(work, self._host))
        return Order(provider=self.name, path=_MODEL + function, body=body)

    async def submit(self, order: Order, key: str) -> Ticket:  # noqa: ARG002 - fal has no such keys
        """POST the order once. fal would ignore the idempotency key, so it is not sent."""
        return await self.accept(order, None, _JOBS)

    async def find(self, order: Order, sent_at: datetime) -> Ticket | None:
        """Look for the order by its body, in which the uploaded picture's address is its own.

        Source: fal's Platform API (https://fal.ai/docs/platform-apis), 2026.
        """
        if not self._history:
            return None
        asked = {
            "endpoint_id": order.path.lstrip("/"),
            "start": (sent_at - _EARLIER).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "expand": "payloads",
            "limit": "100",
        }
        for _ in range(_PAGES):
            reply = await self._history.call("GET", f"{_REQUESTS}?{urlencode(asked)}")
            if not reply.ok:
                raise self.refusal(reply, errors.UnavailableError)
            items = reply.fields.get("items")
            for item in items if isinstance(items, list) else []:
                if isinstance(item, dict) and _is_same(item.get("json_input"), order.body):
                    return reply.ticket(self.name, item.get("request_id"))
            cursor = reply.fields.get("next_cursor")
            if not isinstance(cursor, str) or not cursor:
                break
            asked["cursor"] = cursor
        return None

    def refusal(self, reply: Reply, otherwise: type[errors.PikaError]) -> errors.PikaError:
        """Turn an answer that is no success into an error, by its type, else by its status."""
        code, text = self._code_and_text(reply)
        kind = _BY_TYPE.get(code or "") or reply.kind_by_status(_BY_STATUS, otherwise)
        if reply.status == _NOT_FOUND and not reply.is_page:
            kind = errors.UnknownJobError
        # An account without credit is answered like a wrong key, but nobody needs a new key.
        if kind is errors.BadKeyError and any(
            word in reply.text.lower() for word in _NO_CREDIT_WORDS
        ):
            kind = errors.NoCreditError
        if issubclass(kind, errors.RenderError):
            # No job of ours has failed: the request itself did, at an unknown point.
            kind = otherwise
        return reply.error(kind, text, code)

    def failure(self, reply: Reply) -> errors.PikaError | None:
        """Read why the job failed, from its COMPLETED status or from its result."""
        code, text = self._code_and_text(reply)
        error = reply.fields.get("error")
        if reply.ok and not error and code is None:
            return None
        if reply.status in _ABOUT_THE_CALL:
            return None
        if code is None and not (reply.ok or (reply.fields and reply.status in _REFUSED)):
            return None
        # An undocumented type of error: the status tells whether it is about the input.
        otherwise = errors.BadInputError if reply.status == _UNPROCESSABLE else errors.RenderError
        kind = kind_for_failed_job(_BY_TYPE.get(code or "", otherwise))
        return reply.error(kind, text or str(error or ""), code)

    @staticmethod
    def _code_and_text(reply: Reply) -> tuple[str | None, str]:
        code, text = first_detail(reply.fields, _BY_TYPE.__contains__)
        return code or reply.headers.get("X-Fal-Error-Type"), text

    async def _host(self, source: Source) -> str:
        if isinstance(source, str):
            return source
        suffix = source.media_type.partition("/")[2]
        asked: dict[str, JsonValue] = {
            "file_name": f"{uuid4().hex}.{suffix}",
            "content_type": source.media_type,
        }
        reply = await self._uploads.call("POST", _INITIATE, asked)
        if not reply.ok:
            raise self.refusal(reply, errors.UnavailableError)
        target, url = reply.fields.get("upload_url"), reply.fields.get("file_url")
        # Checked while nothing is paid: fal may bill an order whose picture it cannot fetch.
        usable = isinstance(url, str) and self.transport.may_follow(url)
        if not isinstance(target, str) or not isinstance(url, str) or not usable:
            raise reply.error(errors.UnexpectedReplyError, "an upload without addresses")
        await self._uploads.put(target, source.data, {"Content-Type": source.media_type})
        return url


def _request(work: Work) -> tuple[str, dict[str, JsonValue]]:
    """The name of fal's function for this work, and its input.

    Raises:
        BadInputError: fal does not offer this work.
    """
    FalProvider.capabilities.require(work)
    prompt = work.prompt or _DEFAULT_PROMPT
    body: dict[str, JsonValue] = {"prompt": prompt, "negative_prompt": work.negative_prompt}
    if work.seed is not None:
        body["seed"] = work.seed
    match work:
        case Shot():
            body |= {"image_url": address_of(work.picture), **_size(work)}
            return "image-to-video", body
        case TextShot():
            body |= {"aspect_ratio": _aspect(work.aspect), **_size(work)}
            return "text-to-video", body
        case FramesShot():
            transition: JsonValue = {"duration": work.duration}
            body |= {
                "image_urls": [address_of(picture) for picture in work.pictures],
                "transitions": [transition] * (len(work.pictures) - 1),
                "resolution": work.resolution,
            }
            return "pikaframes", body
    raise errors.BadInputError(f"{type(work).__name__} is not offered here", code="unsupported")


def _is_same(json_input: JsonValue, body: dict[str, JsonValue]) -> bool:
    """Whether a listed input is that of an order; fal may have added what was left out."""
    return isinstance(json_input, dict) and body.items() <= json_input.items()


def _size(work: Shot | TextShot) -> dict[str, JsonValue]:
    """The fields for resolution and length.

    Sources differ on the type of `duration`, so the default of 5 is left out: on it they agree.
    """
    size: dict[str, JsonValue] = {"resolution": work.resolution}
    return size if work.duration == _DEFAULT_SECONDS else {**size, "duration": work.duration}


def _aspect(wanted: float) -> str:
    name = min(_ASPECTS, key=lambda name: abs(_ASPECTS[name] - wanted))
    if abs(_ASPECTS[name] - wanted) > 0.01:  # noqa: PLR2004 - nobody sees one percent
        raise errors.BadInputError(f"one of {', '.join(_ASPECTS)}", code="unsupported")
    return name
