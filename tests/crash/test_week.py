"""A morning of the week: each thing that people do, a power cut, an upgrade and a backup."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, get_args

import pytest

from bench.books import compare
from bench.week.copies import check_books
from bench.week.plan import GUILDS, MEMBERS, STEPS_A_DAY, Act, Step, What, draw_week
from bench.week.report import report
from bench.week.week import MAINTENANCE_HOUR, live_week
from tests.house import DATABASE

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20261130
WHATS: tuple[What, ...] = get_args(What)
MORNING = STEPS_A_DAY * MAINTENANCE_HOUR // 24 + 2
"""Steps until the daily backup is looked into."""


LATER: dict[What, int] = {"delete data": 0, "pause": 0}
OWN: dict[What, int] = {"hide": 1, "delete": 2}
"""Members who have clips of their own by then."""
BY_CHANCE: set[What] = {"cancel", "cancel theirs"}
"""The clip may be made before."""


def morning() -> list[Step]:
    steps = [Step() for _ in range(MORNING)]
    for number in range(3):
        steps[1].acts.append(Act("ask", 0, number))
        steps[3].acts.append(Act("ask", 1 + number % (GUILDS - 1), number))
    steps[3].cut_after = 0.3
    for number, what in enumerate(WHATS):
        if what not in LATER:
            steps[5].acts.append(Act(what, 0, OWN.get(what, 3 + number % (MEMBERS - 3))))
    steps[7].acts += (Act(what, 0, member) for what, member in LATER.items())
    steps[9].is_upgraded = True
    return steps


@pytest.mark.timeout(300)
async def test_a_morning_of_a_week(tmp_path: Path) -> None:
    week, books = await live_week(tmp_path, "pika", SEED, morning())
    said = report(week, books)
    assert said.endswith("Nothing differs."), said
    assert week.cuts == 1
    backup, schema = sorted(week.copies)
    assert backup.startswith("animate-bot-2")
    assert schema == f"schema {week.versions.schema - 1}"
    assert books.ends["delivered"] > 5, said
    assert {*week.people.done} >= {*WHATS} - BY_CHANCE, said
    assert books.billed, said

    # What is wrong is found: a clip that nobody asked for, and books that do not balance.
    with week.versions.known_here():
        other = await compare(week.house, week.people.asked[1:], week.people.names)
    assert any("is nobody's" in it for it in other.differences), other.differences
    copy = tmp_path / "copy.sqlite3"
    shutil.copy(week.house.data_dir / DATABASE, copy)
    assert list(check_books(week.house, copy)) == []
    with closing(sqlite3.connect(copy)) as file, file:
        file.execute("UPDATE guild_totals SET micro_usd = micro_usd + 1")
    assert len(list(check_books(week.house, copy))) == 1


def test_a_drawn_week_is_the_same_for_a_seed_and_has_it_all() -> None:
    steps = draw_week("pika", SEED, 7, 100)
    assert steps == draw_week("pika", SEED, 7, 100)
    assert steps != draw_week("pika", SEED + 1, 7, 100)
    assert len(steps) == 7 * STEPS_A_DAY
    assert {act.what for step in steps for act in step.acts} == {*WHATS}
    assert sum(step.cut_after is not None for step in steps) == 3
    assert sum(step.is_upgraded for step in steps) == 2
    assert all(step.cut_after is None for step in steps[-2 * STEPS_A_DAY :])
