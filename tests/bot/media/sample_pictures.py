"""Sound pictures of every kind, made in memory."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import Image, ImageDraw

pillow_heif.register_heif_opener(thumbnails=False)

RED = (200, 30, 30)
GREEN = (30, 160, 60)
BLUE = (40, 60, 190)
YELLOW = (220, 200, 40)
GPS_IFD = 0x8825
ORIENTATION = 0x0112
MAKE = 0x010F
LATITUDE_REF = 1
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF")


def encode(image: Image.Image, kind: str, **save: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **save)
    return out.getvalue()


def plain(width: int = 96, height: int = 64, colour: Any = RED, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (width, height), colour)


def quarters(width: int = 128, height: int = 96) -> Image.Image:
    """Red above green on the left, blue above yellow on the right."""
    image = Image.new("RGB", (width, height), RED)
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height // 2), BLUE)
    draw.rectangle((0, height // 2, width // 2, height), GREEN)
    draw.rectangle((width // 2, height // 2, width, height), YELLOW)
    return image


def noise(width: int = 128, height: int = 96) -> Image.Image:
    """A picture that no encoder makes small."""
    return Image.merge("RGB", [Image.effect_noise((width, height), 90) for _ in range(3)])


def as_held(upright: Image.Image, orientation: int) -> Image.Image:
    """What the sensor saw when the camera notes this orientation about the upright scene."""
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    return upright.transpose(turns[orientation]) if orientation in turns else upright


def exif(orientation: int = 1, make: str = "TestCamera") -> bytes:
    """Camera notes, a place included."""
    notes = Image.Exif()
    notes[ORIENTATION] = orientation
    notes[MAKE] = make
    notes.get_ifd(GPS_IFD)[LATITUDE_REF] = "N"
    return notes.tobytes()


def animation(kind: str, frames: int = 3) -> bytes:
    """The first frame is red, every further one blue."""
    rest = [plain(colour=BLUE) for _ in range(frames - 1)]
    for index, frame in enumerate(rest):
        frame.putpixel((index % frame.width, 0), YELLOW)
    return encode(plain(colour=RED), kind, save_all=True, append_images=rest, duration=80)


# PNG, chunk by chunk


def png_chunk(name: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + checksum


def png(  # one parameter a field of the header
    width: int, height: int, bits: int, colour_type: int, pixels: bytes, *chunks: bytes
) -> bytes:
    """A PNG of these raw scan lines, compressed here; chunks go before them."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            png_chunk(b"IHDR", header),
            *chunks,
            png_chunk(b"IDAT", zlib.compress(pixels)),
            png_chunk(b"IEND", b""),
        ]
    )


def deep_rgb_png(width: int = 96, height: int = 64, level: int = 0x8040) -> bytes:
    """Sixteen bits a channel."""
    line = b"\0" + struct.pack(">HHH", level, level, level) * width
    return png(width, height, 16, 2, line * height)


def deep_gray_png(width: int = 96, height: int = 64, level: int = 0x8040) -> bytes:
    line = b"\0" + struct.pack(">H", level) * width
    return png(width, height, 16, 0, line * height)
