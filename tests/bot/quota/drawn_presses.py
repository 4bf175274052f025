"""The part of the ledger's machine in which members press what is under clips."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bot.jobs.transitions import Bill
from bot.moderation.errors import ClipError
from bot.requests.clip_errors import ClipPressError
from bot.requests.errors import LimitReachedError
from tests.bot.quota.drawn_consents import HOW, REFUSED, Owners
from tests.bot.quota.drawn_requests import HOLDERS, by, calls, requests
from tests.bot.quota.drawn_spending import is_yes, or_refused, settle_and_credit
from tests.bot.quota.ledger_harness import BreakOff

if TYPE_CHECKING:
    from bot.requests.request import Requester
    from tests.bot.quota.drawn_requests import Request

shares = st.sampled_from([0, 50, 100, 170])
TIMES = [*HOW, "many times", "many times"]
mostly = st.sampled_from([True, True, True, False])
ends = st.sampled_from(["stopped", "made", "in doubt"])


class Pressers(Owners):
    """*Again*, *Cancel* and *Delete*, by whom they are for, and by others."""

    def shown_clips(self) -> list[int]:
        return sorted(self.shown - self.removed)

    # Again

    @rule(data=st.data(), request=requests, how=st.sampled_from(TIMES), is_here=mostly)
    def again(
        self,
        data: st.DataObject,
        request: Request,
        how: str | BreakOff,
        is_here: bool,  # noqa: FBT001 - drawn
    ) -> None:
        """The same clip, by whoever presses, on their own limits."""
        if not self.shown:
            self.ask_and_see_it_through(request, 100, is_shown=True)
            return
        known = (is_here and self.shown_clips()) or sorted(self.shown)
        job = data.draw(st.sampled_from(known), "job")
        earlier = self.requests[job]
        holder = request.holder
        if is_here:
            here = [it for it in HOLDERS if it.guild_id == earlier.holder.guild_id]
            holder = data.draw(st.sampled_from(here), "who")
        request = request._replace(size=earlier.size, holder=holder)
        guild, member = request.holder.guild_id, request.holder.member_id
        if guild != earlier.holder.guild_id or job in self.removed:
            with pytest.raises(ClipPressError):
                self.bank.run(self.bank.again(job, request.who))
        elif not self.consents.may_reuse(job, guild, member):
            with pytest.raises(REFUSED):
                self.bank.run(self.bank.again(job, request.who))
        elif isinstance(how, BreakOff):
            self.again_and_break_off(data, job, request, how)
        elif how == "at once":
            self.again_at_once(job, request)
        else:
            self.again_until_refused(job, request, most=4 if how == "many times" else 1)

    def again_until_refused(self, earlier: int, request: Request, most: int) -> None:
        made = 0
        while made < most and self.judge(request).allowed:
            accepted = self.bank.run(self.bank.again(earlier, request.who))
            self.repeat(earlier, accepted.job.id, request)
            made += 1
        if made < most:
            with pytest.raises(LimitReachedError):
                self.bank.run(self.bank.again(earlier, request.who))

    def repeat(self, earlier: int, job: int, request: Request) -> None:
        verdict = self.judge(request)
        assert verdict.allowed
        self.reserve(job, request, verdict)
        owner = self.consents.pictures.get(earlier)
        if owner is not None:
            self.consents.pictures[job] = owner

    def again_at_once(self, earlier: int, request: Request) -> None:
        """Pressed twice at once, it is decided twice."""

        async def rush() -> list[Any]:
            twice = (self.bank.again(earlier, request.who) for _ in range(2))
            return await asyncio.gather(*twice, return_exceptions=True)

        answers = self.bank.run(rush())
        # Either may be decided first: each reads the picture in a thread.
        for answer in sorted(filter(is_yes, answers), key=lambda it: it.job.id):
            self.repeat(earlier, answer.job.id, request)
        for answer in answers:
            if not is_yes(answer):
                assert isinstance(answer, LimitReachedError), answer
                assert not self.judge(request).allowed

    def again_and_break_off(
        self, data: st.DataObject, earlier: int, request: Request, how: BreakOff
    ) -> None:
        verdict = self.judge(request)
        asked = self.bank.run(self.bank.again_request(earlier, request.who))
        still = self.bank.run(self.bank.kept_still(asked))
        deciding = or_refused(self.bank.decide(asked, still))
        if self.broken_off(deciding, data.draw(calls, "calls"), how) and verdict.allowed:
            job = self.bank.rows("SELECT max(id) AS id FROM jobs")[0]["id"]
            self.repeat(earlier, job, request)

    # Cancel

    def whose(self, job: int) -> Requester:
        return self.requests[job].who

    @precondition(lambda self: self.open_clips())
    @rule(data=st.data(), only_if_free=st.sampled_from([False, False, True]))
    def cancel_own(self, data: st.DataObject, only_if_free: bool) -> None:  # noqa: FBT001 - drawn
        """What waits is free; what Pika has made counts, unless it was said to be free."""
        job = data.draw(st.sampled_from(self.open_clips()), "job")
        clip, who = self.books.clips[job], self.whose(job)
        if job in self.rendered:
            charge = self.billed(job)
            if self.mark(job, only_if_free=only_if_free):
                self.end(data, job, Bill.CERTAIN)
                clip.settle(charge)
            return
        cancelling = self.bank.cancel_own(job, who, only_if_free=only_if_free)
        self.close(data, job, cancelling, clip.refund)  # type: ignore[arg-type] # its answer is left
        if clip.closed:
            with pytest.raises(ClipPressError):
                self.mark(job, only_if_free=only_if_free)

    @precondition(lambda self: self.open_clips())
    @rule(
        data=st.data(), only_if_free=st.sampled_from([False, False, True]), how=ends, share=shares
    )
    def cancel_at_pika(
        self,
        data: st.DataObject,
        only_if_free: bool,  # noqa: FBT001 - drawn
        how: str,
        share: int,
    ) -> None:
        """Before Pika has made it: stopped, made all the same, or nobody knows."""
        job = data.draw(st.sampled_from(self.open_clips()), "job")
        clip = self.books.clips[job]
        if job in self.rendered:
            return
        charge = clip.paid.micro_usd * share // 100
        self.bank.run(self.bank.order(job))
        if not self.mark(job, only_if_free=only_if_free):
            self.bank.run(self.bank.render(job))
            self.rendered.add(job)
        elif how == "stopped":
            self.end(data, job, Bill.NONE)
            clip.refund()
        elif how == "made":
            self.end(data, job, Bill.CERTAIN, charge)
            clip.settle(charge)
        else:
            self.end(data, job, Bill.IN_DOUBT)
            settle_and_credit(clip, clip.paid.micro_usd)
            clip.in_doubt = True

    def mark(self, job: int, *, only_if_free: bool) -> bool:
        """Press twice at once; return whether one of both was taken, as both were or none."""

        async def rush() -> list[Any]:
            who = self.whose(job)
            twice = (self.bank.cancel_own(job, who, only_if_free=only_if_free) for _ in range(2))
            return await asyncio.gather(*twice, return_exceptions=True)

        first, second = self.bank.run(rush())
        if isinstance(first, ClipPressError):
            raise first
        assert first is not only_if_free
        assert second is False if only_if_free else isinstance(second, ClipPressError)
        return not only_if_free

    def end(self, data: st.DataObject, job: int, bill: Bill, charge: int | None = None) -> None:
        """The job's next step, which is taken again if it was broken off."""
        how = data.draw(st.sampled_from([None, *BreakOff]), "how")
        ending = self.bank.end_cancelled(job, bill, charge)
        if how is None or not self.broken_off(ending, data.draw(calls, "calls"), how):
            if how is None:
                self.bank.run(ending)
            else:
                self.bank.run(self.bank.end_cancelled(job, bill, charge))

    @precondition(lambda self: self.books.clips)
    @rule(data=st.data(), who=st.sampled_from(HOLDERS))
    def press_under_another_ones(self, data: st.DataObject, who: Any) -> None:
        """Nobody cancels or deletes the clip of another, nor their own after its end."""
        job = data.draw(st.sampled_from(list(self.books.clips)), "job")
        clip = self.books.clips[job]
        stranger = self.requests[job]._replace(holder=who).who
        press = self.bank.run(self.bank.press(job, stranger))
        if clip.holder != who or clip.closed:
            with pytest.raises(ClipPressError):
                self.bank.run(self.bank.cancel_own(job, stranger, only_if_free=False))
        if clip.holder != who or job not in self.shown_clips():
            with pytest.raises(ClipPressError):
                self.bank.run(self.bank.own_clips.delete(press))

    # Delete

    @precondition(lambda self: self.shown_clips())
    @rule(data=st.data(), by_moderator=mostly, first=st.integers(0, 1))
    def delete_own(self, data: st.DataObject, by_moderator: bool, first: int) -> None:  # noqa: FBT001 - drawn
        """Deleted twice at once, once maybe by a moderator with a refund: done once, as whole."""
        job = data.draw(st.sampled_from(self.shown_clips()), "job")
        moderator = by(self.requests[job].holder.guild_id)
        press = self.bank.run(self.bank.press(job, self.whose(job)))

        async def rush() -> list[Any]:
            other = (
                self.bank.take_down(job, moderator)
                if by_moderator
                else self.bank.own_clips.delete(press)
            )
            acts: list[Any] = [self.bank.own_clips.delete(press)]
            acts.insert(first, other)
            return await asyncio.gather(*acts, return_exceptions=True)

        answers = self.bank.run(rush())
        (refusal,) = (it for it in answers if isinstance(it, BaseException))
        assert isinstance(refusal, ClipError | ClipPressError), refusal
        self.removed.add(job)
        if isinstance(refusal, ClipPressError) and by_moderator:
            self.books.clips[job].credit()
            self.deeds += 1
