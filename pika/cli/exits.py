"""The exit codes, one for each ending that a script may treat in its own way."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Exit(IntEnum):
    """How the program ended."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    BAD_KEY = 3
    NO_CREDIT = 4
    MODERATED = 5
    REFUSED = 6
    TRY_AGAIN = 7
    IN_DOUBT = 8
    RENDER_FAILED = 9
    DOWNLOAD_FAILED = 10
    INTERRUPTED = 130


MEANINGS: Final = {
    Exit.DONE: "the video is there",
    Exit.UNEXPECTED: "something that no documentation foresees",
    Exit.USAGE: "wrong usage, settings or picture; nothing was sent",
    Exit.BAD_KEY: "the key was refused",
    Exit.NO_CREDIT: "the account cannot pay",
    Exit.MODERATED: "the content rules refused the picture or the words",
    Exit.REFUSED: "the provider refused the picture, a value or the ticket",
    Exit.TRY_AGAIN: "rate limited, or the provider is not available; try again",
    Exit.IN_DOUBT: "in doubt or timed out; it may be charged",
    Exit.RENDER_FAILED: "the provider could not make the video",
    Exit.DOWNLOAD_FAILED: "made, but not downloaded or saved; try --resume",
    Exit.INTERRUPTED: "interrupted or cancelled",
}
"""The text of each code in `--help` and in `docs/client.md`."""
