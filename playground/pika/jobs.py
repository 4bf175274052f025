"""The jobs of the stand-in: what was ordered, how far each is, what each costs."""

import asyncio
import secrets
import time
from collections.abc import Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from playground.pika.behaviour import Behaviour, OutputShape, Result
from playground.pika.counters import Counters
from playground.pika.files import Files
from playground.pika.picture import PictureError
from playground.pika.renderer import ClipOrder
from playground.pika.studio import Studio

Status: TypeAlias = Literal["queued", "running", "completed", "failed"]
"""The life of a job; the last two are final."""


class IdempotencyConflictError(Exception):
    """The key was used before, with another body or for a job that was erased since."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a wire asks for: `sent` is the body's exact bytes, `body` their meaning.

    `key` is the idempotency key, `clip` is None where the picture could not be fetched, and
    `price_micro_usd` is due when the job completes.
    """

    body: Mapping[str, object]
    sent: bytes
    key: str | None
    clip: ClipOrder | None
    image_bytes: int
    price_micro_usd: int


@dataclass(slots=True, eq=False)
class Job:
    """One job; `status` and what follows from it are computed when asked.

    `outcome` is "completed" or the error code that it will end with, unless its picture proves
    bad; `video` is where its file will be; a `refused` one never ran and an `erased` one is
    gone for its client, yet charged if it completes.
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
    id: str = field(default_factory=lambda: f"media_{secrets.token_hex(12)}")
    began: float = field(default_factory=time.monotonic)
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
    def body(self) -> Mapping[str, object]:
        """What was ordered, with the defaults filled in."""
        return self.order.body

    @property
    def key(self) -> str | None:
        """The idempotency key that the job was submitted with."""
        return self.order.key

    @property
    def image_bytes(self) -> int:
        """The size of the uploaded picture; 0 where it could not be fetched."""
        return self.order.image_bytes

    @property
    def error_code(self) -> str | None:
        """The code that the job failed with; None while it runs and when it completed."""
        return self._ended if self.status == "failed" else None

    @property
    def charge_micro_usd(self) -> int:
        """What the job has cost: its price once it is completed, else nothing."""
        return self.price_micro_usd if self.status == "completed" else 0

    async def made(self) -> None:
        """Return once no thread works on the video any more."""
        if self.making is not None:
            await asyncio.to_thread(wait, [self.making])

    def refuse(self, code: str) -> None:
        """End the job before it began."""
        self.refused, self._ended = True, code

    def erase(self) -> None:
        """Take the job and its video away from its client; its work and its charge go on."""
        self.erased = True
        if self.making is not None:
            self.making.add_done_callback(lambda _: self.video.unlink(missing_ok=True))

    def _end(self) -> None:
        self._ended = self.outcome
        if self.making is not None:
            try:
                self.making.result()
            except PictureError:
                self._ended = "invalid_input"
        if self._ended == "completed":
            self.counters.completed += 1
            self.counters.charged_micro_usd += self.price_micro_usd


class Jobs:
    """All jobs by id, also refused and erased ones, and the prepaid balance behind them."""

    def __init__(
        self, behaviour: Behaviour, counters: Counters, files: Files, studio: Studio
    ) -> None:
        self.by_id: dict[str, Job] = {}
        self._behaviour = behaviour
        self._files = files
        self._studio = studio
        self._counters = counters
        self._by_key: dict[str, Job] = {}
        self._by_video: dict[str, Job] = {}
        self._prepaid: int | None = None

    @property
    def counters(self) -> Counters:
        """The counters, with every job looked at now."""
        self._look_at_all()
        return self._counters

    @property
    def balance_micro_usd(self) -> int | None:
        """The prepaid rest: what was set last, less what was charged since; None for no limit."""
        if self._prepaid is None:
            return None
        return self._prepaid - self.counters.charged_micro_usd

    @balance_micro_usd.setter
    def balance_micro_usd(self, amount: int | None) -> None:
        charged = self.counters.charged_micro_usd
        self._prepaid = None if amount is None else amount + charged

    def find(self, job_id: str) -> Job | None:
        """The job that a client may see under this id."""
        job = self.by_id.get(job_id)
        return None if job is None or job.erased else job

    def of_video(self, name: str) -> Job | None:
        """The completed job whose video has this file name, unless it was erased."""
        job = self._by_video.get(name)
        return None if job is None or job.erased or job.status != "completed" else job

    def replayed(self, key: str | None, sent: bytes) -> Job | None:
        """The job that this key was used for before, if any; raises IdempotencyConflictError."""
        job = self._by_key.get(key) if key is not None else None
        if job is None:
            return None
        if job.order.sent != sent or job.erased:
            raise IdempotencyConflictError
        self._counters.replays += 1
        return job

    def submit(self, order: Order) -> Job:
        """Accept the order as a new job, or refuse it as the behaviour or the balance demands."""
        job = self._new(order)
        refusal = self._behaviour.refuse_at_submit or self._lacks(job.price_micro_usd)
        if refusal:
            job.refuse(refusal)
            self._counters.refused += 1
        else:
            self._counters.paid_submits += 1
            if job.outcome == "completed" and order.clip:
                job.making = self._studio.begin(order.clip, job.result, job.video)
        self.by_id[job.id] = self._by_video[job.video.name] = job
        if order.key is not None:
            self._by_key[order.key] = job
        return job

    def _new(self, order: Order) -> Job:
        behaviour = self._behaviour
        charge = behaviour.charge_micro_usd
        return Job(
            order=order,
            behaviour=behaviour,
            counters=self._counters,
            outcome=self._outcome(order.clip),
            result=behaviour.result,
            output_shape=behaviour.output_shape,
            price_micro_usd=order.price_micro_usd if charge is None else charge,
            video=self._files.video_path(),
        )

    def _outcome(self, clip: ClipOrder | None) -> str:
        if clip is None:
            return "invalid_input"
        if any(word in clip.prompt.lower() for word in self._behaviour.moderate_words):
            return "content_moderation"
        return self._behaviour.outcome

    def _lacks(self, price_micro_usd: int) -> str | None:
        if self._prepaid is None:
            return None
        self._look_at_all()
        promised = sum(
            job.price_micro_usd
            for job in self.by_id.values()
            if job.status in ("queued", "running")
        )
        free = self._prepaid - self._counters.charged_micro_usd - promised
        return "insufficient_balance" if free < price_micro_usd else None

    def _look_at_all(self) -> None:
        for job in self.by_id.values():
            _ = job.status
