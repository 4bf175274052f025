"""Every way the domain says no, on one page. Data only; `cogs` finds the words."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.purse.limits import Cost, Limit, Unit
    from bot.purse.offers import Fit
    from bot.purse.rules import Standing, Subject
    from pika import Duration, Resolution


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
        problem: Which rule it broke; the rules' numbers are in `bot.stills`.
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
        problem: Which rule it broke; the rules' numbers are in `bot.words`.
        length: Its length in characters.
    """

    def __init__(self, field: str, problem: WordsProblem, length: int) -> None:
        super().__init__(f"{field}: {problem.value}")
        self.field = field
        self.problem = problem
        self.length = length


class LimitReachedError(RefusedError):
    """A limit leaves too little for this request.

    Attributes:
        standing: The rule, what it has left and when it renews.
        cost: What the request would have cost.
        granted: What the member's grants still hold, in the limit's unit.
        fits: What the same picture can be had as now, the dearest first.
        offer_id: Under which the request waits for the member to choose one of those.
    """

    def __init__(
        self,
        standing: Standing,
        cost: Cost,
        granted: int = 0,
        fits: tuple[Fit, ...] = (),
        offer_id: int | None = None,
    ) -> None:
        super().__init__(f"{standing} leaves too little for {cost}")
        self.standing = standing
        self.cost = cost
        self.granted = granted
        self.fits = fits
        self.offer_id = offer_id


class OfferGoneError(RefusedError):
    """What was offered is too old, was taken, or was replaced by a later one."""


class PausedError(RefusedError):
    """Nobody may start a clip in this guild now.

    Attributes:
        reason: The moderators', for members; may be empty.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("the guild is paused")
        self.reason = reason


class BlockedError(RefusedError):
    """The moderators have blocked this member.

    Attributes:
        until: When the block ends; `None` is not by itself.
        reason: The moderators'; may be empty.
    """

    def __init__(self, until: datetime | None, reason: str) -> None:
        super().__init__(f"blocked until {until}")
        self.until = until
        self.reason = reason


class ChannelError(RefusedError):
    """The bot may not be used in this channel.

    Attributes:
        allowed: The ids of channels and categories where it may.
    """

    def __init__(self, allowed: Collection[int]) -> None:
        super().__init__("not in this channel")
        self.allowed = frozenset(allowed)


class BlockedWordError(RefusedError):
    """A prompt contains what the moderators have blocked. Which word it is, is not said."""


class UnknownOptionError(RefusedError):
    """A program that is not Discord's client chose what was not among the choices."""


class TooHighError(RefusedError):
    """The guild does not allow this resolution or length.

    Attributes:
        resolution: The highest it allows.
        duration: The longest it allows, in seconds.
    """

    def __init__(self, resolution: Resolution, duration: Duration) -> None:
        super().__init__(f"over {resolution} or {duration} s")
        self.resolution = resolution
        self.duration = duration


class Line(StrEnum):
    """What is full."""

    MEMBER = "member"
    GUILD = "guild"


class LineFullError(RefusedError):
    """Too many clips are in the making.

    Attributes:
        line: Whose: the member's own, or all that wait in the guild.
        most: How many there may be.
    """

    def __init__(self, line: Line, most: int) -> None:
        super().__init__(f"{line.value}: {most} already")
        self.line = line
        self.most = most


class ModerationError(BotError):
    """What a moderator asked for cannot be done. Nothing was changed."""


class PatternProblem(StrEnum):
    """Why a word or a pattern cannot be blocked."""

    LENGTH = "length"
    EMPTY = "empty"
    EVERYTHING = "everything"
    BAD = "bad"
    SLOW = "slow"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"


class PatternError(ModerationError):
    """A word or a pattern cannot be blocked.

    Attributes:
        problem: Why; the rules' numbers are in `bot.moderation.blocked_words`.
        detail: What RE2 says about a pattern that it does not take.
    """

    def __init__(self, problem: PatternProblem, detail: str = "") -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.detail = detail


class UnknownWordError(ModerationError):
    """A word or a pattern is not blocked.

    Attributes:
        word: As it was asked for.
    """

    def __init__(self, word: str) -> None:
        super().__init__("not blocked")
        self.word = word


class PlaceProblem(StrEnum):
    """Why a channel cannot be allowed or forbidden."""

    TOO_MANY = "too_many"
    EVERYWHERE = "everywhere"
    NOT_ALLOWED = "not_allowed"
    BY_CATEGORY = "by_category"
    LAST = "last"


class PlaceError(ModerationError):
    """A channel or category cannot be allowed or forbidden.

    Attributes:
        problem: Why; the rules' numbers are in `bot.moderation.places`.
    """

    def __init__(self, problem: PlaceProblem, channel_id: int) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.channel_id = channel_id


class SettingRangeError(ModerationError):
    """A number that a guild was to have is out of range.

    Attributes:
        name: Of the column.
        most: The highest it may be; the lowest is 1.
    """

    def __init__(self, name: str, most: int) -> None:
        super().__init__(f"{name} is not from 1 to {most}")
        self.name = name
        self.most = most


class SettingAboveError(ModerationError):
    """A guild's default was to be above what the guild allows.

    Attributes:
        name: Of the default's column.
        highest: What the guild allows.
    """

    def __init__(self, name: str, highest: int | str) -> None:
        super().__init__(f"{name} is above {highest}")
        self.name = name
        self.highest = highest


class UnknownZoneError(ModerationError):
    """There is no time zone of that name.

    Attributes:
        typed: What was typed.
        near: The nearest names, the best first; may be empty.
    """

    def __init__(self, typed: str, near: tuple[str, ...]) -> None:
        super().__init__(f"no time zone {typed!r}")
        self.typed = typed
        self.near = near


class TooLateError(BotError):
    """A request was found by a start that came too late to send it.

    Attributes:
        may_be_charged: It may have been sent before, in a time that nobody remembers.
    """

    def __init__(self, detail: str, *, may_be_charged: bool) -> None:
        super().__init__(detail)
        self.may_be_charged = may_be_charged


class AmountProblem(StrEnum):
    """Why a number is no amount."""

    NOT_A_NUMBER = "not_a_number"
    NEGATIVE = "negative"
    NOTHING = "nothing"
    TOO_MUCH = "too_much"
    TOO_FINE = "too_fine"


class AmountError(ModerationError):
    """A number cannot be a limit, a budget or a grant.

    Attributes:
        problem: Why; the rules' numbers are in `bot.purse.amounts`.
    """

    def __init__(self, problem: AmountProblem, unit: Unit) -> None:
        super().__init__(f"{problem.value} ({unit.value})")
        self.problem = problem
        self.unit = unit


class NoSuchLimitError(ModerationError):
    """There is no limit of this kind to remove.

    Attributes:
        subject: Who was named.
        limits: Those that this subject has, of other units or windows.
    """

    def __init__(self, subject: Subject, limits: Collection[Limit]) -> None:
        super().__init__(f"no such limit of {subject}")
        self.subject = subject
        self.limits = tuple(limits)


class GrantTooSmallError(ModerationError):
    """More of a grant was to be taken back than is unspent.

    Attributes:
        held: What is unspent, in the unit.
        asked: What was to be taken back, in the unit.
    """

    def __init__(self, unit: Unit, held: int, asked: int) -> None:
        super().__init__(f"{asked} {unit.value} of {held}")
        self.unit = unit
        self.held = held
        self.asked = asked


class UnreadableVideoError(BotError):
    """The provider's file is not a video that can be decoded."""


class DeliveryError(BotError):
    """A message could not be shown now; a later attempt may succeed."""


class TooLargeError(DeliveryError):
    """The chat refused the file for its size."""


class NoPlaceError(DeliveryError):
    """There is nowhere left to show it: the channel is gone or closed to the bot."""
