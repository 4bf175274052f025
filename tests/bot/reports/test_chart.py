from __future__ import annotations

import asyncio
import io
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.reports import chart_drawing
from bot.reports.chart import Bar, Chart
from bot.reports.chart_drawing import WIDTH, drawable_text, height
from bot.reports.chart_renderer import ChartRenderer

if TYPE_CHECKING:
    from bot.base.child_process import ChildProcess

pytestmark = pytest.mark.slow  # starts a process

COLUMN, ROW, BACKGROUND = (0x8C, 0x9E, 0xFF), (0x4E, 0xC9, 0xA0), (0x1E, 0x1F, 0x22)


def bar(value: int, *labels: str, note: str = "$1.00") -> Bar:
    return Bar(labels or ("Mia",), value, note)


def chart(*rows: Bar, columns: tuple[Bar, ...] = (Bar(("Nov 1",), 5, "$5"),)) -> Chart:
    return Chart("This month: $5.00", "Spent each day", columns, "Spent by member", rows)


def opened(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        return image.convert("RGB")


def lengths(image: Image.Image, colour: tuple[int, int, int]) -> list[int]:
    """How many pixels of a colour each row of the picture has, where it has any, once each."""
    counts = [
        sum(image.getpixel((x, y)) == colour for x in range(image.width))
        for y in range(0, image.height, 2)
    ]
    return [now for before, now in pairwise([0, *counts]) if now and not before]


def test_bars_are_as_long_as_their_values() -> None:
    image = opened(chart_drawing.draw(chart(bar(100), bar(50), bar(0))))
    assert image.size == (WIDTH, height(3))
    first, second = lengths(image, ROW)
    assert first == WIDTH - 100
    assert abs(second - first / 2) <= 2
    assert image.getpixel((2, 2)) == BACKGROUND


def test_columns_are_as_high_as_their_values() -> None:
    columns = tuple(bar(value, "Nov 1") for value in (30, 0, 15))
    image = opened(chart_drawing.draw(chart(bar(1), columns=columns)))
    heights = [
        sum(image.getpixel((x, y)) == COLUMN for y in range(200, 500)) for x in (200, 500, 800)
    ]
    assert heights[0] > 240
    assert heights[1] == 0
    assert abs(heights[2] - heights[0] / 2) <= 2


@pytest.mark.parametrize("columns", [1, 2, 7, 25, 31])
def test_it_is_the_same_for_the_same_chart(columns: int) -> None:
    shown = chart(bar(3, "Noah"), columns=tuple(bar(n, f"Nov {n}") for n in range(columns)))
    png = chart_drawing.draw(shown)
    assert png == chart_drawing.draw(shown)
    assert len(set(opened(png).get_flattened_data())) > 20


def test_nothing_spent_is_a_picture_too() -> None:
    assert opened(chart_drawing.draw(chart(bar(0), columns=(bar(0),)))).size == (WIDTH, height(1))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Mia", "Mia"),
        ("$x^2$ and $y$", "$x^2$ and $y$"),
        ("🌸 \U0001d4db\U0001d4fe\U0001d4f7\U0001d4ea 🌸", "Luna"),
        ("Z̸̢͝a̷l̶g̵o̴", "Zalgo"),
        ("日本", ""),
        ("محمد", ""),
        ("Žluťoučký Ωμέγα Привет", "Žluťoučký Ωμέγα Привет"),
        ("two\nlines\tand \u202e turned", "two lines and turned"),
        ("Jose\u0301", "José"),
    ],
)
def test_what_is_left_of_a_name(name: str, shown: str) -> None:
    assert drawable_text(name) == shown


def test_the_first_name_that_can_be_drawn_is() -> None:
    def rows(*labels: str) -> bytes:
        return chart_drawing.draw(chart(bar(1, *labels)))

    assert rows("日本", "🌸!", "nihon", "…1234") == rows("nihon")
    assert rows("日本", "…1234") == rows("…1234")
    assert rows("日本") == rows("")


@pytest.mark.parametrize("name", ["$\\frac{", "W" * 60, "A﷽" * 30, "i" * 300, "Ωμέγα $", "A⸻" * 20])
def test_no_name_runs_into_its_value(name: str) -> None:
    note = "$1,234.56 · 12,345 clips"
    named, nameless = (
        opened(chart_drawing.draw(chart(bar(1, label, note=note)))) for label in (name, "")
    )
    beside = (WIDTH - 420, height(0) - 40, WIDTH, height(1))
    assert named.crop(beside).tobytes() == nameless.crop(beside).tobytes()
    below = (0, height(0) + 25, WIDTH, height(1))
    assert named.crop(below).tobytes() == nameless.crop(below).tobytes()
    assert named.tobytes() != nameless.tobytes()


@given(names=st.lists(st.text(max_size=50), min_size=1, max_size=8))
@settings(max_examples=8)
def test_no_name_breaks_it(names: list[str]) -> None:
    """A character that the font lacks would warn, and warnings are errors here."""
    rows = tuple(bar(n, name) for n, name in enumerate(names))
    assert opened(chart_drawing.draw(chart(*rows))).size == (WIDTH, height(len(names)))


async def test_charts_are_drawn_in_another_process(child: ChildProcess) -> None:
    shown = [chart(bar(number)) for number in (1, 2)]
    drawn = await asyncio.gather(*(ChartRenderer(child).draw(it) for it in shown))
    assert drawn == [chart_drawing.draw(it) for it in shown]
