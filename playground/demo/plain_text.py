"""Discord's markdown as plain text, for people at a terminal."""

import re
from datetime import datetime
from typing import Final

from playground.discord import Guild

_MARKUP: Final = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|<@!?(?P<member>\d+)>"
    r"|<t:(?P<seconds>-?\d+)(?::(?P<style>[tTdDfFR]))?>"
    r"|(?P<bold>\*\*)"
    r"|(?P<subtext>^-# )",
    re.MULTILINE,
)
_UNITS: Final = (
    ("year", 365 * 86_400),
    ("month", 30 * 86_400),
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
    ("second", 1),
)


def plain_text(markdown: str, guild: Guild, now: datetime) -> str:
    """The text as one reads it in the guild at that time.

    It knows what the bot writes: escapes, bold, subtext, mentions of members and timestamps.
    """

    def shown(match: re.Match[str]) -> str:
        if match["escaped"]:
            return match["escaped"]
        if match["member"]:
            member = guild.members.get(int(match["member"]))
            return "@unknown-user" if member is None else f"@{member.name}"
        if match["seconds"]:
            return _moment(int(match["seconds"]), match["style"], now)
        return ""

    return _MARKUP.sub(shown, markdown)


def _moment(seconds: int, style: str | None, now: datetime) -> str:
    if style == "R":
        return relative(seconds - now.timestamp())
    return f"{datetime.fromtimestamp(seconds, now.tzinfo):%d %B %Y %H:%M}"


def relative(seconds: float) -> str:
    """A span from now as Discord words it: `in 3 hours`, `2 minutes ago`, `now`."""
    unit, length = next((u for u in _UNITS if abs(seconds) >= u[1]), _UNITS[-1])
    count = round(abs(seconds) / length)
    if count == 0:
        return "now"
    words = f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"in {words}" if seconds > 0 else f"{words} ago"
