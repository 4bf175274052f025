"""Keeps of a PNG what its pixels are made of, as browsers do, and tells whether all are there.

Pillow refuses a picture for a wrong checksum or an odd length in chunks that have nothing to do
with its pixels, heeds chunks that come too late to count, and paints black what is not there.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final

from bot.media.errors import PictureError, PictureProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PIXELS: Final = {b"IDAT", b"fcTL", b"fdAT", b"IEND"}
# What says how the pixels are to be read; after the first of them it says nothing any more.
_COLOURS: Final = {b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"eXIf", b"acTL"}
_REQUIRED: Final = {b"IHDR", b"PLTE"}
_PROFILE_BYTES: Final = 1_000_000
# A slice of packed pixels becomes at most a thousand times as many bytes.
_SLICE_BYTES: Final = 16_384
# Colour type to samples a pixel.
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Column, row, and the steps of each, of the seven passes of an interlaced picture.
_PASSES: Final = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)
)  # fmt: skip


def keep_pixels(data: bytes) -> bytes:
    """The picture with those chunks alone that its pixels need; any other file as it is.

    Raises:
        PictureError: A chunk that the pixels need is damaged.
    """
    if not data.startswith(_SIGNATURE):
        return data
    kept, seen = [_SIGNATURE], set[bytes]()
    for name, chunk in _chunks(data):
        if name in _PIXELS:
            # Browsers do not refuse these for a checksum either: pixels have another within.
            if b"acTL" in seen or name in {b"IDAT", b"IEND"}:
                kept.append(chunk)
                seen.add(name)
        elif name in _COLOURS - seen and b"IDAT" not in seen:
            if _is_sound(chunk, data):
                kept.append(chunk)
                seen.add(name)
            elif name in _REQUIRED:
                raise PictureError(PictureProblem.BROKEN)
    return b"".join(kept)


def has_all_rows(data: bytes) -> bool:
    """Whether all pixels of a PNG's first picture are there, undamaged. Unpacks them."""
    missing = _unpacked_bytes(data)
    stream = zlib.decompressobj()
    try:
        for name, chunk in _chunks(data):
            for at in range(8, len(chunk) - 4, _SLICE_BYTES) if name == b"IDAT" else ():
                end = min(at + _SLICE_BYTES, len(chunk) - 4)
                missing -= len(stream.decompress(chunk[at:end]))
                if missing <= 0:
                    return True
    except zlib.error:
        return False
    return False


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names, and chunks with their lengths and checksums; the last may break off."""
    at = len(_SIGNATURE)
    while at + 8 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at:end]
        at = end


def _is_sound(chunk: bytes, data: bytes) -> bool:
    """Whether a chunk's checksum is right, and what is in it can be what it must be."""
    if struct.pack(">I", zlib.crc32(chunk[4:-4])) != chunk[-4:]:
        return False
    name, body = chunk[4:8], chunk[8:-4]
    match name:
        case b"IHDR":
            return len(body) == 13  # noqa: PLR2004 - as many bytes as its fields have
        case b"tRNS":
            return len(body) >= {0: 2, 2: 6, 3: 1}.get(data[25], len(chunk))
        case b"acTL":
            return len(body) == 8 and 0 < int.from_bytes(body[:4], "big") < 1 << 31  # noqa: PLR2004 - as above
        case b"iCCP":
            return _is_profile(body)
    return True


def _is_profile(body: bytes) -> bool:
    packed = body.partition(b"\0")[2]
    stream = zlib.decompressobj()
    try:
        stream.decompress(packed[1:], _PROFILE_BYTES)
    except zlib.error:
        return False
    return packed[:1] == b"\0" and not stream.unconsumed_tail


def _unpacked_bytes(data: bytes) -> int:
    width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    total = 0
    for column, row, columns, rows in _PASSES if interlaced else ((0, 0, 1, 1),):
        across, down = -((column - width) // columns), -((row - height) // rows)
        if across > 0:
            total += max(down, 0) * (1 + (across * depth * _SAMPLES[colours] + 7) // 8)
    return total
