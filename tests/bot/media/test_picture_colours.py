"""Colours come out as they were meant: profiles, depths and inks."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from bot.media.pictures import decode_picture
from bot.media.still import PictureChange
from tests.bot.media import colour_profiles, sample_pictures
from tests.bot.media.picture_colours import WHITE, assert_near, colour
from tests.bot.media.sample_pictures import RED, encode, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@pytest.mark.parametrize(
    ("matrix", "gamma"),
    [
        (colour_profiles.P3_D50, 2.2),
        (colour_profiles.ADOBE_D50, 2.2),
        (colour_profiles.SRGB_D50, 1.0),
    ],
    ids=["display-p3", "adobe-rgb", "linear"],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_colours_of_wide_profiles_are_converted(
    kind: str, matrix: Sequence[Sequence[float]], gamma: float
) -> None:
    device = (180, 120, 90)
    expected = colour_profiles.srgb_of(matrix, gamma, device)
    assert max(abs(a - b) for a, b in zip(device, expected, strict=True)) > 8
    profile = colour_profiles.rgb_profile(matrix, gamma)
    lossless = {"lossless": True} if kind == "WEBP" else {}
    data = encode(plain(colour=device), kind, icc_profile=profile, **lossless)
    assert_near(colour(decode_picture(data)), expected, 5)


def test_a_profile_of_a_transparent_picture_is_used_and_so_is_its_transparency() -> None:
    device = (180, 120, 90)
    image = plain(colour=(*device, 255), mode="RGBA")
    image.paste((0, 0, 0, 0), (48, 0, 96, 64))
    profile = colour_profiles.rgb_profile(colour_profiles.ADOBE_D50, 2.2)
    still = decode_picture(encode(image, "PNG", icc_profile=profile))
    assert_near(colour(still, 0.2), colour_profiles.srgb_of(colour_profiles.ADOBE_D50, 2.2, device))
    assert_near(colour(still, 0.8), WHITE)


def test_a_palette_with_a_profile_is_converted() -> None:
    device = (180, 120, 90)
    image = Image.new("P", (96, 64), 0)
    image.putpalette(device)
    profile = colour_profiles.rgb_profile(colour_profiles.ADOBE_D50, 2.2)
    still = decode_picture(encode(image, "PNG", icc_profile=profile))
    assert_near(colour(still), colour_profiles.srgb_of(colour_profiles.ADOBE_D50, 2.2, device))


def test_gray_with_a_profile_is_converted() -> None:
    data = encode(plain(colour=128, mode="L"), "PNG", icc_profile=colour_profiles.gray_profile(1.0))
    luminance = 128 / 255
    expected = colour_profiles.srgb_of_xyz([white * luminance for white in colour_profiles.D50])
    assert expected[0] > 180
    assert_near(colour(decode_picture(data)), expected, 4)


def test_transparent_gray_with_a_profile_is_converted() -> None:
    image = plain(colour=(128, 255), mode="LA")
    still = decode_picture(encode(image, "PNG", icc_profile=colour_profiles.gray_profile(1.0)))
    assert_near(colour(still), (188, 188, 188), 4)


def test_a_transparent_colour_beside_a_profile_becomes_white() -> None:
    profile = zlib.compress(colour_profiles.rgb_profile(colour_profiles.ADOBE_D50, 2.2))
    data = sample_pictures.png(
        96,
        64,
        8,
        2,
        (b"\0" + bytes(RED) * 96) * 64,
        sample_pictures.png_chunk(b"iCCP", b"x\0\0" + profile),
        sample_pictures.png_chunk(b"tRNS", b"".join(b"\0" + bytes([c]) for c in RED)),
    )
    assert_near(colour(decode_picture(data)), WHITE)


def test_cmyk_with_a_profile_is_converted_by_it() -> None:
    inks = [(0, 0, 0)] * 16
    inks[0b0000] = (100, 0, 0)
    inks[0b1000] = (55, -20, -30)
    data = encode(
        plain(colour=(255, 0, 0, 0), mode="CMYK"),
        "JPEG",
        quality=100,
        icc_profile=colour_profiles.cmyk_profile(inks),
    )
    still = decode_picture(data)
    assert_near(colour(still), colour_profiles.srgb_of_lab((55, -20, -30)), 4)
    assert still.changes == (PictureChange.PRINT_COLOURS,)


def test_cmyk_without_a_profile_is_converted() -> None:
    still = decode_picture(encode(plain(colour=(0, 255, 255, 0), mode="CMYK"), "JPEG", quality=100))
    assert_near(colour(still), (255, 0, 0))
    assert still.changes == (PictureChange.PRINT_COLOURS,)


@pytest.mark.parametrize(
    "profile",
    [
        b"not a profile",
        colour_profiles.rgb_profile(colour_profiles.P3_D50, 2.2)[:200],
        colour_profiles.gray_profile(2.2),
        colour_profiles.cmyk_profile([(50, 0, 0)] * 16),
        b"\0" * 4000,
    ],
    ids=["words", "cut-off", "gray-for-rgb", "cmyk-for-rgb", "zeros"],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_profile_that_does_not_fit_is_ignored(kind: str, profile: bytes) -> None:
    still = decode_picture(encode(plain(colour=RED), kind, icc_profile=profile))
    assert_near(colour(still), RED)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (encode(plain(colour=1, mode="1"), "PNG"), WHITE),
        (encode(plain(colour=200, mode="L"), "JPEG"), (200, 200, 200)),
        (encode(plain().quantize(8), "PNG"), RED),
        (sample_pictures.deep_gray_png(level=0x8040), (128, 128, 128)),
        (sample_pictures.deep_gray_png(level=0xFFFF), WHITE),
        (sample_pictures.deep_rgb_png(level=0x8040), (128, 128, 128)),
    ],
    ids=["1-bit", "gray", "palette", "16-bit-gray", "16-bit-white", "16-bit-rgb"],
)
def test_every_depth_of_colour_becomes_eight_bits(data: bytes, wanted: tuple[int, ...]) -> None:
    assert_near(colour(decode_picture(data)), wanted, 3)


@pytest.mark.parametrize("make", [sample_pictures.deep_gray_png, sample_pictures.deep_rgb_png])
def test_deep_colours_are_told(make: Callable[[], bytes]) -> None:
    assert decode_picture(make()).changes == (PictureChange.DEEP_COLOURS,)


@pytest.mark.parametrize(("level", "wanted"), [(0, (0, 0, 0)), (0x8000, WHITE)])
@pytest.mark.parametrize("colour_type", [0, 2])
def test_a_deep_colour_that_is_transparent_hides_no_other(
    colour_type: int, level: int, wanted: tuple[int, ...]
) -> None:
    channels = 3 if colour_type else 1
    line = b"\0" + struct.pack(">H", level) * (96 * channels)
    key = sample_pictures.png_chunk(b"tRNS", b"\x80\0" * channels)
    assert_near(
        colour(decode_picture(sample_pictures.png(96, 64, 16, colour_type, line * 64, key))), wanted
    )
