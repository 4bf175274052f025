"""Refused requests that wait for their members to choose something smaller."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

from bot.base import DURATIONS, RESOLUTIONS, Timeouts, to_ms, value
from bot.guilds.guild_settings import largest_size
from bot.jobs.animate_options import AnimateOptions
from bot.requests.request import PricedOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.base import SqlRow, Transaction
    from bot.guilds.guild_settings import GuildSettings
    from bot.quota.ledger import MemberKey
    from bot.quota.rules import Allowance

MAX_OFFERED: Final = 3
"""Choices in one offer."""


@value
class Offer:
    """A refused request, with the options as its member chose them."""

    options: AnimateOptions
    picture_url: str
    picture_bytes: int


def options_that_fit(
    allowance: Allowance,
    settings: GuildSettings,
    asked: PricedOptions,
    price: Callable[[AnimateOptions], int | None],
) -> tuple[PricedOptions, ...]:
    """Find up to `MAX_OFFERED` cheaper resolutions and durations that fit, the dearest first.

    Args:
        allowance: The limits to fit into.
        settings: The guild's, with its highest resolution and duration.
        asked: The options that do not fit.
        price: The price of options in micro-USD; `None` where Pika does not offer them.
    """
    highest, longest = largest_size(settings)
    allowed = RESOLUTIONS[: RESOLUTIONS.index(highest) + 1]
    found = []
    for resolution, duration in product(allowed, (it for it in DURATIONS if it <= longest)):
        size = {"resolution": resolution, "duration": duration}
        options = asked.options.model_copy(update=size)
        price_micro_usd = price(options)
        if price_micro_usd is None or price_micro_usd >= asked.price_micro_usd:
            continue
        priced = PricedOptions(options, price_micro_usd)
        if allowance.from_grants(priced.cost) is not None:
            found.append(priced)
    return tuple(sorted(found, key=lambda it: -it.price_micro_usd)[:MAX_OFFERED])


def put(tx: Transaction, member_key: MemberKey, offer: Offer, now: datetime) -> int:
    """Store a refused request in place of the member's earlier one; return its id."""
    # No loop sweeps: what nobody asked for again goes when the next offer comes.
    sweep(tx, now)
    tx.execute(
        "DELETE FROM offers WHERE guild_id = :guild AND member_id = :member", _named(member_key)
    )
    return tx.insert(
        "offers",
        {
            "guild_id": member_key.guild_id,
            "member_id": member_key.member_id,
            "options_json": offer.options.model_dump_json(),
            "picture_url": offer.picture_url,
            "picture_bytes": offer.picture_bytes,
            "expires_at": to_ms(now + Timeouts.OFFER_LIFE),
        },
    )


def get(tx: Transaction, member_key: MemberKey, offer_id: int, now: datetime) -> Offer | None:
    """Find a member's offer that is not too old; buttons of others' offers find nothing."""
    row = tx.one(
        "SELECT * FROM offers WHERE id = :id AND guild_id = :guild AND member_id = :member"
        " AND expires_at > :now",
        {**_named(member_key), "id": offer_id, "now": to_ms(now)},
    )
    return None if row is None else _offer(row)


def remove(tx: Transaction, offer_id: int) -> bool:
    """Delete an offer; `False` if it was gone, for example accepted by an earlier press."""
    return tx.execute("DELETE FROM offers WHERE id = :id", {"id": offer_id}) == 1


def sweep(tx: Transaction, now: datetime) -> None:
    """Delete the offers that are too old."""
    tx.execute("DELETE FROM offers WHERE expires_at <= :now", {"now": to_ms(now)})


def _named(member_key: MemberKey) -> dict[str, int]:
    return {"guild": member_key.guild_id, "member": member_key.member_id}


def _offer(row: SqlRow) -> Offer:
    return Offer(
        options=AnimateOptions.model_validate_json(row["options_json"]),
        picture_url=row["picture_url"],
        picture_bytes=row["picture_bytes"],
    )
