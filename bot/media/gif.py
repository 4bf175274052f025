"""Counts a GIF's frames without decoding one: Pillow has no bound for this."""

from __future__ import annotations

from typing import Final

_HEADER_BYTES: Final = 13
_EXTENSION: Final = 0x21
_FRAME: Final = 0x2C
_COLOUR_TABLE_FLAG: Final = 0x80


def count_frames(data: bytes, most: int) -> int:
    """The number of frames, at most `most + 1`, found by walking the blocks.

    In a file that breaks off, or goes on with something else, the frames up to there count.
    """
    frames = 0
    at = _HEADER_BYTES + _table_bytes(data, 10)
    # No further: 32 MB have room for millions of empty frames.
    while frames <= most and at < len(data):
        if data[at] == _EXTENSION:
            at = _skip_blocks(data, at + 2)
        elif data[at] == _FRAME:
            frames += 1
            at = _skip_blocks(data, at + 11 + _table_bytes(data, at + 9))
        else:
            break
    return frames


def _table_bytes(data: bytes, flags_at: int) -> int:
    flags = data[flags_at] if flags_at < len(data) else 0
    return 3 << ((flags & 7) + 1) if flags & _COLOUR_TABLE_FLAG else 0


def _skip_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1
