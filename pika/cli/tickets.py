"""A ticket as one word that survives a shell, and back."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from pika.cli.problems import UsageError
from pika.models import Ticket

_MAX_BYTES: Final = 100_000


def encode_ticket(ticket: Ticket) -> str:
    """Write a ticket as one word: its JSON, in base64url without padding."""
    # Short, because people copy it by hand from a terminal that breaks long lines.
    data = ticket.model_dump_json(exclude_defaults=True).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_ticket(text: str) -> Ticket:
    """Read a ticket from the word of `encode_ticket`, its JSON, or `@FILE` with either.

    Raises:
        UsageError: The text is none of these, or the file cannot be read.
    """
    word = _from_file(Path(text[1:])) if text.startswith("@") else text.strip()
    try:
        data = word if word.startswith("{") else _decoded(word)
        return Ticket.model_validate_json(data)
    except (ValidationError, binascii.Error, UnicodeError) as error:
        raise UsageError(
            "That is no ticket: give --resume the word that was printed, its JSON, or @FILE."
        ) from error


def _decoded(word: str) -> bytes:
    data = word.encode("ascii")
    return base64.b64decode(data + b"=" * (-len(data) % 4), altchars=b"-_", validate=True)


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            # Bounded, for a wrong name may be a video or a device without end.
            return file.read(_MAX_BYTES).decode().strip()
    except (OSError, ValueError) as error:
        raise UsageError(f"The ticket's file {path} cannot be read.") from error
