"""What moderators have decided, written straight into the bot's database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base.database import open_database
from bot.guilds import guild_settings
from bot.quota.limits import Limit
from bot.quota.rule_store import RuleStore
from bot.quota.rules import GUILD, Rule

if TYPE_CHECKING:
    from bot.base.database import SqlValue, Transaction
    from tests.house import House


async def decide(house: House, budget: str | None = None, **columns: SqlValue) -> None:
    """Set columns of the guild, and its budget as in `4 clips a day`; the bot may be running."""
    guild_id = house.discord.world.guild.id
    house.data_dir.mkdir(exist_ok=True)

    def put(tx: Transaction) -> None:
        if columns:
            guild_settings.put(tx, guild_id, **columns)
        if budget is not None:
            rulebook = RuleStore(Limit.parse("5 clips a day"))
            rulebook.put(tx, guild_id, Rule(GUILD, Limit.parse(budget)))

    async with open_database(house.data_dir / "animate-bot.sqlite3") as database:
        await database.write(put)
