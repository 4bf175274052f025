"""Transactions that stop half way."""

from __future__ import annotations

import asyncio
import threading


class Gate:
    """Holds a transaction on its thread, between what it does first and what it does then."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._opened = threading.Event()

    def hold(self) -> None:
        """Called on the connection's thread."""
        self._reached.set()
        assert self._opened.wait(10), "nobody opened"

    async def reached(self) -> None:
        assert await asyncio.to_thread(self._reached.wait, 10), "the thread did not get here"

    def open(self) -> None:
        self._opened.set()
