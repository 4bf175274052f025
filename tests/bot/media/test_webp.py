from __future__ import annotations

from typing import Any

import pytest

from bot.media.webp import read_size
from tests.bot.media import hostile_pictures, sample_pictures
from tests.bot.media.sample_pictures import encode, plain

KINDS: dict[str, dict[str, Any]] = {
    "VP8 ": {},
    "VP8L": {"lossless": True},
    "VP8X": {"exif": sample_pictures.exif(1)},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(64, 65), (16_383, 3), (257, 4_000)])
def test_every_kind_tells_its_size(kind: str, size: tuple[int, int]) -> None:
    data = encode(plain(*size), "WEBP", **KINDS[kind])
    assert data[12:16].decode() == kind
    assert read_size(data) == size


def test_the_largest_canvas_is_read() -> None:
    assert read_size(hostile_pictures.webp_header(16_777_216, 2)) == (16_777_216, 2)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
def test_what_breaks_off_has_no_size(share: float) -> None:
    data = encode(plain(), "WEBP")
    assert read_size(data[: int(len(data) * share)]) is None


def test_other_files_have_no_size() -> None:
    assert read_size(encode(plain(), "PNG")) is None
    assert read_size(b"RIFF" + bytes(4) + b"WEBPJUNK" + bytes(40)) is None
