"""A hundred at once against purses with room for ten: exactly ten."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.base import Limit, Unit, Window
from bot.base.database import open_database
from bot.quota.rule_store import RuleStore
from bot.quota.rules import GUILD, Rule
from bot.requests import open_requests
from playground.discord.state.default_world import INVITED_BOT
from tests.house import DATABASE
from tests.new_database import make_database

if TYPE_CHECKING:
    from playground.discord import Channel, Guild, Interaction, Member
    from tests.house import House

MEMBERS, EACH, ROOM = 25, 4, 10
PRICE = 200_000
LIMIT_OF_EACH = Limit.parse("5 clips a day")

pytestmark = [pytest.mark.usefixtures("patient_discord"), pytest.mark.timeout(300)]


@pytest.fixture(autouse=True)
def all_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits hold by themselves, and not because few requests are decided at once."""
    monkeypatch.setattr(open_requests, "MEMBER_AT_ONCE", EACH)
    monkeypatch.setattr(open_requests, "PROCESS_AT_ONCE", MEMBERS * EACH)


@pytest.mark.parametrize(
    ("budget", "named"),
    [
        (Limit(ROOM, Unit.CLIPS, Window.MONTH), "this server's budget of 10 clips a month"),
        # The rest of the last ten cents and a cent buys nothing.
        (Limit(ROOM * PRICE + 110_000, Unit.USD, Window.MONTH), "this server's budget of $2.11"),
    ],
)
async def test_a_budget_for_ten_lets_ten_of_a_hundred_through(
    house: House, budget: Limit, named: str
) -> None:
    house.overrides["default_limit"] = LIMIT_OF_EACH
    await set_budget(house, house.discord.world.guild, budget)
    crowd = [(member(house, house.discord.world.guild, n), house.clips) for n in range(MEMBERS)]
    async with house.bot():
        answers = await ask_all(house, crowd)
        await house.settled(240)
    assert_exactly_ten(house, answers, named)
    assert house.query(
        f"SELECT max(clips) FROM guild_totals WHERE guild_id = {crowd[0][1].guild.id}"
    ) == [(ROOM,)]


async def test_no_two_servers_together_overspend_the_owners_key(house: House) -> None:
    house.overrides["default_limit"] = LIMIT_OF_EACH
    house.overrides["owner_budget_usd_per_month"] = ROOM * PRICE
    world = house.discord.world
    other = world.add_guild("Elsewhere", world.application_owner, INVITED_BOT)
    there = world.add_channel(other, "clips")
    # Both would let all of them through.
    for guild in (world.guild, other):
        await set_budget(house, guild, Limit(1000, Unit.CLIPS, Window.MONTH))
    crowd = [(member(house, world.guild, n), house.clips) for n in range(MEMBERS // 2)]
    crowd += [(member(house, other, n), there) for n in range(MEMBERS - MEMBERS // 2)]
    async with house.bot():
        answers = await ask_all(house, crowd)
        await house.settled(240)
    assert_exactly_ten(house, answers, "the budget that the bot's owner has set")
    assert house.query(
        "SELECT max(clips), max(micro_usd) FROM guild_totals WHERE guild_id = 0"
    ) == [(ROOM, ROOM * PRICE)]


async def set_budget(house: House, guild: Guild, budget: Limit) -> None:
    path = house.data_dir / DATABASE
    make_database(path)
    rule = Rule(GUILD, budget)
    async with open_database(path) as database:
        await database.write(lambda tx: RuleStore(LIMIT_OF_EACH).put(tx, guild.id, rule))


def member(house: House, guild: Guild, number: int) -> Member:
    user = house.discord.world.new_user(f"member{number}")
    return house.discord.world.join(guild, user)


async def ask_all(house: House, crowd: list[tuple[Member, Channel]]) -> list[str]:
    """Everybody asks so often, all at once; return what each was last told at the decision."""
    asked = await asyncio.gather(
        *(house.animate(who, channel=where) for who, where in crowd for _ in range(EACH))
    )
    return list(await asyncio.gather(*(answer(house, one) for one in asked)))


async def answer(house: House, interaction: Interaction) -> str:
    assert not interaction.failed
    message = interaction.original
    assert message is not None

    def decided() -> str:
        said = [message, *interaction.followups]
        told = [revision.content for it in said for revision in it.revisions]
        return next((text for text in told if "Accepted" in text or "budget" in text), "")

    return await house.discord.wait_for(decided, 240)


def assert_exactly_ten(house: House, answers: list[str], named: str) -> None:
    accepted = [answer for answer in answers if "Accepted" in answer]
    refused = [answer for answer in answers if named in answer]
    assert (len(accepted), len(refused)) == (ROOM, MEMBERS * EACH - ROOM), answers
    assert all("renews <t:" in answer for answer in refused)
    assert house.pika.paid_submits == ROOM
    assert house.paid() == house.spent() == (ROOM, ROOM * PRICE)
    kinds = house.kinds()
    assert sorted(kinds) == ["reserve"] * ROOM + ["settle"] * ROOM
