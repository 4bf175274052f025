"""Every way the domain says no, on one page. Data only; `cogs` finds the words."""

from __future__ import annotations

from enum import StrEnum


class BotError(Exception):
    """The base of the tree."""


class SettingError(BotError):
    """A setting is missing or wrong.

    Attributes:
        setting: Its name in the environment, such as `PIKA_API_KEY`.
        problem: What is wrong and what to do, for the owner; never the value of a secret.
    """

    def __init__(self, setting: str, problem: str) -> None:
        super().__init__(f"{setting} {problem}")
        self.setting = setting
        self.problem = problem


class StorageError(BotError):
    """The database file cannot be used: newer than this program, or not its own."""


class LeaseLostError(BotError):
    """A step tried to move a job that someone else has claimed meanwhile."""


class RefusedError(BotError):
    """A request is not accepted. Nothing was reserved, sent or stored."""


class PictureProblem(StrEnum):
    """Why a picture cannot be used."""

    EMPTY = "empty"
    UNFETCHED = "unfetched"
    TOO_MANY_BYTES = "too_many_bytes"
    NOT_A_PICTURE = "not_a_picture"
    NOT_PLAIN = "not_plain"
    BROKEN = "broken"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_FRAMES = "too_many_frames"
    TOO_SMALL = "too_small"
    TOO_NARROW = "too_narrow"


class PictureError(RefusedError):
    """The picture cannot be used.

    Attributes:
        problem: Which rule it broke; the rules' numbers are in `bot.media.pictures`.
    """

    def __init__(self, problem: PictureProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


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


class TooLateError(BotError):
    """A request was found by a start that came too late to send it.

    Attributes:
        may_be_charged: It may have been sent before, in a time that nobody remembers.
    """

    def __init__(self, detail: str, *, may_be_charged: bool) -> None:
        super().__init__(detail)
        self.may_be_charged = may_be_charged


class UnreadableVideoError(BotError):
    """The provider's file is not a video that can be decoded."""


class DeliveryError(BotError):
    """A message could not be shown now; a later attempt may succeed."""


class TooLargeError(DeliveryError):
    """The chat refused the file for its size."""


class NoPlaceError(DeliveryError):
    """There is nowhere left to show it: the channel is gone or closed to the bot."""
