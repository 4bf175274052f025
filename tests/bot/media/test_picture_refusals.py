"""What is refused: rightly, early, and with nothing but a PictureError."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
import textwrap
import zipfile
from contextlib import suppress

import pytest
from PIL import Image

from bot.media.errors import PictureError, PictureProblem
from bot.media.pictures import decode_picture
from bot.media.still import MAX_BYTES, MAX_FRAMES, MIN_SIDE, Still
from tests.bot.media import hostile_pictures, sample_pictures
from tests.bot.media.sample_pictures import encode, plain

READ_NOTHING = {PictureProblem.NOT_A_PICTURE, PictureProblem.BROKEN}


def problem_of(data: bytes) -> PictureProblem:
    with pytest.raises(PictureError) as refusal:
        decode_picture(data)
    return refusal.value.problem


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("photo.png", encode(plain(), "PNG"))
    return out.getvalue()


NO_PICTURES = {
    "one byte": b"\xff",
    "words": b"This is a picture, honestly. " * 100,
    "zip": zipped(),
    "pdf": b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF",
    "mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08free\0\0\0\x08mdat" + bytes(200),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"/>',
    "html": b"<!doctype html><title>Not found</title>",
    "executable": b"MZ" + bytes(500),
    "png signature": b"\x89PNG\r\n\x1a\n",
    "jpeg signature": b"\xff\xd8\xff",
    "gif signature": b"GIF89a",
    "zeros": bytes(10_000),
    "picture after junk": b"junk" + encode(plain(), "PNG"),
    "bmp": encode(plain(), "BMP"),
    "tiff": encode(plain(), "TIFF"),
    "ico": encode(plain(64, 64), "ICO"),
    "psd": b"8BPS\0\1" + bytes(100),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EOF\n",
}


@pytest.mark.parametrize("data", NO_PICTURES.values(), ids=NO_PICTURES)
def test_what_is_no_picture_is_refused_as_such(data: bytes) -> None:
    assert problem_of(data) in READ_NOTHING


@pytest.mark.parametrize("name", ["zip", "pdf", "svg", "words", "tiff", "bmp"])
def test_another_kind_of_file_is_not_called_broken(name: str) -> None:
    assert problem_of(NO_PICTURES[name]) is PictureProblem.NOT_A_PICTURE


def test_nothing_is_refused_as_empty() -> None:
    assert problem_of(b"") is PictureProblem.EMPTY


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("kind", sample_pictures.FORMATS)
def test_what_breaks_off_is_refused(kind: str, share: float) -> None:
    whole = encode(sample_pictures.noise(), kind)
    assert isinstance(decode_picture(whole), Still)
    assert problem_of(whole[: int(len(whole) * share)]) in READ_NOTHING


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_half_picture_is_called_broken(kind: str) -> None:
    whole = encode(sample_pictures.noise(), kind)
    assert problem_of(whole[: len(whole) // 2]) is PictureProblem.BROKEN


@pytest.mark.parametrize("size", [(1, 1), (MIN_SIDE - 1, 500), (500, MIN_SIDE - 1)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_tiny_pictures_are_refused(kind: str, size: tuple[int, int]) -> None:
    assert problem_of(encode(plain(*size), kind)) is PictureProblem.TOO_SMALL


@pytest.mark.parametrize("size", [(64, 2049), (6400, 64), (100, 9000)])
def test_what_would_be_too_thin_once_scaled_is_refused(size: tuple[int, int]) -> None:
    assert problem_of(encode(plain(*size), "PNG")) is PictureProblem.TOO_NARROW


def test_more_bytes_than_taken_are_refused_unread() -> None:
    padded = encode(plain(), "JPEG").ljust(MAX_BYTES + 1, b"\0")
    assert problem_of(padded) is PictureProblem.TOO_MANY_BYTES
    assert isinstance(decode_picture(padded[:MAX_BYTES]), Still)


GIANTS = {
    "png": hostile_pictures.png_header(30_000, 30_000),
    "jpeg": hostile_pictures.jpeg_header(30_000, 30_000),
    "gif": hostile_pictures.gif_header(30_000, 30_000),
    "webp": hostile_pictures.webp_header(30_000, 30_000),
    "heif": hostile_pictures.isobmff_header("HEIF", 30_000, 30_000),
    "png-strip": hostile_pictures.png_header(2**31 - 1, 64),
    "gif-largest": hostile_pictures.gif_header(65_535, 65_535),
    "webp-largest": hostile_pictures.webp_header(65_535, 65_535),
    "jpeg-largest": hostile_pictures.jpeg_header(65_000, 65_000),
    "just over": hostile_pictures.png_header(8_001, 5_000),
    "webp-38-bytes": hostile_pictures.TINY_WEBP,
    "webp of frames": hostile_pictures.webp_header(8_000, 8_000),
}


@pytest.mark.parametrize("data", GIANTS.values(), ids=GIANTS)
def test_giants_are_refused_by_their_header(data: bytes) -> None:
    assert problem_of(data) is PictureProblem.TOO_MANY_PIXELS


def giant_of_many_passes() -> bytes:
    """Made where it is needed: it takes longer than all that is collected of a file of tests."""
    return hostile_pictures.jpeg_of_many_scans(8_000, 8_000, extra=2)


def test_a_giant_of_many_passes_is_refused_by_its_header() -> None:
    assert problem_of(giant_of_many_passes()) is PictureProblem.TOO_MANY_PIXELS


def test_a_refusal_for_pixels_tells_the_bound_of_the_format_also_from_another_process() -> None:
    with pytest.raises(PictureError) as refusal:
        decode_picture(hostile_pictures.TINY_WEBP)
    told = pickle.loads(pickle.dumps(refusal.value))
    assert (told.problem, told.most_pixels) == (PictureProblem.TOO_MANY_PIXELS, 24_000_000)


def test_what_memory_does_not_suffice_for_is_not_called_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def short(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Image.Image, "thumbnail", short)
    assert problem_of(encode(plain(), "PNG")) is PictureProblem.TOO_COSTLY


def test_a_giant_avif_is_refused() -> None:
    # libavif has its own bound on sizes, below ours, so what it says is not our word for it.
    giant = hostile_pictures.isobmff_header("AVIF", 30_000, 30_000)
    assert problem_of(giant) in {*READ_NOTHING, PictureProblem.TOO_MANY_PIXELS}
    large = hostile_pictures.isobmff_header("AVIF", 9_000, 9_000)
    assert problem_of(large) is PictureProblem.TOO_MANY_PIXELS


@pytest.mark.parametrize("chunk", [b"iCCP", b"zTXt", b"iTXt"])
def test_a_chunk_that_swells_is_left_out(chunk: bytes) -> None:
    data = hostile_pictures.png_with_packed_chunk(chunk, 64_000_000)
    assert len(data) < 100_000
    assert isinstance(decode_picture(data), Still)


def test_too_many_frames_are_refused() -> None:
    assert isinstance(decode_picture(hostile_pictures.gif_of_tiny_frames(MAX_FRAMES)), Still)
    more = hostile_pictures.gif_of_tiny_frames(MAX_FRAMES + 1)
    assert problem_of(more) is PictureProblem.TOO_MANY_FRAMES


def test_an_apng_that_claims_too_many_frames_is_refused() -> None:
    data = sample_pictures.animation("PNG").replace(
        sample_pictures.png_chunk(b"acTL", b"\0\0\0\3\0\0\0\0"),
        sample_pictures.png_chunk(b"acTL", b"\0\0\x20\0\0\0\0\0"),
    )
    assert problem_of(data) is PictureProblem.TOO_MANY_FRAMES


@pytest.mark.slow
@pytest.mark.parametrize("name", hostile_pictures.SLOW_GIFS)
def test_hostile_gifs_are_handled(name: str) -> None:
    with suppress(PictureError):
        assert isinstance(decode_picture(hostile_pictures.SLOW_GIFS[name]()), Still)


@pytest.mark.slow
def test_a_jpeg_of_thousands_of_passes_is_refused_before_the_first() -> None:
    data = hostile_pictures.jpeg_of_many_scans(8_000, 6_000, extra=3_000)
    assert len(data) < 600_000
    assert problem_of(data) is PictureProblem.BROKEN


def test_a_jpeg_of_some_passes_is_taken() -> None:
    assert isinstance(
        decode_picture(hostile_pictures.jpeg_of_many_scans(200, 100, extra=50)), Still
    )


@pytest.mark.slow
def test_what_is_hostile_is_refused_in_little_memory() -> None:
    """In a process of its own, for memory peaks are told for whole processes."""
    program = textwrap.dedent("""
        import resource
        from bot.media.errors import PictureError
        from bot.media.pictures import decode_picture
        from tests.bot.media.test_picture_refusals import GIANTS, giant_of_many_passes
        from tests.bot.media import hostile_pictures

        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        bad = [*GIANTS.values(), giant_of_many_passes()]
        bad += [hostile_pictures.isobmff_header("AVIF", 30_000, 30_000)]
        packed = (b"iCCP", b"zTXt", b"iTXt")
        swelling = [hostile_pictures.png_with_packed_chunk(name, 64_000_000) for name in packed]
        for data in bad[:3]:
            try:
                decode_picture(data)
            except PictureError:
                pass
        before = peak()
        for data in bad * 2:
            try:
                decode_picture(data)
            except PictureError:
                continue
            raise AssertionError("taken")
        for data in swelling:
            decode_picture(data)
        print(peak() - before)
        largest = hostile_pictures.solid_png(8_000, 5_000)
        assert len(largest) < 400_000
        assert decode_picture(largest).width == 2048
        print(peak() - before)
    """)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    refused, taken = (int(line) for line in done.stdout.split())
    assert refused < 20_000, "KiB more than before"
    assert taken < 450_000, "KiB for the largest picture that is taken"
