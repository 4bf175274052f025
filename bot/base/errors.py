"""The base of the error tree, and the errors of several rooms. Data only; `cogs` words them."""

from __future__ import annotations

from enum import StrEnum


class BotError(Exception):
    """The base of the tree."""


class DatabaseFileError(BotError):
    """The database file cannot be used: newer than this program, damaged, or not its own."""


class UnreachableError(BotError):
    """Discord or Pika does not answer at a start, and no setting is wrong: a later try may succeed.

    Attributes:
        retry_after: Seconds that it asks to wait; 0 where it does not say.
        is_ban: It refuses this address for a while, which asking again may lengthen.
    """

    def __init__(self, what: str, retry_after: float = 0.0, *, is_ban: bool = False) -> None:
        super().__init__(what)
        self.retry_after = retry_after
        self.is_ban = is_ban


class RequestRefusedError(BotError):
    """A request is not accepted. Nothing was reserved, sent or stored."""


class DatabaseLostError(RequestRefusedError, OSError):
    """The database file was deleted or replaced while the bot runs.

    As with every `OSError`, a later attempt may succeed: after a start with another file.
    """


class TextProblem(StrEnum):
    """The reason for which a text that somebody typed cannot be used."""

    TOO_LONG = "too_long"
    CONTROL_CHARACTERS = "control_characters"


class TextError(RequestRefusedError):
    """A text that somebody typed cannot be used.

    Attributes:
        field: `prompt`, `negative_prompt` or `reason`.
        problem: Which rule the text broke; the bounds are in `bot.base.checked_text`.
        length: In characters.
    """

    def __init__(self, field: str, problem: TextProblem, length: int) -> None:
        super().__init__(f"{field}: {problem.value}")
        self.field = field
        self.problem = problem
        self.length = length


class ModerationError(BotError):
    """A moderator's command cannot be carried out. Nothing was changed."""


class DeliveryError(BotError):
    """A message could not be shown now; a later attempt may succeed.

    Attributes:
        code: The chat's own for its refusal; `None` if it gave none.
        retry_after: Seconds before which no attempt succeeds, if the chat named them.
    """

    def __init__(
        self, detail: str = "", *, code: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.retry_after = retry_after


class FileTooLargeError(DeliveryError):
    """The chat refused the file for its size."""


class MessageDeletedError(DeliveryError):
    """The message to edit was deleted, and its channel is still there."""


class ChannelUnreachableError(DeliveryError):
    """The channel is gone or closed to the bot: later attempts fail too."""


class MessageRefusedError(DeliveryError):
    """The chat does not take this message, whenever it is sent: its form, its words or its file."""


class ContentRefusedError(MessageRefusedError):
    """A filter of the chat does not take what a message says or shows."""


class UnknownChoiceError(RequestRefusedError):
    """A value is none of the choices. Discord's own client never sends such a one."""


class UnreadableVideoError(BotError):
    """The provider's file is not a video that can be decoded."""
