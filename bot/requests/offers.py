"""What a member may have instead: a refused request waits for them to choose a smaller one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

from bot.base import Timeouts, to_ms
from bot.base.video_options import DURATIONS, RESOLUTIONS
from bot.guilds.guild_settings import largest_size
from bot.jobs.animate_options import AnimateOptions
from bot.quota.limits import Cost
from bot.requests.request import PricedOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.base import SqlRow, Transaction
    from bot.guilds.guild_settings import GuildSettings
    from bot.quota.ledger import MemberKey
    from bot.quota.rules import Allowance

MAX_OFFERED: Final = 3
"""How many smaller ones are offered at most."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A refused request, kept with the options as its member chose them."""

    options: AnimateOptions
    picture_url: str
    picture_bytes: int


def options_that_fit(
    allowance: Allowance,
    settings: GuildSettings,
    asked: PricedOptions,
    price: Callable[[AnimateOptions], int | None],
) -> tuple[PricedOptions, ...]:
    """Return the options in other sizes that cost less and fit, the dearest first.

    Args:
        allowance: What their cost must fit into.
        settings: The guild's, with what it allows at most.
        asked: What does not fit.
        price: The price of options in micro-USD; `None` where Pika does not offer them.
    """
    highest, longest = largest_size(settings)
    allowed = RESOLUTIONS[: RESOLUTIONS.index(highest) + 1]
    found = []
    for resolution, duration in product(allowed, (it for it in DURATIONS if it <= longest)):
        size = {"resolution": resolution, "duration": duration}
        options = asked.options.model_copy(update=size)
        costs = price(options)
        if costs is None or costs >= asked.price_micro_usd:
            continue
        if allowance.from_grants(Cost(1, costs)) is not None:
            found.append(PricedOptions(options, costs))
    return tuple(sorted(found, key=lambda it: -it.price_micro_usd)[:MAX_OFFERED])


def put(tx: Transaction, member_key: MemberKey, offer: Offer, now: datetime) -> int:
    """Keep a refused request in place of the member's earlier one; return its id."""
    sweep(tx, now)
    tx.execute(
        "DELETE FROM offers WHERE guild_id = :guild AND member_id = :member", _named(member_key)
    )
    row = tx.one(
        "INSERT INTO offers (guild_id, member_id, options_json, picture_url, picture_bytes,"
        " expires_at) VALUES (:guild, :member, :options, :url, :bytes, :until) RETURNING id",
        {
            **_named(member_key),
            "options": offer.options.model_dump_json(),
            "url": offer.picture_url,
            "bytes": offer.picture_bytes,
            "until": to_ms(now + Timeouts.OFFER_LIFE),
        },
    )
    if row is None:
        raise LookupError("INSERT returned no id")
    return int(row["id"])


def get(tx: Transaction, member_key: MemberKey, offer_id: int, now: datetime) -> Offer | None:
    """Return a member's own offer, unless it is gone or too old."""
    row = tx.one(
        "SELECT * FROM offers WHERE id = :id AND guild_id = :guild AND member_id = :member"
        " AND expires_at > :now",
        {**_named(member_key), "id": offer_id, "now": to_ms(now)},
    )
    return None if row is None else _offer(row)


def remove(tx: Transaction, offer_id: int) -> bool:
    """Forget an offer; return whether it was there."""
    return tx.execute("DELETE FROM offers WHERE id = :id", {"id": offer_id}) == 1


def sweep(tx: Transaction, now: datetime) -> None:
    """Forget the offers that are too old."""
    tx.execute("DELETE FROM offers WHERE expires_at <= :now", {"now": to_ms(now)})


def _named(member_key: MemberKey) -> dict[str, int]:
    return {"guild": member_key.guild_id, "member": member_key.member_id}


def _offer(row: SqlRow) -> Offer:
    return Offer(
        options=AnimateOptions.model_validate_json(row["options_json"]),
        picture_url=row["picture_url"],
        picture_bytes=row["picture_bytes"],
    )
