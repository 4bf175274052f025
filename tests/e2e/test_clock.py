"""The machine's clock was moved back while the bot was off: what was spent stays spent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base import Limit
from bot.base.database import open_database
from bot.quota import ledger
from bot.quota.ledger import MemberKey
from tests.e2e.test_usage import renewal, usage

if TYPE_CHECKING:
    from tests.house import House

MODERATOR = 99
WEDNESDAY = 2


@pytest.fixture(autouse=True)
def amid_all_windows(house: House) -> None:
    """Begin at half past noon, on a Wednesday between the 8th and the 21st of a month."""
    now = house.clock()
    then = now.replace(hour=12, minute=30, second=0) + timedelta(days=1)
    while then.weekday() != WEDNESDAY or not 8 <= then.day <= 21:
        then += timedelta(days=1)
    house.pass_time(seconds=(then - now).total_seconds())


async def is_accepted(house: House) -> bool:
    """Ask once, and see it through."""
    interaction = await house.animate()
    message = interaction.original
    assert message is not None

    def decided() -> bool:
        told = [revision.content for revision in message.revisions]
        return any("Accepted" in text or "would cost" in text for text in told)

    await house.discord.wait_for(decided)
    await house.settled()
    return "would cost" not in message.content


async def reset(house: House) -> None:
    holder, now = MemberKey(house.discord.world.guild.id, house.mia.id), house.clock()
    async with open_database(house.data_dir / "animate-bot.sqlite3") as database:
        await database.write(lambda tx: ledger.reset(tx, holder, MODERATOR, now))


@pytest.mark.parametrize(
    ("limit", "back"),
    [
        ("2 clips an hour", timedelta(hours=1)),
        ("2 clips a day", timedelta(hours=1)),
        ("2 clips a day", timedelta(days=1)),
        ("$0.50 a week", timedelta(days=1)),
        ("2 clips a month", timedelta(days=40)),
    ],
)
async def test_a_clock_moved_back_frees_nothing(house: House, limit: str, back: timedelta) -> None:
    house.overrides["default_limit"] = Limit.parse(limit)
    async with house.bot():
        assert [await is_accepted(house) for _ in range(3)] == [True, True, False]
    house.ahead -= back
    async with house.bot():
        assert not await is_accepted(house)
        assert "0 of 2 clips left" in await usage(house) or "$0.10 of $0.50" in await usage(house)
    assert house.spent() == (2, 400_000)


async def test_the_window_renews_when_the_clock_has_passed_what_was_spent(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("1 clip a day")
    async with house.bot():
        assert await is_accepted(house)
    spent_on = house.clock()
    house.ahead -= timedelta(days=2)
    async with house.bot():
        assert not await is_accepted(house)
        # The window that is shown is the one of the clock, and is over first.
        house.ahead += renewal(await usage(house)) - house.clock()
        assert house.clock() < spent_on
        assert not await is_accepted(house)
        house.ahead += timedelta(days=2)
        assert await is_accepted(house)
        assert not await is_accepted(house)


async def test_a_reset_works_under_a_clock_moved_back(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("1 clip a day")
    async with house.bot():
        assert await is_accepted(house)
    house.ahead -= timedelta(days=1)
    await reset(house)
    async with house.bot():
        assert await is_accepted(house)
        assert not await is_accepted(house)
        # What the reset made room for counts where the reset had to be dated: after all else.
        house.ahead += timedelta(days=1)
        assert not await is_accepted(house)
        house.ahead += timedelta(days=1)
        assert await is_accepted(house)
    assert house.kinds().count("reset") == 1
    assert house.spent() == (3, 600_000)
