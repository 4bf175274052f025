import itertools
import math
import threading
from pathlib import Path
from statistics import mean, median
from typing import Any

import av
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from playground.pika.video.motion import choose_motion
from playground.pika.video.picture import FrameSize, PictureError
from playground.pika.video.renderer import FRAMES_PER_SECOND, ClipOrder, RenderStopped, render

WORDS = ("zoom in", "zoom out", "left", "right", "rise", "fall", "wind", "tilt", "storm", "spin")


def photo(width: int = 320, height: int = 180) -> Image.Image:
    """Bright everywhere and different everywhere, so that borders and motion show."""
    ramp = Image.linear_gradient("L").resize((width, height))
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    detail = Image.effect_mandelbrot((width, height), (-2.0, -1.0, 1.0, 1.0), 60)
    return Image.merge("RGB", (ramp, across, detail)).point(lambda value: 100 + value * 0.6)


def clip(path: Path, picture: Image.Image | None = None, **changes: Any) -> list[Image.Image]:
    """Render a small clip of one second, unless the changes say otherwise, and decode it."""
    source = path.with_suffix(".png")
    (picture or photo()).save(source, exif=changes.pop("exif", Image.Exif()))
    details: dict[str, Any] = {
        "prompt": "",
        "negative_prompt": "",
        "seed": 1,
        "short_side": 96,
        "seconds": 1,
    }
    render(ClipOrder(source, **(details | changes)), path, threading.Event())
    with av.open(path, "r") as container:
        return [image(frame) for frame in container.decode(video=0)]


def image(frame: Any) -> Image.Image:
    """PyAV's own conversion, which its stubs leave untyped."""
    decoded = frame.to_image()
    assert isinstance(decoded, Image.Image)
    return decoded


def darkest(frame: Image.Image) -> int:
    """The lowest value of any channel of any pixel."""
    return min(frame.tobytes())


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference over all pixels and channels, 0 to 255."""
    return mean(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize(
    ("picture", "short_side", "frame"),
    [
        ((1920, 1080), 720, (1280, 720)),
        ((1920, 1080), 1080, (1920, 1080)),
        ((1080, 1920), 1080, (1080, 1920)),
        ((4000, 3000), 720, (960, 720)),
        ((640, 640), 1080, (1080, 1080)),
        ((720, 477), 720, (1086, 720)),
        ((1, 1), 720, (720, 720)),
        ((5000, 100), 720, (1800, 720)),
        ((100, 5000), 1080, (1080, 2700)),
    ],
)
def test_a_frame_has_the_aspect_of_its_picture(
    picture: tuple[int, int], short_side: int, frame: tuple[int, int]
) -> None:
    size = FrameSize.fitting(*picture, short_side)
    assert (size.width, size.height) == frame


@pytest.mark.parametrize("seconds", [5, 10])
def test_a_clip_is_h264_of_exactly_its_length_and_says_what_it_is(
    tmp_path: Path, seconds: int
) -> None:
    path = tmp_path / "clip.mp4"
    frames = clip(path, seconds=seconds)
    assert len(frames) == seconds * FRAMES_PER_SECOND
    with av.open(path, "r") as container:
        (stream,) = container.streams
        assert stream.codec_context.name == "h264"
        video = container.streams.video[0]
        assert (video.width, video.height, video.codec_context.pix_fmt) == (170, 96, "yuv420p")
        assert video.average_rate == FRAMES_PER_SECOND
        assert container.duration == seconds * av.time_base
        assert "AI-generated" in container.metadata["comment"]


def test_a_browser_can_start_a_clip_before_it_has_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    clip(path)
    data = path.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("prompt", ["", *WORDS])
def test_every_motion_is_visible_and_smooth(tmp_path: Path, prompt: str) -> None:
    frames = clip(tmp_path / "clip.mp4", prompt=prompt, short_side=180, seconds=2)
    assert difference(frames[0], frames[len(frames) // 2]) > 2
    steps = list(itertools.starmap(difference, itertools.pairwise(frames)))
    assert max(steps) < 4 * median(steps)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("prompt", ["zoom out fast right rise", "wild storm spin left fall"])
def test_the_camera_never_looks_past_the_picture(tmp_path: Path, prompt: str, seed: int) -> None:
    bright = Image.new("RGB", (320, 180), "white")
    for frame in clip(tmp_path / "clip.mp4", bright, prompt=prompt, seed=seed, seconds=2):
        assert darkest(frame) > 245


@pytest.mark.parametrize("prompt", ["zoom", "tilt"])
def test_nothing_is_distorted(tmp_path: Path, prompt: str) -> None:
    picture = Image.new("RGB", (400, 200), "white")
    ImageDraw.Draw(picture).ellipse((160, 60, 240, 140), fill="black")
    for frame in clip(tmp_path / "clip.mp4", picture, prompt=prompt, short_side=200)[::6]:
        left, top, right, bottom = dark_box(frame)
        assert right - left == pytest.approx(bottom - top, abs=3)
        assert right - left >= 80


def dark_box(frame: Image.Image) -> tuple[int, int, int, int]:
    box = frame.convert("L").point(lambda value: 255 if value < 128 else 0).getbbox()
    assert box is not None
    return box


def test_colours_survive(tmp_path: Path) -> None:
    for name, colour in (("red", (220, 30, 40)), ("blue", (20, 60, 200)), ("grey", (128,) * 3)):
        frame = clip(tmp_path / f"{name}.mp4", Image.new("RGB", (64, 64), colour))[3]
        with av.open(tmp_path / f"{name}.mp4", "r") as container:
            context = container.streams.video[0].codec_context
            assert (context.colorspace, context.color_range) == (1, 1)
        assert mean(ImageStat.Stat(frame.convert("L")).mean) == pytest.approx(
            ImageStat.Stat(Image.new("RGB", (1, 1), colour).convert("L")).mean[0], abs=8
        )


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    lying = Image.new("RGB", (300, 200), "white")
    lying.paste("black", (0, 0, 150, 200))
    exif = Image.Exif()
    exif[0x0112] = 6
    frame = clip(tmp_path / "clip.mp4", lying, exif=exif)[0]
    assert frame.size == (96, 144)
    assert difference(frame.crop((10, 0, 86, 20)), Image.new("RGB", (76, 20), "black")) < 10
    assert difference(frame.crop((10, 124, 86, 144)), Image.new("RGB", (76, 20), "white")) < 10


def test_transparency_is_flattened_onto_white(tmp_path: Path) -> None:
    frame = clip(tmp_path / "clip.mp4", Image.new("RGBA", (64, 64), (0, 0, 0, 0)))[0]
    assert darkest(frame) > 245


@pytest.mark.parametrize("mode", ["L", "P", "LA", "1", "I;16"])
def test_every_mode_of_a_png_is_rendered(tmp_path: Path, mode: str) -> None:
    picture = Image.new(mode, (64, 36)) if mode == "I;16" else photo(64, 36).convert(mode)
    assert clip(tmp_path / "clip.mp4", picture)[0].size == (170, 96)


def test_a_very_long_picture_is_letterboxed_on_its_own_colours(tmp_path: Path) -> None:
    frame = clip(tmp_path / "clip.mp4", Image.new("RGB", (1000, 100), (250, 20, 20)))[0]
    assert frame.size == (240, 96)
    bars = ImageStat.Stat(frame.crop((0, 0, 240, 6))).mean
    middle = ImageStat.Stat(frame.crop((60, 44, 180, 52))).mean
    assert middle[0] > 220
    assert 100 < bars[0] < 200 > bars[1] + 60


def test_the_same_order_gives_the_same_clip(tmp_path: Path) -> None:
    one = clip(tmp_path / "one.mp4", prompt="a storm at sea", seed=5)
    other = clip(tmp_path / "other.mp4", prompt="a storm at sea", seed=5)
    assert [frame.tobytes() for frame in one] == [frame.tobytes() for frame in other]


@pytest.mark.parametrize("prompt", ["", "zoom in"])
def test_other_seeds_give_visibly_other_clips(tmp_path: Path, prompt: str) -> None:
    clips = [clip(tmp_path / f"{seed}.mp4", prompt=prompt, seed=seed) for seed in range(5)]
    for one, other in itertools.combinations(clips, 2):
        assert max(map(difference, one, other)) > 3


def test_words_steer_the_motion() -> None:
    for seed in range(20):
        assert choose_motion("zoom in on her eyes", "", seed).zoom > 0
        assert choose_motion("Zoom OUT!", "", seed).zoom < 0
        assert choose_motion("pan left", "", seed).x < 0 < choose_motion("pan right", "", seed).x
        assert (
            choose_motion("birds rise", "", seed).y < 0 < choose_motion("leaves fall", "", seed).y
        )
        assert choose_motion("wind in the trees", "", seed).sway > 0
        assert choose_motion("a storm", "", seed).shake > 0
        assert abs(choose_motion("tilt", "", seed).roll) > 0.5


def test_slow_and_fast_words_scale_the_motion() -> None:
    def mean_pan(prompt: str) -> float:
        return mean(choose_motion(prompt, "", seed).x for seed in range(50))

    assert 2 * mean_pan("slowly right") == pytest.approx(mean_pan("right"), rel=0.2)
    assert mean_pan("fast right") == pytest.approx(1.6 * mean_pan("right"), rel=0.2)


def test_the_negative_prompt_forbids_moves() -> None:
    for seed in range(50):
        assert choose_motion("a storm", "shaking, storm", seed).shake == 0
        assert choose_motion("", "spin, tilt", seed).roll == 0
    every_move = "zoom out left right up down wind roll storm"
    assert choose_motion(every_move, every_move, 1).shake == 0


def test_the_camera_stays_within_its_bounds() -> None:
    for prompt, seed in itertools.product(WORDS, range(10)):
        motion = choose_motion(f"wild fast {prompt}", "", seed)
        for number in range(121):
            camera = motion.camera(number / 24, 5)
            assert camera.zoom >= 1
            assert max(abs(camera.x), abs(camera.y)) <= 1
            assert abs(camera.roll) < math.radians(15)


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n truncated", b"PK\x03\x04 a zip"]
)
def test_what_is_no_picture_is_refused(tmp_path: Path, data: bytes) -> None:
    source = tmp_path / "source.png"
    source.write_bytes(data)
    with pytest.raises(PictureError):
        render(ClipOrder(source, "", "", 1, 96, 1), tmp_path / "clip.mp4", threading.Event())


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_truncated_picture_is_refused(tmp_path: Path, cut: float) -> None:
    source = tmp_path / "source.jpg"
    photo().save(source)
    data = source.read_bytes()
    source.write_bytes(data[: int(len(data) * cut)])
    with pytest.raises(PictureError):
        render(ClipOrder(source, "", "", 1, 96, 1), tmp_path / "clip.mp4", threading.Event())


@pytest.mark.parametrize("size", [(8001, 8001), (10_000, 10_000), (13_500, 13_500)])
def test_a_bomb_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    source = tmp_path / "source.png"
    Image.new("1", size).save(source)
    with pytest.raises(PictureError):
        render(ClipOrder(source, "", "", 1, 96, 1), tmp_path / "clip.mp4", threading.Event())


def test_rendering_stops_when_told(tmp_path: Path) -> None:
    source, stop = tmp_path / "source.png", threading.Event()
    photo().save(source)
    stop.set()
    with pytest.raises(RenderStopped):
        render(ClipOrder(source, "", "", 1, 96, 10), tmp_path / "clip.mp4", stop)
