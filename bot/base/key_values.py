"""Single remembered values, such as the fingerprint of the commands last synced."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.base.database import Database, Transaction


async def get_value(database: Database, name: str) -> str | None:
    """The value of that name, or `None` if none was ever set."""
    return await database.read(lambda tx: find(tx, name))


async def set_value(database: Database, name: str, value: str) -> None:
    """Set or replace a value; it survives restarts."""
    await database.write(lambda tx: put(tx, name, value))


def find(tx: Transaction, name: str) -> str | None:
    """The value of that name, or `None` if none was ever set."""
    row = tx.one("SELECT value FROM key_values WHERE name = :name", {"name": name})
    return None if row is None else str(row["value"])


def put(tx: Transaction, name: str, value: str) -> None:
    """Set or replace a value."""
    tx.execute(
        "INSERT INTO key_values (name, value) VALUES (:name, :value) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        {"name": name, "value": value},
    )
