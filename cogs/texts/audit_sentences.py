"""What moderators did, as sentences for the audit log and the log channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import Cost, Limit, Unit, Window
from bot.base.clock import from_ms
from bot.guilds.audit import AuditAction, AuditSubject
from cogs.texts.amounts import amount_text, cost_text, limit_text
from cogs.texts.audit_values import (
    VALUE_SHOWN,
    changes_text,
    cut_mentions,
    duration_text,
    rest_text,
    row_text,
    value_text,
)
from cogs.texts.languages import money
from cogs.texts.markdown import escape, plural, shorten

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.guilds.audit import AuditEntry, AuditEvent, AuditValues
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
    reason = f": {escape(shorten(event.reason, reason_shown))}" if event.reason else ""
    return f"{actor_text(event)} {_did(entry)}{reason}"


def actor_text(event: AuditEvent) -> str:
    """Name who did it; what follows from a decision without anybody's doing, the bot did."""
    return f"<@{event.actor_id}>" if event.actor_id else "The bot"


def concerned_text(event: AuditEvent) -> str:
    """Mention the member, role or channel that an act is about, or whose clip; empty for none."""
    member = (event.after or {}).get("member")
    if event.subject_kind is AuditSubject.JOB and isinstance(member, int):
        return f"<@{member}>"
    return "" if event.subject_kind in _WIDE else _subject(event)


def acts_text(action: AuditAction, count: int) -> str:
    """Sum up acts of one kind, after who did them: `cancelled 48 clips`."""
    did, noun = _MANY[action]
    return f"{did} {plural(count, noun)}"


def _did(entry: AuditEntry) -> str:
    try:
        return _SENTENCES[entry.event.action](entry)
    except (KeyError, ValueError, TypeError):
        # What an earlier version wrote of it, which is never changed.
        return _plainly(entry)


def _plainly(entry: AuditEntry) -> str:
    """Say what changed by the names of the values, for acts that have no sentence."""
    event = entry.event
    did, noun = _MANY[event.action]
    subject = "" if event.subject_kind in _WIDE else f" for {_subject(event)}"
    if event.before == event.after:
        return f"{did} the {noun}{subject}{', with no change' if event.after else ''}"
    return f"{did} the {noun}{subject} ({changes_text(event)})"


def _limit(entry: AuditEntry) -> str:
    event = entry.event
    was = _was(event.before, _limit_of)
    return f"set the limit of {_subject(event)} to {_limit_of(event.after)}{was}"


def _unlimit(entry: AuditEntry) -> str:
    event = entry.event
    if "exempt" in (event.before or {}):
        return f"ended the exemption of {_subject(event)} from limits"
    return f"removed the limit of {_limit_of(event.before)} for {_subject(event)}"


def _exempt(entry: AuditEntry) -> str:
    was = " (before: the same)" if entry.event.before else ""
    return f"exempted {_subject(entry.event)} from limits{was}"


def _budget(entry: AuditEntry) -> str:
    before, after = entry.event.before, entry.event.after
    if not after:
        return f"removed the budget of {_limit_of(before)}"
    return f"set the server's budget to {_limit_of(after)}{_was(before, _limit_of)}"


def _grant(entry: AuditEntry) -> str:
    before, after = _cost_of(entry.event.before), _cost_of(entry.event.after)
    more = Cost(after.clips - before.clips, after.micro_usd - before.micro_usd)
    whom, left = _subject(entry.event), f", who has {cost_text(after)} on top now"
    if more.clips < 0 or more.micro_usd < 0:
        return f"took {cost_text(Cost(-more.clips, -more.micro_usd))} back from {whom}{left}"
    until = (entry.event.after or {}).get("until")
    end = f" until {value_text('until', until)}" if until else ""
    return f"granted {whom} {cost_text(more)}{end}{left}"


def _reset(entry: AuditEntry) -> str:
    event = entry.event
    used = [_used(name, value) for name, value in (event.before or {}).items() if value]
    had = f", who had used {row_text(used)}" if used else ""
    return f"reset the limits of {_subject(event)}{had}"


def _used(name: str, value: AuditValue) -> str:
    unit, _, window = name.partition(" a ")
    return f"{amount_text(int(value or 0), Unit(unit))} in the {Window(window)}"


def _block(entry: AuditEntry) -> str:
    event = entry.event
    until = (event.after or {})["until"]
    length = "until somebody lifts it"
    if until is not None:
        length = f"for {duration_text(from_ms(int(until)) - entry.at)}"
    was = event.before
    before = f" (before: until {value_text('until', was['until'])})" if was else ""
    return f"blocked {_blocked(event)} {length}{before}"


def _unblock(entry: AuditEntry) -> str:
    return f"lifted the block of {_blocked(entry.event)}"


def _blocked(event: AuditEvent) -> str:
    if event.subject_kind is AuditSubject.MEMBER:
        return _subject(event)
    return plural(int((event.after or {})["members"] or 0), "member")


def _pause(entry: AuditEntry) -> str:
    after = entry.event.after or {}
    rest = rest_text(after, "paused", "reason")
    return f"changed the reason of the pause{rest}" if "reason" in after else f"paused clips{rest}"


def _resume(entry: AuditEntry) -> str:
    return f"ended the pause of clips{rest_text(entry.event.after, 'paused')}"


def _cancel(entry: AuditEntry) -> str:
    event, after = entry.event, entry.event.after or {}
    if event.subject_kind is not AuditSubject.JOB:
        whose = plural(int(after["members"] or 0), "member")
        if event.subject_kind is AuditSubject.MEMBER:
            whose = _subject(event)
        since = after.get("asked_since")
        asked = f", asked for since {value_text('asked_at', since)}" if since else ""
        clips = plural(int(after["cancelled"] or 0), "clip")
        return f"cancelled {clips} of {whose}{asked}{_saved(after)}"
    return f"cancelled {_clip(entry.event)}{rest_text(entry.event.after, 'state', 'member')}"


def _remove(entry: AuditEntry) -> str:
    after = entry.event.after or {}
    refund = " and gave the allowance back" if after.get("refund") else ""
    return f"removed {_clip(entry.event)}{refund}{rest_text(after, 'refund', 'member')}"


def _approve(entry: AuditEntry) -> str:
    event = entry.event
    if event.subject_kind is AuditSubject.GUILD:
        return f"approved {plural(int((event.after or {})['approved'] or 0), 'clip')} at once"
    return f"approved {_clip(event)}"


def _refuse(entry: AuditEntry) -> str:
    event, after = entry.event, entry.event.after or {}
    if event.subject_kind is not AuditSubject.MEMBER:
        return f"refused {_clip(event)} in review"
    refused, cancelled = (int(after[name] or 0) for name in ("refused", "cancelled"))
    done = [f"refused {plural(refused, 'clip')} in review"] if refused else []
    if cancelled:
        done.append(f"cancelled {plural(cancelled, 'clip')} in the making")
    return f"{' and '.join(done)} of {_subject(event)}{_saved(after)}"


def _saved(values: AuditValues) -> str:
    saved = int(values["saved"] or 0)
    return f", which saves {money(saved)}" if saved else ""


def _words(entry: AuditEntry) -> str:
    event = entry.event
    values = event.after or event.before or {}
    if "automod" in values:
        does = "holds" if values["automod"] else "holds no longer"
        return f"decided that the server's AutoMod {does} for prompts"
    end = "in prompts" if event.after else "in prompts again"
    did = "blocked" if event.after else "allowed"
    if "words" in values:
        shown = escape(shorten(str(values["words"]), VALUE_SHOWN))
        return f"{did} {plural(int(values['count'] or 0), 'word')} {end}: {shown}"
    word = shorten(str(values["word"]), VALUE_SHOWN)
    what = f"the pattern {escape(f'/{word}/')}" if values["is_pattern"] else f"“{escape(word)}”"
    return f"{did} {what} {end}"


def _channels(entry: AuditEntry) -> str:
    event = entry.event
    before, after = event.before or {}, event.after or {}
    if "age_restricted" in after:
        return f"{_AGES[str(after['age_restricted'])]} age-restricted channels"
    if event.subject_kind is AuditSubject.GUILD:
        had = [f"{what} {_mentions(ids)}" for what, ids in before.items() if ids]
        return f"allowed clips in every channel again (before: {cut_mentions('; '.join(had))})"
    if not after:
        was = "allowed" if before["allowed"] else "forbidden"
        return f"took {_subject(event)} off the channels where clips are {was}"
    return f"{'allowed' if after['allowed'] else 'forbade'} clips in {_subject(event)}"


_AGES: Final = {
    "any": "allowed clips both in and outside of",
    "only": "allowed clips only in",
    "never": "forbade clips in",
}


def _mentions(channel_ids: AuditValue) -> str:
    return " ".join(f"<#{int(it)}>" for it in str(channel_ids).split())


def _hide(entry: AuditEntry) -> str:
    did = "hid" if (entry.event.after or {}).get("hidden") else "showed again"
    return f"{did} {_clip(entry.event)}"


def _pictures(entry: AuditEntry) -> str:
    is_refused = (entry.event.after or {}).get("refused")
    did = "refused the picture of" if is_refused else "took the refused picture again of"
    return f"{did} {_clip(entry.event)}"


def _settings(entry: AuditEntry) -> str:
    return f"changed settings: {changes_text(entry.event)}"


def _review(entry: AuditEntry) -> str:
    event = entry.event
    if event.before == event.after:
        return "set the review of clips as it was"
    return f"changed the review of clips: {changes_text(event)}"


def _doubt(entry: AuditEntry) -> str:
    cost = _cost_of(entry.event.after)
    billed = f"billed, {cost_text(cost)}" if cost.clips else "not billed"
    return f"settled the order in doubt of {_clip(entry.event)} as {billed}"


def _dismiss(entry: AuditEntry) -> str:
    reporter = (entry.event.after or {})["reporter"]
    return f"dismissed the report of {_clip(entry.event)} by <@{reporter}>"


_SENTENCES: Final[dict[AuditAction, Callable[[AuditEntry], str]]] = {
    AuditAction.LIMIT: _limit,
    AuditAction.UNLIMIT: _unlimit,
    AuditAction.EXEMPT: _exempt,
    AuditAction.BUDGET: _budget,
    AuditAction.GRANT: _grant,
    AuditAction.RESET: _reset,
    AuditAction.BLOCK: _block,
    AuditAction.UNBLOCK: _unblock,
    AuditAction.PAUSE: _pause,
    AuditAction.RESUME: _resume,
    AuditAction.CANCEL: _cancel,
    AuditAction.REMOVE: _remove,
    AuditAction.HIDE: _hide,
    AuditAction.REVIEW: _review,
    AuditAction.APPROVE: _approve,
    AuditAction.REFUSE: _refuse,
    AuditAction.WORDS: _words,
    AuditAction.CHANNELS: _channels,
    AuditAction.PICTURES: _pictures,
    AuditAction.SETTINGS: _settings,
    AuditAction.DOUBT: _doubt,
    AuditAction.DISMISS: _dismiss,
}
_MANY: Final[dict[AuditAction, tuple[str, str]]] = {
    AuditAction.LIMIT: ("set", "limit"),
    AuditAction.UNLIMIT: ("removed", "limit"),
    AuditAction.EXEMPT: ("exempted from limits", "target"),
    AuditAction.BUDGET: ("changed", "budget"),
    AuditAction.GRANT: ("changed", "grant"),
    AuditAction.RESET: ("reset the limits of", "member"),
    AuditAction.BLOCK: ("blocked", "member"),
    AuditAction.UNBLOCK: ("unblocked", "member"),
    AuditAction.PAUSE: ("changed", "pause"),
    AuditAction.RESUME: ("ended", "pause"),
    AuditAction.CANCEL: ("cancelled", "clip"),
    AuditAction.REMOVE: ("removed", "clip"),
    AuditAction.HIDE: ("hid or showed", "clip"),
    AuditAction.REVIEW: ("changed", "setting of reviews"),
    AuditAction.APPROVE: ("approved", "clip"),
    AuditAction.REFUSE: ("refused in review", "clip"),
    AuditAction.WORDS: ("changed", "blocked word"),
    AuditAction.CHANNELS: ("changed", "channel rule"),
    AuditAction.PICTURES: ("changed", "refused picture"),
    AuditAction.SETTINGS: ("changed", "setting"),
    AuditAction.DOUBT: ("settled", "order in doubt"),
    AuditAction.DISMISS: ("dismissed", "report"),
}
"""Acts of a kind, summed up: what was done, and to what, of which there may be many."""

_WIDE: Final = {AuditSubject.GUILD, AuditSubject.EVERYONE}
_SUBJECTS: Final = {
    AuditSubject.MEMBER: "<@{id}>",
    AuditSubject.ROLE: "<@&{id}>",
    AuditSubject.CHANNEL: "<#{id}>",
    AuditSubject.JOB: "clip #{id}",
    AuditSubject.EVERYONE: "everyone",
    AuditSubject.GUILD: "the server",
}


def _subject(event: AuditEvent) -> str:
    return _SUBJECTS[event.subject_kind].format(id=event.subject_id)


def _clip(event: AuditEvent) -> str:
    concerned = concerned_text(event)
    whose = f" of {concerned}" if concerned.startswith("<@") else ""
    return f"clip #{event.subject_id}{whose}"


def _limit_of(values: AuditValues | None) -> str:
    given = values or {}
    if "exempt" in given:
        return "exempt"
    unit, window = Unit(str(given["unit"])), Window(str(given["window"]))
    return limit_text(Limit(int(given["amount"] or 0), unit, window))


def _cost_of(values: AuditValues | None) -> Cost:
    given = values or {}
    return Cost(int(given["clips"] or 0), int(given["micro_usd"] or 0))


def _was(before: AuditValues | None, text: Callable[[AuditValues], str]) -> str:
    return f" (before: {text(before)})" if before else ""
