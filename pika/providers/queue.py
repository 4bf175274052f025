"""What fal's queue and Comfy's Router have in common: one protocol at told addresses.

A submit answers with addresses for status, result and cancel. A finished job is COMPLETED,
failed or not; only its result tells which.
"""

from __future__ import annotations

import abc
import logging
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from pydantic import ValidationError

from pika.errors import (
    InDoubtError,
    PikaError,
    RenderError,
    UnavailableError,
    UnexpectedReplyError,
)
from pika.models import Cancellation, Done, Failed, Order, Pending, Status, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import JsonValue

    from pika.reply import Reply
    from pika.transport import Transport

log = logging.getLogger(__name__)

_TOLD: Final = {"status": "status_url", "result": "response_url", "cancel": "cancel_url"}
_ACCEPTED: Final = 202
_GONE: Final = 410


class QueueProvider(abc.ABC):
    """A wire that speaks the queue protocol."""

    name: str
    transport: Transport

    @abc.abstractmethod
    def refusal(self, reply: Reply, otherwise: type[PikaError]) -> PikaError:
        """Turn an answer that is no success into an error."""

    @abc.abstractmethod
    def failure(self, reply: Reply) -> PikaError | None:
        """Read why the job failed from its result, or `None` if this is about the request."""

    @abc.abstractmethod
    def address(self, ticket: Ticket, purpose: str) -> str:
        """Return the documented path of a job, where the told address cannot be used."""

    async def accept(self, order: Order, key: str | None) -> Ticket:
        """POST the order once and read the ticket."""
        reply = await self.transport.paid(order, key)
        if not reply.ok:
            raise self.refusal(reply, InDoubtError)
        told = {
            purpose: url
            for purpose, name in _TOLD.items()
            if isinstance(url := reply.fields.get(name), str) and self.transport.is_home(url)
        }
        try:
            ident = reply.fields.get("request_id")
            return Ticket.model_validate({"provider": self.name, "id": ident, "urls": told})
        except ValidationError as error:
            raise reply.error(InDoubtError) from error

    async def check(self, ticket: Ticket) -> Status:
        """Ask for the status, and once it is no longer a known pending one, for the result."""
        reply = await self.transport.free("GET", self._url(ticket, "status"))
        if not reply.ok:
            raise self.refusal(reply, UnavailableError)
        status = reply.fields.get("status")
        match status:
            case "IN_QUEUE":
                position = reply.fields.get("queue_position")
                place = position if type(position) is int and position >= 0 else None
                return Pending(started=False, position=place, retry_after=reply.retry_after)
            case "IN_PROGRESS":
                return Pending(started=True, retry_after=reply.retry_after)
            case "COMPLETED":
                return await self._result(ticket, reply)
            case str():
                log.warning("job %s has the undocumented status %r", ticket.id, status)
                return await self._result(ticket, reply, unknown=True)
            case _:
                raise reply.error(UnexpectedReplyError)

    async def cancel(self, ticket: Ticket) -> Cancellation:
        """Ask to cancel. What had started may finish all the same, and be billed."""
        reply = await self.transport.free("PUT", self._url(ticket, "cancel"))
        if reply.status in {400, 409} or reply.fields.get("status") == "ALREADY_COMPLETED":
            return Cancellation.TOO_LATE
        if not reply.ok:
            raise self.refusal(reply, UnavailableError)
        return Cancellation.REQUESTED

    async def _result(self, ticket: Ticket, status: Reply, *, unknown: bool = False) -> Status:
        reply = await self.transport.free("GET", self._url(ticket, "result"))
        if reply.ok and reply.status != _ACCEPTED:
            url = video_url(reply.fields)
            if url is not None:
                return Done(url)
            return Failed(reply.error(RenderError, "finished without a video"))
        told = self.failure(status) or self.failure(reply)
        if told is not None:
            return Failed(told)
        if unknown:
            return Failed(reply.error(RenderError, f"unknown status: {status.text}"))
        if reply.status == _ACCEPTED:
            return Pending(started=True, retry_after=reply.retry_after)
        if reply.status == _GONE:
            return Failed(reply.error(RenderError, "the result has expired"))
        raise self.refusal(reply, UnavailableError)

    def _url(self, ticket: Ticket, purpose: str) -> str:
        told = ticket.urls.get(purpose)
        if told is not None and self.transport.is_home(told):
            return told
        return self.address(ticket, purpose)


def job_path(ticket: Ticket) -> str:
    """Return the ticket's id as one safe segment of a path."""
    return quote(ticket.id, safe="")


def video_url(fields: dict[str, JsonValue]) -> str | None:
    """Find the video in a result: at its top, or in Pika's own `output`."""
    output = fields.get("output")
    for holder in (fields, output if isinstance(output, dict) else {}):
        videos = holder.get("videos")
        several = videos if isinstance(videos, list) else []
        for video in (holder.get("video"), *several):
            if isinstance(video, dict) and isinstance(url := video.get("url"), str):
                return url
    return None


def first_detail(
    fields: dict[str, JsonValue], known: Callable[[str], bool]
) -> tuple[str | None, str]:
    """Read `{"detail": "text", "error_type"}` or `{"detail": [{"type", "msg"}]}`.

    Args:
        fields: The body.
        known: Whether a type is one that has a meaning here; the first such is returned.
    """
    detail = fields.get("detail")
    listed = detail if isinstance(detail, list) else []
    entries = [entry for entry in listed if isinstance(entry, dict)]
    types = [str(entry.get("type")) for entry in entries]
    code = next((kind for kind in types if known(kind)), types[0] if types else None)
    told = fields.get("error_type")
    text = detail if isinstance(detail, str) else "; ".join(str(e.get("msg")) for e in entries)
    return (told if isinstance(told, str) else code), text
