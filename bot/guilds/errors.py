"""Errors about settings of a server that cannot be changed. Data only."""

from __future__ import annotations

from bot.base import ModerationError


class SettingRangeError(ModerationError):
    """A number is out of a setting's range.

    Attributes:
        name: The column of the setting.
        highest: The highest number allowed; the lowest is 1.
    """

    def __init__(self, name: str, highest: int) -> None:
        super().__init__(f"{name} is not from 1 to {highest}")
        self.name = name
        self.highest = highest


class SettingAboveMaximumError(ModerationError):
    """A new default is above the guild's own maximum.

    Attributes:
        name: The column of the default.
        highest: The guild's maximum.
    """

    def __init__(self, name: str, highest: int | str) -> None:
        super().__init__(f"{name} is above {highest}")
        self.name = name
        self.highest = highest


class UnknownTimeZoneError(ModerationError):
    """There is no time zone of the name typed; `near` may have close ones, the best first."""

    def __init__(self, typed: str, near: tuple[str, ...]) -> None:
        super().__init__(f"no time zone {typed!r}")
        self.typed = typed
        self.near = near
