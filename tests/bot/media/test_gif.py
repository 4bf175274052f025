from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.media.gif import count_frames
from tests.bot.media import hostile_pictures, sample_pictures


def test_frames_are_counted() -> None:
    for frames in (1, 2, 7):
        assert count_frames(hostile_pictures.gif_of_tiny_frames(frames), 100) == frames
    assert count_frames(sample_pictures.animation("GIF", 5), 100) == 5


def test_counting_ends_one_above_the_most() -> None:
    assert count_frames(hostile_pictures.gif_of_tiny_frames(500), 10) == 11


def test_a_file_that_breaks_off_counts_up_to_there() -> None:
    whole = hostile_pictures.gif_of_tiny_frames(10)
    assert count_frames(whole[:-20], 100) in {9, 10}
    assert count_frames(whole[:20], 100) == 0


@given(data=st.binary(max_size=300), most=st.integers(0, 20))
def test_no_bytes_upset_it(data: bytes, most: int) -> None:
    assert 0 <= count_frames(b"GIF89a" + data, most) <= most + 1
