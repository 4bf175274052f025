"""Clips as lines of a list, and how moderators refer to one: number, link or message."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

import discord

from bot.jobs.job import JobState
from bot.moderation.clip_details import ClipRef
from cogs.interactions.suggestions import CHOICES, Choices, matching_choices
from cogs.texts.amounts import timestamp
from cogs.texts.clip_states import clip_state
from cogs.texts.languages import N_, _, money
from cogs.texts.markdown import escape, plural, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from bot.moderation.authority import ClipAuthority
    from bot.moderation.clip_details import ClipDetails
    from cogs.clips.member_names import MemberNames

_NAME: Final = 32
_PROMPT: Final = 60
"""Characters of a prompt in a list; as many again where each is escaped."""
MORE: Final = N_("-# … and {n} more.")
"""The end of a list that does not fit."""

_NUMBER: Final = re.compile(r"\s*#?(\d{1,15})(?!\d)")
_MESSAGE: Final = re.compile(
    r"\s*(?:https?://(?:\w+\.)?discord(?:app)?\.com/channels/\d+/\d+/)?(\d{16,20})/?\s*"
)
"""A link to a message, or its id, which is longer than any number of a clip."""

_STATES: Final = {
    JobState.QUEUED: N_("waiting"),
    JobState.SUBMITTING: N_("being sent to Pika"),
    JobState.RENDERING: N_("rendering"),
    JobState.RENDERED: N_("being delivered"),
    JobState.DELIVERED: N_("delivered"),
    JobState.FAILED: N_("ended without a clip"),
    JobState.CANCELLED: N_("cancelled"),
    JobState.NOTIFIED: N_("ended without a clip"),
}


def state_text(clip: ClipDetails) -> str:
    """Say what state a clip is in, to moderators."""
    going_on = _("in review") if clip.in_review else _(_STATES[clip.job.state])
    return clip_state(clip, going_on)


def clip_line(clip: ClipDetails) -> str:
    """Word a clip: its number, member, state, age and cost, and its prompt in small print."""
    job = clip.job
    age, cost = timestamp(job.created_at), money(job.cost_micro_usd)
    line = f"**#{job.id}** · <@{job.reply_to.member_id}> · {state_text(clip)} · {age} · {cost}"
    prompt = escape(shorten(_prompt(clip), _PROMPT))
    return f"{line}\n-# {prompt}" if prompt else line


def choices(clips: Iterable[ClipDetails], names: MemberNames, typed: str, now: datetime) -> Choices:
    """Suggest the first clips that have all the words that were typed, in any case.

    They are looked for in `#12 · Mia · rendering · 2 min · $0.20`, in the member's id and in the
    whole prompt.
    """
    words = typed.casefold().split()
    labels = ((_label(clip, names, now), clip) for clip in clips)
    found = (
        (f"{label} · {_prompt(clip)}".removesuffix(" · "), str(clip.job.id))
        for label, clip in labels
        if _has(words, f"{label} {clip.job.reply_to.member_id} {_prompt(clip)}")
    )
    return matching_choices(islice(found, CHOICES), "")


def _has(words: Iterable[str], text: str) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


def _prompt(clip: ClipDetails) -> str:
    return " ".join(clip.job.options.prompt.split())


def within_reach(clips: Iterable[ClipDetails], authority: ClipAuthority) -> list[ClipDetails]:
    """List the clips over which a moderator has a say."""
    only = authority.only_channel_id
    return [clip for clip in clips if only in {None, clip.job.reply_to.channel_id}]


def parse_clip_ref(typed: str) -> ClipRef | None:
    """Read what a moderator typed: a clip's number, or a link to its message or notification."""
    if (number := _NUMBER.match(typed)) is not None:
        return ClipRef(int(number[1]))
    if (message := _MESSAGE.fullmatch(typed)) is not None:
        return ClipRef(message_ids=(int(message[1]),))
    return None


def clip_ref_at(message: discord.Message) -> ClipRef:
    """Refer to the clip that a message shows, or that it notifies a member of."""
    # Of a notification: the message that it replies to is the one that shows the clip. A forward
    # refers too, to what may be in a channel of which the moderator knows nothing.
    reference = message.reference
    is_reply = reference is not None and reference.type is discord.MessageReferenceType.reply
    if not is_reply or reference is None or reference.message_id is None:
        return ClipRef(message_ids=(message.id,))
    return ClipRef(message_ids=(message.id, reference.message_id))


def _label(clip: ClipDetails, names: MemberNames, now: datetime) -> str:
    job = clip.job
    name = shorten(names.name_of(job.reply_to.guild_id, job.reply_to.member_id), _NAME)
    facts = (f"#{job.id}", name, state_text(clip), _age(now - job.created_at))
    return " · ".join((*facts, money(job.cost_micro_usd)))


def _age(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    hours, days = minutes // 60, minutes // 1440
    if days:
        return plural(days, "day")
    return f"{hours} h" if hours else _("{minutes} min", minutes=minutes)
