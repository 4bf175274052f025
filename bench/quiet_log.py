"""What stand-ins log of clients that are killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging


def is_news(record: logging.LogRecord) -> bool:
    """Whether a stand-in logs something else than that its client was killed."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionResetError))
