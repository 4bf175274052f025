"""The part of the ledger's machine in which owners are asked for their pictures, and answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from bot.jobs.transitions import CONSENT_ACTOR_ID, Bill
from bot.quota.ledger import MemberKey
from bot.requests.consents import Answer
from bot.requests.errors import (
    ConsentGoneError,
    LimitReachedError,
    OwnerOptedOutError,
    QuestionOpenError,
    TooManyQuestionsError,
)
from tests.bot.quota.audited_spending import Audited
from tests.bot.quota.consent_model import Consents
from tests.bot.quota.drawn_requests import calls, guild_ids, requests
from tests.bot.quota.drawn_spending import is_yes, or_refused, settle_and_credit
from tests.bot.quota.ledger_harness import BreakOff
from tests.bot.quota.press_harness import still_of

if TYPE_CHECKING:
    from bot.base import Limit
    from tests.bot.quota.consent_model import Question
    from tests.bot.quota.drawn_requests import Request

OWNERS = [21, 30]
HOW = [*["once"] * 4, "at once", "at once", *BreakOff]
ANSWERS = [None, Answer.ONCE, Answer.ONCE, Answer.ALWAYS, Answer.ALWAYS, Answer.NO, Answer.NEVER]
REFUSED = (ConsentGoneError, OwnerOptedOutError)
owners = st.sampled_from(OWNERS)


class Owners(Audited):
    """Members ask for other people's pictures, who say yes or no and change their minds."""

    def open(self, default: Limit, ceiling: int | None) -> None:
        super().open(default, ceiling)
        self.consents = Consents()

    @rule(data=st.data(), request=requests, owner=owners, answer=st.sampled_from(ANSWERS))
    def ask_for_a_picture(
        self, data: st.DataObject, request: Request, owner: int, answer: Answer | None
    ) -> None:
        """Answered at once, or not yet."""
        guild, member = request.holder.guild_id, request.holder.member_id
        if owner == member:
            return
        if owner in self.consents.opted_out:
            with pytest.raises(OwnerOptedOutError):
                self.bank.run(self.bank.choose(request, owner))
            self.say_otherwise(guild, owner, is_wanted=False)
            return
        form = self.bank.run(self.bank.choose(request, owner))
        if self.consents.may_without_asking(guild, owner, member):
            self.start(request, owner, form, is_allowed=True)
            return
        if not self.judge(request).allowed:
            with pytest.raises(LimitReachedError):
                self.bank.run(self.bank.ask_owner(request, form))
        elif self.consents.may_ask(owner, member, self.bank.now):
            self.bank.run(self.bank.ask_owner(request, form))
            self.consents.ask(form, request, owner, self.bank.now)
            if answer is not None:
                self.say(data, self.consents.questions[-1], answer)
                return
        else:
            with pytest.raises((QuestionOpenError, TooManyQuestionsError)):
                self.bank.run(self.bank.ask_owner(request, form))
        # Nobody has said yes.
        self.start(request, owner, form, is_allowed=False)

    def drawn(self, data: st.DataObject) -> Question:
        return data.draw(st.sampled_from(self.consents.questions[-4:]))

    @precondition(lambda self: self.consents.questions)
    @rule(data=st.data(), answer=st.sampled_from(ANSWERS[1:]))
    def answer(self, data: st.DataObject, answer: Answer) -> None:
        """Whatever was said before, and however late."""
        self.say(data, self.drawn(data), answer)

    def say(self, data: st.DataObject, question: Question, answer: Answer) -> None:
        now = self.bank.now
        owner_key = MemberKey(question.guild, question.owner)
        before = self.cancelled()
        saying = self.bank.consents.answer(owner_key, question.id, answer)
        if not question.is_open(now):
            with pytest.raises(ConsentGoneError):
                self.bank.run(saying)
            return
        self.bank.run(saying)
        if answer is Answer.NO:
            question.state = "refused"
        elif answer is Answer.NEVER:
            question.state = "refused"
            self.consents.opted_out.add(question.owner)
            self.lose(question.owner, before)
        else:
            self.consents.grant(question, now, always=answer is Answer.ALWAYS)
            self.use(data, question)

    @precondition(lambda self: self.consents.questions)
    @rule(data=st.data(), is_late=st.booleans())
    def use_an_answer(self, data: st.DataObject, is_late: bool) -> None:  # noqa: FBT001 - drawn
        """The member's own press, maybe before there is a yes, or after its use or its day."""
        if is_late:
            self.bank.now += timedelta(days=1)
        self.use(data, self.drawn(data))

    def use(self, data: st.DataObject, question: Question) -> None:
        is_allowed = question.is_usable(self.bank.now)
        request, owner = question.request, question.owner
        how = data.draw(st.sampled_from(HOW), "how")
        if how == "at once":
            is_used = self.start_at_once(request, owner, question.id, is_allowed=is_allowed)
        elif isinstance(how, BreakOff):
            is_used = self.start_and_break_off(data, question, how, is_allowed=is_allowed)
        else:
            is_used = self.start(request, owner, question.id, is_allowed=is_allowed)
        if is_used:
            question.state = "used"

    def start(self, request: Request, owner: int, form: int, *, is_allowed: bool) -> bool:
        """Start what may be allowed, and see that it was."""
        verdict, starting = self.judge(request), self.bank.start(request, owner, form)
        if not verdict.allowed:
            with pytest.raises(LimitReachedError) as refusal:
                self.bank.run(starting)
            assert refusal.value.offer_id is None
            return False
        if not is_allowed:
            with pytest.raises(REFUSED):
                self.bank.run(starting)
            return False
        self.begin(self.bank.run(starting).job.id, request, owner)
        return True

    def begin(self, job: int, request: Request, owner: int) -> None:
        self.reserve(job, request, self.judge(request))
        self.consents.pictures[job] = owner

    def start_at_once(self, request: Request, owner: int, form: int, *, is_allowed: bool) -> bool:
        """Pressed twice at once, it is made once."""

        async def rush() -> list[Any]:
            twice = (self.bank.start(request, owner, form) for _ in range(2))
            return await asyncio.gather(*twice, return_exceptions=True)

        made = []
        for answer in self.bank.run(rush()):
            if is_yes(answer):
                made.append(answer.job.id)
            else:
                assert isinstance(answer, (*REFUSED, LimitReachedError)), answer
        assert len(made) == (is_allowed and self.judge(request).allowed)
        for job in made:
            self.begin(job, request, owner)
        return bool(made)

    def start_and_break_off(
        self, data: st.DataObject, question: Question, how: BreakOff, *, is_allowed: bool
    ) -> bool:
        request, owner = question.request, question.owner
        wanted = replace(request.request, picture_request_id=question.id)
        starting = or_refused(self.bank.decide(wanted, still_of(owner)))
        is_allowed = is_allowed and self.judge(request).allowed
        # A refusal for a limit is written down too.
        is_made = bool(self.broken_off(starting, data.draw(calls, "calls"), how)) and is_allowed
        if is_made:
            self.begin(self.bank.rows("SELECT max(id) AS id FROM jobs")[0]["id"], request, owner)
        return is_made

    def others_open_clips(self) -> list[int]:
        return [it for it in self.open_clips() if it in self.consents.pictures]

    def drawn_owner(self, data: st.DataObject) -> int:
        """One of whose picture something is in the making, if there is one."""
        known = {self.consents.pictures[job] for job in self.others_open_clips()}
        held = [it for it in OWNERS if it in known] or OWNERS
        return data.draw(st.sampled_from(held), "owner")

    @precondition(lambda self: self.consents.opted_out or self.others_open_clips())
    @rule(data=st.data(), guild=guild_ids, how=st.sampled_from(["back", "never", "ask"]))
    def change_ones_mind(self, data: st.DataObject, guild: int, how: str) -> None:
        """By `/consent`, in all guilds at once."""
        owner = self.drawn_owner(data)
        if data.draw(st.booleans(), "made"):
            for job in self.others_open_clips():
                if job not in self.rendered:
                    self.bank.run(self.bank.render(job))
                    self.rendered.add(job)
        owner_key, before = MemberKey(guild, owner), self.cancelled()
        if how == "back":
            self.bank.run(self.bank.consents.take_back(owner_key))
            self.lose(owner, before)
            return
        self.say_otherwise(guild, owner, is_wanted=how == "never")
        if how == "never":
            self.lose(owner, before)

    def say_otherwise(self, guild: int, owner: int, *, is_wanted: bool) -> None:
        self.bank.run(self.bank.consents.opt_out(MemberKey(guild, owner), is_wanted=is_wanted))
        if is_wanted:
            self.consents.opted_out.add(owner)
        else:
            self.consents.opted_out.discard(owner)

    def cancelled(self) -> set[int]:
        """The jobs that were cancelled since somebody wants no clip of their picture."""
        sql = f"SELECT id FROM jobs WHERE cancelled_by = {CONSENT_ACTOR_ID}"
        return {row["id"] for row in self.bank.rows(sql)}

    def lose(self, owner: int, before: set[int]) -> None:
        """All that is in the making from a picture ends, and its members get it back."""
        self.consents.take_back(owner)
        theirs = {
            job
            for job in self.open_clips()
            if self.consents.pictures.get(job) == owner
            and self.books.clips[job].holder.member_id != owner
        }
        ended = self.cancelled() - before
        assert ended == theirs
        for job in sorted(ended):
            clip = self.books.clips[job]
            if job in self.rendered:
                charge = self.billed(job)
                self.bank.run(self.bank.end_cancelled(job, Bill.CERTAIN))
                settle_and_credit(clip, charge)
            else:
                clip.refund()

    @invariant()
    def each_yes_is_used_once(self) -> None:
        """Also where it is one for good: each clip has on record whose picture it is of."""
        rows = self.bank.rows("SELECT job_id FROM picture_requests WHERE job_id IS NOT NULL")
        pictures, clips = self.consents.pictures, self.books.clips
        others = [it for it in pictures if clips[it].holder.member_id != pictures[it]]
        assert sorted(row["job_id"] for row in rows) == sorted(others)

    @invariant()
    def what_was_said_for_good_is_kept_and_nothing_else(self) -> None:
        rows = self.bank.rows("SELECT guild_id, owner_id, member_id FROM picture_consents")
        assert {tuple(row) for row in rows} == self.consents.standing
        rows = self.bank.rows("SELECT owner_id FROM picture_opt_outs")
        assert {row["owner_id"] for row in rows} == self.consents.opted_out
