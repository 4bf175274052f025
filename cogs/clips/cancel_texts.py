"""How several clips that are, or would be, cancelled together read: what that saves and costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.moderation.clip_selection import total_micro_usd
from cogs.clips.error_texts import left_alone
from cogs.interactions.reason_option import with_reason
from cogs.texts.amounts import timestamp
from cogs.texts.languages import N_, _, money
from cogs.texts.markdown import plural
from cogs.texts.punctuation import with_note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.moderation.clip_selection import ClipSelection, SelectedClips

_EFFECTS: Final = {
    True: N_("I ask it to stop; the server pays for what it cannot stop."),
    False: N_("it cannot stop what it has; the server pays all the same."),
}
"""What a cancel does at a provider, by whether that can cancel."""


def question_text(selection: ClipSelection, selected: SelectedClips, reason: str) -> str:
    """Ask whether clips are to be cancelled, and say what that saves; the reason comes last."""
    whose, since = selection.member_id, selection.asked_since
    of = (
        _(" of <@{whose}>", whose=whose)
        if whose
        else _(" of {members}", members=plural(selected.members, "member"))
    )
    asked = _(", asked for since {when}", when=timestamp(since, "T")) if since else ""
    head = _(
        "Cancel **{clips}**{of}{asked}? Members pay nothing.",
        clips=plural(len(selected.jobs), "clip"),
        of=of,
        asked=asked,
    )
    last = _("-# What is asked for until you press counts too; the answer says what I did.")
    return with_reason("\n".join((head, *parts(selected), last)), reason)


def done_text(selected: SelectedClips) -> str:
    """Say which clips were cancelled, and what that saved."""
    of = _(
        "{clips} of {members}",
        clips=plural(len(selected.jobs), "clip"),
        members=plural(selected.members, "member"),
    )
    return "\n".join(
        (("✅ " + _("I cancelled **{of}**. Members pay nothing.", of=of)), *parts(selected))
    )


def saved_text(selected: SelectedClips) -> str:
    """Say how many clips wait and what they cost: `197 waiting clips ($88.65)`."""
    cost = money(total_micro_usd(selected.waiting))
    return with_note(plural(len(selected.waiting), "waiting clip"), cost)


def parts(selected: SelectedClips) -> Iterator[str]:
    """Say what becomes of clips that are cancelled together, and of those that are not."""
    made = money(total_micro_usd(selected.made))
    if selected.waiting:
        yield ("- " + _("{saved}: neither made nor paid.", saved=saved_text(selected)))
    # By the wire of each: after a change of provider there may be clips at two.
    for can_stop in _EFFECTS:
        jobs = [job for job in selected.at_pika if job.can_be_cancelled is can_stop]
        if jobs:
            cost = money(total_micro_usd(jobs))
            yield (
                "- "
                + _(
                    "{clips} at Pika ({cost}): {effect}",
                    clips=plural(len(jobs), "clip"),
                    cost=cost,
                    effect=_(_EFFECTS[can_stop]),
                )
            )
    if selected.made:
        clips = plural(len(selected.made), "finished clip")
        yield ("- " + _("{clips}: the server pays {made} all the same.", clips=clips, made=made))
    yield from (f"- {sentence}" for sentence in left_alone(selected))
