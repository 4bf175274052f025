"""Several acts of moderators of one kind, summed up in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.guilds.audit import AuditAction
from cogs.texts.audit_parts import actor_text, with_details, with_reason
from cogs.texts.languages import ngettext

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.guilds.audit import AuditEvent


def acts_sentence(event: AuditEvent, count: int, concerned: str, reason_shown: int) -> str:
    """Sum up acts that one moderator did for one reason: `<@1> cancelled 48 clips (<@2>): raid`.

    Args:
        event: One of the acts.
        count: How many clips, members or other things they were about.
        concerned: Mentions of those whom they were about; may be empty.
        reason_shown: Characters of the reason at most, before they are escaped.
    """
    return with_reason(with_details(summary_sentence(event, count), concerned), event, reason_shown)


def summary_sentence(event: AuditEvent, count: int) -> str:
    """Say who did acts of a kind, and how many: `<@1> cancelled 48 clips`."""
    return _SUMMARIES[event.action](count, actor_text(event))


_SUMMARIES: Final[dict[AuditAction, Callable[[int, str], str]]] = {
    AuditAction.LIMIT: lambda n, who: ngettext(
        "{actor} set {n} limit", "{actor} set {n} limits", n, actor=who
    ),
    AuditAction.UNLIMIT: lambda n, who: ngettext(
        "{actor} removed {n} limit", "{actor} removed {n} limits", n, actor=who
    ),
    AuditAction.EXEMPT: lambda n, who: ngettext(
        "{actor} exempted {n} member or role from limits",
        "{actor} exempted {n} members or roles from limits",
        n,
        actor=who,
    ),
    AuditAction.BUDGET: lambda n, who: ngettext(
        "{actor} changed the budget {n} time", "{actor} changed the budget {n} times", n, actor=who
    ),
    AuditAction.GRANT: lambda n, who: ngettext(
        "{actor} changed {n} grant", "{actor} changed {n} grants", n, actor=who
    ),
    AuditAction.RESET: lambda n, who: ngettext(
        "{actor} reset the limits of {n} member",
        "{actor} reset the limits of {n} members",
        n,
        actor=who,
    ),
    AuditAction.BLOCK: lambda n, who: ngettext(
        "{actor} blocked {n} member", "{actor} blocked {n} members", n, actor=who
    ),
    AuditAction.UNBLOCK: lambda n, who: ngettext(
        "{actor} unblocked {n} member", "{actor} unblocked {n} members", n, actor=who
    ),
    AuditAction.PAUSE: lambda n, who: ngettext(
        "{actor} changed the pause {n} time", "{actor} changed the pause {n} times", n, actor=who
    ),
    AuditAction.RESUME: lambda n, who: ngettext(
        "{actor} ended the pause {n} time", "{actor} ended the pause {n} times", n, actor=who
    ),
    AuditAction.CANCEL: lambda n, who: ngettext(
        "{actor} cancelled {n} clip", "{actor} cancelled {n} clips", n, actor=who
    ),
    AuditAction.REMOVE: lambda n, who: ngettext(
        "{actor} removed {n} clip", "{actor} removed {n} clips", n, actor=who
    ),
    AuditAction.HIDE: lambda n, who: ngettext(
        "{actor} hid or showed {n} clip", "{actor} hid or showed {n} clips", n, actor=who
    ),
    AuditAction.REVIEW: lambda n, who: ngettext(
        "{actor} changed the review of clips {n} time",
        "{actor} changed the review of clips {n} times",
        n,
        actor=who,
    ),
    AuditAction.APPROVE: lambda n, who: ngettext(
        "{actor} approved {n} clip", "{actor} approved {n} clips", n, actor=who
    ),
    AuditAction.REFUSE: lambda n, who: ngettext(
        "{actor} refused {n} clip in review", "{actor} refused {n} clips in review", n, actor=who
    ),
    AuditAction.WORDS: lambda n, who: ngettext(
        "{actor} changed {n} blocked word", "{actor} changed {n} blocked words", n, actor=who
    ),
    AuditAction.CHANNELS: lambda n, who: ngettext(
        "{actor} changed {n} channel rule", "{actor} changed {n} channel rules", n, actor=who
    ),
    AuditAction.PICTURES: lambda n, who: ngettext(
        "{actor} changed {n} refused picture", "{actor} changed {n} refused pictures", n, actor=who
    ),
    AuditAction.SETTINGS: lambda n, who: ngettext(
        "{actor} changed {n} setting", "{actor} changed {n} settings", n, actor=who
    ),
    AuditAction.DOUBT: lambda n, who: ngettext(
        "{actor} settled {n} order in doubt", "{actor} settled {n} orders in doubt", n, actor=who
    ),
    AuditAction.DISMISS: lambda n, who: ngettext(
        "{actor} dismissed {n} report", "{actor} dismissed {n} reports", n, actor=who
    ),
}
