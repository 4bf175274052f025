"""Requests that are acknowledged and not decided, so that a restart can answer them."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from bot.base import DeliveryError
from bot.jobs.job import ReplyTo

if TYPE_CHECKING:
    from bot.base import Database, Transaction
    from bot.jobs.delivery import Delivery

log = logging.getLogger(__name__)


def add(tx: Transaction, reply_to: ReplyTo) -> None:
    """Record that Discord shows this member that the bot is thinking."""
    tx.insert("unanswered_interactions", reply_to.columns())


def remove(tx: Transaction, interaction_id: int) -> None:
    """Forget an interaction whose member has an answer, or a job that will bring one."""
    tx.execute(
        "DELETE FROM unanswered_interactions WHERE interaction_id = :id", {"id": interaction_id}
    )


def all_unanswered(tx: Transaction) -> list[ReplyTo]:
    """All interactions that a previous process left undecided. Only for the start."""
    return [ReplyTo.from_row(row) for row in tx.all("SELECT * FROM unanswered_interactions")]


async def answer_interrupted(database: Database, delivery: Delivery) -> None:
    """Tell members that a restart came before their decision. Only for the start."""
    for reply_to in await database.read(all_unanswered):
        interaction_id = reply_to.interaction_id
        try:
            await delivery.show_interrupted(reply_to)
        except DeliveryError as error:
            # Once: nothing was reserved, and Discord itself says after 15 minutes that the bot
            # did not respond.
            log.warning("interaction %d: no apology: %r", interaction_id, error)
        await database.write(partial(remove, interaction_id=interaction_id))
