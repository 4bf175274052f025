"""`/quota`: the group of commands about limits, grants and what was spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.interactions.moderator_group import ModeratorGroup
from cogs.quota.audit import AuditCommand
from cogs.quota.grant import GrantCommands
from cogs.quota.limit import LimitCommands
from cogs.quota.limits import LimitsCommand
from cogs.quota.report import ReportCommand
from cogs.quota.show import ShowCommand
from cogs.quota.simulate import SimulateCommand

if TYPE_CHECKING:
    from bot.reports.chart_renderer import ChartRenderer
    from bot.services import Services


class QuotaGroup(
    ModeratorGroup,
    name="quota",
    description="Decide who may spend how much, and see where it went",
):
    """The whole group, in the order in which Discord lists it."""

    def __init__(self, services: Services, charts: ChartRenderer) -> None:
        parts = (
            LimitCommands(services.quota),
            LimitsCommand(services.quota),
            GrantCommands(services.quota),
            ShowCommand(services.quota, services.requests),
            AuditCommand(services.audit),
            ReportCommand(services.reports, charts),
            SimulateCommand(services.reports),
        )
        super().__init__("manage_guild", parts)
