"""A provider's answer as plain data: of bounded size, and parsed where it is JSON."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from pika.errors import InDoubtError, UnavailableError, UnexpectedReplyError
from pika.models import Ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import aiohttp
    from pydantic import JsonValue, SecretStr

    from pika.errors import PikaError

MAX_REPLY_BYTES: Final = 1_048_576
"""Answers have a few kilobytes; a larger one is a fault that must not fill the memory."""
LONGEST_RETRY_AFTER: Final = 86_400.0
"""Seconds; a day."""
_REFUSALS: Final = frozenset(range(400, 500)) - {408, 409, 413, 499}
"""Statuses of a page that ends a request before the provider. Not the others: too large is the
request's size, whoever measured it, and after a conflict or a timeout there may be a bill."""
_REQUEST_IDS: Final = ("X-Request-ID", "X-Fal-Request-Id", "X-Comfy-Request-Id")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whatever its status.

    Attributes:
        body: The parsed JSON, or `None` if the answer was not JSON.
        text: The first 500 bytes of the answer as they came, for the log.
    """

    status: int
    headers: Mapping[str, str]
    body: JsonValue
    text: str = ""

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of HTTP success

    @property
    def fields(self) -> dict[str, JsonValue]:
        """The body if it is a JSON object, else an empty one."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def request_id(self) -> str | None:
        """The provider's id of this request, to quote to its support."""
        return next((self.headers[name] for name in _REQUEST_IDS if name in self.headers), None)

    @property
    def is_page(self) -> bool:
        """Whether the body is no JSON object: a page of what stands in front of the provider."""
        return bool(self.text) and not isinstance(self.body, dict)

    def kind_by_status(
        self, kinds: Mapping[int, type[PikaError]], otherwise: type[PikaError]
    ) -> type[PikaError]:
        """The kind of error that a provider's status stands for, or `otherwise`.

        A page is not the provider's word: one that refuses says only that the request never came
        to the provider, for whatever reason.
        """
        if self.is_page and self.status in _REFUSALS:
            return UnavailableError
        return kinds.get(self.status, otherwise)

    def error(self, kind: type[PikaError], detail: str = "", code: str | None = None) -> PikaError:
        """Make an error of this kind with the answer's status, id and `Retry-After`."""
        return kind(
            detail or self.text,
            code=code,
            http_status=self.status,
            request_id=self.request_id,
            retry_after=self.retry_after,
        )

    def ticket(
        self, provider: str, ident: JsonValue, charge_micro_usd: int | None = None
    ) -> Ticket:
        """The ticket of an order that was accepted under this id.

        Raises:
            InDoubtError: The id is none, so a job may be billed that nobody can ask for.
        """
        told = {"provider": provider, "id": ident, "charge_micro_usd": charge_micro_usd}
        try:
            return Ticket.model_validate(told)
        except ValidationError as error:
            raise self.error(InDoubtError) from error

    @property
    def retry_after(self) -> float | None:
        """Seconds from a `Retry-After` header in either of its two forms, never negative."""
        return parse_retry_after(self.headers.get("Retry-After"), datetime.now(UTC))


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Read a `Retry-After` value (seconds or an HTTP date); `None` where it is neither.

    Never more than a day, so that no caller's arithmetic with clocks can overflow.
    """
    if value is None:
        return None
    told = value.strip()
    try:
        # ASCII too, because `isdigit` is true of digits that `float` does not read, such as "²".
        if told.isascii() and told.isdigit():
            seconds = float(told)
        else:
            seconds = (parsedate_to_datetime(told) - now).total_seconds()
    except (TypeError, ValueError, OverflowError):  # TypeError: the date names no time zone
        return None
    return min(max(0.0, seconds), LONGEST_RETRY_AFTER)


async def read_reply(
    response: aiohttp.ClientResponse, secrets: Collection[SecretStr] = ()
) -> Reply:
    """Read a whole answer and parse it where it is JSON, with `***` for each secret in it.

    Raises:
        UnexpectedReplyError: It is over the size cap.
    """
    # Piece by piece, because a length that is told may be absent or wrong.
    raw = bytearray()
    async for chunk in response.content.iter_any():
        raw += chunk
        if len(raw) > MAX_REPLY_BYTES:
            raise UnexpectedReplyError("answer over 1 MiB", http_status=response.status)
    # A refusal may name the key that it refuses, and errors with its text are logged.
    for secret in secrets:
        raw = raw.replace(secret.get_secret_value().encode(), b"***")
    body: JsonValue = None
    # No JSON, or JSON nested deeper than the parser goes: the status still counts.
    with contextlib.suppress(ValueError, RecursionError):
        body = json.loads(raw)
    text = raw[:500].decode("utf-8", "replace")
    return Reply(response.status, response.headers, body, text)
