"""How several clips that are, or would be, cancelled together read: what that saves and costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.moderation.clip_selection import total_micro_usd
from cogs.clips.error_texts import left_alone
from cogs.interactions.reason_option import with_reason
from cogs.texts.amounts import timestamp
from cogs.texts.markdown import plural
from pika import usd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.moderation.clip_selection import ClipSelection, SelectedClips

_EFFECTS: Final = {
    True: "I ask it to stop; the server pays for what it cannot stop.",
    False: "it cannot stop what it has; the server pays all the same.",
}
"""What a cancel does at a provider, by whether that can cancel."""


def question_text(selection: ClipSelection, selected: SelectedClips, reason: str) -> str:
    """Ask whether clips are to be cancelled, and say what that saves; the reason comes last."""
    whose, since = selection.member_id, selection.asked_since
    of = f" of <@{whose}>" if whose else f" of {plural(selected.members, 'member')}"
    asked = f", asked for since {timestamp(since, 'T')}" if since else ""
    head = f"Cancel **{plural(len(selected.jobs), 'clip')}**{of}{asked}? Members pay nothing."
    last = "-# What is asked for until you press counts too; the answer says what I did."
    return with_reason("\n".join((head, *parts(selected), last)), reason)


def done_text(selected: SelectedClips) -> str:
    """Say which clips were cancelled, and what that saved."""
    of = f"{plural(len(selected.jobs), 'clip')} of {plural(selected.members, 'member')}"
    return "\n".join((f"✅ I cancelled **{of}**. Members pay nothing.", *parts(selected)))


def saved_text(selected: SelectedClips) -> str:
    """Say how many clips wait and what they cost: `197 waiting clips ($88.65)`."""
    cost = usd(total_micro_usd(selected.waiting))
    return f"{plural(len(selected.waiting), 'waiting clip')} ({cost})"


def parts(selected: SelectedClips) -> Iterator[str]:
    """Say what becomes of clips that are cancelled together, and of those that are not."""
    made = usd(total_micro_usd(selected.made))
    if selected.waiting:
        yield f"- {saved_text(selected)}: neither made nor paid."
    # By the wire of each: after a change of provider there may be clips at two.
    for can_stop, effect in _EFFECTS.items():
        jobs = [job for job in selected.at_pika if job.can_be_cancelled is can_stop]
        if jobs:
            cost = usd(total_micro_usd(jobs))
            yield f"- {plural(len(jobs), 'clip')} at Pika ({cost}): {effect}"
    if selected.made:
        clips = plural(len(selected.made), "finished clip")
        yield f"- {clips}: the server pays {made} all the same."
    yield from (f"- {sentence}" for sentence in left_alone(selected))
