"""The interface of a wire to Pika."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pika.errors import BadInputError
from pika.inputs import Shot

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import SecretStr

    from pika.inputs import Work
    from pika.models import Cancellation, Order, Status, Ticket
    from pika.transport import Transport


@dataclass(frozen=True, slots=True)
class Account:
    """How to reach one provider.

    Attributes:
        key: The API key; a `SecretStr`, so that no log, error or `repr` shows it.
        base: Another origin for its API, `http(s)://host[:port]`; `None` for its own.
        upload_base: Another origin for what starts uploads, where the wire has one apart.
        history_base: Another origin for the list of the account's requests, where there is one.
            Without it, and with another `base`, nothing is asked there.
    """

    key: SecretStr
    base: str | None = None
    upload_base: str | None = None
    history_base: str | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a wire can do. Callers look here and never at a provider's name.

    Attributes:
        replays_keys: The same idempotency key with the same body returns the job that it made
            the first time, and bills nothing more. Where this is false, a lost answer to
            a paid request must never lead to a second one.
        can_cancel: Jobs can be cancelled, at least while they wait.
        tells_position: The status of a waiting job has its position in the queue.
        tells_moderation: A job that the provider's content rules refused says so; elsewhere it has
            only failed.
        needs_url: Pictures must be public https addresses; bytes cannot be sent.
        needs_bytes: Pictures must be bytes; addresses are not fetched.
        works: The kinds of work it takes.
        extras: Names of fields that not every wire takes (`EXTRAS` of the work), and this one does.
    """

    replays_keys: bool = False
    can_cancel: bool = False
    tells_position: bool = False
    tells_moderation: bool = True
    needs_url: bool = False
    needs_bytes: bool = False
    works: frozenset[type[Work]] = frozenset({Shot})
    extras: frozenset[str] = frozenset()

    def require(self, work: Work) -> None:
        """Refuse work that this wire does not take, rather than drop a part of it unseen.

        Raises:
            BadInputError: It is of another kind, or asks for an extra that the wire lacks.
        """
        if type(work) not in self.works:
            raise BadInputError(f"{type(work).__name__} is not offered here", code="unsupported")
        for name in sorted(work.EXTRAS - self.extras):
            if getattr(work, name) != type(work).model_fields[name].default:
                raise BadInputError(f"{name} is not offered here", code="unsupported")


class Provider(Protocol):
    """One wire to Pika: its addresses and JSON shapes, nothing else."""

    @property
    def name(self) -> str:
        """The name that settings and tickets use."""

    @property
    def capabilities(self) -> Capabilities:
        """What this wire can do."""

    @property
    def transport(self) -> Transport:
        """The connection that knows which origin may see the key."""

    def price(self, work: Work) -> int:
        """The work's price by the published table, in micro-USD.

        Raises:
            BadInputError: This wire does not offer the work.
        """

    async def verify(self) -> None:
        """Make one free call, which needs the key.

        Raises:
            BadKeyError: The key is refused.
        """

    async def prepare(self, work: Work) -> Order:
        """Make the free calls (uploads), and write the paid request out without sending it.

        Raises:
            BadInputError: This wire does not offer the work; nothing was sent.
        """

    async def submit(self, order: Order, key: str) -> Ticket:
        """Send the paid request once, under this idempotency key.

        Raises:
            InDoubtError: The order may have been accepted.
            PikaError: The order was not accepted; `retryable` says whether it may be later.
        """

    async def check(self, ticket: Ticket) -> Status:
        """Ask for the job's status.

        An error raised here says nothing about the job: ask again later.
        """

    async def cancel(self, ticket: Ticket) -> Cancellation:
        """Ask to cancel the job.

        Raises:
            PikaError: Nobody knows whether the request arrived; repeating it is harmless.
        """


@runtime_checkable
class OrderFinder(Protocol):
    """A wire on which an order can be looked for whose answer was lost."""

    async def find(self, order: Order, sent_at: datetime) -> Ticket | None:
        """Look for an order in the list of the account's requests; the call costs nothing.

        `None` says only that the list does not show it: it may be too early, or kept elsewhere.
        """


@runtime_checkable
class Eraser(Protocol):
    """A wire that deletes what it has of an order when it is asked to."""

    @staticmethod
    def traces(order: Order | None, ticket: Ticket | None) -> list[str]:
        """Name what the provider may have of an order: its uploads, and its job with the video.

        Plain texts for `erase`, with no prompt in them; they may be stored.
        """

    async def erase(self, trace: str) -> None:
        """Have a trace deleted; repeating it is harmless.

        Raises:
            PikaError: It may be there still: ask again later.
        """
