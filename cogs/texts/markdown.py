"""Making strings safe and short for Discord's markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cogs.texts.languages import _, ngettext, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CONTENT_LIMIT: Final = 2000
"""Characters that Discord takes as a message's content."""

MENTIONS: Final = {"member": "<@{id}>", "role": "<@&{id}>", "channel": "<#{id}>"}
"""How Discord is told to show a name, by the kinds of `AuditSubject` and `Scope`."""

# Characters that the line which says how many are left out takes at most.
_ROOM_FOR_MORE: Final = 40

# The characters of markdown, mentions, emoji, timestamps, links and bare invites. Discord takes
# the meaning from whatever has a backslash before it, and shows no backslash before punctuation.
_SPECIAL: Final = re.compile(r"([\\*_~|`>#\-\[\]()<@:./])")


def escape(text: str) -> str:
    """Write what people typed so that Discord shows it letter by letter.

    No markdown, mention, link, custom emoji or timestamp in it has any effect. The result is
    at most twice as long.
    """
    return _SPECIAL.sub(r"\\\1", text)


def unescape(text: str) -> str:
    """Read what people typed in what `escape` made of it."""
    return re.sub(rf"\\{_SPECIAL.pattern}", r"\1", text)


def shorten(text: str, most: int) -> str:
    """Cut a text to at most `most` characters, with an ellipsis where something is left out."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def quote(text: str, most: int) -> str:
    """Quote what a member typed on a line of its own, at most `2 * most + 3` characters long."""
    return f"> {escape(shorten(text, most))}\n" if text else ""


def fit_lines(lines: Iterable[str], more: str = "", most: int = CONTENT_LIMIT) -> str:
    """Join as many whole lines, from the first on, as fit into `most` characters.

    Where `n` lines are left out, `more` stands in their place, in which `{n}` is the number.
    """
    # Whole lines: half a mention or timestamp would be shown as it is written.
    rest = list(lines)
    shown, room = [], most - _ROOM_FOR_MORE
    while rest and len(rest[0]) < room:
        room -= len(rest[0]) + 1
        shown.append(rest.pop(0))
    if rest:
        template = more or _("-# and {n} more", n="{n}")
        shown.append(template.replace("{n}", number(len(rest))))
    return "\n".join(shown)


def mention(member_id: int) -> str:
    """Mention a member to moderators; 0 is whoever had their data deleted."""
    return f"<@{member_id}>" if member_id else _("members whose data is deleted")


def plural(count: int, noun: str) -> str:
    """Say a count to moderators: `1 clip`, `3 clips`; in English what the log alone counts."""
    if noun in _COUNTED:
        return _COUNTED[noun](count)
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


_COUNTED: Final[dict[str, Callable[[int], str]]] = {
    "AutoMod rule": lambda n: ngettext("{n} AutoMod rule", "{n} AutoMod rules", n),
    "clip": lambda n: ngettext("{n} clip", "{n} clips", n),
    "day": lambda n: ngettext("{n} day", "{n} days", n),
    "exemption": lambda n: ngettext("{n} exemption", "{n} exemptions", n),
    "finished clip": lambda n: ngettext("{n} finished clip", "{n} finished clips", n),
    "keyword": lambda n: ngettext("{n} keyword", "{n} keywords", n),
    "limit": lambda n: ngettext("{n} limit", "{n} limits", n),
    "member": lambda n: ngettext("{n} member", "{n} members", n),
    "other member": lambda n: ngettext("{n} other member", "{n} other members", n),
    "pattern": lambda n: ngettext("{n} pattern", "{n} patterns", n),
    "role": lambda n: ngettext("{n} role", "{n} roles", n),
    "refused picture": lambda n: ngettext("{n} refused picture", "{n} refused pictures", n),
    "request": lambda n: ngettext("{n} request", "{n} requests", n),
    "time": lambda n: ngettext("{n} time", "{n} times", n),
    "waiting clip": lambda n: ngettext("{n} waiting clip", "{n} waiting clips", n),
    "word": lambda n: ngettext("{n} word", "{n} words", n),
}
