"""Pictures that are not as their formats want them, yet are shown by every browser."""

from __future__ import annotations

import struct
import zlib
from functools import partial
from typing import TYPE_CHECKING, Any

from PIL import Image

from tests.bot.media import colour_profiles, sample_pictures
from tests.bot.media.sample_pictures import BLUE, RED, encode, exif, plain, png, png_chunk, quarters

if TYPE_CHECKING:
    from collections.abc import Callable

CLEAR = (0, 0, 0, 0)
GREEN = sample_pictures.GREEN
KEY = b"".join(b"\0" + bytes([c]) for c in RED)
ADOBE = zlib.compress(colour_profiles.rgb_profile(colour_profiles.ADOBE_D50, 2.2))
BESIDE = {
    b"tEXt": b"k\0v",
    b"zTXt": b"k\0\0" + zlib.compress(b"v"),
    b"iTXt": b"k\0\0\0\0\0v",
    b"eXIf": exif(6)[6:],
    b"gAMA": struct.pack(">I", 100_000),
    b"cHRM": struct.pack(">8I", *range(8)),
    b"sRGB": b"\0",
    b"pHYs": bytes(9),
    b"tIME": bytes(7),
    b"tRNS": KEY,
    b"iCCP": b"x\0\0" + ADOBE,
    b"acTL": struct.pack(">II", 1, 0),
    b"abCd": b"private",
}
"""Chunks of a PNG that a picture can do without, and something sound in them."""


def upright_xmp(orientation: int) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
        '"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:tiff='
        f'"http://ns.adobe.com/tiff/1.0/" tiff:Orientation="{orientation}"/></rdf:RDF></x:xmpmeta>'
    ).encode()


def wrong_checksum(chunk: bytes) -> bytes:
    return chunk[:-4] + bytes(4)


def png_of_quarters(*before: bytes, after: bytes = b"") -> bytes:
    data = rows(quarters(), *before)
    end = data.rindex(b"IEND") - 4
    return data[:end] + after + data[end:]


def rows(image: Image.Image, *chunks: bytes, height: int | None = None) -> bytes:
    """A PNG, of as many rows as are said rather than as its header has."""
    across, down = image.size
    lines = [b"\0" + image.crop((0, y, across, y + 1)).tobytes() for y in range(down)]
    return png(across, down, 8, 2, b"".join(lines[:height]), *chunks)


def gray_png(bits: int, key: int, level: int) -> bytes:
    """One gray all over, and one, or the same, that is transparent; 96 by 64 pixels."""
    pixels = 96 * bits // 8
    row = struct.pack(">H", level) * 96 if bits == 16 else bytes([level * (255 // (2**bits - 1))])
    line = b"\0" + (row if bits == 16 else row * pixels)
    return png(96, 64, bits, 0, line * 64, png_chunk(b"tRNS", struct.pack(">H", key)))


def deep_png(key: tuple[int, int, int], level: tuple[int, int, int]) -> bytes:
    """As `gray_png`, coloured, of 16 bits a channel."""
    line = b"\0" + struct.pack(">3H", *level) * 96
    return png(96, 64, 16, 2, line * 64, png_chunk(b"tRNS", struct.pack(">3H", *key)))


def empty_first(kind: str, first: Any = CLEAR, clear: int = 1) -> bytes:
    """An animation of some frames of one colour, one red, and one blue."""
    frames = [Image.new("RGBA", (96, 64), c) for c in [first] * clear + [(*RED, 255), (*BLUE, 255)]]
    frames[0].putpixel((0, 0), (255, 255, 255, first[3]))
    times = [80 + number for number in range(len(frames))]
    return encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=times)


def gif_of_part(transparent: int | None = None) -> bytes:
    """A blue frame in the middle of a GIF whose background is its red."""
    frame = encode(Image.new("P", (80, 60)), "GIF")
    pixels = frame[frame.index(b",", 13 + 3 * 2) + 10 : -1]
    screen = b"GIF89a" + struct.pack("<HHBBB", 128, 96, 0x80, 1, 0) + bytes([*BLUE, *RED])
    control = b"!\xf9\x04" + struct.pack("<BHBB", transparent is not None, 5, transparent or 0, 0)
    return screen + control + b"," + struct.pack("<4HB", 24, 18, 80, 60, 0) + pixels + b";"


def gif_that_grows(width: int, height: int) -> bytes:
    """An empty frame, and a second one of this size."""
    empty = gif_of_part(transparent=0)
    frame = empty.index(b",", 13 + 3 * 2)
    size = struct.pack("<4HB", 0, 0, width, height, 0)
    return empty[:-1] + b"," + size + empty[frame + 10 :]


def webp_of_part() -> bytes:
    """An animation whose first frame covers little, on what its header calls blue."""
    first = Image.new("RGBA", (96, 64), CLEAR)
    first.paste((*RED, 255), (10, 10, 40, 40))
    rest = [Image.new("RGBA", (96, 64), (*BLUE, 255))]
    saved: dict[str, Any] = {"lossless": True, "background": (0, 0, 255, 255)}
    return encode(first, "WEBP", save_all=True, append_images=rest, **saved)


def animation_with_other_picture() -> bytes:
    """A PNG that is green for those who know no animations, red and blue for the others."""
    frames = [Image.new("RGB", (96, 64), colour) for colour in (GREEN, RED, BLUE)]
    return encode(frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=True)


def unended(**save: Any) -> bytes:
    return encode(quarters(128, 1024), "JPEG", **save)[:-2]


SHOWN: dict[str, Callable[[], bytes]] = {
    "jpeg without its end": unended,
    "progressive jpeg without its end": lambda: unended(progressive=True),
    "jpeg of restarts without its end": lambda: unended(restart_marker_rows=1),
    "jpeg ending in half a marker": lambda: unended() + b"\xff",
    "jpeg with zeros for its end": lambda: unended(progressive=True) + bytes(2000),
    "png without its end": lambda: png_of_quarters()[:-12],
    "png that breaks off in its end": lambda: png_of_quarters()[:-6],
    "gif without its end": lambda: encode(quarters(), "GIF")[:-1],
    "png with an unknown packing of words": lambda: png_of_quarters(png_chunk(b"zTXt", b"k\0\5v")),
    "png with an unknown packing of a profile": lambda: png_of_quarters(
        png_chunk(b"iCCP", b"k\0\5v")
    ),
    "png with eXIf too late": lambda: png_of_quarters(after=png_chunk(b"eXIf", exif(6)[6:])),
    "png with tRNS too late": lambda: png_of_quarters(after=png_chunk(b"tRNS", KEY)),
    "png with tRNS": lambda: png_of_quarters(png_chunk(b"tRNS", KEY)),
    "png with iCCP": lambda: png_of_quarters(png_chunk(b"iCCP", b"x\0\0" + ADOBE)),
    "png with orientation in old notes": lambda: png_of_quarters(
        png_chunk(b"tEXt", b"Raw profile type exif\0\nexif\n 9\n" + exif(6).hex().encode())
    ),
    "animated png with another picture": animation_with_other_picture,
    "gif of a part": gif_of_part,
    "transparent gif of a part": lambda: gif_of_part(transparent=1),
    "webp of a part": webp_of_part,
    "webp with orientation": lambda: encode(quarters(), "WEBP", exif=exif(6), lossless=True),
    "webp with bare orientation": lambda: encode(
        quarters(), "WEBP", exif=exif(6)[6:], lossless=True
    ),
    **{
        f"{kind} with orientation in XMP, {name}": partial(
            encode, quarters(), kind, xmp=upright_xmp(3), **notes
        )
        for kind in ("JPEG", "PNG", "WEBP", "AVIF")
        for name, notes in {"alone": {}, "and in EXIF": {"exif": exif(1)}}.items()
    },
    **{
        f"{kind} with orientation {o}": partial(
            encode, sample_pictures.as_held(quarters(), o), kind, exif=exif(o)
        )
        for kind in ("JPEG", "PNG", "AVIF")
        for o in (3, 5, 6)
    },
    **{
        f"gray {bits}-bit {level}, key {key}": partial(gray_png, bits, key, level)
        for bits, key, level in (
            *((1, 1, 1), (1, 1, 0), (2, 1, 1), (2, 1, 2), (4, 5, 5), (4, 5, 4), (8, 5, 5)),
            *((16, 0x8000, 0x8000), (16, 0x8000, 0x8001), (16, 0x8000, 0x7FFF), (16, 1, 0)),
        )
    },
    **{
        f"16-bit {level}": partial(deep_png, (0x8000, 0x4000, 0x2000), level)
        for level in (
            *((0x8000, 0x4000, 0x2000), (0x8001, 0x4000, 0x2000), (0x8000, 0x4001, 0x2000)),
            *((0x8000, 0x4000, 0x20FF), (0x4000, 0x8000, 0x2000)),
        )
    },
    **{
        f"wrong checksum in {name.decode()}": partial(
            png_of_quarters, wrong_checksum(png_chunk(name, body))
        )
        for name, body in BESIDE.items()
    },
    **{
        f"wrong checksum in {name.decode()} at the end": partial(
            png_of_quarters, after=wrong_checksum(png_chunk(name, body))
        )
        for name, body in BESIDE.items()
    },
    **{
        f"{name.decode()} of no length": partial(png_of_quarters, png_chunk(name, b""))
        for name in BESIDE
    },
}
"""Each is shown by browsers, and taken; what is shown is what is animated."""


def before(data: bytes, marker: bytes) -> bytes:
    return data[: data.index(marker)]


def cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def noisy_jpeg(**save: Any) -> bytes:
    return encode(sample_pictures.noise(320, 240), "JPEG", **save)


def overwritten(data: bytes, share: float) -> bytes:
    at = int(len(data) * share)
    return data[:at] + b"\x55\xaa\x55\x00\x55\xaa" + data[at + 6 :]


DAMAGED: dict[str, Callable[[], bytes]] = {
    **{
        f"jpeg {save}, {share}": partial(cut, noisy_jpeg(**save), share)
        for save in ({}, {"progressive": True}, {"restart_marker_rows": 1})
        for share in (0.3, 0.6, 0.9, 0.99)
    },
    "jpeg cut before a restart": lambda: before(noisy_jpeg(restart_marker_rows=1), b"\xff\xd3"),
    "jpeg cut after a restart": lambda: (
        before(noisy_jpeg(restart_marker_rows=1), b"\xff\xd3") + b"\xff\xd3"
    ),
    **{
        f"png overwritten at {share}": partial(
            overwritten, encode(sample_pictures.noise(), "PNG"), share
        )
        for share in (0.3, 0.6, 0.9)
    },
    "png of too few rows": lambda: rows(quarters(), height=90),
    "png without a row": lambda: rows(quarters(), height=0),
    "png with a damaged header": lambda: png_of_quarters().replace(
        b"IHDR\0\0\0\x80", b"IHDR\0\0\0\x90"
    ),
}
"""Their pixels lack or are damaged. What browsers show of them is not what was meant."""


def burst(primary: int) -> bytes:
    """A HEIF of three pictures."""
    first, *rest = (plain(colour=colour) for colour in (RED, BLUE, GREEN))
    return encode(first, "HEIF", save_all=True, append_images=rest, primary_index=primary)
