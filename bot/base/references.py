"""References: short words by which an owner finds the log entries of what a member reads."""

from __future__ import annotations

import secrets
from typing import Final

# Without letters and digits that are read as one another: members type it from a screenshot.
_ALPHABET: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def new_reference() -> str:
    """A random word of five characters: 24 million values, so two are hardly ever the same."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(5))
