"""What becomes of sound pictures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageCms

from bot.stills import LONG_SIDE, MIN_SIDE, Note, Still, make_still
from pika import MAX_PICTURE_BYTES
from tests.bot import pictures, profiles
from tests.bot.pictures import BLUE, GREEN, RED, YELLOW, encode, plain, quarters

if TYPE_CHECKING:
    from collections.abc import Sequence

WHITE = (255, 255, 255)


def opened(still: Still) -> Image.Image:
    image = Image.open(io.BytesIO(still.data))
    image.load()
    assert image.format == "JPEG"
    assert image.mode == "RGB"
    assert image.size == (still.width, still.height)
    return image


def colour(still: Still, x: float = 0.5, y: float = 0.5) -> tuple[int, ...]:
    """The colour at shares of the width and the height."""
    image = opened(still)
    found = image.getpixel((int(x * image.width), int(y * image.height)))
    assert isinstance(found, tuple)
    return tuple(int(value) for value in found)


def assert_near(found: Sequence[float], wanted: Sequence[float], tolerance: int = 6) -> None:
    pairs = zip(found, wanted, strict=True)
    assert all(abs(a - b) <= tolerance for a, b in pairs), f"{found} is not near {wanted}"


def assert_quarters(still: Still, tolerance: int = 12) -> None:
    places = {(0.2, 0.2): RED, (0.2, 0.8): GREEN, (0.8, 0.2): BLUE, (0.8, 0.8): YELLOW}
    for (x, y), wanted in places.items():
        assert_near(colour(still, x, y), wanted, tolerance)


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_every_format_is_read_by_its_content(kind: str) -> None:
    still = make_still(encode(quarters(), kind))
    assert_quarters(still, 30 if kind == "WEBP" else 12)
    assert (still.width, still.height) == (128, 96)
    assert still.notes == ()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_every_orientation_ends_upright(kind: str, orientation: int) -> None:
    held = pictures.as_held(quarters(), orientation)
    still = make_still(encode(held, kind, exif=pictures.exif(orientation)))
    assert (still.width, still.height) == (128, 96)
    assert_quarters(still, 30)


def test_a_large_picture_is_turned_after_it_is_made_smaller() -> None:
    held = pictures.as_held(quarters(3000, 1200), 6)
    still = make_still(encode(held, "JPEG", exif=pictures.exif(6)))
    assert (still.width, still.height) == (2048, 819)
    assert_quarters(still)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_nothing_but_pixels_leaves(kind: str) -> None:
    secret = b"5140-secret-place"
    xmp = b"<x:xmpmeta>" + secret + b"</x:xmpmeta>"
    data = encode(
        quarters(),
        kind,
        exif=pictures.exif(make=secret.decode()),
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        xmp=xmp,
        **({"comment": secret} if kind == "JPEG" else {}),
    )
    assert secret in data
    image = opened(make_still(data))
    assert secret not in make_still(data).data
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}


def test_a_comment_in_a_gif_or_png_does_not_leave() -> None:
    gif = encode(quarters().quantize(), "GIF", comment=b"hidden words")
    png = pictures.png(
        96, 64, 8, 2, (b"\0" + bytes(96 * 3)) * 64, pictures.png_chunk(b"tEXt", b"k\0hidden words")
    )
    for data in (gif, png):
        assert b"hidden words" in data
        assert b"hidden words" not in make_still(data).data


def half_clear(mode: str = "RGBA") -> Image.Image:
    """Opaque red on the left, fully transparent on the right."""
    image = plain(colour=(*RED, 255), mode="RGBA")
    image.paste((0, 0, 0, 0), (48, 0, 96, 64))
    return image.convert(mode)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF"])
def test_what_is_transparent_becomes_white(kind: str) -> None:
    still = make_still(encode(half_clear(), kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert_near(colour(still, 0.2), RED, 12)
    assert_near(colour(still, 0.8), WHITE)


def test_half_transparent_black_becomes_gray() -> None:
    still = make_still(encode(plain(colour=(0, 0, 0, 127), mode="RGBA"), "PNG"))
    assert_near(colour(still), (128, 128, 128))


def test_transparent_gray_becomes_white() -> None:
    still = make_still(encode(half_clear("LA"), "PNG"))
    assert_near(colour(still, 0.8), WHITE)
    assert colour(still, 0.2)[0] < 120


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_transparent_entry_of_a_palette_becomes_white(kind: str) -> None:
    image = Image.new("P", (96, 64), 0)
    image.putpalette([*RED, *BLUE, *GREEN])
    image.paste(1, (48, 0, 96, 64))
    still = make_still(encode(image, kind, transparency=1))
    assert_near(colour(still, 0.2), RED)
    assert_near(colour(still, 0.8), WHITE)


def test_graded_transparency_of_a_palette_is_laid_on_white() -> None:
    image = Image.new("P", (96, 64), 0)
    image.putpalette([0, 0, 0, *BLUE])
    still = make_still(encode(image, "PNG", transparency=bytes((127, 255))))
    assert_near(colour(still), (128, 128, 128))


@pytest.mark.parametrize(
    ("colour_type", "line", "clear"),
    [
        (0, b"\x40" * 96, b"\0\x40"),
        (2, bytes(RED) * 96, b"".join(b"\0" + bytes([c]) for c in RED)),
    ],
)
def test_a_transparent_colour_of_a_png_becomes_white(
    colour_type: int, line: bytes, clear: bytes
) -> None:
    data = pictures.png(
        96, 64, 8, colour_type, (b"\0" + line) * 64, pictures.png_chunk(b"tRNS", clear)
    )
    assert_near(colour(make_still(data)), WHITE)


@pytest.mark.parametrize(
    ("matrix", "gamma"),
    [(profiles.P3_D50, 2.2), (profiles.ADOBE_D50, 2.2), (profiles.SRGB_D50, 1.0)],
    ids=["display-p3", "adobe-rgb", "linear"],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_colours_of_wide_profiles_are_converted(
    kind: str, matrix: Sequence[Sequence[float]], gamma: float
) -> None:
    device = (180, 120, 90)
    expected = profiles.srgb_of(matrix, gamma, device)
    assert max(abs(a - b) for a, b in zip(device, expected, strict=True)) > 8
    profile = profiles.rgb_profile(matrix, gamma)
    lossless = {"lossless": True} if kind == "WEBP" else {}
    data = encode(plain(colour=device), kind, icc_profile=profile, **lossless)
    assert_near(colour(make_still(data)), expected, 5)


def test_a_profile_of_a_transparent_picture_is_used_and_so_is_its_transparency() -> None:
    device = (180, 120, 90)
    image = plain(colour=(*device, 255), mode="RGBA")
    image.paste((0, 0, 0, 0), (48, 0, 96, 64))
    profile = profiles.rgb_profile(profiles.ADOBE_D50, 2.2)
    still = make_still(encode(image, "PNG", icc_profile=profile))
    assert_near(colour(still, 0.2), profiles.srgb_of(profiles.ADOBE_D50, 2.2, device))
    assert_near(colour(still, 0.8), WHITE)


def test_a_palette_with_a_profile_is_converted() -> None:
    device = (180, 120, 90)
    image = Image.new("P", (96, 64), 0)
    image.putpalette(device)
    profile = profiles.rgb_profile(profiles.ADOBE_D50, 2.2)
    still = make_still(encode(image, "PNG", icc_profile=profile))
    assert_near(colour(still), profiles.srgb_of(profiles.ADOBE_D50, 2.2, device))


def test_gray_with_a_profile_is_converted() -> None:
    data = encode(plain(colour=128, mode="L"), "PNG", icc_profile=profiles.gray_profile(1.0))
    luminance = 128 / 255
    expected = profiles.srgb_of_xyz([white * luminance for white in profiles.D50])
    assert expected[0] > 180
    assert_near(colour(make_still(data)), expected, 4)


def test_cmyk_with_a_profile_is_converted_by_it() -> None:
    inks = [(0, 0, 0)] * 16
    inks[0b0000] = (100, 0, 0)
    inks[0b1000] = (55, -20, -30)
    data = encode(
        plain(colour=(255, 0, 0, 0), mode="CMYK"),
        "JPEG",
        quality=100,
        icc_profile=profiles.cmyk_profile(inks),
    )
    still = make_still(data)
    assert_near(colour(still), profiles.srgb_of_lab((55, -20, -30)), 4)
    assert still.notes == (Note.PRINT_COLOURS,)


def test_cmyk_without_a_profile_is_converted() -> None:
    still = make_still(encode(plain(colour=(0, 255, 255, 0), mode="CMYK"), "JPEG", quality=100))
    assert_near(colour(still), (255, 0, 0))
    assert still.notes == (Note.PRINT_COLOURS,)


@pytest.mark.parametrize(
    "profile",
    [
        b"not a profile",
        profiles.rgb_profile(profiles.P3_D50, 2.2)[:200],
        profiles.gray_profile(2.2),
        profiles.cmyk_profile([(50, 0, 0)] * 16),
        b"\0" * 4000,
    ],
    ids=["words", "cut-off", "gray-for-rgb", "cmyk-for-rgb", "zeros"],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_profile_that_does_not_fit_is_ignored(kind: str, profile: bytes) -> None:
    still = make_still(encode(plain(colour=RED), kind, icc_profile=profile))
    assert_near(colour(still), RED)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (encode(plain(colour=1, mode="1"), "PNG"), WHITE),
        (encode(plain(colour=200, mode="L"), "JPEG"), (200, 200, 200)),
        (encode(plain().quantize(8), "PNG"), RED),
        (pictures.deep_gray_png(level=0x8040), (128, 128, 128)),
        (pictures.deep_gray_png(level=0xFFFF), WHITE),
        (pictures.deep_rgb_png(level=0x8040), (128, 128, 128)),
    ],
    ids=["1-bit", "gray", "palette", "16-bit-gray", "16-bit-white", "16-bit-rgb"],
)
def test_every_depth_of_colour_becomes_eight_bits(data: bytes, wanted: tuple[int, ...]) -> None:
    assert_near(colour(make_still(data)), wanted, 3)


def test_deep_gray_is_told() -> None:
    assert make_still(pictures.deep_gray_png()).notes == (Note.DEEP_COLOURS,)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_an_animation_gives_its_first_frame_and_is_told(kind: str) -> None:
    still = make_still(pictures.animation(kind))
    assert_near(colour(still, 0.5, 0.5), RED, 15)
    assert still.notes == (Note.FIRST_FRAME,)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((2048, 2048), (2048, 2048)),
        ((2049, 1000), (2048, 1000)),
        ((4096, 1024), (2048, 512)),
        ((600, 4000), (307, 2048)),
        ((MIN_SIDE, MIN_SIDE), (MIN_SIDE, MIN_SIDE)),
        ((MIN_SIDE, LONG_SIDE), (MIN_SIDE, LONG_SIDE)),
    ],
)
def test_only_what_is_too_large_is_made_smaller(
    size: tuple[int, int], wanted: tuple[int, int]
) -> None:
    still = make_still(encode(plain(*size), "PNG"))
    assert (still.width, still.height) == wanted


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_phone_photo_keeps_its_aspect(kind: str) -> None:
    still = make_still(encode(quarters(4032, 3024), kind))
    assert (still.width, still.height) == (2048, 1536)
    assert_quarters(still, 30)


def test_the_worst_still_fits_the_upload_limit() -> None:
    still = make_still(encode(pictures.noise(2048, 2048), "PNG", compress_level=1))
    assert 4_000_000 < len(still.data) <= MAX_PICTURE_BYTES
