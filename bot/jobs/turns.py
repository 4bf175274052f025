"""Whose clip is sent to Pika next: places go round by guild, and within a guild by member.

The guild with the fewest places at Pika is next, of several the one that spent least lately; within
it the member, likewise. So no guild takes all places while another waits, nor does a member.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from datetime import timedelta
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from bot.base import to_ms, value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from bot.base import SqlRow, SqlValue, Transaction

RECENT: Final = timedelta(hours=3)
"""How long what was spent weighs: orders for jobs that were asked for since then."""

# A queued job that is leased is on its way to Pika and counts as there.
_HELD: Final = """
    SELECT id, guild_id, member_id, price_micro_usd FROM jobs
    WHERE state NOT IN ('delivered', 'notified') AND (
        state IN ('submitting', 'rendering') OR (state = 'queued' AND due_at > :now))
"""
_DUE: Final = """
    SELECT id, guild_id, member_id, price_micro_usd FROM jobs
    WHERE state NOT IN ('delivered', 'notified') AND state = 'queued' AND due_at <= :now
        AND cancelled_by IS NULL AND awaits_read_back = 0
        AND provider NOT IN (SELECT value FROM json_each(:held_providers))
        AND id NOT IN (SELECT value FROM json_each(:held_jobs))
    ORDER BY due_at, id
"""
_AHEAD: Final = """
    SELECT id, guild_id, member_id, price_micro_usd,
        state = 'queued' AND (due_at <= :now OR claim = 0) AS is_waiting
    FROM jobs WHERE state NOT IN ('delivered', 'notified')
        AND state IN ('queued', 'submitting', 'rendering')
        AND (state <> 'queued' OR cancelled_by IS NULL)
    ORDER BY due_at, id
"""
_SPENT: Final = """
    SELECT member_id, sum(price_micro_usd) AS spent FROM jobs
    WHERE guild_id = :guild AND created_at >= :since AND submitted_at IS NOT NULL
    GROUP BY member_id
"""
_CAP: Final = """
    SELECT guild_at_once FROM guild_settings
    WHERE guild_id = :guild AND guild_at_once IS NOT NULL
"""


@value
class Turn:
    """A job that waits for a place, or has one; `price` is in micro-USD."""

    job_id: int
    guild_id: int
    member_id: int
    price: int


class _Line:
    """What waits in one guild, by member, each with its number in the line of all.

    It finds the member whose turn it is without looking at all of them: hundreds may wait, and
    whoever is accepted is told how many go before, for which all turns are played through.
    """

    def __init__(self) -> None:
        self.members: dict[int, deque[tuple[int, Turn]]] = {}
        self._ranks: dict[int, tuple[int, int]] = {}
        # Entries that no longer hold stay in both until they come to the front.
        self._by_rank: list[tuple[tuple[int, int], int, int]] = []
        self._by_number: list[tuple[int, int]] = []

    def add(self, number: int, turn: Turn) -> None:
        self.members.setdefault(turn.member_id, deque()).append((number, turn))

    def rank(self, member_id: int, rank: tuple[int, int]) -> None:
        """Place a member anew, whose rank or whose next turn has changed."""
        self._ranks[member_id] = rank
        number = self.members[member_id][0][0]
        heappush(self._by_rank, (rank, number, member_id))
        heappush(self._by_number, (number, member_id))

    def next(self) -> Turn:
        while True:
            rank, number, member_id = self._by_rank[0]
            if rank == self._ranks[member_id] and self._is_next(number, member_id):
                return self.members[member_id][0][1]
            heappop(self._by_rank)

    def longest_due(self) -> int:
        while not self._is_next(*self._by_number[0]):
            heappop(self._by_number)
        return self._by_number[0][0]

    def remove_next(self, member_id: int) -> None:
        self.members[member_id].popleft()
        if not self.members[member_id]:
            del self.members[member_id]

    def _is_next(self, number: int, member_id: int) -> bool:
        return member_id in self.members and self.members[member_id][0][0] == number


class Turns:
    """Gives places away, one by one.

    Args:
        waiting: The jobs without a place, the longest due first.
        caps: The most places of a guild, by its id.
        spent: What members spent lately, in micro-USD, by guild and member.
    """

    def __init__(
        self,
        waiting: Iterable[Turn],
        caps: Mapping[int, int],
        spent: Mapping[tuple[int, int], int],
    ) -> None:
        self._caps = caps
        self._places: Counter[int | tuple[int, int]] = Counter()
        self._spent: Counter[int | tuple[int, int]] = Counter()
        for (guild_id, member_id), micro_usd in spent.items():
            self._add(self._spent, guild_id, member_id, micro_usd)
        self._lines: dict[int, _Line] = {}
        for number, turn in enumerate(waiting):
            self._lines.setdefault(turn.guild_id, _Line()).add(number, turn)
        for guild_id, line in self._lines.items():
            for member_id in line.members:
                line.rank(member_id, self._rank((guild_id, member_id)))

    def next(self) -> Turn | None:
        """Tell whose turn it is; `None` if nobody waits whose guild may have one more place."""
        guilds = [it for it in self._lines if self._places[it] < self._caps.get(it, 1 << 62)]
        if not guilds:
            return None
        return self._lines[
            min(guilds, key=lambda it: (*self._rank(it), self._lines[it].longest_due()))
        ].next()

    def take(self, turn: Turn) -> None:
        """Give a place to the job that `next` told."""
        line = self._lines[turn.guild_id]
        line.remove_next(turn.member_id)
        if not line.members:
            del self._lines[turn.guild_id]
        self._add(self._spent, turn.guild_id, turn.member_id, turn.price)
        self.hold(turn)

    def hold(self, turn: Turn, places: int = 1) -> None:
        """Count a place of a job; -1 for one that becomes free."""
        guild_id, member_id = turn.guild_id, turn.member_id
        self._add(self._places, guild_id, member_id, places)
        line = self._lines.get(guild_id)
        if line and member_id in line.members:
            line.rank(member_id, self._rank((guild_id, member_id)))

    def _rank(self, whose: int | tuple[int, int]) -> tuple[int, int]:
        return self._places[whose], self._spent[whose]

    def _add(
        self, counts: Counter[int | tuple[int, int]], guild_id: int, member_id: int, more: int
    ) -> None:
        counts[guild_id] += more
        counts[guild_id, member_id] += more


def next_in_turn(
    tx: Transaction,
    now: datetime,
    renders_at_once: int,
    held_providers: Collection[str] = (),
    held_jobs: Collection[int] = (),
) -> int | None:
    """Return the id of the due job whose turn it is; `None` while all places are taken.

    Jobs for `held_providers` have no turn, nor have `held_jobs`.
    """
    held = tx.all(_HELD, {"now": to_ms(now)})
    # Before the jobs that wait are read, who may be many.
    if len(held) >= renders_at_once:
        return None
    due: dict[str, SqlValue] = {
        "now": to_ms(now),
        "held_providers": json.dumps(list(held_providers)),
        "held_jobs": json.dumps(list(held_jobs)),
    }
    turns = _turns(tx, tx.all(_DUE, due), now)
    for row in held:
        turns.hold(_turn(row))
    turn = turns.next()
    return None if turn is None else turn.job_id


def clips_before(tx: Transaction, job_id: int, now: datetime, renders_at_once: int) -> int:
    """Return how many clips are finished before a queued job's turn, if nobody else asks.

    Clips at Pika are taken to be finished in the order in which their jobs are due.
    """
    played = _play(tx, now, renders_at_once)
    return next(finished for it, finished in played if it in {job_id, None})


def all_clips_before(tx: Transaction, now: datetime, renders_at_once: int) -> dict[int, int]:
    """As `clips_before`, of every job in line at once, by their ids."""
    return {it: finished for it, finished in _play(tx, now, renders_at_once) if it is not None}


def _play(tx: Transaction, now: datetime, renders_at_once: int) -> Iterator[tuple[int | None, int]]:
    """Play all turns through: each job in its turn, and how many clips were finished before.

    At last comes `None` with the number of those that were finished in all.
    """
    # A job that was never claimed is not due before its member was answered: it waits as well.
    rows = tx.all(_AHEAD, {"now": to_ms(now)})
    held = deque(_turn(row) for row in rows if not row["is_waiting"])
    turns = _turns(tx, [row for row in rows if row["is_waiting"]], now)
    for turn in held:
        turns.hold(turn)
    finished = 0
    while True:
        chosen = turns.next() if len(held) < renders_at_once else None
        if chosen is not None:
            yield chosen.job_id, finished
            turns.take(chosen)
            held.append(chosen)
        elif held:
            turns.hold(held.popleft(), -1)
            finished += 1
        else:
            break
    yield None, finished


def _turns(tx: Transaction, waiting: list[SqlRow], now: datetime) -> Turns:
    since = to_ms(now - RECENT)
    caps: dict[int, int] = {}
    spent: dict[tuple[int, int], int] = {}
    for guild_id in {row["guild_id"] for row in waiting}:
        for row in tx.all(_CAP, {"guild": guild_id}):
            caps[guild_id] = row["guild_at_once"]
        for row in tx.all(_SPENT, {"guild": guild_id, "since": since}):
            spent[guild_id, row["member_id"]] = row["spent"]
    return Turns(map(_turn, waiting), caps, spent)


def _turn(row: SqlRow) -> Turn:
    return Turn(row["id"], row["guild_id"], row["member_id"], row["price_micro_usd"])
