"""Short words that join what a member reads to its log entries."""

from __future__ import annotations

import secrets
from typing import Final

_ALPHABET: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Without letters and digits that are read as one another."""


def new_reference() -> str:
    """Return a short word that joins a sentence to its log entries: 28 million values."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(5))
