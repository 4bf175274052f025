"""Pictures that members chose from a menu, as rows: from the form on, until they are animated."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from bot.base import Timeouts, to_ms, value
from bot.jobs.animate_options import AnimateOptions

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import SqlRow, Transaction
    from bot.quota.ledger import MemberKey

FORMS_AT_ONCE: Final = 5
"""The most open forms of a member in a guild; the oldest are forgotten."""


@value
class ChosenPicture:
    """A picture of a message, or an avatar.

    Attributes:
        url: Discord's own address of it.
        size: In bytes, as Discord says; the most that is taken where it does not.
        name: By which members tell it from the others of its message.
    """

    url: str
    size: int
    name: str


@value
class FoundPictures:
    """At least one picture of one person, as a member found them in the chat.

    Attributes:
        owner_id: Whose they are; `None` if nobody can tell.
        message_id: The message with the pictures; 0 for an avatar.
    """

    owner_id: int | None
    pictures: tuple[ChosenPicture, ...]
    message_id: int = 0


@value
class PictureRequest:
    """Pictures of `owner_id`, of which the member `member_id` wants to animate one.

    Attributes:
        message_id: The message with the pictures; 0 for an avatar.
        options: As the member chose them, once the owner was asked; `None` before.
    """

    id: int
    guild_id: int
    member_id: int
    owner_id: int
    message_id: int
    pictures: tuple[ChosenPicture, ...]
    options: AnimateOptions | None = None


def add(
    tx: Transaction,
    member_key: MemberKey,
    owner_id: int,
    found: FoundPictures,
    now: datetime,
) -> int:
    """Keep the pictures for the form that is about to be shown; return their id."""
    # No loop sweeps: what nobody asked for again goes when the next form is opened.
    sweep(tx, now)
    whose = {"guild": member_key.guild_id, "member": member_key.member_id}
    tx.execute(
        "DELETE FROM picture_requests WHERE id IN (SELECT id FROM picture_requests"
        " WHERE guild_id = :guild AND member_id = :member AND state = 'chosen'"
        " ORDER BY id DESC LIMIT -1 OFFSET :kept)",
        {**whose, "kept": FORMS_AT_ONCE - 1},
    )
    return tx.insert(
        "picture_requests",
        {
            "guild_id": member_key.guild_id,
            "member_id": member_key.member_id,
            "owner_id": owner_id,
            "message_id": found.message_id,
            "pictures_json": json.dumps([asdict(it) for it in found.pictures]),
            "expires_at": to_ms(now + Timeouts.OFFER_LIFE),
        },
    )


def find_chosen(
    tx: Transaction, member_key: MemberKey, request_id: int, now: datetime
) -> PictureRequest | None:
    """Find the pictures of a member's own form that is not too old."""
    row = tx.one(
        "SELECT * FROM picture_requests WHERE id = :id AND guild_id = :guild"
        " AND member_id = :member AND state = 'chosen' AND expires_at > :now",
        {
            "id": request_id,
            "guild": member_key.guild_id,
            "member": member_key.member_id,
            "now": to_ms(now),
        },
    )
    return None if row is None else from_row(row)


def sweep(tx: Transaction, now: datetime) -> None:
    """Delete the forms that are too old."""
    tx.execute(
        "DELETE FROM picture_requests WHERE state = 'chosen' AND expires_at <= :now",
        {"now": to_ms(now)},
    )


def from_row(row: SqlRow) -> PictureRequest:
    """Read a row."""
    pictures = json.loads(row["pictures_json"] or "[]")
    options = row["options_json"]
    return PictureRequest(
        id=row["id"],
        guild_id=row["guild_id"],
        member_id=row["member_id"],
        owner_id=row["owner_id"],
        message_id=row["message_id"],
        pictures=tuple(ChosenPicture(**it) for it in pictures),
        options=AnimateOptions.model_validate_json(options) if options else None,
    )
