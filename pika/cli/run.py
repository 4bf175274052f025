"""One run from the price to the saved video, interruptible at every point."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from pika.cli.interrupt import Interrupted
from pika.cli.options import DEFAULT_PROVIDER
from pika.cli.tickets import encode_ticket
from pika.errors import PikaError
from pika.models import Done, DownloadedVideo, Failed, Ticket
from pika.money import usd
from pika.submission import submit_with_retries

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from pika.cli.console import Console
    from pika.cli.interrupt import Interrupt
    from pika.cli.options import RunOptions
    from pika.cli.progress import Progress
    from pika.client import Pika
    from pika.inputs import Shot
    from pika.models import Order
    from pika.submission import Retry

ANSWER_SECONDS: Final = 20.0
"""Seconds that Ctrl-C waits for the answer to the paid request: cut off, nobody would know whether
the job was accepted, and its ticket would be lost."""


@dataclass(slots=True)
class Run:
    """One run: what it is to do, and how far it has come.

    Attributes:
        ticket: The accepted job; `None` before.
        in_doubt: A paid request has left, and its answer is not known (yet).
    """

    options: RunOptions
    pika: Pika
    console: Console
    interrupt: Interrupt
    progress: Progress
    ticket: Ticket | None = None
    in_doubt: bool = False

    async def perform(self) -> None:
        """Order the work unless it is a ticket, fetch its video and print what it cost.

        Raises:
            Interrupted: Ctrl-C; an accepted job goes on.
            PikaError: As `Pika.animate`.
            OSError: The video could not be saved.
        """
        work = self.options.work
        if isinstance(work, Ticket):
            self.ticket = work
            video = await self._fetch(self.pika.resume, work)
        else:
            self._report_price(work)
            order = await self.interrupt.race(self.pika.prepare(work))
            ticket = await self._submit(order)
            self._accepted(ticket)
            video = await self._fetch(self.pika.finish, ticket)
        self._report_video(video)

    @property
    def seed(self) -> int | None:
        """The seed; `None` for work that an earlier run ordered."""
        return None if isinstance(self.options.work, Ticket) else self.options.work.seed

    @property
    def rendered(self) -> bool:
        """Whether the provider has told that the video is finished."""
        return isinstance(self.progress.status, Done)

    @property
    def may_be_charged(self) -> bool:
        """Whether a job was or may have been accepted, and is not known to have failed."""
        accepted = self.ticket is not None and not isinstance(self.progress.status, Failed)
        return accepted or self.in_doubt

    def resume_command(self) -> str | None:
        """The command that fetches the video; `None` before the ticket and after a failure."""
        if self.ticket is None or isinstance(self.progress.status, Failed):
            return None
        words = ["python", "-m", "pika", "--resume", encode_ticket(self.ticket)]
        if self.options.provider != DEFAULT_PROVIDER:
            words += ["--provider", self.options.provider]
        return shlex.join([*words, "-o", str(self.options.output.path)])

    def _report_price(self, shot: Shot) -> None:
        price = self.pika.price(shot)
        provider = self.options.provider
        self.console.event("price", micro_usd=price, provider=provider, seed=shot.seed)
        self.console.say(
            f"Published price: {usd(price)} ({provider}, {shot.resolution}, "
            f"{shot.duration} s). Seed: {shot.seed}."
        )

    async def _submit(self, order: Order) -> Ticket:
        key = uuid4().hex
        try:
            ticket = await submit_with_retries(
                lambda: self._submit_once(order, key),
                self.pika.capabilities(),
                sleep=self._pause,
                wanted=lambda: not self.interrupt.requested(),
            )
        except PikaError as error:
            self.in_doubt = error.may_be_charged
            raise
        self.in_doubt = False
        return ticket

    async def _submit_once(self, order: Order, key: str) -> Ticket:
        if self.interrupt.requested():
            raise Interrupted
        # Until the answer is there: a second Ctrl-C may end the program before that.
        self.in_doubt = True
        return await self.interrupt.finish_first(
            self.pika.submit(order, key), ANSWER_SECONDS, self._say_that_it_waits
        )

    async def _pause(self, retry: Retry) -> None:
        self.in_doubt = retry.attempts.in_doubt
        self.console.say(f"The order was not taken yet; trying again in {retry.seconds:.0f} s.")
        await self.interrupt.race(asyncio.sleep(retry.seconds))

    def _say_that_it_waits(self) -> None:
        self.console.say(
            "The paid request is on its way: waiting for its answer, to know whether it was "
            "accepted. Ctrl-C again ends at once."
        )

    def _accepted(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.progress.start_clock()
        self.console.event(
            "ticket", ticket=encode_ticket(ticket), provider=ticket.provider, id=ticket.id
        )
        self.console.say(f"Accepted. To go on from here: {self.resume_command()}")

    async def _fetch(
        self, fetch: Callable[..., Coroutine[object, object, DownloadedVideo]], ticket: Ticket
    ) -> DownloadedVideo:
        # Not to the output itself: a file that another program made there meanwhile is kept.
        draft = self.options.output.draft()
        async with self.progress.ticking():
            video = await self.interrupt.race(fetch(ticket, draft, on_status=self.progress.update))
        return replace(video, path=self.options.output.settle(draft))

    def _report_video(self, video: DownloadedVideo) -> None:
        path, charge = str(video.path), video.charge_micro_usd
        self.console.event(
            "done", path=path, size=video.size, charge_micro_usd=charge, seed=self.seed
        )
        bill = "bill not told" if charge is None else f"{usd(charge)} billed"
        seed = "" if self.seed is None else f", seed {self.seed}"
        self.console.result(f"{path}: {size(video.size)}, {bill}{seed}")


def size(count: int) -> str:
    """Write a number of bytes for people: `412 kB`, `3.1 MB`."""
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{count / 1e3:.0f} kB"  # noqa: PLR2004 - a megabyte
