"""What moderators did to clips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base.clock import from_ms
from bot.guilds.audit import AuditAction, AuditSubject
from cogs.texts.amounts import clips, timestamp
from cogs.texts.audit_parts import actor_text, clip_text, subject_text, with_details
from cogs.texts.audit_values import rest_text
from cogs.texts.languages import N_, _, money, ngettext
from cogs.texts.markdown import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.guilds.audit import AuditEntry, AuditValues


def _cancel(entry: AuditEntry) -> str:
    event, after, actor = entry.event, entry.event.after or {}, actor_text(entry.event)
    if event.subject_kind is AuditSubject.JOB:
        act = _("{actor} cancelled {clip}", actor=actor, clip=clip_text(event))
        return with_details(act, rest_text(after, "state", "member"))
    count, members = int(after["cancelled"] or 0), int(after["members"] or 0)
    if event.subject_kind is AuditSubject.MEMBER:
        act = ngettext(
            "{actor} cancelled {n} clip of {member}",
            "{actor} cancelled {n} clips of {member}",
            count,
            actor=actor,
            member=subject_text(event),
        )
    else:
        act = _(
            "{actor} cancelled {clips} of {members}",
            actor=actor,
            clips=clips(count),
            members=plural(members, "member"),
        )
    if since := after.get("asked_since"):
        when = timestamp(from_ms(int(since)), "f")
        act = _("{act}, asked for since {when}", act=act, when=when)
    return _saving(act, after)


def _remove(entry: AuditEntry) -> str:
    after, actor, clip = entry.event.after or {}, actor_text(entry.event), clip_text(entry.event)
    act = (
        _("{actor} removed {clip} and gave the allowance back", actor=actor, clip=clip)
        if after.get("refund")
        else _("{actor} removed {clip}", actor=actor, clip=clip)
    )
    return with_details(act, rest_text(after, "refund", "member"))


def _approve(entry: AuditEntry) -> str:
    event, actor = entry.event, actor_text(entry.event)
    if event.subject_kind is not AuditSubject.GUILD:
        return _("{actor} approved {clip}", actor=actor, clip=clip_text(event))
    return ngettext(
        "{actor} approved {n} clip at once",
        "{actor} approved {n} clips at once",
        int((event.after or {})["approved"] or 0),
        actor=actor,
    )


def _refuse(entry: AuditEntry) -> str:
    event, after, actor = entry.event, entry.event.after or {}, actor_text(entry.event)
    if event.subject_kind is not AuditSubject.MEMBER:
        return _("{actor} refused {clip} in review", actor=actor, clip=clip_text(event))
    refused, cancelled = (int(after[name] or 0) for name in ("refused", "cancelled"))
    member = subject_text(event)
    if refused and cancelled:
        act = _(
            "{actor} refused {refused} in review and cancelled {cancelled} in the making of "
            "{member}",
            actor=actor,
            refused=clips(refused),
            cancelled=clips(cancelled),
            member=member,
        )
    elif cancelled:
        act = ngettext(
            "{actor} cancelled {n} clip in the making of {member}",
            "{actor} cancelled {n} clips in the making of {member}",
            cancelled,
            actor=actor,
            member=member,
        )
    else:
        act = ngettext(
            "{actor} refused {n} clip in review of {member}",
            "{actor} refused {n} clips in review of {member}",
            refused,
            actor=actor,
            member=member,
        )
    return _saving(act, after)


def _saving(act: str, values: AuditValues) -> str:
    saved = int(values["saved"] or 0)
    return _("{act}, which saves {amount}", act=act, amount=money(saved)) if saved else act


def _hide(entry: AuditEntry) -> str:
    is_hidden = bool((entry.event.after or {}).get("hidden"))
    return _(_HIDING[is_hidden], actor=actor_text(entry.event), clip=clip_text(entry.event))


def _pictures(entry: AuditEntry) -> str:
    is_refused = bool((entry.event.after or {}).get("refused"))
    return _(_PICTURE[is_refused], actor=actor_text(entry.event), clip=clip_text(entry.event))


_HIDING: Final = {
    True: N_("{actor} hid {clip}"),
    False: N_("{actor} showed again {clip}"),
}
_PICTURE: Final = {
    True: N_("{actor} refused the picture of {clip}"),
    False: N_("{actor} took the refused picture again of {clip}"),
}


def _dismiss(entry: AuditEntry) -> str:
    return _(
        "{actor} dismissed the report of {clip} by {reporter}",
        actor=actor_text(entry.event),
        clip=clip_text(entry.event),
        reporter=f"<@{(entry.event.after or {})['reporter']}>",
    )


SENTENCES: Final[Mapping[AuditAction, Callable[[AuditEntry], str]]] = {
    AuditAction.CANCEL: _cancel,
    AuditAction.REMOVE: _remove,
    AuditAction.HIDE: _hide,
    AuditAction.APPROVE: _approve,
    AuditAction.REFUSE: _refuse,
    AuditAction.PICTURES: _pictures,
    AuditAction.DISMISS: _dismiss,
}
"""The sentences by kind of act; each raises `KeyError`, `ValueError` or `TypeError` for values
that it does not know."""
