"""References: short words by which an owner finds the log entries of what a member reads."""

from __future__ import annotations

import secrets
from typing import Final

# Without letters and digits that are read as one another: members type it from a screenshot.
_ALPHABET: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def new_reference() -> str:
    """A random word of five characters: 24 million values, so two are hardly ever the same."""
    # `secrets.choice` asks the system for each letter. That some are likelier does no harm.
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in secrets.token_bytes(5))
