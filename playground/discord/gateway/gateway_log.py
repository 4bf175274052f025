"""What passed over the gateway, remembered for those who watch."""

import time
from collections import deque
from dataclasses import dataclass
from typing import Final, Literal

KEPT_EVENTS: Final = 2_000
"""Events that are remembered, the latest ones."""


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """One event: `sent` to the bot, `missed` by it while it was away, `got` from it.

    Or one of the `connection` itself.

    `data` is the event as it was sent, tokens included; `at` is Unix time in seconds.
    """

    way: Literal["sent", "missed", "got", "connection"]
    name: str
    data: object
    at: float


class GatewayLog:
    """The latest events of all sessions, in order."""

    def __init__(self) -> None:
        self.events: deque[GatewayEvent] = deque(maxlen=KEPT_EVENTS)

    def sent(self, name: str, data: object) -> None:
        """Remember an event for the bot."""
        self.events.append(GatewayEvent("sent", name, data, time.time()))

    def missed(self, name: str, data: object) -> None:
        """Remember an event for a bot that is not connected."""
        self.events.append(GatewayEvent("missed", name, data, time.time()))

    def got(self, name: str, data: object) -> None:
        """Remember what the bot asked for."""
        self.events.append(GatewayEvent("got", name, data, time.time()))

    def connection(self, name: str) -> None:
        """Remember that a connection began or ended."""
        self.events.append(GatewayEvent("connection", name, None, time.time()))
