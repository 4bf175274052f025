"""The half of the ledger's machine that spends: requests, and how their clips end."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any, TypeGuard

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from bot.base.errors import RequestRefusedError
from bot.moderation.errors import ClipError
from bot.quota import ledger
from bot.quota.errors import NoDoubtError
from bot.requests.errors import LimitReachedError
from bot.requests.request import AcceptedRequest
from tests.bot.quota.drawn_requests import MODERATOR, PRICES, by, calls, dollars, requests
from tests.bot.quota.ledger_harness import OWNER_ZONE, ZONES, BreakOff
from tests.bot.quota.press_harness import PressHarness
from tests.bot.quota.quota_model import Books, Clip
from tests.bot.rows import enqueue

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.base import Limit
    from bot.base.database import Transaction
    from tests.bot.quota.drawn_requests import Request
    from tests.bot.quota.quota_model import Verdict


class Spenders(RuleBasedStateMachine):
    """Members ask, and their clips end, whole or broken off."""

    bank: PressHarness
    books: Books
    deeds: int

    def open(self, default: Limit, ceiling: int | None) -> None:
        self.bank = PressHarness(default, ceiling)
        self.books = Books(default, ceiling, OWNER_ZONE)
        self.books.zones = dict(ZONES)
        self.rendered: set[int] = set()
        self.requests: dict[int, Request] = {}
        self.shown: set[int] = set()
        self.removed: set[int] = set()

    # Members

    def judge(self, request: Request) -> Verdict:
        return self.books.judge(request.holder, request.roles, request.cost, self.bank.now)

    def reserve(self, job: int, request: Request, verdict: Verdict) -> None:
        now, roles = self.bank.now, request.roles
        self.requests[job] = request
        self.books.reserve(job, request.holder, request.cost, verdict.drawn, now, roles)

    @rule(request=requests)
    def ask(self, request: Request) -> None:
        verdict = self.judge(request)
        if verdict.allowed:
            self.bank.run(self.bank.requests.precheck(request.request))
            accepted = self.bank.run(enqueue(self.bank.requests, request.request))
            self.reserve(accepted.job.id, request, verdict)
            usage = self.bank.run(self.bank.requests.usage(request.who))
            assert accepted.job.notes.statuses == usage.allowance.statuses
            return
        with pytest.raises(LimitReachedError):
            self.bank.run(self.bank.requests.precheck(request.request))
        with pytest.raises(LimitReachedError) as refusal:
            self.bank.run(enqueue(self.bank.requests, request.request))
        own = refusal.value.status.limit in verdict.own
        assert own or refusal.value.status.rule in verdict.shared
        self.compare_fits(request, refusal.value)

    def compare_fits(self, request: Request, refusal: LimitReachedError) -> None:
        """Offered is what is cheaper and fits, and all of it."""
        fitting = {
            PRICES[size]
            for size in PRICES
            if PRICES[size] < request.cost.micro_usd
            and self.judge(request._replace(size=size)).allowed
        }
        assert {fit.price_micro_usd for fit in refusal.offered} == fitting

    @rule(request=requests, share=st.sampled_from([0, 50, 100, 170]), is_shown=st.booleans())
    def ask_and_see_it_through(self, request: Request, share: int, is_shown: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        """Pika bills a share of the price in percent, whether or not the clip can be shown."""
        known = set(self.books.clips)
        self.ask(request)
        for job in self.books.clips.keys() - known:
            clip, charge = self.books.clips[job], request.cost.micro_usd * share // 100
            self.bank.run(self.bank.render(job, charge))
            self.bank.run(self.bank.deliver(job) if is_shown else self.bank.refuse(job))
            clip.settle(charge)
            if is_shown:
                self.shown.add(job)
            else:
                clip.credit()

    @rule(wanted=st.lists(requests, min_size=2, max_size=6))
    def ask_at_once(self, wanted: list[Request]) -> None:
        async def rush() -> list[AcceptedRequest | BaseException]:
            asks = (enqueue(self.bank.requests, request.request) for request in wanted)
            return await asyncio.gather(*asks, return_exceptions=True)

        answers = list(zip(wanted, self.bank.run(rush()), strict=True))
        accepted = [(answer.job.id, request) for request, answer in answers if is_yes(answer)]
        for job, request in sorted(accepted, key=lambda it: it[0]):
            verdict = self.judge(request)
            assert verdict.allowed
            self.reserve(job, request, verdict)
        for request, answer in answers:
            if not is_yes(answer):
                assert isinstance(answer, LimitReachedError), answer
                assert not self.judge(request).allowed

    @rule(request=requests, calls=calls, how=st.sampled_from(BreakOff))
    def ask_and_break_off(self, request: Request, calls: int, how: BreakOff) -> None:
        verdict = self.judge(request)
        asking = or_refused(self.bank.decide(request.request))
        if self.broken_off(asking, calls, how) and verdict.allowed:
            job = self.bank.rows("SELECT max(id) AS id FROM jobs")[0]["id"]
            self.reserve(job, request, verdict)

    # Clips

    def open_clips(self) -> list[int]:
        return [job for job, clip in self.books.clips.items() if not clip.closed]

    @precondition(lambda self: self.open_clips())
    @rule(data=st.data(), share=st.sampled_from([None, 0, 50, 100, 170]))
    def finish(self, data: st.DataObject, share: int | None) -> None:
        """Pika bills the price, or a share of it in percent."""
        job = data.draw(st.sampled_from(self.open_clips()), "job")
        clip = self.books.clips[job]
        charge = clip.paid.micro_usd if share is None else clip.paid.micro_usd * share // 100
        if job not in self.rendered:
            self.bank.run(self.bank.render(job, None if share is None else charge))
            self.rendered.add(job)
        else:
            charge = self.billed(job)

        def show() -> None:
            clip.settle(charge)
            self.shown.add(job)

        self.close(data, job, self.bank.deliver(job), show)

    @precondition(lambda self: self.open_clips())
    @rule(data=st.data(), made=st.booleans())
    def fail(self, data: st.DataObject, made: bool) -> None:  # noqa: FBT001 - as above
        """A clip that Pika has made is paid for, though its member gets everything back."""
        job = data.draw(st.sampled_from(self.open_clips()), "job")
        clip = self.books.clips[job]
        if made and job not in self.rendered:
            self.bank.run(self.bank.render(job))
            self.rendered.add(job)
        if job not in self.rendered:
            self.close(data, job, self.bank.refuse(job), clip.refund)
            return
        charge = self.billed(job)
        self.close(data, job, self.bank.refuse(job), lambda: settle_and_credit(clip, charge))

    @precondition(lambda self: self.open_clips())
    @rule(data=st.data())
    def lose_place(self, data: st.DataObject) -> None:
        """A finished clip whose channel is gone: given back, unless it is a day's second."""
        job = data.draw(st.sampled_from(self.open_clips()), "job")
        clip = self.books.clips[job]
        if job not in self.rendered:
            self.bank.run(self.bank.render(job))
            self.rendered.add(job)
        charge = self.billed(job)

        def lose() -> None:
            if self.books.loses_place(clip.holder, self.bank.now):
                settle_and_credit(clip, charge)
            else:
                clip.settle(charge)

        self.close(data, job, self.bank.lose_place(job), lose)

    @precondition(lambda self: self.open_clips())
    @rule(data=st.data())
    def call_off(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.open_clips()), "job")
        clip = self.books.clips[job]
        if job not in self.rendered:
            self.close(data, job, self.bank.call_off(job), clip.refund)
            return
        charge = self.billed(job)
        self.bank.run(self.bank.call_off(job))
        settle_and_credit(clip, charge)

    @precondition(lambda self: self.open_clips())
    @rule(data=st.data())
    def break_off_the_order(self, data: st.DataObject) -> None:
        """Nobody knows whether Pika has it: the member gets it back, the server counts it."""
        job = data.draw(st.sampled_from(self.open_clips()), "job")
        clip = self.books.clips[job]
        if job in self.rendered:
            return

        def doubt() -> None:
            settle_and_credit(clip, clip.paid.micro_usd)
            clip.in_doubt = True

        self.close(data, job, self.bank.lose_the_answer(job), doubt)

    def doubtful(self) -> list[int]:
        return [job for job, clip in self.books.clips.items() if clip.in_doubt]

    @precondition(lambda self: self.doubtful())
    @rule(data=st.data(), bill=st.one_of(st.none(), dollars), by_price=st.booleans())
    def read_the_bill(self, data: st.DataObject, bill: int | None, by_price: bool) -> None:  # noqa: FBT001 - as above
        job = data.draw(st.sampled_from(self.doubtful()), "job")
        clip = self.books.clips[job]
        if by_price:
            bill = clip.paid.micro_usd
        self.bank.run(self.bank.know(job, bill, says_how_much=not by_price))
        clip.know(bill)
        self.deeds += 1

    @precondition(lambda self: self.books.clips)
    @rule(data=st.data())
    def read_the_bill_twice(self, data: st.DataObject) -> None:
        """What is not in doubt, or no more, stays as it is."""
        job = data.draw(st.sampled_from(list(self.books.clips)), "job")
        if not self.books.clips[job].in_doubt:
            with pytest.raises(NoDoubtError):
                self.bank.run(self.bank.know(job, None, says_how_much=True))

    def billed(self, job: int) -> int:
        sql = (
            f"SELECT coalesce(charge_micro_usd, price_micro_usd) AS usd FROM jobs WHERE id = {job}"
        )
        return int(self.bank.rows(sql)[0]["usd"])

    def close(
        self,
        data: st.DataObject,
        job: int,
        deed: Coroutine[Any, Any, None],
        effect: Callable[[], None],
    ) -> None:
        """Do it whole, or broken off: then it is done only if its one transaction was."""
        how = data.draw(st.sampled_from([None, None, None, *BreakOff]), "how")
        if how is None:
            self.bank.run(deed)
            effect()
            return
        if self.broken_off(deed, data.draw(calls, "calls"), how):
            effect()
        else:
            assert self.bank.rows(f"SELECT 1 FROM jobs WHERE id = {job} AND ended_at IS NULL")

    def creditable(self) -> list[int]:
        clips = self.books.clips.items()
        return [job for job, clip in clips if clip.settled and not clip.credited]

    @precondition(lambda self: self.creditable())
    @rule(data=st.data())
    def take_down_with_refund(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.creditable()), "job")
        if job not in self.shown:
            self.bank.run(self.bank.credit(job, MODERATOR))
        elif job in self.removed:
            with pytest.raises(ClipError):
                self.bank.run(self.bank.take_down(job, by(self.requests[job].holder.guild_id)))
            return
        else:
            self.bank.run(self.bank.take_down(job, by(self.requests[job].holder.guild_id)))
            self.removed.add(job)
            self.deeds += 1
        self.books.clips[job].credit()

    @precondition(lambda self: self.books.clips)
    @rule(data=st.data(), charge=dollars)
    def close_twice(self, data: st.DataObject, charge: int) -> None:
        """What was closed or credited before stays as it is."""
        job = data.draw(st.sampled_from(list(self.books.clips)), "job")
        clip = self.books.clips[job]
        if clip.closed:
            with pytest.raises(sqlite3.IntegrityError):
                self.bank.run(self.enter(lambda tx: ledger.settle(tx, job, charge, self.bank.now)))
            with pytest.raises(sqlite3.IntegrityError):
                self.bank.run(self.enter(lambda tx: ledger.refund(tx, job, self.bank.now)))
        if clip.credited or not clip.settled:
            with pytest.raises((sqlite3.IntegrityError, ledger.LedgerError)):
                self.bank.run(self.bank.credit(job, MODERATOR))

    async def enter(self, entry: Callable[[Transaction], None]) -> None:
        await self.bank.database.write(entry)

    def broken_off(self, deed: Coroutine[Any, Any, object], calls: int, how: BreakOff) -> int:
        made = self.bank.broken_off(deed, calls, how)
        if self.bank.fuse.is_dead:
            self.bank.reopen(self.books.default, self.books.ceiling)
        return made


def is_yes(answer: AcceptedRequest | BaseException) -> TypeGuard[AcceptedRequest]:
    return isinstance(answer, AcceptedRequest)


def settle_and_credit(clip: Clip, charge: int) -> None:
    clip.settle(charge)
    clip.credit()


async def or_refused(
    request: Coroutine[Any, Any, AcceptedRequest],
) -> AcceptedRequest | RequestRefusedError:
    try:
        return await request
    except RequestRefusedError as error:
        return error
