"""Draws a chart for a phone, in Discord's dark colours.

Importing this module loads Pillow; only `chart_renderer` does, in a child process.
"""

from __future__ import annotations

import io
import math
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.reports.chart import Bar, Chart

WIDTH: Final = 1000
"""Of every chart, in pixels, as the positions and heights below."""
_MARGIN: Final = 50
_TITLE_AT: Final = 70
_COLUMNS_TITLE_AT: Final = 150
_COLUMNS_TOP: Final = 230
_COLUMNS_BOTTOM: Final = 480
_ROWS_TITLE_AT: Final = 600
_FIRST_ROW_AT: Final = 665
_ROW_HEIGHT: Final = 84
_BAR_HEIGHT: Final = 22

_BACKGROUND: Final = "#1e1f22"
_TEXT: Final = "#f2f3f5"
_QUIET: Final = "#b5bac1"
_GROUND: Final = "#35373c"
_COLUMN: Final = "#8c9eff"
_ROW: Final = "#4ec9a0"

# A package brings it: the picture is the same whatever fonts a machine has.
_FONT: Final = str(files("fontpkg_noto_sans").joinpath("files", "NotoSans[wdth,wght].ttf"))
# In pixels. A phone shows the chart at about a third of its size.
_HUGE, _LARGE, _MEDIUM, _SMALL = 44, 32, 28, 24
_LONGEST_LABEL: Final = 40
_LABELLED_COLUMNS: Final = 8
_ROOM_BETWEEN: Final = 30


def height(rows: int) -> int:
    """The height of a chart with so many rows, in pixels."""
    return _FIRST_ROW_AT + _ROW_HEIGHT * rows


def drawable_text(text: str) -> str:
    """The part of a text that can be drawn: plain letters for fancy ones, no emoji.

    Marks that stack on letters are left out too, where no single character has them.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    kept = (it for it in plain if unicodedata.category(it)[0] not in "CM" and _has(it))
    return " ".join("".join(kept).split())


def draw(chart: Chart) -> bytes:
    """The chart as a PNG, `WIDTH` by `height(rows)` pixels."""
    sheet = _Sheet(height(len(chart.rows)))
    sheet.write(chart.title, (_MARGIN, _TITLE_AT), _HUGE)
    sheet.write(chart.columns_title, (_MARGIN, _COLUMNS_TITLE_AT), _MEDIUM, color=_QUIET)
    _draw_columns(sheet, chart.columns)
    sheet.write(chart.rows_title, (_MARGIN, _ROWS_TITLE_AT), _MEDIUM, color=_QUIET)
    _draw_rows(sheet, chart.rows)
    return sheet.png()


class _Sheet:
    """A canvas measured in pixels from the top left."""

    def __init__(self, tall: int) -> None:
        self._image = Image.new("RGB", (WIDTH, tall), _BACKGROUND)
        self._draw = ImageDraw.Draw(self._image)

    def write(
        self, text: str, at: tuple[float, float], size: int, color: str = _TEXT, align: str = "l"
    ) -> float:
        """Write a line of a size in pixels, its letters vertically centred on `at`.

        `align` says what stands at `at`: the line's left end `l`, middle `m` or right end `r`.

        Returns:
            The line's width.
        """
        font = _font(size)
        # By the height of capitals: centred by its own ink, a line with a "g" would stand higher.
        baseline = at[1] + font.getbbox("H", anchor="ls")[1] / -2
        self._draw.text((at[0], baseline), text, color, font, anchor=f"{align}s")
        return font.getlength(text)

    def fill(self, x: float, y: float, width: float, tall: float, color: str) -> None:
        """Fill a rectangle from its upper left corner."""
        if round(width) and round(tall):
            # Pillow counts the last pixel in.
            right, bottom = round(x + width) - 1, round(y + tall) - 1
            self._draw.rectangle((round(x), round(y), right, bottom), color)

    def png(self) -> bytes:
        out = io.BytesIO()
        self._image.save(out, format="PNG")
        return out.getvalue()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    # The other engine is on some machines only.
    return ImageFont.truetype(_FONT, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _missing() -> bytes:
    return bytes(_font(_SMALL).getmask("\U0010ffff"))  # of no font


def _has(character: str) -> bool:
    """Whether the font has a character: it draws the same box for each that it lacks."""
    return bytes(_font(_SMALL).getmask(character)) != _missing()


def _fit(text: str, size: int, room: float) -> str:
    """The text, shortened until it is at most `room` pixels wide."""
    kept = text
    while _font(size).getlength(text) > room and kept:
        kept = kept[:-1].rstrip()
        text = f"{kept}…"
    return text


def _draw_columns(sheet: _Sheet, columns: tuple[Bar, ...]) -> None:
    room = (WIDTH - 2 * _MARGIN) / len(columns)
    width = min(room * 0.72, 160)
    most = _most(columns)
    every = math.ceil(len(columns) / _LABELLED_COLUMNS)
    peak = max(range(len(columns)), key=lambda index: columns[index].value)
    sheet.fill(_MARGIN, _COLUMNS_BOTTOM, WIDTH - 2 * _MARGIN, 3, _GROUND)
    for index, column in enumerate(columns):
        middle = _MARGIN + room * (index + 0.5)
        tall = (_COLUMNS_BOTTOM - _COLUMNS_TOP) * column.value / most
        sheet.fill(middle - width / 2, _COLUMNS_BOTTOM - tall, width, tall, _COLUMN)
        # Counted from the right: the latest column always has its label.
        if (len(columns) - 1 - index) % every == 0:
            label = _label(column)
            sheet.write(label, (middle, _COLUMNS_BOTTOM + 32), _SMALL, _QUIET, "m")
        # Where columns are too narrow for all notes, that of the highest alone.
        if column.value and (index == peak or every == 1):
            inside = min(max(middle, _MARGIN + 60), WIDTH - _MARGIN - 60)
            above = _COLUMNS_BOTTOM - tall - 22
            sheet.write(column.note, (inside, above), _SMALL, align="m")


def _draw_rows(sheet: _Sheet, rows: tuple[Bar, ...]) -> None:
    room, most = WIDTH - 2 * _MARGIN, _most(rows)
    for index, row in enumerate(rows):
        y = _FIRST_ROW_AT + _ROW_HEIGHT * index
        taken = sheet.write(row.note, (WIDTH - _MARGIN, y), _LARGE, align="r")
        label = _fit(_label(row), _LARGE, room - taken - _ROOM_BETWEEN)
        sheet.write(label, (_MARGIN, y), _LARGE)
        sheet.fill(_MARGIN, y + 24, room, _BAR_HEIGHT, _GROUND)
        sheet.fill(_MARGIN, y + 24, room * row.value / most, _BAR_HEIGHT, _ROW)


def _most(bars: Iterable[Bar]) -> int:
    return max(1, *(bar.value for bar in bars))


def _label(bar: Bar) -> str:
    shown = (drawable_text(label)[:_LONGEST_LABEL] for label in bar.labels)
    return next((label for label in shown if any(map(str.isalnum, label))), "")
