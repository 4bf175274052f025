"""The report of a clip in the log channel: its words, what was done about it, and its buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord

from bot.guilds.audit import AuditAction
from cogs.delivery.discord_errors import convert_discord_errors
from cogs.delivery.mentions import only_role, with_mention
from cogs.interactions.routed_views import RoutedView
from cogs.texts.audit_sentences import act_sentence
from cogs.texts.languages import N_, _
from cogs.texts.markdown import escape, fit_lines, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.guilds.log_messages import LogMessage, UnsentLogMessage
    from bot.moderation.reported_clips import ReportedClips, ReportState

CUSTOM_ID_PREFIX: Final = "report"
"""Of the custom ids of these buttons, and of the forms that they open."""
REMOVE, BLOCK, DISMISS = "remove", "block", "dismiss"
_LABELS: Final = {
    REMOVE: N_("Remove clip"),
    BLOCK: N_("Block member"),
    DISMISS: N_("Dismiss"),
}
_REASON_SHOWN: Final = 500


class ReportMessages:
    """Posts reports, and edits them when something was done about the clip or its member.

    Args:
        client: Logged in.
        reports: Has them, and what was done since.
    """

    def __init__(self, client: discord.Client, reports: ReportedClips) -> None:
        self._client = client
        self._reports = reports

    async def post(self, unsent: UnsentLogMessage, channel_id: int) -> None:
        """Post a report as it is now, or edit it; raises as `LogChannelPort.post`."""
        report_id = int(unsent.message.data.get("report", unsent.id))
        state = await self._reports.of_id(report_id)
        # Forgotten, as when its member had their data deleted.
        if state is None:
            return
        with convert_discord_errors():
            if unsent.id != report_id:
                await self._edit(state)
                return
            # The word stays for good: repeated after an update, a post needs its first nonce.
            message = await self._client.get_partial_messageable(channel_id).send(
                with_mention(report_text(state), unsent.alert_role_id),
                nonce=f"notice-{report_id}",
                allowed_mentions=only_role(unsent.alert_role_id),
                view=report_buttons(state),  # type: ignore[arg-type] # its own default is `None`
            )
        await self._reports.mark_posted(report_id, channel_id, message.id)

    async def _edit(self, state: ReportState) -> None:
        report = state.report
        # One that an earlier version posted is brought up to date by its buttons alone.
        if report.posted_in is None:
            return
        channel = self._client.get_partial_messageable(report.posted_in)
        await channel.get_partial_message(report.posted_as).edit(
            content=report_text(state),
            view=report_buttons(state),
            allowed_mentions=discord.AllowedMentions.none(),
        )


def report_text(state: ReportState) -> str:
    """Word a report, and below it what moderators did about the clip and its member."""
    data = state.report.message.data
    # Empty once its writer, or the member of the clip, had their data deleted.
    reason = escape(shorten(str(data["reason"]), _REASON_SHOWN).rstrip("."))
    who = {"reporter": data["reporter"], "member": data["member"]}
    head = _("**<@{reporter}> reports a clip of <@{member}>.**", **who)
    if reason:
        head = _("**<@{reporter}> reports a clip of <@{member}>:** {reason}", reason=reason, **who)
    lines = [
        f"🚩 {head}",
        f"https://discord.com/channels/{data['guild']}/{data['channel']}/{data['message']}",
        _("-# `/clips who clip:{job}` has all that is known of it.", job=data["job"]),
    ]
    lines += [f"➡️ {act_sentence(act)}" for act in state.report.acts]
    if not state.is_shown:
        lines.append(_("-# The clip is not shown any more."))
    return fit_lines(lines, _("-# and {n} more: `/clips audit`", n="{n}"))


def report_buttons(state: ReportState) -> RoutedView | None:
    """Build the buttons for what is still to be decided; `None` if that is nothing."""
    buttons: list[discord.ui.Button[Any]] = []
    for action in _open_actions(state):
        style = discord.ButtonStyle.danger if action == REMOVE else discord.ButtonStyle.secondary
        custom_id = report_custom_id(state.report.message, action)
        buttons.append(
            discord.ui.Button(label=_(_LABELS[action]), style=style, custom_id=custom_id)
        )
    return RoutedView(buttons) if buttons else None


def _open_actions(state: ReportState) -> Iterator[str]:
    closed_by = state.report.closed_by
    if closed_by is not None and closed_by.event.action is AuditAction.DISMISS:
        return
    if state.is_shown:
        yield REMOVE
    if not state.report.is_blocked:
        yield BLOCK
    if closed_by is None:
        yield DISMISS


def report_custom_id(report: LogMessage, action: str) -> str:
    """Name a report and what is to be done about it, for a button or a form."""
    return f"{CUSTOM_ID_PREFIX}:{report.data['interaction']}:{report.data['reporter']}:{action}"
