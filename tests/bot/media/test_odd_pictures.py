"""What people see is what is animated; a browser is the judge of odd pictures."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageChops

from bot.media.errors import PictureError, PictureProblem
from bot.media.pictures import decode_picture
from bot.media.still import PictureChange, Still
from tests.bot.media import odd_pictures, sample_pictures
from tests.bot.media.odd_pictures import DAMAGED, SHOWN
from tests.bot.media.picture_colours import WHITE, assert_near, assert_quarters, colour, opened
from tests.bot.media.sample_pictures import BLUE, GREEN, RED, encode
from tools.browser import find_chromium, open_browser

if TYPE_CHECKING:
    from collections.abc import Generator

    from playwright.sync_api import Page

pytestmark = pytest.mark.slow  # hundreds of pictures

_SHOW = """async (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([bytes]));
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0);
    return canvas.toDataURL("image/png");
}"""


@pytest.fixture(scope="module")
def browser() -> Generator[Page, None, None]:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium here: install Debian's `chromium`")
    with open_browser(chromium) as browser:
        page = browser.new_page()
        page.goto("about:blank")
        yield page


@pytest.mark.parametrize("name", SHOWN)
def test_what_a_browser_shows_is_what_is_animated(browser: Page, name: str) -> None:
    data = SHOWN[name]()
    shown = browser.evaluate(_SHOW, base64.b64encode(data).decode())
    image = Image.open(io.BytesIO(base64.b64decode(shown.partition(",")[2]))).convert("RGB")
    ours = opened(decode_picture(data))
    assert ours.size == image.size
    differences = ImageChops.difference(ours, image).convert("L").histogram()
    # Edges between colours are not the same in any two decoders of JPEG.
    assert sum(differences[30:]) <= sum(differences) * 0.02


@pytest.mark.parametrize("name", SHOWN)
def test_what_browsers_show_is_taken(name: str) -> None:
    assert isinstance(decode_picture(SHOWN[name]()), Still)


@pytest.mark.parametrize("name", [name for name in SHOWN if "without" in name or "XMP" in name])
def test_nothing_is_missing_or_turned(name: str) -> None:
    assert_quarters(decode_picture(SHOWN[name]()), 30)


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_pixels_are_refused(name: str) -> None:
    with pytest.raises(PictureError) as refusal:
        decode_picture(DAMAGED[name]())
    assert refusal.value.problem is PictureProblem.BROKEN


@pytest.mark.parametrize("clear", [1, 3])
@pytest.mark.parametrize(
    "first", [odd_pictures.CLEAR, (255, 255, 255, 255)], ids=["clear", "white"]
)
@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_empty_first_frame_is_passed_over_and_that_is_told(
    kind: str, first: tuple[int, ...], clear: int
) -> None:
    still = decode_picture(odd_pictures.empty_first(kind, first, clear))
    assert_near(colour(still), RED, 15)
    assert still.changes == (PictureChange.FIRST_FRAME,)


def test_a_dark_first_frame_is_a_picture() -> None:
    still = decode_picture(odd_pictures.empty_first("GIF", (0, 0, 0, 255)))
    assert_near(colour(still), (0, 0, 0))


def test_an_animation_of_nothing_is_white() -> None:
    frames = [Image.new("RGBA", (96, 64), (9 * n, 0, 0, 0)) for n in range(3)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=[80, 90, 99])
    assert_near(colour(decode_picture(data)), WHITE)


def test_a_frame_that_breaks_off_is_not_looked_for() -> None:
    data = odd_pictures.empty_first("GIF")
    with pytest.raises(PictureError):
        decode_picture(data[: data.rindex(b"!\xf9") - 9])


def test_a_gif_that_grows_beyond_all_bounds_is_refused() -> None:
    grown = odd_pictures.gif_that_grows(65_535, 65_535)
    with pytest.raises(PictureError) as refusal:
        decode_picture(grown)
    assert refusal.value.problem is PictureProblem.TOO_MANY_PIXELS


@pytest.mark.parametrize(("primary", "wanted"), [(0, RED), (1, BLUE), (2, GREEN)])
def test_a_burst_is_its_primary_picture_and_no_animation(
    primary: int, wanted: tuple[int, int, int]
) -> None:
    still = decode_picture(odd_pictures.burst(primary))
    assert_near(colour(still), wanted, 12)
    assert still.changes == ()


@pytest.mark.parametrize("size", [(97, 65), (64, 64), (128, 67)])
@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "P"])
def test_all_rows_are_told_of_every_shape(mode: str, size: tuple[int, int]) -> None:
    image = sample_pictures.noise(*size).convert(mode)
    assert isinstance(decode_picture(encode(image, "PNG")), Still)
