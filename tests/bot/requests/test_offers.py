"""Refused requests that are kept: each under an id of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.quota.ledger import MemberKey
from bot.requests import offers
from bot.requests.offers import Offer
from tests.bot.rows import GUILD, MIA, NOON, OPTIONS

if TYPE_CHECKING:
    from bot.base import Database, Transaction

HER = MemberKey(GUILD, MIA)


def offer(picture: str) -> Offer:
    return Offer(OPTIONS, f"https://cdn.example/{picture}.jpg", 1000)


async def test_an_old_button_never_means_a_later_offer(database: Database) -> None:
    def replace(tx: Transaction) -> None:
        first = offers.put(tx, HER, offer("kite"), NOON)
        second = offers.put(tx, HER, offer("dog"), NOON)
        assert offers.get(tx, HER, first, NOON) is None
        assert offers.get(tx, HER, second, NOON) == offer("dog")
        assert offers.remove(tx, second)
        assert offers.put(tx, HER, offer("boat"), NOON) not in {first, second}

    await database.write(replace)
