"""What every wire to Pika offers its callers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pika.models import Order, Shot, Status, Ticket
    from pika.transport import Transport


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a wire can do. Callers ask this and never a provider's name.

    Attributes:
        replays_keys: The same idempotency key with the same body returns the job it
            made the first time, unbilled. Where this is false, a lost answer to a
            paid request must never lead to a second one.
    """

    replays_keys: bool


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

    def price(self, shot: Shot) -> int:
        """Return what the shot will cost by the published table, in micro-USD."""

    async def verify(self) -> None:
        """Make one free call; raise `BadKeyError` if the key is refused."""

    async def prepare(self, shot: Shot) -> Order:
        """Make the free calls (uploads) and return the paid one, unsent."""

    async def submit(self, order: Order, key: str) -> Ticket:
        """Make the paid call, once, under this idempotency key.

        Raises:
            InDoubtError: It may have been accepted.
            PikaError: It was not, and `retryable` says whether it may be later.
        """

    async def check(self, ticket: Ticket) -> Status:
        """Ask how the job is doing.

        An error raised here says nothing about the job: ask again later.
        """
