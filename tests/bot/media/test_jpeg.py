from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.media.jpeg import count_scans
from tests.bot.media import hostile_pictures, sample_pictures
from tests.bot.media.sample_pictures import encode, plain


def test_scans_are_counted() -> None:
    assert count_scans(encode(plain(), "JPEG"), 100) == 1
    progressive = count_scans(encode(sample_pictures.noise(), "JPEG", progressive=True), 100)
    assert 5 < progressive < 20
    assert count_scans(hostile_pictures.jpeg_of_many_scans(96, 96, extra=7), 100) == 6 + 7


def test_counting_ends_one_above_the_most() -> None:
    assert count_scans(hostile_pictures.jpeg_of_many_scans(96, 96, extra=500), 10) == 11


def test_only_the_first_picture_is_counted_and_only_its_own_scans() -> None:
    inner = encode(plain(32, 32), "JPEG")
    data = encode(plain(), "JPEG", exif=b"Exif\0\0" + inner)
    assert count_scans(data + inner, 100) == 1


def test_markers_are_found_wherever_they_lie() -> None:
    head, tail = b"\xff\xd8\xff\xda\0\2", b"\xff\xda\0\2\xff\xd9"
    for pixels in range(65_500, 65_560):
        assert count_scans(head + bytes(pixels) + tail, 10) == 2
        assert count_scans(head + b"\xff" * pixels + tail, 10) == 2


@given(data=st.binary(max_size=300), most=st.integers(0, 20))
def test_no_bytes_upset_it(data: bytes, most: int) -> None:
    assert 0 <= count_scans(b"\xff\xd8" + data, most) <= most + 1
