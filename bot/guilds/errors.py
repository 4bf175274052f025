"""Why a server's settings cannot be changed. Data only."""

from __future__ import annotations

from bot.base import ModerationError


class SettingRangeError(ModerationError):
    """A number that a guild was to have is out of range.

    Attributes:
        name: Of the column.
        highest: The highest it may be; the lowest is 1.
    """

    def __init__(self, name: str, highest: int) -> None:
        super().__init__(f"{name} is not from 1 to {highest}")
        self.name = name
        self.highest = highest


class SettingAboveMaximumError(ModerationError):
    """A guild's default was to be above what the guild allows.

    Attributes:
        name: Of the default's column.
        highest: What the guild allows.
    """

    def __init__(self, name: str, highest: int | str) -> None:
        super().__init__(f"{name} is above {highest}")
        self.name = name
        self.highest = highest


class UnknownTimeZoneError(ModerationError):
    """There is no time zone of that name.

    Attributes:
        typed: What was typed.
        near: The nearest names, the best first; may be empty.
    """

    def __init__(self, typed: str, near: tuple[str, ...]) -> None:
        super().__init__(f"no time zone {typed!r}")
        self.typed = typed
        self.near = near
