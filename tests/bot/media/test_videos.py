from __future__ import annotations

import errno
import io
import os
import resource
import signal
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING

import av
import av.error
import pytest
from PIL import Image

from bot.base import UnreadableVideoError
from bot.media import video_processor
from bot.media.video_processor import VideoProcessor
from bot.media.videos import check, probe, shrink
from tests.bot.media import sample_pictures

if TYPE_CHECKING:
    from pathlib import Path

    from bot.base.child_process import ChildProcess

pytestmark = pytest.mark.slow  # encodes videos

RATE = 24


def write_video(
    path: Path, width: int = 320, height: int = 180, frames: int = 24, *, noisy: bool = True
) -> Path:
    """An H.264 video that does not compress well, unless it is not noisy."""
    random = Random(1)
    with av.open(path, "w", format="mp4", options={"movflags": "use_metadata_tags"}) as video:
        video.metadata["title"] = "AI-generated"
        video.metadata["comment"] = "made by a test"
        stream = video.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "ultrafast", "qp": "18"}
        for number in range(frames):
            frame = av.VideoFrame(width, height, "yuv420p")
            for plane in frame.planes:
                size = plane.buffer_size
                plane.update(random.randbytes(size) if noisy else bytes((100,)) * size)
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            video.mux(stream.encode(frame))
        video.mux(stream.encode(None))
    return path


def write_sound(path: Path) -> Path:
    with av.open(path, "w", format="mp4") as video:
        stream = video.add_stream("aac", rate=48_000)
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate = 48_000
        for number in range(20):
            frame.pts = number * 1024
            video.mux(stream.encode(frame))
        video.mux(stream.encode(None))
    return path


def decoded_frames(path: Path) -> int:
    with av.open(path) as video:
        return sum(1 for _ in video.decode(video=0))


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("clips") / "noisy.mp4", frames=48)


def test_probe_reads_size_and_length(tmp_path: Path) -> None:
    facts = probe(write_video(tmp_path / "v.mp4", 320, 180, 36, noisy=False))
    assert (facts.width, facts.height) == (320, 180)
    assert facts.seconds == pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize(("size", "side"), [((640, 360), 256), ((360, 640), 256), ((90, 60), 90)])
def test_a_video_has_a_small_poster_from_a_second_into_it(
    tmp_path: Path, size: tuple[int, int], side: int
) -> None:
    path = write_video(tmp_path / "v.mp4", *size, 30, noisy=True)
    poster = check(path)
    assert poster is not None
    assert len(poster) < 24_000
    with Image.open(io.BytesIO(poster)) as picture:
        assert picture.format == "JPEG"
        assert max(picture.size) == side
        shape = size[0] / size[1], picture.width / picture.height
        assert shape[1] == pytest.approx(shape[0], rel=0.03)
    short = write_video(tmp_path / "short.mp4", *size, 3, noisy=False)
    assert check(short) not in (None, poster)


@pytest.mark.parametrize("share", [0.6, 0.2, 0.05])
def test_a_smaller_copy_fits_plays_and_keeps_its_shape(
    noisy: Path, tmp_path: Path, share: float
) -> None:
    limit = int(noisy.stat().st_size * share)
    out = tmp_path / "small.mp4"
    shrink(noisy, out, limit)
    assert 0 < out.stat().st_size <= limit
    before, after = probe(noisy), probe(out)
    assert after.seconds == pytest.approx(before.seconds, abs=0.1)
    assert decoded_frames(out) == decoded_frames(noisy)
    assert after.width <= before.width
    assert after.width % 2 == after.height % 2 == 0
    shape = before.width / before.height
    assert after.width / after.height == pytest.approx(shape, rel=0.06)
    assert [file.name for file in tmp_path.iterdir()] == ["small.mp4"]


@pytest.mark.parametrize("share", [0.6, 0.2, 0.05])
def test_a_short_noisy_video_fits_too(tmp_path: Path, share: float) -> None:
    source = write_video(tmp_path / "v.mp4", frames=RATE)
    limit = int(source.stat().st_size * share)
    shrink(source, tmp_path / "small.mp4", limit)
    assert (tmp_path / "small.mp4").stat().st_size <= limit


def test_a_copy_that_need_not_be_small_keeps_its_size(tmp_path: Path) -> None:
    source = write_video(tmp_path / "v.mp4", 320, 180, 24, noisy=False)
    shrink(source, tmp_path / "copy.mp4", 10_000_000)
    after = probe(tmp_path / "copy.mp4")
    assert (after.width, after.height) == (320, 180)


@pytest.mark.parametrize("size", [(180, 320), (240, 240), (322, 62)])
def test_every_aspect_is_kept(tmp_path: Path, size: tuple[int, int]) -> None:
    source = write_video(tmp_path / "v.mp4", *size, frames=8)
    shrink(source, tmp_path / "copy.mp4", source.stat().st_size // 3)
    after = probe(tmp_path / "copy.mp4")
    assert after.width / after.height == pytest.approx(size[0] / size[1], rel=0.08)


def test_the_marks_in_a_video_survive(noisy: Path, tmp_path: Path) -> None:
    out = tmp_path / "small.mp4"
    shrink(noisy, out, noisy.stat().st_size // 2)
    with av.open(out) as video:
        assert video.metadata["title"] == "AI-generated"
        assert video.metadata["comment"] == "made by a test"


def test_a_player_can_begin_before_all_is_there(noisy: Path, tmp_path: Path) -> None:
    out = tmp_path / "small.mp4"
    shrink(noisy, out, noisy.stat().st_size // 2)
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


BAD = {
    "empty": b"",
    "words": b"This is no video. " * 1000,
    "zeros": bytes(50_000),
    "page": b"<!doctype html><html><body>404</body></html>",
    "picture": sample_pictures.encode(sample_pictures.plain(), "PNG"),
    "header alone": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_what_is_no_video_is_unreadable(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.mp4"
    path.write_bytes(data)
    with pytest.raises(UnreadableVideoError):
        probe(path)
    with pytest.raises(UnreadableVideoError):
        shrink(path, tmp_path / "small.mp4", 100_000)
    assert [file.name for file in tmp_path.iterdir()] == ["bad.mp4"]


def test_sound_alone_is_unreadable(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "sound.mp4")
    with pytest.raises(UnreadableVideoError):
        probe(path)


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableVideoError):
        probe(tmp_path / "none.mp4")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6])
def test_a_broken_off_video_leaves_nothing_half_done(
    noisy: Path, tmp_path: Path, share: float
) -> None:
    data = noisy.read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(UnreadableVideoError):
        shrink(path, tmp_path / "small.mp4", 10_000)
    assert [file.name for file in tmp_path.iterdir()] == ["cut.mp4"]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.mp4"
    path.write_bytes(BAD["picture"])
    return path


async def test_a_video_is_worked_on_in_another_process(
    child: ChildProcess, noisy: Path, picture: Path, tmp_path: Path
) -> None:
    processor, small, bad = VideoProcessor(child), tmp_path / "small.mp4", picture
    await processor.check(noisy)
    await processor.shrink(noisy, small, 500_000)
    await processor.check(small)
    for done in (processor.check(bad), processor.shrink(bad, small, 1000)):
        with pytest.raises(UnreadableVideoError):
            await done


async def test_a_video_that_takes_too_long_to_shrink_cannot_be_used(
    child: ChildProcess, noisy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_processor, "SHRINK_SECONDS", 0.01)
    with pytest.raises(UnreadableVideoError):
        await VideoProcessor(child).shrink(noisy, tmp_path / "small.mp4", 100_000)


def on_a_small_disk(path: Path, out: Path) -> None:
    """Shrink where files end at 50 kB; the limit stays with the child."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
    shrink(path, out, 500_000)


async def test_a_disk_without_room_is_no_fault_of_the_video(
    child: ChildProcess, noisy: Path, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="too large") as raised:
        await child.run(30.0, on_a_small_disk, noisy, tmp_path / "small.mp4")
    assert raised.value.errno == errno.EFBIG


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE, errno.EIO])
def test_a_file_that_cannot_be_read_here_is_no_fault_of_the_video(
    noisy: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(path: Path) -> None:
        av.error.err_check(-number, str(path))

    monkeypatch.setattr("bot.media.videos.av.open", fail)
    with pytest.raises(OSError, match=os.strerror(number)):
        probe(noisy)


def test_memory_that_is_short_is_no_fault_of_the_video(
    noisy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> None:
        av.error.err_check(-errno.ENOMEM, str(path))

    monkeypatch.setattr("bot.media.videos.av.open", fail)
    with pytest.raises(MemoryError):
        probe(noisy)


async def test_a_check_that_breaks_off_may_be_made_again(
    child: ChildProcess, noisy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(video_processor, "CHECK_SECONDS", 0.0001)
        with pytest.raises(OSError, match="exit status"):
            await VideoProcessor(child).check(noisy)
    await VideoProcessor(child).check(noisy)
