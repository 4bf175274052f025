"""Draws a chart for a phone, in Discord's dark colours.

Importing this module loads matplotlib; only `chart_renderer` does, in a child process.
"""

from __future__ import annotations

import io
import math
import unicodedata
from typing import TYPE_CHECKING, Any, Final

# Not pyplot: it keeps every figure in a global list.
import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.patches import Rectangle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.reports.chart import Bar, Chart

WIDTH: Final = 1000
"""Of every chart, in pixels, as the positions and heights below."""
_DPI: Final = 100
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

# Comes with the library: the picture is the same whatever fonts a machine has.
_FONT_PATH: Final = f"{mpl.get_data_path()}/fonts/ttf/DejaVuSans.ttf"
_KNOWN: Final = frozenset(get_font(_FONT_PATH).get_charmap())
# In points, 1.4 pixels each. A phone shows the chart at about a third of its size.
_HUGE, _LARGE, _MEDIUM, _SMALL = 31, 22, 20, 17
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
    # The library warns of each character that the font lacks, and draws a box for it.
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    kept = (it for it in plain if ord(it) in _KNOWN and unicodedata.category(it)[0] not in "CM")
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
        self._figure = Figure((WIDTH / _DPI, tall / _DPI), _DPI, facecolor=_BACKGROUND)
        # Attaches itself to the figure, which then measures text as it draws it.
        FigureCanvasAgg(self._figure)
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_axis_off()
        self._axes.set(xlim=(0, WIDTH), ylim=(tall, 0))

    def write(self, text: str, at: tuple[float, float], size: int, **style: str) -> float:
        """Write a line of a size in points, vertically centred on `at`; return its width.

        `style` has the library's `color` and `ha`, if they are not the usual.
        """
        font = FontProperties(fname=_FONT_PATH, size=size)
        usual: dict[str, Any] = {"ha": "left", "va": "center_baseline", "color": _TEXT}
        # `parse_math` off: members' names may have dollar signs, which begin a formula.
        line = self._axes.text(*at, text, font=font, parse_math=False, **usual | style)
        return float(line.get_window_extent().width)

    def fit(self, text: str, size: int, room: float) -> str:
        """The text, shortened until it is at most `room` pixels wide."""
        font = FontProperties(fname=_FONT_PATH, size=size)
        shown = self._axes.text(0, 0, text, font=font, parse_math=False)
        kept = text
        while shown.get_window_extent().width > room and kept:
            kept = kept[:-1].rstrip()
            shown.set_text(f"{kept}…")
        fitted = shown.get_text()
        shown.remove()
        return fitted

    def fill(self, x: float, y: float, width: float, tall: float, color: str) -> None:
        """Fill a rectangle from its upper left corner."""
        self._axes.add_patch(Rectangle((x, y), width, tall, facecolor=color, linewidth=0))

    def png(self) -> bytes:
        out = io.BytesIO()
        # Else the library writes its name and version into the picture.
        self._figure.savefig(out, format="png", metadata={"Software": None})
        return out.getvalue()


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
            sheet.write(label, (middle, _COLUMNS_BOTTOM + 32), _SMALL, color=_QUIET, ha="center")
        # Where columns are too narrow for all notes, that of the highest alone.
        if column.value and (index == peak or every == 1):
            inside = min(max(middle, _MARGIN + 60), WIDTH - _MARGIN - 60)
            above = _COLUMNS_BOTTOM - tall - 22
            sheet.write(column.note, (inside, above), _SMALL, ha="center")


def _draw_rows(sheet: _Sheet, rows: tuple[Bar, ...]) -> None:
    room, most = WIDTH - 2 * _MARGIN, _most(rows)
    for index, row in enumerate(rows):
        y = _FIRST_ROW_AT + _ROW_HEIGHT * index
        taken = sheet.write(row.note, (WIDTH - _MARGIN, y), _LARGE, ha="right")
        label = sheet.fit(_label(row), _LARGE, room - taken - _ROOM_BETWEEN)
        sheet.write(label, (_MARGIN, y), _LARGE)
        sheet.fill(_MARGIN, y + 24, room, _BAR_HEIGHT, _GROUND)
        sheet.fill(_MARGIN, y + 24, room * row.value / most, _BAR_HEIGHT, _ROW)


def _most(bars: Iterable[Bar]) -> int:
    return max(1, *(bar.value for bar in bars))


def _label(bar: Bar) -> str:
    shown = (drawable_text(label)[:_LONGEST_LABEL] for label in bar.labels)
    return next((label for label in shown if any(map(str.isalnum, label))), "")
