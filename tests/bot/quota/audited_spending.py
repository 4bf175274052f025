"""What must hold of the ledger after every act, by whomever."""

from __future__ import annotations

import sqlite3
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis.stateful import invariant

from bot.base import Window, to_ms, window_interval
from bot.quota import ledger
from bot.quota.ledger import ALL_GUILDS
from bot.quota.rules import OWNER
from tests.bot.quota.drawn_requests import HOLDERS
from tests.bot.quota.drawn_spending import Spenders
from tests.bot.quota.ledger_harness import ANYWHERE, BERLIN, OWNER_ZONE, UNSUMMED
from tests.bot.rows import requester

if TYPE_CHECKING:
    from bot.base.database import Transaction
    from bot.quota.rules import LimitStatus


class Audited(Spenders):
    """Holds the books against the ledger, its totals, the alerts and the audit."""

    def teardown(self) -> None:
        if hasattr(self, "bank"):
            try:
                self.nothing_is_rewritten()
            finally:
                self.bank.close()

    @invariant()
    def alerts_are_true(self) -> None:
        guilds = f"({BERLIN}), ({ANYWHERE})"
        self.bank.try_to_write(f"INSERT OR IGNORE INTO budget_checks VALUES {guilds}")
        self.bank.run(self.bank.alerts.update(()))
        told = {(it["guild_id"], it["dedup_key"]): it["used"] for it in self.bank.rows(ALERTS)}
        for guild in (BERLIN, ANYWHERE):
            who = requester(HOLDERS[0].member_id, guild)
            for status in self.bank.run(self.bank.requests.usage(who)).allowance.statuses:
                if status.rule.is_shared and status.limit.amount:
                    self.compare_alerts(told, guild, status)

    def compare_alerts(self, told: dict[Any, int], guild: int, status: LimitStatus) -> None:
        limit, now = status.limit, self.bank.now
        if status.rule.target == OWNER:
            since = window_interval(Window.MONTH, now, OWNER_ZONE).start
            whose, (kind, of_guild) = 0, ("ceiling", None)
        else:
            since = self.books.since(guild, limit.window, now)
            whose, (kind, of_guild) = guild, ("budget", guild)
        used = self.books.ordered(of_guild, since, self.rendered).of(limit.unit)
        end = f"{limit.amount}-{limit.unit}-{limit.window}-{to_ms(status.renews_at)}"
        low, spent = (told.get((whose, f"{kind}_{how}-{end}")) for how in ("low", "spent"))
        if used >= limit.amount:
            assert spent is not None
        elif spent is not None:
            # Told of what was too little for somebody: less was not given back since.
            assert spent <= used
        if used * 4 < limit.amount * 3:
            assert low is None
        elif spent is None:
            assert low is not None

    @invariant()
    def no_balance_is_wrong(self) -> None:
        self.bank.run(self.compare_sums())

    async def compare_sums(self) -> None:
        now = self.bank.now

        def compare(tx: Transaction) -> None:
            known = list(self.books.members)
            for holder, window in product(known, Window):
                since = self.books.since(holder.guild_id, window, now)
                assert ledger.used_by_member(tx, holder, since) == self.books.used(holder, since)
            for holder in known:
                held = ledger.grants_left(tx, holder)
                assert held == self.books.granted(holder)
                assert min(held.clips, held.micro_usd) >= 0
            for guild, window in product((BERLIN, ANYWHERE), Window):
                since = self.books.since(guild, window, now)
                assert ledger.spent_by_guild(tx, guild, since) == self.books.paid(guild, since)
            since = window_interval(Window.MONTH, now, OWNER_ZONE).start
            assert ledger.spent_by_guild(tx, ALL_GUILDS, since) == self.books.paid(None, since)

        await self.bank.database.read(compare)

    @invariant()
    def every_job_is_reserved_once_and_closed_at_most_once(self) -> None:
        found = {row["id"]: row for row in self.bank.rows(PER_JOB)}
        assert found.keys() == self.books.clips.keys()
        for job, clip in self.books.clips.items():
            row = found[job]
            assert row["reserves"] == 1
            assert row["closings"] == clip.closed
            assert row["credits"] == clip.credited
            assert (row["clips"], row["micro_usd"]) == (clip.paid.clips, clip.paid.micro_usd)
            assert row["unmatched"] == 0

    @invariant()
    def what_is_summed_up_is_what_is_in_the_book(self) -> None:
        assert self.bank.rows(UNSUMMED) == []

    @invariant()
    def each_deed_is_on_record_once(self) -> None:
        assert self.bank.rows("SELECT count(*) AS n FROM audit")[0]["n"] == self.deeds

    def nothing_is_rewritten(self) -> None:
        for table in ("ledger", "audit"):
            if self.bank.rows(f"SELECT 1 FROM {table} LIMIT 1"):
                for change in (f"UPDATE {table} SET actor_id = 1", f"DELETE FROM {table}"):
                    with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                        self.bank.try_to_write(change)


ALERTS = """
    SELECT guild_id, dedup_key, json_extract(data_json, '$.used') AS used FROM log_messages
"""
PER_JOB = """
    SELECT jobs.id AS id,
        sum(kind = 'reserve') AS reserves,
        sum(kind IN ('settle', 'refund')) AS closings,
        sum(kind = 'credit') AS credits,
        sum(clips) AS clips, sum(micro_usd) AS micro_usd,
        sum(kind NOT IN ('credit', 'correction') AND (clips <> member_clips - grant_clips
            OR micro_usd <> member_micro_usd - grant_micro_usd)) AS unmatched
    FROM jobs LEFT JOIN ledger ON ledger.job_id = jobs.id GROUP BY jobs.id
"""
