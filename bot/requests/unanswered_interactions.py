"""Requests that are acknowledged and not decided, so that a restart can answer them."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from bot.base import ChannelUnreachableError, DeliveryError, MessageRefusedError, service
from bot.jobs.job import ReplyTo

if TYPE_CHECKING:
    from bot.base import Clock, Database, Timeouts, Transaction
    from bot.jobs.delivery import Delivery

log = logging.getLogger(__name__)


def add(tx: Transaction, reply_to: ReplyTo) -> None:
    """Record that Discord shows this member that the bot is thinking, or may be about to."""
    tx.insert("unanswered_interactions", reply_to.columns())


def remove(tx: Transaction, interaction_id: int) -> None:
    """Forget an interaction whose member has an answer, or a job that will bring one."""
    tx.execute(
        "DELETE FROM unanswered_interactions WHERE interaction_id = :id", {"id": interaction_id}
    )


def all_unanswered(tx: Transaction) -> list[ReplyTo]:
    """All interactions that a previous process left undecided. Only for the start."""
    return [ReplyTo.from_row(row) for row in tx.all("SELECT * FROM unanswered_interactions")]


@service
class Apologies:
    """Tells members that a restart came before their decision. Only for the start."""

    database: Database
    delivery: Delivery
    clock: Clock
    timeouts: Timeouts

    async def untold(self) -> list[ReplyTo]:
        """All whom a previous process left; before this one adds any."""
        return await self.database.read(all_unanswered)

    async def tell(self, left: list[ReplyTo]) -> None:
        """Tell each, from time to time again, until each was told or Discord says it itself."""
        while True:
            left = [reply_to for reply_to in left if not await self._is_told(reply_to)]
            if not left:
                return
            await asyncio.sleep(self.timeouts.read_back.total_seconds())

    async def _is_told(self, reply_to: ReplyTo) -> bool:
        try:
            return await self._tell(reply_to)
        except Exception:  # as in the worker: the others are told all the same
            log.exception("interaction %d: its apology broke", reply_to.interaction_id)
            return False

    async def _tell(self, reply_to: ReplyTo) -> bool:
        interaction_id = reply_to.interaction_id
        try:
            await self.delivery.show_interrupted(reply_to)
        except DeliveryError as error:
            log.warning("interaction %d: no apology: %r", interaction_id, error)
            # With the token's end Discord itself says that the bot did not respond.
            is_over = isinstance(error, ChannelUnreachableError | MessageRefusedError)
            if not is_over and self.clock() < reply_to.token_until:
                return False
        await self.database.write(partial(remove, interaction_id=interaction_id))
        return True
