"""Charts of spending: what is in one, and the one thread in which they are drawn."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
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


class Charts:
    """Draws charts one after another in a thread of its own: the library is not thread-safe."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "charts")

    async def draw(self, chart: Chart) -> bytes:
        """Return a PNG, the same for the same chart."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, _draw, chart)


def _draw(chart: Chart) -> bytes:
    # Loading the library takes a second, which the bot's start shall not pay for.
    from bot.purse.drawing import draw  # noqa: PLC0415 - as said above

    return draw(chart)
