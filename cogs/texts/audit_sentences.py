"""What moderators did, as sentences for the audit log and the log channel.

Each is worded in the language that is used when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base.clock import from_ms
from bot.guilds.audit import AuditAction, AuditSubject
from cogs.texts import audit_clip_sentences, audit_quota_sentences
from cogs.texts.audit_parts import (
    actor_text,
    concerned_text,
    subject_text,
    with_before,
    with_details,
    with_reason,
)
from cogs.texts.audit_summaries import summary_sentence
from cogs.texts.audit_values import (
    VALUE_SHOWN,
    changes_text,
    cut_mentions,
    duration_text,
    named_value,
    rest_text,
)
from cogs.texts.languages import N_, _, ngettext
from cogs.texts.markdown import escape, shorten
from cogs.texts.punctuation import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.guilds.audit import AuditEntry
    from cogs.texts.audit_values import AuditValue

LONGEST_REASON: Final = 200
"""Characters of a reason, before it is escaped."""


def act_sentence(entry: AuditEntry, reason_shown: int = LONGEST_REASON) -> str:
    """Say who did what to whom and why: `<@1> blocked <@2> for 2 hours: spam`.

    Args:
        entry: The act.
        reason_shown: Characters of the reason at most.
    """
    event = entry.event
    try:
        act = _SENTENCES[event.action](entry)
    except (KeyError, ValueError, TypeError):
        # What an earlier version wrote of it, which is never changed.
        act = _plainly(entry)
    return with_reason(act, event, reason_shown)


def _plainly(entry: AuditEntry) -> str:
    """Say what changed by the names of the values, for acts that have no sentence."""
    event = entry.event
    changes = changes_text(event) or (_("no change") if event.after else "")
    details = listed(filter(None, (concerned_text(event), changes)))
    return with_details(summary_sentence(event, 1), details)


def _block(entry: AuditEntry) -> str:
    event, actor = entry.event, actor_text(entry.event)
    after = event.after or {}
    until = after["until"]
    time = "" if until is None else duration_text(from_ms(int(until)) - entry.at)
    if event.subject_kind is AuditSubject.MEMBER:
        act = _(_BLOCK[bool(time)], actor=actor, member=subject_text(event), time=time)
    elif time:
        act = ngettext(
            "{actor} blocked {n} member for {time}",
            "{actor} blocked {n} members for {time}",
            int(after["members"] or 0),
            actor=actor,
            time=time,
        )
    else:
        act = ngettext(
            "{actor} blocked {n} member until somebody lifts it",
            "{actor} blocked {n} members until somebody lifts it",
            int(after["members"] or 0),
            actor=actor,
        )
    return with_before(act, named_value("until", event.before["until"]) if event.before else "")


_BLOCK: Final = {
    True: N_("{actor} blocked {member} for {time}"),
    False: N_("{actor} blocked {member} until somebody lifts it"),
}


def _unblock(entry: AuditEntry) -> str:
    event, actor = entry.event, actor_text(entry.event)
    if event.subject_kind is AuditSubject.MEMBER:
        return _("{actor} lifted the block of {member}", actor=actor, member=subject_text(event))
    return ngettext(
        "{actor} lifted the block of {n} member",
        "{actor} lifted the block of {n} members",
        int((event.after or {})["members"] or 0),
        actor=actor,
    )


def _pause(entry: AuditEntry) -> str:
    after, actor = entry.event.after or {}, actor_text(entry.event)
    act = (
        _("{actor} changed the reason of the pause", actor=actor)
        if "reason" in after
        else _("{actor} paused clips", actor=actor)
    )
    return with_details(act, rest_text(after, "paused", "reason"))


def _resume(entry: AuditEntry) -> str:
    act = _("{actor} ended the pause of clips", actor=actor_text(entry.event))
    return with_details(act, rest_text(entry.event.after, "paused"))


def _words(entry: AuditEntry) -> str:
    event, actor = entry.event, actor_text(entry.event)
    values = event.after or event.before or {}
    if "automod" in values:
        return _(_AUTOMOD[bool(values["automod"])], actor=actor)
    if "words" in values:
        shown = escape(shorten(str(values["words"]), VALUE_SHOWN))
        count = int(values["count"] or 0)
        return _list_of_words(actor, count, shown, is_blocked=bool(event.after))
    word = shorten(str(values["word"]), VALUE_SHOWN)
    what = (
        _("the pattern {pattern}", pattern=escape(f"/{word}/"))
        if values["is_pattern"]
        else quoted(escape(word))
    )
    return _(_WORD[bool(event.after)], actor=actor, word=what)


def _list_of_words(actor: str, count: int, words: str, *, is_blocked: bool) -> str:
    if is_blocked:
        return ngettext(
            "{actor} blocked {n} word in prompts: {words}",
            "{actor} blocked {n} words in prompts: {words}",
            count,
            actor=actor,
            words=words,
        )
    return ngettext(
        "{actor} allowed {n} word in prompts again: {words}",
        "{actor} allowed {n} words in prompts again: {words}",
        count,
        actor=actor,
        words=words,
    )


_AUTOMOD: Final = {
    True: N_("{actor} decided that the server's AutoMod holds for prompts"),
    False: N_("{actor} decided that the server's AutoMod holds no longer for prompts"),
}
_WORD: Final = {
    True: N_("{actor} blocked {word} in prompts"),
    False: N_("{actor} allowed {word} in prompts again"),
}


def _channels(entry: AuditEntry) -> str:
    event, actor = entry.event, actor_text(entry.event)
    before, after = event.before or {}, event.after or {}
    if "age_restricted" in after:
        return _(_AGES[str(after["age_restricted"])], actor=actor)
    if event.subject_kind is AuditSubject.GUILD:
        act = _("{actor} allowed clips in every channel again", actor=actor)
        had = (_(_HAD[what], channels=_mentions(ids)) for what, ids in before.items() if ids)
        return with_before(act, cut_mentions(listed(had, with_commas=True)))
    rule = bool(after), bool((after or before)["allowed"])
    return _(_CHANNEL[rule], actor=actor, channel=subject_text(event))


_AGES: Final = {
    "any": N_("{actor} allowed clips both in and outside of age-restricted channels"),
    "only": N_("{actor} allowed clips only in age-restricted channels"),
    "never": N_("{actor} forbade clips in age-restricted channels"),
}
_HAD: Final = {"allowed": N_("allowed {channels}"), "forbidden": N_("forbidden {channels}")}
# By whether there is a rule now, and whether the rule allows.
_CHANNEL: Final = {
    (True, True): N_("{actor} allowed clips in {channel}"),
    (True, False): N_("{actor} forbade clips in {channel}"),
    (False, True): N_("{actor} took {channel} off the channels where clips are allowed"),
    (False, False): N_("{actor} took {channel} off the channels where clips are forbidden"),
}


def _mentions(channel_ids: AuditValue) -> str:
    return " ".join(f"<#{int(it)}>" for it in str(channel_ids).split())


def _settings(entry: AuditEntry) -> str:
    changes = changes_text(entry.event)
    return _("{actor} changed settings: {changes}", actor=actor_text(entry.event), changes=changes)


def _review(entry: AuditEntry) -> str:
    event, actor = entry.event, actor_text(entry.event)
    if event.before == event.after:
        return _("{actor} set the review of clips as it was", actor=actor)
    changes = changes_text(event)
    return _("{actor} changed the review of clips: {changes}", actor=actor, changes=changes)


_SENTENCES: Final[dict[AuditAction, Callable[[AuditEntry], str]]] = {
    **audit_clip_sentences.SENTENCES,
    **audit_quota_sentences.SENTENCES,
    AuditAction.BLOCK: _block,
    AuditAction.UNBLOCK: _unblock,
    AuditAction.PAUSE: _pause,
    AuditAction.RESUME: _resume,
    AuditAction.REVIEW: _review,
    AuditAction.WORDS: _words,
    AuditAction.CHANNELS: _channels,
    AuditAction.SETTINGS: _settings,
}
