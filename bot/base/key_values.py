"""Single remembered values, such as the fingerprint of the commands last synced."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.base.database import Database


async def get_value(database: Database, name: str) -> str | None:
    """The value of that name, or `None` if none was ever set."""
    sql = "SELECT value FROM key_values WHERE name = :name"
    row = await database.read(lambda tx: tx.one(sql, {"name": name}))
    return None if row is None else str(row["value"])


async def set_value(database: Database, name: str, value: str) -> None:
    """Set or replace a value; it survives restarts."""
    sql = (
        "INSERT INTO key_values (name, value) VALUES (:name, :value) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
    await database.write(lambda tx: tx.execute(sql, {"name": name, "value": value}))
