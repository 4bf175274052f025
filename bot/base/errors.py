"""Every way the domain says no, on one page. Data only; `cogs` finds the words."""

from __future__ import annotations

from enum import StrEnum


class BotError(Exception):
    """The base of the tree."""


class StorageError(BotError):
    """The database file cannot be used: newer than this program, or not its own."""


class RefusedError(BotError):
    """A request is not accepted. Nothing was reserved, sent or stored."""


class WordsProblem(StrEnum):
    """Why a prompt cannot be used."""

    TOO_LONG = "too_long"
    CONTROL_CHARACTERS = "control_characters"


class WordsError(RefusedError):
    """A prompt cannot be used.

    Attributes:
        field: `prompt` or `negative_prompt`.
        problem: Which rule it broke; the rules' numbers are in `bot.base.checked_text`.
        length: Its length in characters.
    """

    def __init__(self, field: str, problem: WordsProblem, length: int) -> None:
        super().__init__(f"{field}: {problem.value}")
        self.field = field
        self.problem = problem
        self.length = length


class ModerationError(BotError):
    """What a moderator asked for cannot be done. Nothing was changed."""


class DeliveryError(BotError):
    """A message could not be shown now; a later attempt may succeed."""


class TooLargeError(DeliveryError):
    """The chat refused the file for its size."""


class NoPlaceError(DeliveryError):
    """There is nowhere left to show it: the channel is gone or closed to the bot."""


class UnknownOptionError(RefusedError):
    """A program that is not Discord's client chose what was not among the choices."""
