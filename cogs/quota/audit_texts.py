"""How the events of the audit log read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.guilds.audit import AuditAction
from cogs.texts.amounts import timestamp
from cogs.texts.audit_sentences import LONGEST_REASON, act_sentence
from cogs.texts.languages import _

if TYPE_CHECKING:
    from bot.guilds.audit import AuditEntry
    from bot.guilds.audit_reader import AuditPage

ACTIONS: Final = {
    AuditAction.LIMIT: "Limit",
    AuditAction.UNLIMIT: "Limit removed",
    AuditAction.EXEMPT: "Exemption",
    AuditAction.BUDGET: "Budget",
    AuditAction.GRANT: "Grant",
    AuditAction.RESET: "Reset",
    AuditAction.BLOCK: "Block",
    AuditAction.UNBLOCK: "Block lifted",
    AuditAction.PAUSE: "Pause",
    AuditAction.RESUME: "Pause ended",
    AuditAction.CANCEL: "Clip cancelled",
    AuditAction.REMOVE: "Clip removed",
    AuditAction.HIDE: "Clip hidden or shown",
    AuditAction.REVIEW: "Review set",
    AuditAction.APPROVE: "Clip approved",
    AuditAction.REFUSE: "Clip refused",
    AuditAction.WORDS: "Blocked words",
    AuditAction.CHANNELS: "Channels",
    AuditAction.PICTURES: "Refused pictures",
    AuditAction.SETTINGS: "Settings",
    AuditAction.DOUBT: "Order in doubt settled",
    AuditAction.DISMISS: "Report dismissed",
}
"""The actions by name, in the order of the option's choices; Discord takes 25 of them."""

# Characters of each reason on a page: the first of these with which the page fits.
_REASONS_SHOWN: Final = (LONGEST_REASON, 100, 40)
TEXTS_LIMIT: Final = 4000
"""Characters that Discord takes in a message made of texts and buttons."""


def audit_page_text(page: AuditPage) -> str:
    """Word a page of events, the newest first."""
    if not page.pages:
        return _("Nothing of the kind is on record.")
    head = _("**Audit log**, page {page} of {pages}", page=page.number + 1, pages=page.pages)
    texts = (
        "\n".join((head, *(_line(entry, most) for entry in page.entries)))
        for most in _REASONS_SHOWN
    )
    return next(text for text in texts if len(text) <= TEXTS_LIMIT)


def _line(entry: AuditEntry, most: int) -> str:
    return f"{timestamp(entry.at, 'f')} {act_sentence(entry, most)}"
