"""Damaged pictures: a still or a PictureError, soon, and nothing else ever."""

from __future__ import annotations

import struct
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageCms

from bot.media.errors import PictureError
from bot.media.pictures import decode_picture
from bot.media.still import LONG_SIDE, Still
from pika import MAX_PICTURE_BYTES
from tests.bot.media import sample_pictures
from tests.bot.media.sample_pictures import MAKE, ORIENTATION, encode, plain

# Pillow warns of the damage it finds in what cameras noted; finding it is the point here.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


def sound() -> dict[str, bytes]:
    """One small file of every format and of every part that a decoder treats apart."""
    image = sample_pictures.noise(80, 72)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    noted = {"exif": sample_pictures.exif(6), "icc_profile": profile}
    files = {
        kind: encode(image, kind, **noted) for kind in sample_pictures.FORMATS if kind != "GIF"
    }
    files |= {f"animated {k}": sample_pictures.animation(k) for k in ("GIF", "PNG", "WEBP", "AVIF")}
    files["GIF"] = encode(image.quantize(), "GIF", transparency=3)
    files["progressive"] = encode(image, "JPEG", progressive=True)
    files["CMYK"] = encode(image.convert("CMYK"), "JPEG")
    files["MPO"] = encode(image, "MPO", save_all=True, append_images=[image])
    files["palette"] = encode(image.quantize(), "PNG", transparency=b"\x10\x80\xff")
    files["gray"] = encode(image.convert("LA"), "PNG")
    files["16-bit"] = sample_pictures.deep_gray_png(80, 72)
    files["1-bit"] = encode(image.convert("1"), "PNG", transparency=0)
    return files


SOUND = sound()


def damaged(data: bytes, random: Random) -> bytes:
    """Change a few bytes, more often near the beginning, where the structure is."""
    body = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        at = random.randrange(min(len(body), 600) if random.random() < 0.6 else len(body))
        match random.randrange(7):
            case 0:
                body[at] = random.randrange(256)
            case 1:
                body[at] ^= 1 << random.randrange(8)
            case 2:
                del body[at : at + random.randrange(1, 9)]
            case 3:
                body[at:at] = random.randbytes(random.randrange(1, 9))
            case 4:
                body[at : at + 4] = random.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"))
            case 5:
                other = random.randrange(len(body))
                body[at : at + 20] = body[other : other + 20]
            case _:
                del body[at:]
        if not body:
            return b"x"
    return bytes(body)


def assert_handled(data: bytes) -> None:
    try:
        still = decode_picture(data)
    except PictureError:
        still = None
    if still is not None:
        assert isinstance(still, Still)
        assert max(still.width, still.height) <= LONG_SIDE
        assert still.data.startswith(b"\xff\xd8\xff")
        assert len(still.data) <= MAX_PICTURE_BYTES


@pytest.mark.slow
@pytest.mark.parametrize("name", SOUND)
def test_damage_is_refused_or_survived(name: str) -> None:
    assert isinstance(decode_picture(SOUND[name]), Still)
    random = Random(name)
    for _ in range(50):
        assert_handled(damaged(SOUND[name], random))


@given(st.binary(max_size=2000), st.sampled_from(sorted(SOUND)), st.integers(0, 64))
def test_any_bytes_behind_a_true_beginning_are_handled(tail: bytes, name: str, kept: int) -> None:
    assert_handled(SOUND[name][:kept] + tail or b"x")


RESOLUTION_UNIT, RESOLUTION, GPS, THUMBNAIL = 0x0128, 0x011A, 0x8825, 0x0201


def noted(tag: int, kind: int, count: int, value: int) -> bytes:
    """Camera notes with one entry of this type beside an orientation of 6."""
    entries = (
        struct.pack("<HHII", *entry) for entry in ((tag, kind, count, value), (0x112, 3, 1, 6))
    )
    return b"Exif\0\0II*\0\x08\0\0\0\x02\0" + b"".join(entries) + bytes(4) + bytes(range(1, 60))


@pytest.mark.slow
@pytest.mark.parametrize("kind", range(14))
@pytest.mark.parametrize("tag", [MAKE, ORIENTATION, RESOLUTION, RESOLUTION_UNIT, GPS, THUMBNAIL])
def test_odd_notes_of_a_camera_spoil_no_picture(tag: int, kind: int) -> None:
    photo = plain()
    for count in (0, 1, 2, 2**31):
        for value in (0, 30, 2**32 - 1):
            data = encode(photo, "JPEG", exif=noted(tag, kind, count, value))
            assert isinstance(decode_picture(data), Still)


def test_an_odd_note_beside_it_does_not_hide_the_orientation() -> None:
    data = encode(plain(128, 96), "JPEG", exif=noted(RESOLUTION_UNIT, 2, 2, 30))
    still = decode_picture(data)
    assert (still.width, still.height) == (96, 128)
