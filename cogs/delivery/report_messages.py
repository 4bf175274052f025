"""The report of a clip in the log channel: its words, what was done about it, and its buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord

from cogs.interactions.routed_views import RoutedView
from cogs.texts.audit_sentences import act_sentence
from cogs.texts.markdown import escape, fit_lines, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.guilds.audit import AuditEntry
    from bot.guilds.log_messages import LogMessage

CUSTOM_ID_PREFIX: Final = "report"
"""Of the custom ids of these buttons, and of the forms that they open."""
REMOVE, BLOCK, DISMISS = "remove", "block", "dismiss"
_LABELS: Final = {
    REMOVE: ("Remove clip", discord.ButtonStyle.danger),
    BLOCK: ("Block member", discord.ButtonStyle.secondary),
    DISMISS: ("Dismiss", discord.ButtonStyle.secondary),
}
_REASON_SHOWN: Final = 500


def report_text(
    report: LogMessage, acts: Sequence[AuditEntry] = (), *, is_shown: bool = True
) -> str:
    """Word a report, and below it what moderators did about the clip and its member."""
    data = report.data
    # Empty once its writer, or the member of the clip, had their data deleted.
    reason = escape(shorten(str(data["reason"]), _REASON_SHOWN).rstrip("."))
    why = f":** {reason}" if reason else ".**"
    lines = [
        f"🚩 **<@{data['reporter']}> reports a clip of <@{data['member']}>{why}",
        f"https://discord.com/channels/{data['guild']}/{data['channel']}/{data['message']}",
        f"-# `/clips who clip:{data['job']}` has all that is known of it.",
    ]
    lines += [f"➡️ {act_sentence(act)}" for act in acts]
    if not is_shown:
        lines.append("-# The clip is not shown any more.")
    return fit_lines(lines, "-# and {n} more: `/clips audit`")


def report_buttons(report: LogMessage, actions: Sequence[str] = tuple(_LABELS)) -> RoutedView:
    """Build the buttons of these actions under a report, for moderators, in English."""
    buttons: list[discord.ui.Button[Any]] = []
    for action in actions:
        label, style = _LABELS[action]
        custom_id = report_custom_id(report, action)
        buttons.append(discord.ui.Button(label=label, style=style, custom_id=custom_id))
    return RoutedView(buttons)


def report_custom_id(report: LogMessage, action: str) -> str:
    """Name a report and what is to be done about it, for a button or a form."""
    return f"{CUSTOM_ID_PREFIX}:{report.data['interaction']}:{report.data['reporter']}:{action}"
