"""The values of the audit log as people read them: by name, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base.clock import from_ms
from cogs.texts.amounts import timestamp
from cogs.texts.markdown import escape, plural, shorten

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
    """Name the values that the sentence does not say."""
    rest = [
        f"{_name(name)} {value_text(name, value)}"
        for name, value in (values or {}).items()
        if name not in said
    ]
    return f" ({row_text(rest)})" if rest else ""


def changes_text(event: AuditEvent) -> str:
    """Say of each value that differs what it is and what it was."""
    before, after = event.before or {}, event.after or {}
    return row_text(_change(name, before, after) for name in dict.fromkeys((*before, *after)))


def _change(name: str, before: AuditValues, after: AuditValues) -> str:
    if name in before and name in after:
        if before[name] == after[name]:
            return ""
        was = value_text(name, before[name])
        return f"{_name(name)} {value_text(name, after[name])} (it was {was})"
    if name in after:
        return f"{_name(name)} {value_text(name, after[name])}"
    return f"no {_name(name)} any more (it was {value_text(name, before[name])})"


def row_text(texts: Iterable[str]) -> str:
    """Join as many values as there is room for; always the first, however long."""
    row = ""
    for text in filter(None, texts):
        if row and len(row) + len(text) > _VALUES_SHOWN:
            return f"{row}, …"
        row = f"{row}, {text}" if row else text
    return row


def cut_mentions(text: str) -> str:
    """Cut a row of mentions so that none is cut in two."""
    return text if len(text) <= _VALUES_SHOWN else f"{text[: text.rindex('>', 0, 100) + 1]} …"


_NAMES: Final = {
    "default_resolution": "usual size",
    "default_duration": "usual length",
    "highest_resolution": "largest size",
    "longest_duration": "longest clip",
    "log_acts": "moderators' acts in the log channel",
    "alert_role_id": "role for alerts",
    "member_at_once": "clips of a member at once",
    "guild_at_once": "clips rendering at once",
    "queue_length": "clips waiting",
    "others_pictures": "animating others' pictures",
    "newcomer_days": "days of a newcomer",
    "channel": "review channel",
}


def _name(name: str) -> str:
    return _NAMES.get(name, name.removesuffix("_id").replace("_", " "))


def value_text(name: str, value: AuditValue) -> str:
    """Word a value by its name, which tells an instant or a channel from a number."""
    if value is None:
        return _NOTHING.get(name, "as at first")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        if name == "until" or name.endswith(("_at", "_until")):
            return timestamp(from_ms(value), "f")
        kind = name.removesuffix("_id").rpartition("_")[2]
        return _MENTIONS.get(kind, "{id}").format(id=value)
    return escape(shorten(value, VALUE_SHOWN))


_NOTHING: Final = {
    "until": "somebody ends it",
    "channel": "none",
    "log_channel_id": "none",
    "alert_role_id": "none",
}
_MENTIONS: Final = {"member": "<@{id}>", "role": "<@&{id}>", "channel": "<#{id}>"}


def duration_text(time: timedelta) -> str:
    """Say a time in its largest units, rounded to a minute: `2 hours`, `1 day 3 hours`."""
    return " ".join(_units(max(1, round(time.total_seconds() / 60)))) or "1 minute"


def _units(minutes: int) -> Iterator[str]:
    for noun, size in (("day", 1440), ("hour", 60), ("minute", 1)):
        count, minutes = divmod(minutes, size)
        if count:
            yield plural(count, noun)
