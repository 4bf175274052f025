"""The one thread in which charts are drawn."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.reports.chart import Chart


@dataclass(frozen=True, slots=True)
class ChartRenderer:
    """Draws charts one after another in a thread of its own: matplotlib is not thread-safe."""

    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "charts"), init=False
    )

    async def draw(self, chart: Chart) -> bytes:
        """The chart as a PNG; equal charts have equal bytes."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, _draw, chart)


def _draw(chart: Chart) -> bytes:
    # Loading matplotlib takes a second, which the bot's start shall not pay for.
    from bot.reports.chart_drawing import draw  # noqa: PLC0415 - as said above

    return draw(chart)
