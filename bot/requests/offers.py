"""What a member may have instead: a refused request waits for them to choose a smaller one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.base.clock import to_ms
from bot.base.video_options import DURATIONS, RESOLUTIONS
from bot.quota.limits import Cost
from bot.requests.request import Options, Wish

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.base.database import SqlRow, Transaction
    from bot.guilds.guild_settings import GuildSettings
    from bot.quota.ledger import MemberKey
    from bot.quota.rules import Allowance

OFFER_LIFE: Final = timedelta(hours=1)
"""How long a refused request waits. The chat keeps its picture for about a day."""
MAX_OFFERED: Final = 3
"""How many smaller ones are offered at most."""


@dataclass(frozen=True, slots=True)
class OfferedOptions:
    """A way to make the same clip that fits now."""

    options: Options
    price_micro_usd: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A refused request, kept."""

    wish: Wish
    picture_url: str
    picture_bytes: int


def options_that_fit(
    allowance: Allowance,
    settings: GuildSettings,
    asked_micro_usd: int,
    price: Callable[[Options], int | None],
) -> tuple[OfferedOptions, ...]:
    """Return what costs less and fits, the dearest first.

    Args:
        allowance: What it must fit into.
        settings: The guild's, with what it allows at most.
        asked_micro_usd: What does not fit.
        price: Of options in micro-USD; `None` where they are not to be had.
    """
    highest = RESOLUTIONS.index(settings.highest_resolution or RESOLUTIONS[-1])
    longest = settings.longest_duration or DURATIONS[-1]
    found = []
    for resolution in RESOLUTIONS[: highest + 1]:
        for duration in DURATIONS:
            options = Options(resolution, duration)
            costs = price(options) if duration <= longest else None
            if costs is None or costs >= asked_micro_usd:
                continue
            if allowance.from_grants(Cost(1, costs)) is not None:
                found.append(OfferedOptions(options, costs))
    return tuple(sorted(found, key=lambda fit: -fit.price_micro_usd)[:MAX_OFFERED])


def put(tx: Transaction, member_key: MemberKey, offer: Offer, now: datetime) -> int:
    """Keep a refused request in place of the member's earlier one; return its id."""
    sweep(tx, now)
    tx.execute(
        "DELETE FROM offers WHERE guild_id = :guild AND member_id = :member", _named(member_key)
    )
    row = tx.one(
        "INSERT INTO offers (guild_id, member_id, prompt, negative_prompt, seed, picture_url,"
        " picture_bytes, expires_at)"
        " VALUES (:guild, :member, :prompt, :negative, :seed, :url, :bytes, :until)"
        " RETURNING id",
        {
            **_named(member_key),
            "prompt": offer.wish.prompt,
            "negative": offer.wish.negative_prompt,
            "seed": offer.wish.seed,
            "url": offer.picture_url,
            "bytes": offer.picture_bytes,
            "until": to_ms(now + OFFER_LIFE),
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
        wish=Wish(row["prompt"], row["negative_prompt"], row["seed"], None, None),
        picture_url=row["picture_url"],
        picture_bytes=row["picture_bytes"],
    )
