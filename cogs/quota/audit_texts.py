"""How the events of the audit log read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base.clock import from_ms
from bot.guilds.audit import AuditAction, AuditSubject
from bot.quota.limits import Cost, Limit, Unit, Window
from cogs.texts.amounts import amount_text, cost_text, limit_text, timestamp
from cogs.texts.markdown import CONTENT_LIMIT, escape, shorten

if TYPE_CHECKING:
    from typing import TypeAlias

    from bot.guilds.audit import AuditEntry, AuditValues
    from bot.guilds.audit_reader import AuditPage

    AuditValue: TypeAlias = int | str | bool | None

ACTIONS: Final = {
    AuditAction.LIMIT: "Limit",
    AuditAction.UNLIMIT: "Limit removed",
    AuditAction.BUDGET: "Budget",
    AuditAction.GRANT: "Grant",
    AuditAction.RESET: "Reset",
    AuditAction.BLOCK: "Block",
    AuditAction.UNBLOCK: "Block lifted",
    AuditAction.PAUSE: "Pause",
    AuditAction.RESUME: "Pause ended",
    AuditAction.CANCEL: "Clip cancelled",
    AuditAction.REMOVE: "Clip removed",
    AuditAction.REVIEW: "Review set",
    AuditAction.APPROVE: "Clip approved",
    AuditAction.REFUSE: "Clip refused",
    AuditAction.WORDS: "Blocked words",
    AuditAction.CHANNELS: "Channels",
    AuditAction.SETTINGS: "Settings",
    AuditAction.DOUBT: "Order in doubt settled",
}
"""The actions by name, in the order of the option's choices; Discord takes 25 of them."""

_VALUES_SHOWN: Final = 100
_VALUE_SHOWN: Final = 40
# Characters of each reason on a page: the first of these with which the page fits.
_REASONS_SHOWN: Final = (200, 100, 40)


def audit_page_text(page: AuditPage) -> str:
    """Word a page of events, the newest first."""
    if not page.pages:
        return "Nothing of the kind is on record."
    head = f"**Audit log**, page {page.number + 1} of {page.pages}"
    texts = (
        "\n".join((head, *(_entry(entry, most) for entry in page.entries)))
        for most in _REASONS_SHOWN
    )
    return next(text for text in texts if len(text) <= CONTENT_LIMIT)


def _entry(entry: AuditEntry, most: int) -> str:
    event = entry.event
    subject = _SUBJECTS[event.subject_kind].format(id=event.subject_id)
    who = f"<@{event.actor_id}>" if event.actor_id else "The bot"
    line = f"{timestamp(entry.at, 'f')} {who} **{ACTIONS[event.action]}**{subject}"
    change = f": {_values(event.before, event.after)} → {_values(event.after, event.before)}"
    if event.before == event.after:
        change = ": no change" if event.after else ""
    reason = f"\n-# {escape(shorten(event.reason, most))}" if event.reason else ""
    return f"{line}{change}{reason}"


_SUBJECTS: Final = {
    AuditSubject.MEMBER: " <@{id}>",
    AuditSubject.ROLE: " <@&{id}>",
    AuditSubject.CHANNEL: " <#{id}>",
    AuditSubject.JOB: " #{id}",
    AuditSubject.EVERYONE: " everyone",
    AuditSubject.GUILD: "",
}


def _values(values: AuditValues | None, other: AuditValues | None) -> str:
    """Word the values on one side of a change, without those that are the same on the other."""
    if not values:
        return "nothing"
    if values.keys() == {"amount", "unit", "window"}:
        unit, window = Unit(str(values["unit"])), Window(str(values["window"]))
        return limit_text(Limit(int(values["amount"] or 0), unit, window))
    if values.keys() == {"clips", "micro_usd"}:
        return cost_text(Cost(int(values["clips"] or 0), int(values["micro_usd"] or 0)))
    # `None` will not do: it is a value too, as of a setting that was set back.
    missing = object()
    texts = [
        _named_value(name, value)
        for name, value in values.items()
        if value != (other or {}).get(name, missing)
    ]
    return _row(texts) or "nothing"


def _row(texts: list[str]) -> str:
    """Join as many values as there is room for; always the first, however long."""
    row = ""
    for number, text in enumerate(texts):
        if number and len(row) + len(text) > _VALUES_SHOWN:
            return f"{row}, …"
        row = f"{row}, {text}" if number else text
    return row


def _named_value(name: str, value: AuditValue) -> str:
    unit, _, window = name.partition(" a ")
    if unit in set(Unit) and window in set(Window):
        return f"{amount_text(int(value or 0), Unit(unit))} in the {window}"
    return f"{name.removesuffix('_id').replace('_', ' ')}: {_value(name, value)}"


def _value(name: str, value: AuditValue) -> str:
    match value:
        case None:
            return "no end" if name == "until" else "none"
        case bool():
            return "yes" if value else "no"
        case int() if name == "member":
            return f"<@{value}>"
        case int() if name.removesuffix("_id").endswith("channel"):
            return f"<#{value}>"
        case int() if name == "until" or name.endswith("_at"):
            return timestamp(from_ms(value), "f")
    return escape(shorten(str(value), _VALUE_SHOWN))
