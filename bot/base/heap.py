"""How the C library's heap is used, which the bot shares with SQLite and all libraries."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

# The numbers of glibc's malloc.h.
_TRIM_THRESHOLD: Final = -1
_ARENA_MAX: Final = -8
_MOST_UNUSED_BYTES: Final = 64 * 1024


def keep_small() -> None:
    """Keep one heap for all threads, and give back what is unused, where glibc can.

    By itself it keeps a heap for each thread, though Python's lock lets few of them meet there,
    and after the first large block that was freed it keeps ever larger ones for itself.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_ARENA_MAX, 1)
        libc.mallopt(_TRIM_THRESHOLD, _MOST_UNUSED_BYTES)
