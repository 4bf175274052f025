"""Lets callers wait until something about the stand-in has become true."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Changes:
    """Every part tells it of each change; waiting predicates are asked again at each."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[Any], Callable[[], Any]] = {}

    def notify(self) -> None:
        """Ask every waiting predicate again; what one raises goes to its own waiter."""
        for future, predicate in list(self._waiting.items()):
            if future.done():
                continue
            try:
                value = predicate()
            except Exception as error:  # noqa: BLE001 - handed to the one who waits
                future.set_exception(error)
            else:
                if value:
                    future.set_result(value)

    async def wait_for(self, predicate: Callable[[], T], timeout: float) -> T:  # noqa: ASYNC109
        """The predicate's first truthy value; TimeoutError after so many real seconds."""
        value = predicate()
        if value:
            return value
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting[future] = predicate
        try:
            async with asyncio.timeout(timeout):
                return await future
        finally:
            del self._waiting[future]
