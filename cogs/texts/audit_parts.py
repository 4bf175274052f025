"""What the sentences about moderators' acts have in common: who, whom, what was before, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.guilds.audit import AuditSubject
from cogs.texts.error_texts import REFUSED_CLIP
from cogs.texts.languages import N_, _
from cogs.texts.markdown import MENTIONS, escape, shorten
from cogs.texts.punctuation import labelled, with_note

if TYPE_CHECKING:
    from bot.guilds.audit import AuditEvent

# Recorded by the bot itself, in words that never change: those of people are quoted as they are.
_BOTS_REASONS: Final = {
    "its message was deleted": N_("its message was deleted"),
    "Pika was asked.": N_("Pika was asked."),
}
_WIDE: Final = {AuditSubject.GUILD, AuditSubject.EVERYONE}


def actor_text(event: AuditEvent) -> str:
    """Name who did it; what follows from a decision without anybody's doing, the bot did."""
    return f"<@{event.actor_id}>" if event.actor_id else _("The bot")


def subject_text(event: AuditEvent) -> str:
    """Name what an act is about."""
    match event.subject_kind:
        case AuditSubject.JOB:
            return _("clip #{id}", id=event.subject_id)
        case AuditSubject.EVERYONE:
            return _("everyone")
        case AuditSubject.GUILD:
            return _("the server")
        case kind:
            return MENTIONS[kind].format(id=event.subject_id)


def concerned_text(event: AuditEvent) -> str:
    """Mention the member, role or channel that an act is about, or whose clip; empty for none."""
    member = (event.after or {}).get("member")
    if event.subject_kind is AuditSubject.JOB and isinstance(member, int):
        return f"<@{member}>"
    return "" if event.subject_kind in _WIDE else subject_text(event)


def clip_text(event: AuditEvent) -> str:
    """Name the clip that an act is about, and whose it is."""
    concerned = concerned_text(event)
    if concerned.startswith("<@"):
        return _("clip #{id} of {member}", id=event.subject_id, member=concerned)
    return _("clip #{id}", id=event.subject_id)


def with_before(act: str, before: str) -> str:
    """Add to a sentence what was before; nothing if that is empty."""
    return _("{act} (before: {before})", act=act, before=before) if before else act


def with_details(act: str, details: str) -> str:
    """Add details to a sentence in parentheses; nothing if there are none."""
    return with_note(act, details) if details else act


def with_reason(act: str, event: AuditEvent, reason_shown: int) -> str:
    """Add to a sentence why it was done, in at most so many characters before they are escaped."""
    reason = escape(shorten(_own_words(event) or event.reason, reason_shown))
    return labelled(act, reason) if reason else act


def _own_words(event: AuditEvent) -> str:
    """A reason that is this program's own, translated; empty where somebody wrote it."""
    if event.reason == REFUSED_CLIP:
        return _(REFUSED_CLIP)
    if event.actor_id or event.reason not in _BOTS_REASONS:
        return ""
    return _(_BOTS_REASONS[event.reason])
