"""Charts of spending: what is in one, and the one thread in which they are drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Attributes:
        labels: What it may be called, the best first. The first of which the font has
            anything to show is drawn; what it lacks, such as emoji, is left out.
        value: Its length, in any unit; not negative.
        note: Its value in words.
    """

    labels: tuple[str, ...]
    value: int
    note: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of two panels: columns over time, and below them a row for each person.

    All text is drawn letter by letter: nothing in it has a meaning.

    Attributes:
        columns: From the earliest to the latest; at least one.
        rows: At least one.
    """

    title: str
    columns_title: str
    columns: tuple[Bar, ...]
    rows_title: str
    rows: tuple[Bar, ...]
