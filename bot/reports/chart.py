"""The content of a chart of spending, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """A column or a row.

    Attributes:
        labels: Alternatives, the best first. The first in which the font has a letter or digit
            is drawn, without characters that the font lacks, such as emoji.
        value: The length, in any unit; not negative.
        note: The value in words.
    """

    labels: tuple[str, ...]
    value: int
    note: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Two panels: columns over time, earliest first, and below them a row for each member.

    Both have at least one bar. Text is drawn letter by letter, without any markup.
    """

    title: str
    columns_title: str
    columns: tuple[Bar, ...]
    rows_title: str
    rows: tuple[Bar, ...]
