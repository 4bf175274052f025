"""Every way the domain says no, on one page. Data only; `cogs` finds the words."""

from __future__ import annotations

from enum import StrEnum


class BotError(Exception):
    """The base of the tree."""


class DatabaseFileError(BotError):
    """The database file cannot be used: newer than this program, or not its own."""


class RequestRefusedError(BotError):
    """A request is not accepted. Nothing was reserved, sent or stored."""


class TextProblem(StrEnum):
    """Why a prompt cannot be used."""

    TOO_LONG = "too_long"
    CONTROL_CHARACTERS = "control_characters"


class TextError(RequestRefusedError):
    """A prompt cannot be used.

    Attributes:
        field: `prompt` or `negative_prompt`.
        problem: Which rule it broke; the rules' numbers are in `bot.base.checked_text`.
        length: Its length in characters.
    """

    def __init__(self, field: str, problem: TextProblem, length: int) -> None:
        super().__init__(f"{field}: {problem.value}")
        self.field = field
        self.problem = problem
        self.length = length


class ModerationError(BotError):
    """What a moderator asked for cannot be done. Nothing was changed."""


class DeliveryError(BotError):
    """A message could not be shown now; a later attempt may succeed."""


class FileTooLargeError(DeliveryError):
    """The chat refused the file for its size."""


class ChannelUnreachableError(DeliveryError):
    """There is nowhere left to show it: the channel is gone or closed to the bot."""


class UnknownChoiceError(RequestRefusedError):
    """A program that is not Discord's client chose what was not among the choices."""
