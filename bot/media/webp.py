"""Reads and mends a WebP's header.

Its size is needed before a decoder is: libwebp's sets memory aside for it before it tells.
"""

from __future__ import annotations

from typing import Final

_HEADER_BYTES: Final = 30
_SIDE_BITS: Final = 0x3FFF
_FLAGS_AT: Final = 20
_ANIMATION: Final = 0x02
_TRANSPARENCY: Final = 0x10


def read_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; `None` where it is no WebP or its header is damaged."""
    if len(data) < _HEADER_BYTES or data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    match data[12:16]:
        case b"VP8X":  # of several parts, such as frames
            return _number(data[24:27]) + 1, _number(data[27:30]) + 1
        case b"VP8L":  # lossless
            sides = _number(data[21:25])
            return (sides & _SIDE_BITS) + 1, (sides >> 14 & _SIDE_BITS) + 1
        case b"VP8 ":
            return _number(data[26:28]) & _SIDE_BITS, _number(data[28:30]) & _SIDE_BITS
    return None


def note_transparency(data: bytes) -> bytes:
    """Note in an animation that it is transparent, as it is wherever no frame is.

    Browsers see to that by themselves; Pillow paints it black where the header lacks the note.
    """
    if not read_size(data) or data[12:16] != b"VP8X" or not data[_FLAGS_AT] & _ANIMATION:
        return data
    return data[:_FLAGS_AT] + bytes([data[_FLAGS_AT] | _TRANSPARENCY]) + data[_FLAGS_AT + 1 :]


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
