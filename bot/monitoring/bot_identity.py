"""Which bot a token belongs to. Imports next to nothing, for the health command."""

from __future__ import annotations

import binascii


def bot_id(token: str) -> str | None:
    """The bot's id, which is no secret: the first part of its token; `None` of no such token."""
    first = token.partition(".")[0]
    try:
        text = binascii.a2b_base64(first + "=" * (-len(first) % 4)).decode("ascii")
    except ValueError:
        return None
    return text if text.isdigit() else None
