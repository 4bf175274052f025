"""The queue protocol that fal and Comfy's Router share.

A submit answers with addresses for status, result and cancel. A job that ended is COMPLETED,
whether it failed or not; only its result tells which.
"""

from __future__ import annotations

import abc
import logging
from typing import TYPE_CHECKING, Final
from urllib.parse import quote
from uuid import uuid4

from pika import errors
from pika.models import Cancellation, Done, Failed, Order, Pending, Status, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import JsonValue

    from pika.reply import Reply
    from pika.transport import Transport

log = logging.getLogger(__name__)

_ADDRESSES: Final = {
    "status": ("status_url", "/status"),
    "result": ("response_url", ""),
    "cancel": ("cancel_url", "/cancel"),
}
"""By purpose: the answer's field with the address, and the documented end of its path."""
_ACCEPTED: Final = 202
_GONE: Final = 410


class QueueProvider(abc.ABC):
    """A wire that speaks the queue protocol.

    Attributes:
        jobs: The documented path of the jobs, for a ticket without an address.
    """

    name: str
    jobs: str
    transport: Transport

    @abc.abstractmethod
    def refusal(self, reply: Reply, otherwise: type[errors.PikaError]) -> errors.PikaError:
        """Turn an answer that is no success into an error."""

    @abc.abstractmethod
    def failure(self, reply: Reply) -> errors.PikaError | None:
        """Read why the job failed from its COMPLETED status or its result.

        `None` if the answer does not say so, or is about the call and not about the job.
        """

    async def verify(self) -> None:
        """Ask for a job that cannot exist: a bad key is refused, a good one finds nothing."""
        reply = await self.transport.call("GET", f"{self.jobs}/{uuid4()}/status")
        if reply.is_page or reply.status not in {404, 422}:
            raise self.refusal(reply, errors.UnavailableError)

    async def accept(self, order: Order, key: str | None, jobs: str) -> Ticket:
        """POST the order once and read the ticket.

        An address on another origin is replaced by the documented one below `jobs`, because
        the key goes along with every call.
        """
        reply = await self.transport.send_order(order, key)
        if not reply.ok:
            raise self.refusal(reply, errors.InDoubtError)
        ticket = reply.ticket(self.name, reply.fields.get("request_id"))
        urls = {
            purpose: self._path(reply.fields.get(name), ticket, purpose, jobs)
            for purpose, (name, _) in _ADDRESSES.items()
        }
        return ticket.model_copy(update={"urls": urls})

    async def check(self, ticket: Ticket) -> Status:
        """Ask for the status, and unless that is a known pending one, for the result.

        A status that nobody documented may be a final one, so the result decides then too.
        """
        reply = await self.transport.call("GET", self._url(ticket, "status"))
        if not reply.ok:
            raise self.refusal(reply, errors.UnavailableError)
        status = reply.fields.get("status")
        match status:
            case "IN_QUEUE":
                position = reply.fields.get("queue_position")
                # By `type`, because JSON's true is an instance of `int`.
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
                raise reply.error(errors.UnexpectedReplyError)

    async def cancel(self, ticket: Ticket) -> Cancellation:
        """Ask to cancel. A job that had started may finish all the same, and be billed."""
        reply = await self.transport.call("PUT", self._url(ticket, "cancel"))
        # Too late is 400 in some documents, 409 in others, or just a word in the body.
        refused = reply.status in {400, 409} and not reply.is_page
        if refused or reply.fields.get("status") == "ALREADY_COMPLETED":
            return Cancellation.TOO_LATE
        if not reply.ok:
            raise self.refusal(reply, errors.UnavailableError)
        return Cancellation.REQUESTED

    async def _result(self, ticket: Ticket, status: Reply, *, unknown: bool = False) -> Status:
        reply = await self.transport.call("GET", self._url(ticket, "result"))
        ready = reply.ok and reply.status != _ACCEPTED
        if ready and (url := video_url(reply.fields)):
            return Done(url)
        # The result first: where it says why, it says more than the status does.
        told = self.failure(reply) or self.failure(status)
        if told is not None:
            return Failed(told)
        # A final status that nobody documented would be asked for until the deadline otherwise.
        if unknown:
            return Failed(reply.error(errors.NoVideoError, f"unknown status: {status.text}"))
        if ready and isinstance(reply.body, dict):
            return Failed(reply.error(errors.NoVideoError))
        # Asked again: a gateway's page may stand where the result of a paid job should.
        if ready:
            raise reply.error(errors.UnexpectedReplyError)
        if reply.status == _ACCEPTED:
            return Pending(started=True, retry_after=reply.retry_after)
        if reply.status == _GONE and not reply.is_page:
            return Failed(reply.error(errors.NoVideoError))
        raise self.refusal(reply, errors.UnavailableError)

    def _url(self, ticket: Ticket, purpose: str) -> str:
        return self._path(ticket.urls.get(purpose), ticket, purpose, self.jobs)

    def _path(self, told: object, ticket: Ticket, purpose: str, jobs: str) -> str:
        path = self.transport.path_on_origin(told) if isinstance(told, str) else None
        return path or f"{jobs}/{quote(ticket.id, safe='')}{_ADDRESSES[purpose][1]}"


def kind_for_failed_job(kind: type[errors.PikaError]) -> type[errors.PikaError]:
    """The kind of error for a job that has failed: never a retryable one, for it stays failed."""
    return errors.RenderError if kind.retryable or kind is errors.UnknownJobError else kind


def video_url(fields: dict[str, JsonValue]) -> str | None:
    """Find the video's address in a result: at its top, or in Pika's own `output`."""
    output = fields.get("output")
    for holder in (fields, output if isinstance(output, dict) else {}):
        videos = holder.get("videos")
        several = videos if isinstance(videos, list) else []
        for video in (holder.get("video"), *several):
            if isinstance(video, dict) and isinstance(url := video.get("url"), str) and url:
                return url
    return None


def first_detail(
    fields: dict[str, JsonValue], known: Callable[[str], bool]
) -> tuple[str | None, str]:
    """Read type and text of `{"detail": "text", "error_type"}` or `{"detail": [{"type", "msg"}]}`.

    Of several types the first that is `known` counts, else the first.
    """
    detail = fields.get("detail")
    listed = detail if isinstance(detail, list) else []
    entries = [entry for entry in listed if isinstance(entry, dict)]
    types = [kind for entry in entries if isinstance(kind := entry.get("type"), str)]
    code = next((kind for kind in types if known(kind)), types[0] if types else None)
    told = fields.get("error_type")
    text = detail if isinstance(detail, str) else "; ".join(str(e.get("msg")) for e in entries)
    return (told if isinstance(told, str) else code), text
