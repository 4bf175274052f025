"""What people have said for good about their pictures: who may animate them, or that nobody may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import to_ms, value

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Transaction


@value
class OwnConsents:
    """What somebody has said about their own pictures.

    Attributes:
        opted_out: Nobody else may animate them, in any guild.
        allowed: The ids of members who may in this guild, without asking again.
    """

    opted_out: bool
    allowed: tuple[int, ...]


def get(tx: Transaction, guild_id: int, owner_id: int) -> OwnConsents:
    """What somebody has said, as it is in a guild."""
    rows = tx.all(
        "SELECT member_id FROM picture_consents WHERE guild_id = :guild AND owner_id = :owner"
        " ORDER BY given_at",
        {"guild": guild_id, "owner": owner_id},
    )
    return OwnConsents(has_opted_out(tx, owner_id), tuple(int(row[0]) for row in rows))


def add(tx: Transaction, guild_id: int, owner_id: int, member_id: int, now: datetime) -> None:
    """Let a member animate somebody's pictures in a guild without asking again."""
    tx.execute(
        "INSERT INTO picture_consents (guild_id, owner_id, member_id, given_at)"
        " VALUES (:guild, :owner, :member, :now) ON CONFLICT DO NOTHING",
        {"guild": guild_id, "owner": owner_id, "member": member_id, "now": to_ms(now)},
    )


def is_allowed(tx: Transaction, guild_id: int, owner_id: int, member_id: int) -> bool:
    """Whether a member need not ask again."""
    return member_id in get(tx, guild_id, owner_id).allowed


def remove_all(tx: Transaction, owner_id: int) -> None:
    """Have everybody ask again, in all guilds."""
    tx.execute("DELETE FROM picture_consents WHERE owner_id = :owner", {"owner": owner_id})


def has_opted_out(tx: Transaction, owner_id: int) -> bool:
    """Whether nobody else may animate somebody's pictures, in any guild."""
    named = {"owner": owner_id}
    return tx.one("SELECT 1 FROM picture_opt_outs WHERE owner_id = :owner", named) is not None


def put_opt_out(tx: Transaction, owner_id: int, now: datetime) -> None:
    """Let nobody else animate somebody's pictures from now on."""
    tx.execute(
        "INSERT INTO picture_opt_outs (owner_id, since) VALUES (:owner, :now)"
        " ON CONFLICT DO NOTHING",
        {"owner": owner_id, "now": to_ms(now)},
    )


def remove_opt_out(tx: Transaction, owner_id: int) -> None:
    """Let somebody be asked again."""
    tx.execute("DELETE FROM picture_opt_outs WHERE owner_id = :owner", {"owner": owner_id})
