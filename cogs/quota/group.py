"""`/quota`: the purse of a server, in the hands of its moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cogs.interactions.moderator_group import ModeratorGroup
from cogs.quota.audit import audit_command
from cogs.quota.grant import grant_command, reset_command
from cogs.quota.limit import budget_command, limit_command, unlimit_command
from cogs.quota.show import show_command

if TYPE_CHECKING:
    from collections.abc import Iterable

    from discord import app_commands

    from bot.guilds.audit_reader import AuditReader
    from bot.quota.service import QuotaService


def quota_group(
    quota: QuotaService,
    audit_reader: AuditReader,
    more: Iterable[app_commands.Command[Any, ..., None]] = (),
) -> ModeratorGroup:
    """Return the whole group.

    Args:
        quota: Does the deeds.
        audit_reader: Where the deeds are read.
        more: Further commands of the group, after these.
    """
    return ModeratorGroup(
        "quota",
        "Decide who may spend how much, and see where it went",
        "manage_guild",
        [
            limit_command(quota),
            unlimit_command(quota),
            budget_command(quota),
            grant_command(quota),
            reset_command(quota),
            show_command(quota),
            audit_command(audit_reader),
            *more,
        ],
    )
