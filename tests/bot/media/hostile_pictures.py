"""Pictures that would hurt whoever decodes them, made in memory and in few bytes."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from tests.bot.media.sample_pictures import encode, plain, png, png_chunk

if TYPE_CHECKING:
    from collections.abc import Callable


TINY_WEBP = b"RIFF\x1e\0\0\0WEBPVP8L\x11\0\0\0" + bytes.fromhex(
    "2f3fdfcf170750bc2a14b9808188e87f0000"
)
"""64 megapixels of one colour in 38 bytes, which libwebp takes a gigabyte to decode."""


def solid_png(width: int, height: int) -> bytes:
    """A large picture in very few bytes."""
    line = zlib.compressobj(9)
    body = b"".join(line.compress(b"\0" + b"\x55" * (width * 3)) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            png_chunk(b"IHDR", header),
            png_chunk(b"IDAT", body + line.flush()),
            png_chunk(b"IEND", b""),
        ]
    )


def png_with_packed_chunk(name: bytes, unpacked_bytes: int) -> bytes:
    """A small picture with a chunk that swells when it is read."""
    packed = zlib.compress(bytes(unpacked_bytes), 9)
    fields = {b"iCCP": b"x\0\0", b"zTXt": b"x\0\0", b"iTXt": b"x\0\1\0\0\0"}
    line = b"\0" + b"\x80" * 300
    return png(100, 100, 8, 2, line * 100, png_chunk(name, fields[name] + packed))


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", b"x" * 64)


def jpeg_header(width: int, height: int) -> bytes:
    good = encode(plain(), "JPEG")
    at = good.index(b"\xff\xc0") + 5
    return good[:at] + struct.pack(">HH", height, width) + good[at + 4 :]


def gif_header(width: int, height: int) -> bytes:
    good = encode(plain().quantize(), "GIF")
    return good[:6] + struct.pack("<HH", width, height) + good[10:]


def webp_header(width: int, height: int) -> bytes:
    """The extended form, whose canvas may be larger than its frames."""
    frame = encode(plain(), "WEBP", lossless=True)[12:]
    place = _u24(0) + _u24(0) + _u24(95) + _u24(63) + _u24(100) + b"\0"
    canvas = b"\x02\0\0\0" + _u24(width - 1) + _u24(height - 1)
    parts = [(b"VP8X", canvas), (b"ANIM", bytes(6)), (b"ANMF", place + frame)]
    body = b"WEBP" + b"".join(name + struct.pack("<I", len(d)) + d for name, d in parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _u24(number: int) -> bytes:
    return struct.pack("<I", number)[:3]


def isobmff_header(kind: str, width: int, height: int) -> bytes:
    """A HEIF or AVIF whose property box tells another size."""
    good = encode(plain(), kind)
    at = good.index(b"ispe") + 8
    return good[:at] + struct.pack(">II", width, height) + good[at + 8 :]


def gif_of_tiny_frames(frames: int) -> bytes:
    """The same small frame over and over."""
    good = encode(plain().quantize(), "GIF")
    head = _gif_head(good)
    return good[:head] + good[head:-1] * frames + b";"


def gif_with_blocks(blocks: bytes) -> bytes:
    """A sound GIF with these bytes before its frame."""
    good = encode(plain().quantize(), "GIF")
    head = _gif_head(good)
    return good[:head] + blocks + good[head:]


def _gif_head(data: bytes) -> int:
    flags = data[10]
    return 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)


def jpeg_of_many_scans(width: int, height: int, extra: int) -> bytes:
    """A progressive JPEG that repeats its last pass over all pixels, in few bytes each."""
    good = encode(plain(width, height, 128, "L"), "JPEG", progressive=True)
    scan = good[good.rindex(b"\xff\xda") : -2]
    return good[:-2] + scan * extra + b"\xff\xd9"


SLOW_GIFS: dict[str, Callable[[], bytes]] = {
    "one-byte comments": lambda: gif_with_blocks(b"\x21\xfe\x01c\0" * 200_000),
    "one long comment": lambda: gif_with_blocks(
        b"\x21\xfe" + (b"\xff" + b"c" * 255) * 4_000 + b"\0"
    ),
    "one-byte pieces": lambda: gif_with_blocks(
        b"\x21\xff\x0bNETSCAPE2.0" + b"\x01c" * 500_000 + b"\0"
    ),
    "empty frames": lambda: gif_of_tiny_frames(200_000)[:4_000_000],
    "endless frame": lambda: encode(plain(), "GIF")[:-2] + b"\x01\x00" * 500_000,
    "unknown blocks": lambda: gif_with_blocks(b"\x21\x99\x00" * 300_000),
    "nothing but zeros": lambda: gif_with_blocks(bytes(1_000_000)),
}
"""What once kept a parser busy for a long time."""
