"""Why an amount, a limit or a grant cannot be set or removed, as data without words."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from bot.base import ModerationError

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.base import Unit
    from bot.quota.rules import LimitTarget, Rule


class AmountProblem(StrEnum):
    """Why a number is no amount; the bounds are those of `bot.quota.amounts`."""

    NOT_A_NUMBER = "not_a_number"
    NEGATIVE = "negative"
    NOTHING = "nothing"
    TOO_MUCH = "too_much"
    TOO_FINE = "too_fine"


class AmountError(ModerationError):
    """A number cannot be the amount of a limit, a budget or a grant."""

    def __init__(self, problem: AmountProblem, unit: Unit) -> None:
        super().__init__(f"{problem.value} ({unit.value})")
        self.problem = problem
        self.unit = unit


class NoSuchLimitError(ModerationError):
    """The target has no limit of the unit and window that were to be removed.

    Attributes:
        rules: The target's of other units or windows.
    """

    def __init__(self, target: LimitTarget, rules: Collection[Rule]) -> None:
        super().__init__(f"no such limit of {target}")
        self.target = target
        self.rules = tuple(rules)


class EveryoneError(ModerationError):
    """Only members and roles are exempted or get grants; for everyone there are limits."""


class NoDoubtError(ModerationError):
    """No order of this number is in doubt; perhaps it was settled meanwhile."""

    def __init__(self, job_id: int) -> None:
        super().__init__(f"job {job_id} is not in doubt")
        self.job_id = job_id


class GrantTooSmallError(ModerationError):
    """More of a grant was to be taken back than is left. Both amounts are in the unit."""

    def __init__(self, unit: Unit, held: int, asked: int) -> None:
        super().__init__(f"{asked} {unit.value} of {held}")
        self.unit = unit
        self.held = held
        self.asked = asked
