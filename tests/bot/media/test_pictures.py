"""What becomes of sound pictures."""

from __future__ import annotations

import pytest
from PIL import Image, ImageCms

from bot.media.pictures import decode_picture
from bot.media.still import LONG_SIDE, MIN_SIDE, PictureChange
from pika import MAX_PICTURE_BYTES
from tests.bot.media import sample_pictures
from tests.bot.media.picture_colours import WHITE, assert_near, assert_quarters, colour, opened
from tests.bot.media.sample_pictures import BLUE, GREEN, RED, encode, plain, quarters

pytestmark = pytest.mark.slow  # every format and orientation


@pytest.mark.parametrize("kind", sample_pictures.FORMATS)
def test_every_format_is_read_by_its_content(kind: str) -> None:
    still = decode_picture(encode(quarters(), kind))
    assert_quarters(still, 30 if kind == "WEBP" else 12)
    assert (still.width, still.height) == (128, 96)
    assert still.changes == ()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "AVIF", "HEIF"])
def test_every_orientation_ends_upright(kind: str, orientation: int) -> None:
    held = sample_pictures.as_held(quarters(), orientation)
    still = decode_picture(encode(held, kind, exif=sample_pictures.exif(orientation)))
    assert (still.width, still.height) == (128, 96)
    assert_quarters(still, 30)


def test_a_large_picture_is_turned_after_it_is_made_smaller() -> None:
    held = sample_pictures.as_held(quarters(3000, 1200), 6)
    still = decode_picture(encode(held, "JPEG", exif=sample_pictures.exif(6)))
    assert (still.width, still.height) == (2048, 819)
    assert_quarters(still)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_nothing_but_pixels_leaves(kind: str) -> None:
    secret = b"5140-secret-place"
    xmp = b"<x:xmpmeta>" + secret + b"</x:xmpmeta>"
    data = encode(
        quarters(),
        kind,
        exif=sample_pictures.exif(make=secret.decode()),
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        xmp=xmp,
        **({"comment": secret} if kind == "JPEG" else {}),
    )
    assert secret in data
    image = opened(decode_picture(data))
    assert secret not in decode_picture(data).data
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}


def test_a_comment_in_a_gif_or_png_does_not_leave() -> None:
    gif = encode(quarters().quantize(), "GIF", comment=b"hidden words")
    png = sample_pictures.png(
        96,
        64,
        8,
        2,
        (b"\0" + bytes(96 * 3)) * 64,
        sample_pictures.png_chunk(b"tEXt", b"k\0hidden words"),
    )
    for data in (gif, png):
        assert b"hidden words" in data
        assert b"hidden words" not in decode_picture(data).data


def half_clear(mode: str = "RGBA") -> Image.Image:
    """Opaque red on the left, fully transparent on the right."""
    image = plain(colour=(*RED, 255), mode="RGBA")
    image.paste((0, 0, 0, 0), (48, 0, 96, 64))
    return image.convert(mode)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF"])
def test_what_is_transparent_becomes_white(kind: str) -> None:
    still = decode_picture(
        encode(half_clear(), kind, **({"lossless": True} if kind == "WEBP" else {}))
    )
    assert_near(colour(still, 0.2), RED, 12)
    assert_near(colour(still, 0.8), WHITE)


def test_half_transparent_black_becomes_gray() -> None:
    still = decode_picture(encode(plain(colour=(0, 0, 0, 127), mode="RGBA"), "PNG"))
    assert_near(colour(still), (128, 128, 128))


def test_transparent_gray_becomes_white() -> None:
    still = decode_picture(encode(half_clear("LA"), "PNG"))
    assert_near(colour(still, 0.8), WHITE)
    assert colour(still, 0.2)[0] < 120


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_transparent_entry_of_a_palette_becomes_white(kind: str) -> None:
    image = Image.new("P", (96, 64), 0)
    image.putpalette([*RED, *BLUE, *GREEN])
    image.paste(1, (48, 0, 96, 64))
    still = decode_picture(encode(image, kind, transparency=1))
    assert_near(colour(still, 0.2), RED)
    assert_near(colour(still, 0.8), WHITE)


def test_graded_transparency_of_a_palette_is_laid_on_white() -> None:
    image = Image.new("P", (96, 64), 0)
    image.putpalette([0, 0, 0, *BLUE])
    still = decode_picture(encode(image, "PNG", transparency=bytes((127, 255))))
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
    data = sample_pictures.png(
        96, 64, 8, colour_type, (b"\0" + line) * 64, sample_pictures.png_chunk(b"tRNS", clear)
    )
    assert_near(colour(decode_picture(data)), WHITE)


def test_pictures_behind_the_first_do_not_make_a_photo_an_animation() -> None:
    """Phones keep previews and depth behind a JPEG (MPO)."""
    data = encode(plain(), "MPO", save_all=True, append_images=[plain(colour=BLUE)])
    still = decode_picture(data)
    assert still.changes == ()
    assert_near(colour(still), RED)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_an_animation_gives_its_first_frame_and_is_told(kind: str) -> None:
    still = decode_picture(sample_pictures.animation(kind))
    assert_near(colour(still, 0.5, 0.5), RED, 15)
    assert still.changes == (PictureChange.FIRST_FRAME,)


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
    still = decode_picture(encode(plain(*size), "PNG"))
    assert (still.width, still.height) == wanted


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_phone_photo_keeps_its_aspect(kind: str) -> None:
    still = decode_picture(encode(quarters(4032, 3024), kind))
    assert (still.width, still.height) == (2048, 1536)
    assert_quarters(still, 30)


def test_the_worst_still_fits_the_upload_limit() -> None:
    still = decode_picture(encode(sample_pictures.noise(2048, 2048), "PNG", compress_level=1))
    assert 4_000_000 < len(still.data) <= MAX_PICTURE_BYTES
