"""What moderators did, as others read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.moderation.audit import About, Action
from bot.purse.limits import Cost, Limit, Unit, Window
from cogs.amounts import amount_words, cost_words, limit_words, when
from cogs.text import CONTENT_LIMIT, escape, shorten

if TYPE_CHECKING:
    from typing import TypeAlias

    from bot.moderation.audit import Deed, Entry, Facts
    from bot.moderation.records import Page

    Fact: TypeAlias = int | str | bool | None

ACTIONS: Final = {
    Action.LIMIT: "Limit",
    Action.UNLIMIT: "Limit removed",
    Action.BUDGET: "Budget",
    Action.GRANT: "Grant",
    Action.RESET: "Reset",
    Action.BLOCK: "Block",
    Action.UNBLOCK: "Block lifted",
    Action.PAUSE: "Pause",
    Action.RESUME: "Pause ended",
    Action.CANCEL: "Clip cancelled",
    Action.REMOVE: "Clip removed",
    Action.REVIEW: "Review set",
    Action.APPROVE: "Clip approved",
    Action.REFUSE: "Clip refused",
    Action.WORDS: "Blocked words",
    Action.CHANNELS: "Channels",
    Action.SETTINGS: "Settings",
}
"""Each action's name, in the order in which one chooses."""

_FACTS_SHOWN: Final = 45
_REASONS_SHOWN: Final = (200, 100, 40)
"""Characters of each reason: as many as fit on a page of them."""


def page_words(page: Page) -> str:
    """Return a page of deeds, the newest first."""
    if not page.pages:
        return "Nothing of the kind is on record."
    head = f"**Audit log**, page {page.number + 1} of {page.pages}"
    texts = (
        "\n".join((head, *(_entry(entry, most) for entry in page.entries)))
        for most in _REASONS_SHOWN
    )
    return next(text for text in texts if len(text) <= CONTENT_LIMIT)


def _entry(entry: Entry, most: int) -> str:
    deed = entry.deed
    line = f"{when(entry.at, 'f')} <@{deed.actor_id}> **{ACTIONS[deed.action]}**{_about(deed)}"
    change = f": {_facts(deed.before)} → {_facts(deed.after)}"
    if deed.before is None and deed.after is None:
        change = ""
    because = f"\n-# {escape(shorten(deed.reason, most))}" if deed.reason else ""
    return f"{line}{change}{because}"


def _about(deed: Deed) -> str:
    match deed.about:
        case About.MEMBER:
            return f" <@{deed.subject_id}>"
        case About.ROLE:
            return f" <@&{deed.subject_id}>"
        case About.CHANNEL:
            return f" <#{deed.subject_id}>"
        case About.JOB:
            return f" #{deed.subject_id}"
        case About.EVERYONE:
            return " everyone"
        case About.GUILD:
            return ""


def _facts(facts: Facts | None) -> str:
    if not facts:
        return "nothing"
    if facts.keys() == {"amount", "unit", "window"}:
        unit, window = Unit(str(facts["unit"])), Window(str(facts["window"]))
        return limit_words(Limit(int(facts["amount"] or 0), unit, window))
    if facts.keys() == {"clips", "micro_usd"}:
        return cost_words(Cost(int(facts["clips"] or 0), int(facts["micro_usd"] or 0)))
    told = ", ".join(_fact(name, value) for name, value in facts.items())
    return escape(shorten(told, _FACTS_SHOWN))


def _fact(name: str, value: Fact) -> str:
    unit, _, window = name.partition(" a ")
    if unit in set(Unit) and window in set(Window):
        return f"{amount_words(int(value or 0), Unit(unit))} in the {window}"
    return f"{name.replace('_', ' ')}: {_value(value)}"


def _value(value: Fact) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
