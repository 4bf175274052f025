"""Which clips a cancel of several reaches, and what they cost. Plain values; nothing is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import value
from bot.jobs.job import IN_PROGRESS, JobState
from bot.moderation.authority import is_own, is_within_reach

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from bot.jobs.job import Job
    from bot.moderation.authority import ClipAuthority


@value
class SelectedClips:
    """Clips that are, or would be, cancelled together, each as it was before.

    Attributes:
        own: The number of the moderator's own that Pika has, which are left to somebody else.
        elsewhere: The number of those in channels over which the moderator has no say.
    """

    jobs: tuple[Job, ...]
    own: int = 0
    elsewhere: int = 0

    @property
    def waiting(self) -> list[Job]:
        """Those that Pika has not been asked for: nothing is paid for them."""
        return [job for job in self.jobs if job.is_unordered]

    @property
    def at_pika(self) -> list[Job]:
        """Those that Pika makes, or is being asked for: it bills what it cannot stop."""
        rendering = JobState.RENDERING
        return [job for job in self.jobs if job.is_being_ordered or job.state is rendering]

    @property
    def made(self) -> list[Job]:
        """Those that Pika has made, and bills."""
        return [job for job in self.jobs if job.state is JobState.RENDERED]

    @property
    def members(self) -> int:
        """The number of members whose clips they are."""
        return len({job.reply_to.member_id for job in self.jobs})


@value
class ClipSelection:
    """Clips in progress that nobody has cancelled; each condition leaves some out.

    Attributes:
        member_id: Only this member's.
        member_ids: Only these members'.
        asked_since: Only those that were asked for at this instant or later.
        only_waiting: Only those that Pika has not been asked for.
    """

    member_id: int | None = None
    member_ids: Collection[int] | None = None
    asked_since: datetime | None = None
    only_waiting: bool = False

    def pick(self, jobs: Iterable[Job], authority: ClipAuthority, actor_id: int) -> SelectedClips:
        """Pick from a guild's jobs those that are meant and that this moderator may cancel."""
        meant = [job for job in jobs if self._means(job)]
        reached = [job for job in meant if is_within_reach(authority, job)]
        # Once Pika has it, a cancel is a refund that the server pays for.
        may = [job for job in reached if job.is_unordered or not is_own(authority, actor_id, job)]
        return SelectedClips(tuple(may), len(reached) - len(may), len(meant) - len(reached))

    def _means(self, job: Job) -> bool:
        # A job that another moderator cancelled keeps that moderator and that reason.
        return (
            job.cancelled_by is None
            and (job.is_unordered if self.only_waiting else job.state in IN_PROGRESS)
            and self.member_id in {None, job.reply_to.member_id}
            and (self.member_ids is None or job.reply_to.member_id in self.member_ids)
            and (self.asked_since is None or job.created_at >= self.asked_since)
        )


def total_micro_usd(jobs: Iterable[Job]) -> int:
    """What jobs cost together, in micro-USD."""
    return sum(job.cost_micro_usd for job in jobs)
