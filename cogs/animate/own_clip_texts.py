"""What members read of their own clips in lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.jobs.job import JobState
from cogs.delivery.job_messages import options_text, prompts_text, reason_text, removed_text
from cogs.texts.amounts import timestamp
from cogs.texts.clip_states import clip_state
from cogs.texts.languages import N_, _, money
from cogs.texts.links import message_link
from cogs.texts.markdown import escape, shorten
from cogs.texts.punctuation import listed

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from bot.moderation.clip_details import ClipDetails

# Characters of a prompt in a list, and of a menu's label, which Discord bounds.
_WORDS: Final = 80
_LABEL: Final = 100
_ENDED: Final = frozenset({JobState.FAILED, JobState.CANCELLED, JobState.NOTIFIED})
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
    going_on = _("waiting for a moderator") if clip.in_review else _(_STATES[clip.job.state])
    return clip_state(clip, going_on)


def jump_url(job: Job) -> str:
    """The address of the message that shows a clip, or how far it is."""
    return message_link(job.reply_to)


def line_text(clip: ClipDetails) -> str:
    """Word a clip as a line: when, state with link, size, cost, and its first words."""
    job = clip.job
    state = f"[{state_text(clip)}]({jump_url(job)})"
    words = escape(shorten(_words(job), _WORDS))
    parts = (timestamp(job.created_at, "t"), state, _size(job), _cost(clip), words)
    return " · ".join(part for part in parts if part)


def option_text(clip: ClipDetails) -> tuple[int, str]:
    """The job's id, and a clip as an entry of a menu, which shows no Markdown."""
    parts = (f"#{clip.job.id}", state_text(clip), _size(clip.job), _words(clip.job))
    return clip.job.id, shorten(" · ".join(part for part in parts if part), _LABEL)


def clip_text(clip: ClipDetails) -> str:
    """Word all that its member may want to know of one clip."""
    job = clip.job
    lines = [f"**#{job.id}** · {state_text(clip)} · {timestamp(job.created_at, 'f')}"]
    if clip.removed_at is not None:
        lines.append(removed_text(job))
    elif job.state in _ENDED:
        lines.append(reason_text(job))
    lines.append(f"{prompts_text(job)}-# {options_text(job)} · {_cost(clip)}")
    return "\n".join(lines)


def _words(job: Job) -> str:
    return " ".join(job.options.prompt.split())


def _size(job: Job) -> str:
    return listed((str(job.options.resolution), f"{job.options.duration} s"))


def _cost(clip: ClipDetails) -> str:
    job = clip.job
    if clip.given_back:
        # What it was asked for: of one that failed, Pika bills nothing.
        return _("{price}, given back", price=money(job.price_micro_usd))
    return money(job.cost_micro_usd)
