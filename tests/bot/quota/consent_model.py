"""Who has asked whom for a picture, and what they said, told a second time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.base.clock import to_ms
from tests.bot.quota.quota_model import DAY_MS

if TYPE_CHECKING:
    from datetime import datetime

    from tests.bot.quota.drawn_requests import Request

MOST_A_DAY = 5


@dataclass
class Question:
    """A member's question for one clip of somebody's picture. Times are in ms.

    Attributes:
        state: "asked", "granted", "used" or "refused".
    """

    id: int
    request: Request
    owner: int
    asked_at: int
    ends_at: int
    state: str = "asked"

    @property
    def member(self) -> int:
        return self.request.holder.member_id

    @property
    def guild(self) -> int:
        return self.request.holder.guild_id

    def is_open(self, now: datetime) -> bool:
        return self.state in {"asked", "granted"} and self.ends_at > to_ms(now)

    def is_usable(self, now: datetime) -> bool:
        return self.state == "granted" and self.ends_at > to_ms(now)


@dataclass
class Consents:
    """All questions, and what was said for good.

    Attributes:
        standing: The guild, the owner, and the member who need not ask them again.
        pictures: Whose the picture of a clip is, by job; none of a member's own.
    """

    questions: list[Question] = field(default_factory=list)
    standing: set[tuple[int, int, int]] = field(default_factory=set)
    opted_out: set[int] = field(default_factory=set)
    pictures: dict[int, int] = field(default_factory=dict)

    def may_without_asking(self, guild: int, owner: int, member: int) -> bool:
        return owner not in self.opted_out and (guild, owner, member) in self.standing

    def may_reuse(self, job: int, guild: int, member: int) -> bool:
        owner = self.pictures.get(job)
        return owner in {None, member} or self.may_without_asking(guild, owner or 0, member)

    def may_ask(self, owner: int, member: int, now: datetime) -> bool:
        between = [it for it in self.questions if (it.owner, it.member) == (owner, member)]
        if any(it.state == "asked" and it.is_open(now) for it in between):
            return False
        lately = [it for it in self.questions if it.asked_at > to_ms(now) - DAY_MS]
        by_member = sum(it.member == member for it in lately)
        to_owner = sum(it.owner == owner for it in lately)
        return max(by_member, to_owner) < MOST_A_DAY

    def ask(self, number: int, request: Request, owner: int, now: datetime) -> None:
        for question in self.questions:
            # What is too old then stays so, wherever the clock is set to.
            if question.state in {"asked", "granted"} and not question.is_open(now):
                question.state = "refused"
        asked_at = to_ms(now)
        self.questions.append(Question(number, request, owner, asked_at, asked_at + DAY_MS))

    def grant(self, question: Question, now: datetime, *, always: bool) -> None:
        question.state, question.ends_at = "granted", to_ms(now) + DAY_MS
        if always:
            self.standing.add((question.guild, question.owner, question.member))

    def take_back(self, owner: int) -> None:
        self.standing = {it for it in self.standing if it[1] != owner}
        for question in self.questions:
            if question.owner == owner and question.state in {"asked", "granted"}:
                question.state = "refused"
