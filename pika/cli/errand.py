"""One run from the price to the saved video, interruptible at every point."""

from __future__ import annotations

import asyncio
import logging
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from pika.cli.interrupt import Interrupted
from pika.cli.plan import DEFAULT_PROVIDER
from pika.cli.tickets import compact
from pika.errors import BadKeyError, PikaError, UnknownJobError
from pika.models import Clip, Done, Failed, Ticket
from pika.money import usd
from pika.submission import submit_with_retries

if TYPE_CHECKING:
    from pika.cli.console import Console
    from pika.cli.interrupt import Interrupt
    from pika.cli.plan import Plan
    from pika.cli.progress import Progress
    from pika.client import Pika
    from pika.inputs import Shot
    from pika.models import Order
    from pika.submission import Retry

log = logging.getLogger(__name__)

ANSWER_SECONDS: Final = 20.0
"""How long Ctrl-C waits for the answer to the paid request, to know whether it was accepted."""


@dataclass(slots=True)
class Errand:
    """What a run does and how far it has come.

    Attributes:
        ticket: Once the order is accepted.
        doubt: A paid request left and nobody knows what became of it.
        progress: What was seen of the job.
    """

    plan: Plan
    pika: Pika
    console: Console
    interrupt: Interrupt
    progress: Progress
    ticket: Ticket | None = None
    doubt: bool = False

    async def run(self) -> None:
        """Do it all, and say what came of it.

        Raises:
            Interrupted: Ctrl-C; whatever was accepted goes on.
            PikaError: As `Pika.animate`.
            OSError: The video could not be saved.
        """
        work = self.plan.work
        if isinstance(work, Ticket):
            await self._recognise(work)
        else:
            self._tell_price(work)
            order = await self.interrupt.race(self.pika.prepare(work))
            self._have(await self._submit(order))
        self._tell_result(await self._fetch())

    @property
    def seed(self) -> int | None:
        """The seed, unless the work was ordered by an earlier run."""
        return None if isinstance(self.plan.work, Ticket) else self.plan.work.seed

    @property
    def rendered(self) -> bool:
        """Whether the video is known to be made."""
        return isinstance(self.progress.status, Done)

    @property
    def may_be_charged(self) -> bool:
        """Whether something was or may have been accepted that did not fail."""
        accepted = self.ticket is not None and not isinstance(self.progress.status, Failed)
        return accepted or self.doubt

    def resume_command(self) -> str | None:
        """Return the command that goes on from here, if there is something to go on from."""
        if self.ticket is None or isinstance(self.progress.status, Failed):
            return None
        words = ["python", "-m", "pika", "--resume", compact(self.ticket)]
        if self.plan.provider != DEFAULT_PROVIDER:
            words += ["--provider", self.plan.provider]
        return shlex.join([*words, "-o", str(self.plan.target.path)])

    def _tell_price(self, shot: Shot) -> None:
        price = self.pika.price(shot)
        provider = self.plan.provider
        self.console.event("price", {"micro_usd": price, "provider": provider, "seed": shot.seed})
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
                wanted=lambda: not self.interrupt.wished(),
            )
        except PikaError as error:
            self.doubt = error.may_be_charged
            raise
        self.doubt = False
        return ticket

    async def _submit_once(self, order: Order, key: str) -> Ticket:
        if self.interrupt.wished():
            raise Interrupted
        # Whoever ends the program now does not hear the answer.
        self.doubt = True
        return await self.interrupt.outlast(
            self.pika.submit(order, key), ANSWER_SECONDS, self._tell_wait
        )

    async def _pause(self, retry: Retry) -> None:
        self.doubt = retry.attempts.in_doubt
        self.console.say(f"The order was not taken yet; trying again in {retry.seconds:.0f} s.")
        await self.interrupt.race(asyncio.sleep(retry.seconds))

    def _tell_wait(self) -> None:
        self.console.say(
            "The paid request is on its way: waiting for its answer, to know whether it was "
            "accepted. Ctrl-C again ends at once."
        )

    async def _recognise(self, ticket: Ticket) -> None:
        """Ask once whether the provider knows the ticket; any other trouble may pass."""
        self.ticket = ticket
        try:
            await self.interrupt.race(self.pika.check(ticket))
        except (BadKeyError, UnknownJobError):
            raise
        except PikaError as error:
            log.info("the ticket could not be looked at yet: %s", error)

    def _have(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.progress.begin()
        self.console.event(
            "ticket", {"ticket": compact(ticket), "provider": ticket.provider, "id": ticket.id}
        )
        self.console.say(f"Accepted. To go on from here: {self.resume_command()}")

    async def _fetch(self) -> Clip:
        if self.ticket is None:
            raise AssertionError
        draft = self.plan.target.draft()
        async with self.progress.ticking():
            clip = await self.interrupt.race(
                self.pika.resume(self.ticket, draft, on_status=self.progress.see)
            )
        return replace(clip, path=self.plan.target.settle(draft))

    def _tell_result(self, clip: Clip) -> None:
        charge = clip.charge_micro_usd
        self.console.event(
            "done",
            {
                "path": str(clip.path),
                "size": clip.size,
                "charge_micro_usd": charge,
                "seed": self.seed,
            },
        )
        bill = "bill not told" if charge is None else f"{usd(charge)} billed"
        seed = "" if self.seed is None else f", seed {self.seed}"
        self.console.result(f"{clip.path}: {size(clip.size)}, {bill}{seed}")


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{count / 1e3:.0f} kB"  # noqa: PLR2004 - a megabyte
