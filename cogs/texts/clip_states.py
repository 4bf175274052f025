"""The state of a clip in words, which members and moderators read in words of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.jobs.job import JobState
from cogs.texts.languages import _

if TYPE_CHECKING:
    from bot.moderation.clip_details import ClipDetails


def clip_state(clip: ClipDetails, otherwise: str) -> str:
    """Say that a clip was removed or cancelled, if it was, and what `otherwise` says if not."""
    if clip.removed_at is not None:
        return _("removed")
    if clip.job.cancelled_by is not None:
        has_ended = clip.job.state in {JobState.CANCELLED, JobState.NOTIFIED}
        return _("cancelled") if has_ended else _("being cancelled")
    return otherwise
