"""Any history of orders, faults and kills: what is billed is counted, and nothing paid twice."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.base import RESOLUTIONS
from bot.jobs.animate_options import AnimateOptions
from bot.jobs.delivery import MessageStage
from bot.owner.errors import GuildClosedError
from bot.requests.request import AcceptedRequest
from playground.faults import Fault
from tests.bot.jobs.bill_harness import CLOSED, ELSEWHERE, HOME, BillHarness, Kind, Trouble

if TYPE_CHECKING:
    from pika import Resolution
    from playground.faults import Kind as FaultKind
    from playground.pika.jobs.job import Job as Render

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # dozens of drawn histories

PAGE = {"Content-Type": "text/html"}, b"<html>Just a moment</html>"
SUBMITS = {"pika": "pika.submit", "fal": "fal.submit", "comfy-proxy": "proxy.submit"}
OTHERS = {
    "pika": ("pika.upload", "pika.check", "pika.download"),
    "fal": ("fal.initiate", "fal.status", "fal.result", "fal.download"),
    "comfy-proxy": ("proxy.check", "proxy.download"),
}
LOST: list[FaultKind] = ["reply", "reply_after", "drop_before", "drop_after", "half_body"]
guilds = st.sampled_from([HOME, ELSEWHERE])
members = st.integers(1, 3)
sizes = st.sampled_from(RESOLUTIONS)
calls = st.integers(0, 8)
troubles = st.builds(Trouble, st.sampled_from(Kind), after=calls, lasting=calls)
OWNERS_TOTAL = """
    SELECT micro_usd FROM guild_totals WHERE guild_id = 0 ORDER BY quarter_hour DESC LIMIT 1
"""
JOBS = """
    SELECT jobs.id AS id, guild_id, state, doubt, price_micro_usd, cancel_counts,
        json_extract(options_json, '$.prompt') AS prompt,
        (SELECT sum(clips) FROM ledger WHERE job_id = jobs.id) AS clips,
        (SELECT sum(micro_usd) FROM ledger WHERE job_id = jobs.id) AS micro_usd,
        (SELECT sum(member_clips) FROM ledger WHERE job_id = jobs.id) AS member_clips,
        (SELECT sum(member_micro_usd) FROM ledger WHERE job_id = jobs.id) AS member_micro_usd
    FROM jobs
"""


class Bills(RuleBasedStateMachine):
    @initialize(wire=st.sampled_from(list(SUBMITS)))
    def found(self, wire: str) -> None:
        self.wire = wire
        self.bank = BillHarness(wire)  # type: ignore[arg-type] # one of its names
        self.clips = 0

    def teardown(self) -> None:
        if hasattr(self, "bank"):
            try:
                self.come_to_an_end()
            finally:
                self.bank.close()

    # People

    @rule(guild=guilds, member=members, size=sizes)
    def ask(self, guild: int, member: int, size: Resolution) -> None:
        self.bank.run(self.bank.ask(guild, member, self.next_clip(size)))
        assert isinstance(self.bank.outcomes[-1], AcceptedRequest)

    @rule(guild=guilds, member=members, size=sizes, trouble=troubles)
    def ask_in_trouble(self, guild: int, member: int, size: Resolution, trouble: Trouble) -> None:
        """Whatever breaks, there is a job and its reserve, or neither."""
        asking = self.bank.ask(guild, member, self.next_clip(size))
        with suppress(sqlite3.OperationalError):
            self.bank.run(self.bank.in_trouble(asking, trouble))

    def next_clip(self, size: Resolution) -> AnimateOptions:
        self.clips += 1
        return AnimateOptions(prompt=f"clip {self.clips}", resolution=size, duration=5)

    @rule(member=members)
    def a_stranger_asks(self, member: int) -> None:
        with pytest.raises(GuildClosedError):
            self.bank.run(self.bank.ask(CLOSED, member, AnimateOptions(prompt="a stranger's")))

    def going_on(self) -> list[int]:
        return [row["id"] for row in self.bank.rows("SELECT id FROM jobs WHERE ended_at IS NULL")]

    @precondition(lambda self: self.going_on())
    @rule(data=st.data(), by_member=st.booleans())
    def cancel(self, data: st.DataObject, by_member: bool) -> None:  # noqa: FBT001 - drawn
        job_id = data.draw(st.sampled_from(self.going_on()), "job")
        self.bank.run(self.bank.cancel(job_id, by_member=by_member))

    @rule()
    def read_the_bill(self) -> None:
        if self.bank.pika.behaviour.queue_seconds == 0:
            self.bank.run(self.bank.settle_doubts())

    # Pika

    @rule(member=members, size=sizes, fault=st.data(), steps=st.integers(1, 8))
    def ask_and_lose_the_order(
        self, member: int, size: Resolution, fault: st.DataObject, steps: int
    ) -> None:
        kind: FaultKind = fault.draw(st.sampled_from(LOST), "kind")
        status = fault.draw(st.sampled_from([500, 502, 504]), "status")
        headers, body = fault.draw(st.sampled_from([({}, {"message": "broken"}), PAGE]), "answer")
        times = fault.draw(st.sampled_from([1, 3]), "times")
        self.ask(HOME, member, size)
        lost = Fault(SUBMITS[self.wire], kind, times, status, headers, body)
        self.bank.pika.faults.add(lost)
        self.go_on(steps)

    @rule(data=st.data(), status=st.sampled_from([401, 403, 429, 500, 503]))
    def break_another_answer(self, data: st.DataObject, status: int) -> None:
        operation = data.draw(st.sampled_from([*OTHERS[self.wire], SUBMITS[self.wire]]))
        self.bank.pika.faults.add(Fault(operation, "reply", 1, status, *PAGE))

    @rule(outcome=st.sampled_from(["completed", "completed", "provider_error"]))
    def change_the_outcome(self, outcome: str) -> None:
        self.bank.pika.behaviour.outcome = outcome

    @rule(shape=st.sampled_from(["video_url", "video_url", "missing"]))
    def change_the_output(self, shape: str) -> None:
        self.bank.pika.behaviour.output_shape = shape  # type: ignore[assignment] # one of them

    @rule(seconds=st.sampled_from([0, 0, 10_000]))
    def stall(self, seconds: int) -> None:
        self.bank.pika.behaviour.queue_seconds = seconds

    # The bot

    @rule(calm=st.integers(0, 4), trouble=troubles)
    def step_in_trouble(self, calm: int, trouble: Trouble) -> None:
        self.go_on(calm)
        self.bank.run(self.bank.step(trouble))

    @rule(member=members, size=sizes, trouble=troubles)
    def order_in_trouble(self, member: int, size: Resolution, trouble: Trouble) -> None:
        self.ask(HOME, member, size)
        orders = self.bank.pika.paid_submits
        for _ in range(20):
            self.bank.run(self.bank.step(replace(trouble, since_order=True)))
            if self.bank.pika.paid_submits > orders:
                return

    @rule(steps=st.integers(1, 8))
    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            self.bank.run(self.bank.step())

    @rule(minutes=st.sampled_from([1, 31]))
    def let_time_pass(self, minutes: int) -> None:
        self.bank.now += timedelta(minutes=minutes)

    # What must hold

    @invariant()
    def what_is_billed_is_counted(self) -> None:
        counted = owed = 0
        for row in self.bank.rows(JOBS):
            renders = self.bank.run(self.bank.renders(row["prompt"]))
            assert len(renders) <= 1, f"job {row['id']} was ordered {len(renders)} times"
            owes = sum(it.price_micro_usd for it in renders if will_be_billed(it))
            assert row["micro_usd"] >= owes, f"job {row['id']}"
            assert row["guild_id"] != CLOSED
            counted, owed = counted + row["micro_usd"], owed + owes
        totals = self.bank.rows(OWNERS_TOTAL)
        assert sum(row["micro_usd"] for row in totals) == counted >= owed
        assert len(self.bank.pika.jobs) <= self.clips

    @invariant()
    def members_pay_for_what_they_got(self) -> None:
        for row in self.bank.rows(f"{JOBS} WHERE state IN ('failed', 'cancelled', 'notified')"):
            # What its member gave up, and is billed for certain, is theirs to pay.
            is_theirs = row["cancel_counts"] and row["micro_usd"] and row["doubt"] is None
            theirs = (1, row["micro_usd"]) if is_theirs else (0, 0)
            assert (row["member_clips"], row["member_micro_usd"]) == theirs
        for row in self.bank.rows(f"{JOBS} WHERE state = 'delivered'"):
            assert (row["member_clips"], row["member_micro_usd"]) == (1, row["micro_usd"])

    def come_to_an_end(self) -> None:
        """Once nothing breaks any more, all ends, and what is counted is what is billed."""
        pika = self.bank.pika
        pika.faults.clear()
        pika.behaviour.queue_seconds = 0
        steps = 0
        while self.bank.run(self.bank.step()):
            steps += 1
            assert steps < 500
        assert not self.going_on()
        self.bank.run(self.bank.settle_doubts())
        self.what_is_billed_is_counted()
        self.members_pay_for_what_they_got()
        for row in self.bank.rows(JOBS):
            renders = self.bank.run(self.bank.renders(row["prompt"]))
            assert row["micro_usd"] == sum(it.charge_micro_usd for it in renders)
            assert row["doubt"] != "open"
        assert pika.counters.charged_micro_usd == sum(
            row["micro_usd"] for row in self.bank.rows(JOBS)
        )
        ends = {"delivered": MessageStage.CLIP, "notified": MessageStage.FAILURE}
        for row in self.bank.rows("SELECT interaction_id, state FROM jobs"):
            assert self.bank.chat.stages[row["interaction_id"]] is ends[row["state"]]


def will_be_billed(render: Render) -> bool:
    return render.outcome == "completed" and render.status != "failed"


TestBills = Bills.TestCase
TestBills.settings = settings(
    max_examples=30, stateful_step_count=30, phases=set(Phase) - {Phase.shrink}
)
