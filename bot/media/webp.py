"""Reads a WebP's size without a decoder: libwebp's sets memory aside for it before it tells."""

from __future__ import annotations

from typing import Final

_HEADER_BYTES: Final = 30
_SIDE_BITS: Final = 0x3FFF


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


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
