"""Charts, drawn in a child process."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from bot.base import service

if TYPE_CHECKING:
    from bot.base.child_process import ChildProcess
    from bot.reports.chart import Chart

SECONDS: Final = 10.0
"""For one chart."""


@service
class ChartRenderer:
    """Draws charts in the child."""

    MEMORY_BYTES: ClassVar = 512 * 1_048_576
    """For a child that draws a chart."""

    child: ChildProcess

    async def draw(self, chart: Chart) -> bytes:
        """The chart as a PNG; equal charts have equal bytes.

        Raises:
            ChildKilledError: It could not be drawn in its time or memory.
        """
        return await self.child.run(SECONDS, _draw, chart)


def _draw(chart: Chart) -> bytes:
    from bot.reports.chart_drawing import draw  # noqa: PLC0415 - in the child alone

    return draw(chart)
