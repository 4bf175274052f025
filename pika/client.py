"""The client: from one piece of work to its video file, whole or step by step."""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self
from uuid import uuid4

import aiohttp
from pydantic import SecretStr

from pika import errors
from pika.models import LOOKS_FOR_A_VIDEO, Done, DownloadedVideo, Failed
from pika.pacing import next_gap
from pika.provider import Account, Eraser, OrderFinder
from pika.providers import make_provider
from pika.submission import submit_with_retries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from pika.inputs import Work
    from pika.models import Cancellation, Order, Status, Ticket
    from pika.provider import Capabilities, Provider

log = logging.getLogger(__name__)

MAX_VIDEO_BYTES: Final = 200_000_000
"""Default cap of a download, bytes. A 10 s 1080p video at 50 Mbit/s has 62 MB."""
DEADLINE: Final = 1800.0
"""Seconds that `animate` waits by default. Renders of 1 to 5 minutes are usual, and no
limit is documented: who gives up too early has paid for a video that nobody fetches."""
_DOWNLOAD_TRIES: Final = 4
"""Each with a fresh address, for an address is short-lived."""


class Pika:
    """A connection to Pika through one provider.

    `async with Pika(key) as pika: video = await pika.animate(shot, Path("video.mp4"))`

    Args:
        key: The provider's API key.
        provider: Which wire new work takes.
        base: Another origin for that wire, `http(s)://host[:port]`.
        upload_base: Another origin for what starts its uploads; only `fal` has one apart.
        history_base: Another origin for the list of its requests; only `fal` has one.
        others: Accounts of other wires by name, for tickets that they gave out earlier.
        session: A session to borrow; without one, own sessions are opened and closed.
        on_answer: Called with the provider and the HTTP status of each answer over an own session,
            `None` where a request was not answered.

    Raises:
        ConfigurationError: On entering, when a key, provider or base cannot work.
    """

    def __init__(  # noqa: PLR0913 - what an account has, and where it is used
        self,
        key: SecretStr | str,
        *,
        provider: str = "pika",
        base: str | None = None,
        upload_base: str | None = None,
        history_base: str | None = None,
        others: Mapping[str, Account] = MappingProxyType({}),
        session: aiohttp.ClientSession | None = None,
        on_answer: Callable[[str, int | None], None] | None = None,
    ) -> None:
        secret = key if isinstance(key, SecretStr) else SecretStr(key)
        self._name = provider
        # Last, so that new work takes this key even where `others` names the same wire.
        self._accounts = {**others, provider: Account(secret, base, upload_base, history_base)}
        self._session = session
        self._on_answer = on_answer
        self._owned: list[aiohttp.ClientSession] = []
        self._providers: dict[str, Provider] = {}

    async def __aenter__(self) -> Self:
        try:
            for name, account in self._accounts.items():
                session = self._session or self._open_session(name)
                try:
                    self._providers[name] = make_provider(name, session, account)
                except errors.ConfigurationError as error:
                    error.provider = name
                    raise
        except BaseException:
            # Nobody else closes the session: Python calls `__aexit__` only after a whole entry.
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._providers.clear()
        while self._owned:
            await self._owned.pop().close()

    def _open_session(self, provider: str) -> aiohttp.ClientSession:
        traces = [] if self._on_answer is None else [_trace(partial(self._on_answer, provider))]
        # No cookies: a provider knows this account by its key alone.
        session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trace_configs=traces)
        self._owned.append(session)
        return session

    @property
    def provider(self) -> str:
        """The name of the wire that new work takes."""
        return self._name

    def capabilities(self, provider: str | None = None) -> Capabilities:
        """What the wire of this name can do, by default the wire that new work takes."""
        return self._provider(provider or self._name).capabilities

    def price(self, work: Work, *, provider: str | None = None) -> int:
        """The published price of the work, in micro-USD.

        Raises:
            BadInputError: The wire does not offer this.
        """
        return self._taking(work, provider).price(work)

    async def verify(self, provider: str | None = None) -> None:
        """Check a wire's key with one free call, by default that of new work's wire.

        Raises:
            BadKeyError: The provider refuses the key.
            PikaError: The key could not be checked.
        """
        await self._provider(provider or self._name).verify()

    async def prepare(self, work: Work, *, provider: str | None = None) -> Order:
        """Upload the pictures and videos, and write the paid request out without sending it.

        Raises:
            BadInputError: The wire does not offer this work; nothing was sent.
            PikaError: An upload failed; nothing is charged.
        """
        return await self._taking(work, provider).prepare(work)

    async def submit(self, order: Order, key: str) -> Ticket:
        """Send the paid request exactly once. See `Provider.submit`."""
        return await self._provider(order.provider).submit(order, key)

    async def find(self, order: Order, sent_at: datetime) -> Ticket | None:
        """Look for an order whose answer was lost, where the provider lists requests.

        `None` where it does not, and where the list does not show it (yet): that is no proof that
        nothing is billed. Never raises for the order itself; a `PikaError` is about the call.
        """
        provider = self._provider(order.provider)
        return await provider.find(order, sent_at) if isinstance(provider, OrderFinder) else None

    async def check(self, ticket: Ticket) -> Status:
        """Ask for a job's status. An error raised here says nothing about the job."""
        return await self._provider(ticket.provider).check(ticket)

    async def cancel(self, ticket: Ticket) -> Cancellation:
        """Ask to cancel a job. `IMPOSSIBLE` means that it goes on and will be paid."""
        return await self._provider(ticket.provider).cancel(ticket)

    async def erase(self, provider: str, trace: str) -> None:
        """Have the provider delete one of the `traces_of` an order.

        Raises:
            PikaError: It may be there still, or no account for this provider is given.
        """
        eraser = self._provider(provider)
        if isinstance(eraser, Eraser):
            await eraser.erase(trace)

    async def download(
        self, ticket: Ticket, done: Done, path: Path, *, max_bytes: int = MAX_VIDEO_BYTES
    ) -> DownloadedVideo:
        """Stream a finished job's video to `path`.

        Raises:
            DownloadError: The address may have expired; `check` again gives a fresh one.
            UnexpectedReplyError: The address is none that may be followed.
            VideoTooLargeError: The video is over `max_bytes`.
            OSError: The video could not be written.
        """
        transport = self._provider(ticket.provider).transport
        size = await transport.download(done.video_url, path, max_bytes)
        return DownloadedVideo(path, size, done.charge_micro_usd)

    async def animate(
        self,
        work: Work,
        path: Path,
        *,
        deadline: float = DEADLINE,
        on_ticket: Callable[[Ticket], None] = lambda _: None,
        on_status: Callable[[Status], None] = lambda _: None,
    ) -> DownloadedVideo:
        """Order one piece of work, wait for its video and download it to `path`.

        The render may take `deadline` seconds from its acceptance on. `on_ticket` is called as
        soon as there is a ticket for `resume` to go on from, `on_status` with every status read.

        Raises:
            TimedOutError: The deadline passed; the job may still finish and be billed.
            PikaError: Any other failure; `may_be_charged` says whether it may have cost.
            OSError: The video could not be written.
        """
        # One key for all tries of this order and for no other: it is what makes repeating safe.
        order, key = await self.prepare(work), uuid4().hex
        ticket = await submit_with_retries(
            lambda: self.submit(order, key),
            self.capabilities(order.provider),
            sleep=lambda retry: asyncio.sleep(retry.seconds),
        )
        on_ticket(ticket)
        return await self.finish(ticket, path, deadline=deadline, on_status=on_status)

    async def resume(
        self,
        ticket: Ticket,
        path: Path,
        *,
        deadline: float = DEADLINE,
        on_status: Callable[[Status], None] = lambda _: None,
    ) -> DownloadedVideo:
        """Do as `finish`, for a ticket from elsewhere, which may be wrong or too old.

        Raises:
            BadKeyError: The account may not look at this job; it goes on all the same.
            UnknownJobError: The provider does not know this ticket.
            PikaError: As `finish`.
        """
        # Only these two say that the ticket is of no use here; any other error may pass.
        first = await self._check_or_error(ticket)
        if isinstance(first, errors.BadKeyError | errors.UnknownJobError):
            raise first
        return await self.finish(ticket, path, deadline=deadline, on_status=on_status)

    async def finish(
        self,
        ticket: Ticket,
        path: Path,
        *,
        deadline: float = DEADLINE,
        on_status: Callable[[Status], None] = lambda _: None,
    ) -> DownloadedVideo:
        """Wait for a job that is known to be accepted, and download its video.

        Raises:
            TimedOutError: No video within `deadline` seconds; it may still be made and billed.
            PikaError: The job failed, or its video could not be fetched.
            OSError: The video could not be written.
        """
        began = time.monotonic()
        tries = looks = 0
        while True:
            # No error of a check ends the wait, not even an unknown job or a refused key: the
            # job is paid, and a provider may need a moment until it knows it everywhere.
            status = await self._check_or_error(ticket)
            if isinstance(status, Failed) and isinstance(status.error, errors.NoVideoError):
                looks += 1
                if looks < LOOKS_FOR_A_VIDEO:
                    status = status.error
            if not isinstance(status, errors.PikaError):
                on_status(status)
            match status:
                case Failed(error):
                    raise error
                case Done():
                    tries += 1
                    try:
                        return await self.download(ticket, status, path)
                    except errors.DownloadError:
                        # Often an address that has expired: the next check gives a fresh one.
                        if tries == _DOWNLOAD_TRIES:
                            raise
            elapsed = time.monotonic() - began
            if elapsed >= deadline:
                raise errors.TimedOutError(f"no result after {deadline:.0f} s")
            # A last check at the deadline itself, for the video may be there by then.
            gap = next_gap(elapsed, getattr(status, "retry_after", None))
            await asyncio.sleep(min(gap, deadline - elapsed))

    async def _check_or_error(self, ticket: Ticket) -> Status | errors.PikaError:
        try:
            return await self.check(ticket)
        except errors.PikaError as error:
            log.warning("job %s: check failed, asking again: %s", ticket.id, error)
            return error

    def _taking(self, work: Work, name: str | None) -> Provider:
        provider = self._provider(name or self._name)
        provider.capabilities.require(work)
        return provider

    def _provider(self, name: str) -> Provider:
        if not self._providers:
            raise errors.ConfigurationError("not entered: use `async with Pika(...)`")
        if name not in self._providers:
            raise errors.ConfigurationError(f"no account for {name}", code="provider")
        return self._providers[name]


def _trace(on_answer: Callable[[int | None], None]) -> aiohttp.TraceConfig:
    """Hear of the requests of one session."""

    async def ended(_: object, _context: object, request: aiohttp.TraceRequestEndParams) -> None:
        on_answer(request.response.status)

    async def failed(*_: object) -> None:
        on_answer(None)

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(ended)
    trace.on_request_exception.append(failed)
    return trace
