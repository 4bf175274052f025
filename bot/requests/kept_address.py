"""The address by which a request names a kept picture.

Nobody can fetch it. It stands where a request else has Discord's address, so that offers and prices
treat both alike.
"""

from __future__ import annotations

from typing import Final

_KEPT: Final = "https://kept-picture.invalid/"


def kept_address(interaction_id: int) -> str:
    """The address of the picture of which the clip of an interaction was made."""
    return f"{_KEPT}{interaction_id}"


def is_kept(address: str) -> bool:
    """Whether the bot itself keeps the picture of an address, and Discord does not."""
    return address.startswith(_KEPT)


def kept_interaction_id(address: str) -> int:
    """The interaction that a `kept_address` names; ValueError where it is none."""
    return int(address.removeprefix(_KEPT))
