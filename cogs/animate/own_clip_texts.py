"""What members read of their own clips in lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.jobs.job import JobState
from cogs.texts.languages import N_, _

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from bot.moderation.clip_details import ClipDetails

_STATES: Final = {
    JobState.QUEUED: N_("waiting"),
    JobState.SUBMITTING: N_("on its way to Pika"),
    JobState.RENDERING: N_("rendering"),
    JobState.RENDERED: N_("about to be shown"),
    JobState.DELIVERED: N_("shown"),
    JobState.FAILED: N_("no clip"),
    JobState.CANCELLED: N_("cancelled"),
    JobState.NOTIFIED: N_("no clip"),
}


def state_text(clip: ClipDetails) -> str:
    """Say to its member what has become of a clip."""
    job = clip.job
    if clip.removed_at is not None:
        return _("removed")
    if job.cancelled_by is not None:
        has_ended = job.state in {JobState.CANCELLED, JobState.NOTIFIED}
        return _("cancelled") if has_ended else _("being cancelled")
    return _("waiting for a moderator") if clip.in_review else _(_STATES[job.state])


def jump_url(job: Job) -> str:
    """The address of the message that shows a clip, or how far it is."""
    reply_to = job.reply_to
    where = f"{reply_to.guild_id}/{reply_to.channel_id}/{reply_to.message_id}"
    return f"https://discord.com/channels/{where}"
