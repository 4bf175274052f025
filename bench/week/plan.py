"""What happens in a week, drawn before it begins: who does what when, faults, cuts and upgrades.

The same seed draws the same plan. What a fault hits still differs from run to run.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from bench.drawn_faults import draw_discord_fault, draw_pika_fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playground.faults import Fault
    from playground.pika import WireName

GUILDS: Final = 3
MEMBERS: Final = 12
"""Of each guild."""
STEP_MINUTES: Final = 5
"""By which all clocks move at once: less than the lease of a step, which may outlast one."""
STEPS_A_DAY: Final = 24 * 60 // STEP_MINUTES
CUTS: Final = 3
"""Power cuts. None comes in the last days, whose memory is compared."""
UPGRADES: Final = 2

What: TypeAlias = Literal[
    "ask",
    "own post",
    "consent",
    "again",
    "cancel",
    "hide",
    "delete",
    "report",
    "export data",
    "delete data",
    "my-clips",
    "usage",
    "pause",
    "resume",
    "block",
    "unblock",
    "limit",
    "cancel theirs",
    "status",
    "audit",
]
"""What somebody does; from "pause" on, a moderator."""

_RHYTHM: Final = (1, 1, 0, 0, 0, 0, 1, 3, 4, 4, 5, 6, 8, 7, 5, 5, 6, 8, 10, 12, 13, 11, 7, 3)
"""How much is asked for in each hour of a day."""
_BESIDE: Final[Sequence[tuple[What, float]]] = (
    ("own post", 0.06),
    ("consent", 0.08),
    ("again", 0.12),
    ("cancel", 0.06),
    ("hide", 0.08),
    ("delete", 0.06),
    ("report", 0.03),
    ("export data", 0.01),
    ("delete data", 0.01),
    ("my-clips", 0.08),
    ("usage", 0.08),
)
"""How often, for each clip that is asked for, something else is done."""
_MODERATION: Final[Sequence[What]] = (
    *("block", "limit", "cancel theirs", "status", "audit", "block", "unblock"),
)
"""Once a day each."""
_PAUSE_STEPS: Final = 4
_FAULTY_TIMES, _FAULTY_STEPS = 6, 6
"""So often a day, for so long, something goes wrong at Discord and at Pika."""
_STALL_STEPS: Final = 9
"""For so long Pika finishes nothing, once a day: longer than it is waited for."""
_LAST_CUT: Final = 5 / 7
"""The part of the time up to which the power is cut."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a member of a guild does, or a moderator for whom that member is the case."""

    what: What
    guild: int
    member: int


@dataclass(slots=True)
class Step:
    """What happens in some minutes.

    Attributes:
        is_stalled: Whether Pika leaves orders in its queue.
        largest_file: Bytes beyond which no file can grow, as on a full disk; `None` for no limit.
        is_locked: Whether another program holds the database, longer than SQLite waits.
        cut_after: Seconds until the bot is killed; `None` if it is not.
        is_upgraded: Whether the bot is stopped after it, and a newer one started.
    """

    acts: list[Act] = field(default_factory=list)
    discord_faults: list[Fault] = field(default_factory=list)
    pika_faults: list[Fault] = field(default_factory=list)
    is_stalled: bool = False
    drops_gateway: bool = False
    largest_file: int | None = None
    is_locked: bool = False
    cut_after: float | None = None
    is_upgraded: bool = False


def draw_week(wire: WireName, seed: int, days: int, clips_a_day: int) -> list[Step]:
    """Draw the steps of so many days; about so many clips are asked for on each."""
    draw = random.Random(f"{seed} {wire}")  # noqa: S311 - a simulation
    steps: list[Step] = []
    for day in range(days):
        today = [Step() for _ in range(STEPS_A_DAY)]
        _add_members(draw, today, clips_a_day)
        _add_moderation(draw, today)
        _add_faults(draw, today, wire, is_local=day % 2 == 0)
        steps += today
    busy = [it for it in steps[: int(len(steps) * _LAST_CUT)] if it.acts and not it.is_locked]
    for step in draw.sample(busy, CUTS):
        step.cut_after = draw.uniform(0.0, 0.8)
    for number in range(1, UPGRADES + 1):
        steps[len(steps) * 2 * number // 7].is_upgraded = True
    return steps


def _add_members(draw: random.Random, today: Sequence[Step], clips: int) -> None:
    weights = [_RHYTHM[number * 24 // len(today)] for number in range(len(today))]
    for step in draw.choices(today, weights, k=clips):
        for what in _of_one_clip(draw):
            act = Act(what, draw.randrange(GUILDS), draw.randrange(MEMBERS))
            # What somebody has deleted is not to be mixed up with what they ask for meanwhile.
            if not any((it.guild, it.member) == (act.guild, act.member) for it in step.acts):
                step.acts.append(act)


def _of_one_clip(draw: random.Random) -> Iterator[What]:
    yield "ask"
    for what, how_often in _BESIDE:
        if draw.random() < how_often:
            yield what


def _add_moderation(draw: random.Random, today: Sequence[Step]) -> None:
    for what in _MODERATION:
        draw.choice(today).acts.append(Act(what, 0, draw.randrange(MEMBERS)))
    pause = draw.randrange(len(today) // 2, len(today) - _PAUSE_STEPS)
    today[pause].acts.append(Act("pause", 0, 0))
    today[pause + _PAUSE_STEPS].acts.append(Act("resume", 0, 0))


def _add_faults(
    draw: random.Random, today: Sequence[Step], wire: WireName, *, is_local: bool
) -> None:
    for _ in range(_FAULTY_TIMES):
        for step in _some(draw, today, _FAULTY_STEPS):
            step.discord_faults += (draw_discord_fault(draw) for _ in range(draw.randint(0, 2)))
            step.pika_faults += (draw_pika_fault(draw, wire) for _ in range(draw.randint(0, 2)))
    for step in _some(draw, today, _STALL_STEPS):
        step.is_stalled = True
    busy = [it for it in today if it.acts]
    draw.choice(busy).drops_gateway = True
    if is_local:
        draw.choice(busy).is_locked = True
        draw.choice(busy).largest_file = draw.choice((0, 100_000, 1_000_000))


def _some(draw: random.Random, today: Sequence[Step], steps: int) -> Sequence[Step]:
    """Steps in a row, in the busier part of the day."""
    first = draw.randrange(len(today) // 3, len(today) - steps)
    return today[first : first + steps]
