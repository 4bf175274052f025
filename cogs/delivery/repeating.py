"""Sending again what may have got lost, where Discord drops what comes twice."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

from bot.base import Timeouts
from bot.base.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

T = TypeVar("T")


async def repeat(send: Callable[[], Awaitable[T]]) -> T:
    """Send until Discord has answered, for `Timeouts.NOTICE_SECONDS` at most.

    Pauses grow, and what Discord asks for is kept. For a message under a nonce, which Discord
    remembers for some minutes; anything else would be shown twice where an answer got lost.

    Raises:
        DeliveryError: No try of that time worked, or a kind for which there is another way.
    """
    time = asyncio.get_running_loop().time
    until, pause = time() + Timeouts.NOTICE_SECONDS, Timeouts.SHOW_AGAIN_SECONDS
    while True:
        try:
            return await send()
        except DeliveryError as error:
            pause = max(pause, getattr(error, "retry_after", None) or 0.0)
            # Its kinds say that the same will fail again.
            if type(error) is not DeliveryError or time() + pause > until:
                raise
            log.info("sent again in %.1f seconds: %r", pause, error)
        await asyncio.sleep(pause)
        pause *= 2
