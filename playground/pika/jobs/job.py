"""One job of the stand-in: what was ordered, how far it is, what it costs."""

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from playground.pika.jobs.behaviour import Behaviour, OutputShape, Result
from playground.pika.jobs.counters import Counters
from playground.pika.jobs.inputs import RenderInput
from playground.pika.video.picture import PictureError
from playground.pika.video.renderer import ClipOrder

Status: TypeAlias = Literal["queued", "running", "completed", "failed"]
"""The life of a job; the last two are final."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a wire asks for: `sent` is the body's exact bytes, `body` their meaning.

    `id` and `model` are as the wire names them; `key` is the idempotency key; `clip` and its
    `render_input` are None where the picture could not be found; `price_micro_usd` is due when the
    job completes.
    """

    id: str
    model: str
    body: Mapping[str, object]
    sent: bytes
    key: str | None
    clip: ClipOrder | None
    render_input: RenderInput | None
    price_micro_usd: int


@dataclass(slots=True, eq=False)
class Job:
    """One job; `status` and what follows from it are computed when asked.

    `outcome` is "completed" or the error code that it will end with, unless its picture proves
    bad; `video` is where its file will be; a `refused` one never ran and an `erased` one is
    gone for its client, yet charged if it completes; `seconds` is how long it took, None before.
    """

    order: Order
    behaviour: Behaviour
    counters: Counters
    outcome: str
    result: Result
    output_shape: OutputShape
    price_micro_usd: int
    video: Path
    making: Future[None] | None = None
    refused: bool = False
    erased: bool = False
    began: float = field(default_factory=time.monotonic)
    seconds: float | None = None
    _ended: str | None = None

    @property
    def status(self) -> Status:
        """How far the job is now; once final it stays so."""
        if self._ended is None:
            runs_at = self.began + self.behaviour.queue_seconds
            if time.monotonic() < runs_at:
                return "queued"
            in_work = self.making is not None and not self.making.done()
            if in_work or time.monotonic() < runs_at + self.behaviour.render_seconds:
                return "running"
            self._end()
        return "completed" if self._ended == "completed" else "failed"

    @property
    def id(self) -> str:
        """The name of the job on its wire."""
        return self.order.id

    @property
    def model(self) -> str:
        """What was asked to work."""
        return self.order.model

    @property
    def body(self) -> Mapping[str, object]:
        """What was ordered, with the defaults filled in."""
        return self.order.body

    @property
    def key(self) -> str | None:
        """The idempotency key that the job was submitted with."""
        return self.order.key

    @property
    def image_bytes(self) -> int:
        """Bytes of all that was uploaded for it; 0 where it could not be found."""
        return self.order.render_input.size_bytes if self.order.render_input else 0

    @property
    def error_code(self) -> str | None:
        """The code that the job failed with; None while it runs and when it completed."""
        return self._ended if self.status == "failed" else None

    @property
    def charge_micro_usd(self) -> int:
        """What the job has cost: its price once it is completed, else nothing."""
        return self.price_micro_usd if self.status == "completed" else 0

    @property
    def percent(self) -> int:
        """A guess at how much of the work is done: 0 to 99 until the job ends."""
        if self.status in ("completed", "failed"):
            return 100
        worked = time.monotonic() - self.began - self.behaviour.queue_seconds
        return round(99 * min(max(worked, 0) / max(self.behaviour.render_seconds, worked, 0.01), 1))

    async def made(self) -> None:
        """Return once no thread works on the video any more."""
        if self.making is not None:
            await asyncio.to_thread(wait, [self.making])

    def refuse(self, code: str) -> None:
        """End the job before it began."""
        self.refused, self._ended = True, code

    def cancel(self) -> bool:
        """Withdraw the job if it still can be; False where its work goes on and will be charged.

        A queued one always can be, a running one as the behaviour says.
        """
        status = self.status
        if status == "queued" or (status == "running" and self.behaviour.cancel_stops_running):
            self._ended = "cancelled"
            self._drop_video()
        return self._ended == "cancelled"

    def erase(self) -> None:
        """Take the job and its video away from its client; its work and its charge go on."""
        self.erased = True
        self._drop_video()

    def _drop_video(self) -> None:
        if self.making is not None:
            self.making.add_done_callback(lambda _: self.video.unlink(missing_ok=True))

    def _end(self) -> None:
        self._ended = self.outcome
        self.seconds = time.monotonic() - self.began
        if self.making is not None:
            try:
                self.making.result()
            except PictureError:
                self._ended = "invalid_input"
        if self._ended == "completed":
            self.counters.completed += 1
            self.counters.charged_micro_usd += self.price_micro_usd
