"""Checking the fields of a request body and naming each fault by its path, as Discord does."""

import re
from typing import Any

from playground.discord.rules.errors import invalid_form

REQUIRED = ("BASE_TYPE_REQUIRED", "This field is required")


class FormCheck:
    """Collects what is wrong with a body, so that one answer names it all."""

    def __init__(self) -> None:
        self.faults: dict[str, tuple[str, str]] = {}

    def fault(self, path: str, code: str, message: str) -> None:
        """Something at this dotted path is wrong."""
        self.faults[path] = (code, message)

    def finish(self) -> None:
        """Raise ApiError 50035 if anything was wrong."""
        if self.faults:
            raise invalid_form(self.faults)

    def text(self, path: str, value: Any, low: int, high: int, *, required: bool = True) -> str:  # noqa: ANN401 - any JSON value is checked here
        """The value if it is text of low to high characters, else "" and a fault."""
        if value is None:
            if required:
                self.faults[path] = REQUIRED
        elif not isinstance(value, str):
            self.fault(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.")
        elif not low <= len(value) <= high:
            self.fault(path, *bad_length(low, high))
        else:
            return value
        return ""

    def count(self, path: str, values: Any, low: int, high: int) -> list[Any]:  # noqa: ANN401 - as text
        """The values if they are a list of low to high entries, else [] and a fault."""
        if values is None:
            values = []
        if not isinstance(values, list):
            self.fault(path, "LIST_TYPE_CONVERT", "Only iterables may be used here.")
            return []
        if not low <= len(values) <= high:
            self.fault(path, *bad_length(low, high))
            return []
        return values

    def objects(self, path: str, values: Any, low: int, high: int) -> list[dict[str, Any]]:  # noqa: ANN401 - as text
        """The same for a list of JSON objects."""
        entries = self.count(path, values, low, high)
        if all(isinstance(entry, dict) for entry in entries):
            return entries
        self.fault(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used here.")
        return []

    def choice(self, path: str, value: Any, allowed: range | tuple[int, ...]) -> None:  # noqa: ANN401 - as text
        """A fault unless the value is one of the allowed numbers."""
        if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
            known = ", ".join(map(str, allowed))
            self.fault(path, "BASE_TYPE_CHOICES", f"Value must be one of ({known}).")


def bad_length(low: int, high: int) -> tuple[str, str]:
    """Discord's words for a text or list of the wrong length."""
    if low <= 0:
        return "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length."
    return "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length."


def is_snowflake(value: object) -> bool:
    """Whether a JSON value may be an id: digits in a string, or an integer as discord.py sends."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value >= 0
    return isinstance(value, str) and re.fullmatch(r"0|[1-9]\d{0,19}", value) is not None
