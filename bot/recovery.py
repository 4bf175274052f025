"""What a start owes to the process before it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot import intakes, jobs
from bot.errors import DeliveryError

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.delivery import Delivery
    from bot.outbox import Outbox
    from bot.storage import Database

log = logging.getLogger(__name__)


async def take_over(database: Database, outbox: Outbox, clock: Clock) -> None:
    """Make this process the owner of all live jobs. Only under the lock of the folder."""
    async with database.transaction() as tx:
        ended = await jobs.end_leases(tx, clock())
        live = await jobs.live_ids(tx)
    await outbox.sweep(live)
    if live:
        log.info("carrying on with %d jobs (%d were waiting or leased)", len(live), ended)


async def apologise(database: Database, delivery: Delivery) -> None:
    """Tell members whose requests were acknowledged and never decided, once."""
    async with database.transaction() as tx:
        addresses = await intakes.open_intakes(tx)
    for address in addresses:
        try:
            await delivery.show_interrupted(address)
        except DeliveryError as error:
            log.warning("interaction %d: no apology: %r", address.interaction_id, error)
        async with database.transaction() as tx:
            await intakes.close_intake(tx, address.interaction_id)
