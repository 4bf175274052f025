"""The values of the audit log as people read them: by name, before and after."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Final

from bot.base.clock import from_ms
from cogs.texts.amounts import timestamp
from cogs.texts.languages import LANGUAGES, N_, _, ngettext, number
from cogs.texts.markdown import MENTIONS, escape, shorten
from cogs.texts.punctuation import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import timedelta
    from typing import TypeAlias

    from bot.guilds.audit import AuditEvent, AuditValues

    AuditValue: TypeAlias = int | str | bool | None

VALUE_SHOWN: Final = 40
"""Characters of a value that somebody typed, before it is escaped."""
_VALUES_SHOWN: Final = 100


def rest_text(values: AuditValues | None, *said: str) -> str:
    """Name the values that the sentence does not say; empty for none."""
    return row_text(
        named_value(name, value) for name, value in (values or {}).items() if name not in said
    )


def changes_text(event: AuditEvent) -> str:
    """Say of each value that differs what it is and what it was."""
    before, after = event.before or {}, event.after or {}
    return row_text(_change(name, before, after) for name in dict.fromkeys((*before, *after)))


def _change(name: str, before: AuditValues, after: AuditValues) -> str:
    if name not in before:
        return named_value(name, after[name])
    was = value_text(name, before[name])
    if name not in after:
        return _("no {name} any more (it was {was})", name=_name(name), was=was)
    if before[name] == after[name]:
        return ""
    now = value_text(name, after[name])
    return _("{name} {value} (it was {was})", name=_name(name), value=now, was=was)


def named_value(name: str, value: AuditValue) -> str:
    """Say what a value is, by its name: `time zone UTC`."""
    if name == "until" and value is None:
        return _("until somebody ends it")
    if name == "until" and isinstance(value, int):
        return _("until {when}", when=value_text(name, value))
    return _("{name} {value}", name=_name(name), value=value_text(name, value))


def row_text(texts: Iterable[str]) -> str:
    """Join as many values as there is room for; always the first, however long."""
    row = ""
    for text in filter(None, texts):
        if row and len(row) + len(text) > _VALUES_SHOWN:
            return listed((row, "…"))
        row = listed((row, text)) if row else text
    return row


def cut_mentions(text: str) -> str:
    """Cut a row of mentions so that none is cut in two."""
    return text if len(text) <= _VALUES_SHOWN else f"{text[: text.rindex('>', 0, 100) + 1]} …"


_NAMES: Final = {
    "default_resolution": N_("usual size"),
    "default_duration": N_("usual length"),
    "highest_resolution": N_("largest size"),
    "longest_duration": N_("longest clip"),
    "time_zone": N_("time zone"),
    "language": N_("language"),
    "log_channel_id": N_("log channel"),
    "log_acts": N_("moderators' acts in the log channel"),
    "alert_role_id": N_("role for alerts"),
    "member_at_once": N_("clips of a member at once"),
    "guild_at_once": N_("clips rendering at once"),
    "queue_length": N_("clips waiting"),
    "others_pictures": N_("animating others' pictures"),
    "mode": N_("mode"),
    "newcomer_days": N_("days of a newcomer"),
    "channel": N_("review channel"),
    "clips_reached": N_("clips reached"),
    "until": N_("end"),
}


def _name(name: str) -> str:
    if name in _NAMES:
        return _(_NAMES[name])
    # Of a later or an earlier version, which alone knows it.
    return name.removesuffix("_id").replace("_", " ")


def value_text(name: str, value: AuditValue) -> str:
    """Word a value by its name, which tells an instant or a channel from a number."""
    if value is None:
        return _(_NOTHING.get(name, _AT_FIRST))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return _number_text(name, value)
    if name == "language" and value in LANGUAGES:
        return LANGUAGES[value].name
    chosen = _CHOICES.get((name, value))
    return _(chosen) if chosen else escape(shorten(value, VALUE_SHOWN))


def _number_text(name: str, value: int) -> str:
    if name == "until" or name.endswith(("_at", "_until")):
        return timestamp(from_ms(value), "f")
    kind = name.removesuffix("_id").rpartition("_")[2]
    return MENTIONS[kind].format(id=value) if kind in MENTIONS else number(value)


_AT_FIRST: Final = N_("as at first")
_NOTHING: Final = {
    "until": N_("when somebody ends it"),
    "channel": N_("none"),
    "log_channel_id": N_("none"),
    "alert_role_id": N_("none"),
}
_CHOICES: Final = {
    ("mode", "off"): N_("off"),
    ("mode", "newcomers"): N_("newcomers"),
    ("mode", "everyone"): N_("everyone"),
    ("others_pictures", "ask"): N_("their owner is asked first"),
    ("others_pictures", "never"): N_("never"),
    ("others_pictures", "always"): N_("unless their owner forbids it"),
}


def duration_text(time: timedelta) -> str:
    """Say a time in its largest units, rounded to a minute: `2 hours`, `1 day 3 hours`."""
    units = _units(max(1, round(time.total_seconds() / 60)))
    return reduce(lambda more, less: _("{more} {less}", more=more, less=less), units)


def _units(minutes: int) -> Iterator[str]:
    days, minutes = divmod(minutes, 1440)
    hours, minutes = divmod(minutes, 60)
    if days:
        yield ngettext("{n} day", "{n} days", days)
    if hours:
        yield ngettext("{n} hour", "{n} hours", hours)
    if minutes:
        yield ngettext("{n} minute", "{n} minutes", minutes)
