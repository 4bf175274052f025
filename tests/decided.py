"""What moderators have decided, written straight into the bot's database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import Limit
from bot.base.database import open_database
from bot.guilds import guild_settings
from bot.quota.rule_store import RuleStore
from bot.quota.rules import GUILD, Rule
from tests.house import DATABASE
from tests.new_database import make_database

if TYPE_CHECKING:
    from bot.base.database import SqlValue, Transaction
    from tests.house import House


async def decide(house: House, budget: str | None = None, **columns: SqlValue) -> None:
    """Set columns of the guild, and its budget as in `4 clips a day`; the bot may be running."""
    guild_id = house.discord.world.guild.id

    def put(tx: Transaction) -> None:
        if columns:
            guild_settings.put(tx, guild_id, **columns)
        if budget is not None:
            rulebook = RuleStore(Limit.parse("5 clips a day"))
            rulebook.put(tx, guild_id, Rule(GUILD, Limit.parse(budget)))

    path = house.data_dir / DATABASE
    make_database(path)
    async with open_database(path) as database:
        await database.write(put)
