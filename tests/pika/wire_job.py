"""One job before a server that answers whatever a test says, on any wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pika import Failed, Pika, PikaError, Shot, Ticket
from tests.pika.wires import PICTURE, URL

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tests.pika.raw_server import RawServer

JOBS = {
    "fal": "/fal-ai/pika/requests/r1",
    "comfy": "/v2/models/pika/pika-2.5-image-to-video/requests/r1",
}


class WireJob:
    """A client of a raw server, on any wire, and one job of it."""

    def __init__(self, pika: Pika, server: RawServer) -> None:
        self.pika = pika
        self.server = server
        self.wire = pika.provider
        self.ticket = Ticket(provider=self.wire, id="r1")
        self.job = JOBS.get(self.wire, "")

    async def submitted(self, **answer: Any) -> PikaError:
        picture = PICTURE if self.wire == "comfy-proxy" else URL
        order = await self.pika.prepare(Shot(picture=picture))
        self.server.says(order.path, **answer)
        return await self._raised(self.pika.submit(order, "k1"))

    async def checked(self, result: Any, status: Any = None, code: int = 200, **told: Any) -> Any:
        """The status of a job that is COMPLETED, or as told, with this result."""
        self.server.says(f"{self.job}/status", {"status": "COMPLETED", **(status or {})})
        self.server.says(self.job, result, status=code, **told)
        return await self.pika.check(self.ticket)

    async def refused(self, result: Any, **options: Any) -> PikaError:
        return await self._raised(self.checked(result, **options))

    async def failed(self, result: Any, **options: Any) -> PikaError:
        status = await self.checked(result, **options)
        assert isinstance(status, Failed)
        assert not status.error.retryable, "a job that failed stays so"
        return status.error

    async def _raised(self, call: Awaitable[object]) -> PikaError:
        with pytest.raises(PikaError) as caught:
            await call
        return caught.value


def on_wires(*wires: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("wire_job", wires, indirect=True)


def detail(kind: str) -> dict[str, Any]:
    entry = {"loc": ["body", "x"], "msg": "why", "type": kind, "ctx": {"max_width": 7}}
    return {"detail": [{"type": "other", "msg": "and"}, entry] if kind[0] == "c" else [entry]}
