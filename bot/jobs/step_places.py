"""How many steps run at once, by kind, channel and guild, so that no slow one holds up the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.jobs.job import JobState

if TYPE_CHECKING:
    from bot.jobs.job import Job

SHOWN_IN: Final = frozenset({JobState.RENDERED, JobState.FAILED, JobState.CANCELLED})
"""States whose step posts to the job's channel; the steps of all others ask the provider."""
SHOWN_AT_ONCE: Final = 16
"""The most steps that post; each may be sending a video."""
SHOWN_AT_ONCE_IN_GUILD: Final = 4
SLOW_AT_ONCE: Final = 64
"""The most steps that post and have gone on without a place; each has a connection and a file."""
SLOW_AT_ONCE_IN_GUILD: Final = 12
_SPARE: Final = 8
"""Steps beside those of jobs at the provider, which may all hang: starts, and cancelled jobs."""


@dataclass(frozen=True, slots=True)
class Unclaimable:
    """What no step may be claimed for now.

    Attributes:
        asking: All places of steps that ask the provider are taken.
        showing: All places of steps that post are taken.
        channel_ids: A step is posting to these. A channel's messages wait for one another at
            Discord anyway, so that a second step would wait with a place in its hands.
        guild_ids: As many steps as may be are posting to these.
        held_providers: Orders to these are stopped: no queued job of theirs may be sent.
        held_jobs: The ids of further queued jobs that may not be sent.
    """

    asking: bool = False
    showing: bool = False
    channel_ids: frozenset[int] = frozenset()
    guild_ids: frozenset[int] = frozenset()
    held_providers: tuple[str, ...] = ()
    held_jobs: frozenset[int] = frozenset()


NOTHING: Final = Unclaimable()


@dataclass(frozen=True, slots=True)
class StepPlaces:
    """The jobs whose steps run, each with its place. `renders_at_once` may be at the provider."""

    renders_at_once: int
    # By claim too: a step whose lease was revoked may still be ending beside the next one.
    _jobs: dict[tuple[int, int], Job] = field(default_factory=dict, init=False)
    _slow: set[tuple[int, int]] = field(default_factory=set, init=False)

    def take(self, job: Job) -> None:
        """Give a claimed job its place, by the state that it was claimed in."""
        self._jobs[job.id, job.claim] = job

    def free(self, job: Job) -> None:
        """Take the place back."""
        del self._jobs[job.id, job.claim]
        self._slow.discard((job.id, job.claim))

    def free_if_slow(self, job: Job) -> bool:
        """Take the place of a step back that still posts, which goes on; return if there is one.

        It waits for Discord, which may limit its channel or not answer. That channel stays taken.
        """
        key = job.id, job.claim
        is_slow = key in self._jobs and job.state in SHOWN_IN
        if is_slow:
            self._slow.add(key)
        return is_slow

    def unclaimable(
        self, held_providers: tuple[str, ...], held_jobs: frozenset[int]
    ) -> Unclaimable:
        """What no step may be claimed for, by the places that are taken and by stopped orders."""
        slow = [self._jobs[key].reply_to for key in self._slow]
        shown = [job.reply_to for job in self._jobs.values() if job.state in SHOWN_IN]
        slow_of = Counter(it.guild_id for it in slow)
        quick_of = Counter(it.guild_id for it in shown)
        quick_of.subtract(slow_of)
        return Unclaimable(
            asking=len(self._jobs) - len(shown) >= self.renders_at_once + _SPARE,
            showing=len(shown) - len(slow) >= SHOWN_AT_ONCE or len(slow) >= SLOW_AT_ONCE,
            channel_ids=frozenset(it.channel_id for it in shown),
            guild_ids=frozenset(
                guild_id
                for guild_id, quick in quick_of.items()
                if quick >= SHOWN_AT_ONCE_IN_GUILD or slow_of[guild_id] >= SLOW_AT_ONCE_IN_GUILD
            ),
            held_providers=held_providers,
            held_jobs=held_jobs,
        )
