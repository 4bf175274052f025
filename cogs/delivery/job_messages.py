"""The messages about a job, from its rendering to its end, as Discord shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.base.errors import BotError, MessageDeletedError
from bot.jobs.errors import MemberGoneError, MemberTimedOutError
from bot.jobs.job import Doubt, Failure
from bot.jobs.transitions import BOT_ACTOR_ID, CONSENT_ACTOR_ID
from cogs.texts import error_texts
from cogs.texts.amounts import timestamp
from cogs.texts.languages import _, ngettext, use_language
from cogs.texts.markdown import quote
from pika import usd

if TYPE_CHECKING:
    from datetime import datetime

    from bot.jobs.estimates import ExpectedTime
    from bot.jobs.job import Job

ACCEPTED: Final = "🎞️"
_BUSY: Final = "⏳"
WAITING_ICONS: Final = (ACCEPTED, _BUSY)
"""What the message of a job that has not begun starts with. An icon stays here for good: a
start reads messages that earlier versions wrote."""
_PROMPT_SHOWN: Final = 500
_NEGATIVE_SHOWN: Final = 150
_MINUTE: Final = 60


def without_words(job: Job) -> Job:
    """A copy without what its member typed and without moderators' reasons; a note has their place.

    The job itself where it has no words.
    """
    options = job.options
    typed = options.prompt or options.negative_prompt
    if not (typed or job.cancel_reason or job.remove_reason):
        return job
    with use_language(job.language):
        note = _("(Discord does not let me repeat these words.)") if typed else ""
    wordless = options.model_copy(update={"prompt": note, "negative_prompt": ""})
    return replace(job, options=wordless, cancel_reason="", remove_reason="")


def rendering_text(job: Job, expected_time: ExpectedTime, since: datetime) -> str:
    """Word the progress message. Discord's clients count its relative time by themselves."""
    started = _("Rendering, started {when}.", when=timestamp(since))
    return status_text(job, "🎬", f"{started} {usual_time_text(expected_time)}")


def busy_text(job: Job) -> str:
    """Word the message of a job that Pika does not take yet."""
    return status_text(job, _BUSY, _("Waiting: Pika is busy, and I keep trying."))


def stopped_text(job: Job, until: datetime) -> str:
    """Word the message of a job whose provider takes no orders from this bot."""
    return status_text(
        job,
        _BUSY,
        _("Waiting: Pika takes no orders from this bot now, and its owner has been told."),
        _(
            "I keep your clip in line. If that has not changed, this ends {when}, and nothing is "
            "charged.",
            when=timestamp(until),
        ),
    )


def waiting_text(job: Job, until: datetime) -> str:
    """Word the message of a clip that moderators review first."""
    return status_text(
        job,
        "🔎",
        _("Your clip is made. Waiting for a moderator to approve it."),
        _("If nobody decides, this ends {when}, and nothing is charged.", when=timestamp(until)),
    )


def request_text(job: Job) -> str:
    """Word a member's request for moderators: prompts, options and cost."""
    return f"{prompts_text(job)}-# {options_text(job)} · {usd(job.cost_micro_usd)}"


def clip_text(job: Job) -> str:
    """Word the message with the finished video, which says that a machine made it."""
    made = _("**AI-generated** with Pika")
    return f"✨ <@{job.reply_to.member_id}> · {made}\n{request_text(job)}"


def clip_notification_text(job: Job) -> str:
    """Word the reply that notifies a member of their finished clip."""
    return _("<@{member}>, your clip is ready.", member=job.reply_to.member_id)


def failed_text(job: Job) -> str:
    """Word the message of a job that ended without a clip."""
    return f"⚠️ <@{job.reply_to.member_id}>: {reason_text(job)}\n{prompts_text(job)}".rstrip()


def failure_notification_text(job: Job) -> str:
    """Word the reply that notifies a member that there is no clip."""
    sentence = _("<@{member}>, there is no clip this time.", member=job.reply_to.member_id)
    return f"{sentence} {reason_text(job)}"


def private_failure_text(job: Job) -> str:
    """Word the private message about a clip whose status message was deleted."""
    return f"⚠️ <#{job.reply_to.channel_id}>: {reason_text(job)}\n{prompts_text(job)}".rstrip()


def withheld_text(job: Job, why: BotError) -> str:
    """Tell moderators of a finished clip that is shown to nobody else, and why."""
    reply_to = job.reply_to
    head = f"🙈 **Clip {job.id} is not shown: {_WITHHELD[type(why)]}.**"
    return (
        f"{head} <@{reply_to.member_id}> asked for it in <#{reply_to.channel_id}>; "
        f"`/clips who clip:{job.id}` has the rest.\n"
        f"{request_text(job)}"
    )


_WITHHELD: Final[dict[type[BotError], str]] = {
    MemberGoneError: "its member is not in this server any more",
    MemberTimedOutError: "its member is timed out",
    MessageDeletedError: "its message was deleted",
}


def removed_text(job: Job) -> str:
    """Say that a moderator removed a job's clip, and why."""
    return _(
        "A moderator removed your clip in <#{channel}>{why}.",
        channel=job.reply_to.channel_id,
        why=error_texts.reason_suffix(job.remove_reason),
    )


def removed_notice_text(job: Job, *, refunded: bool) -> str:
    """Word the private message to a member whose clip was removed."""
    if refunded:
        cost = _("You have back what it cost: {price}.", price=usd(job.cost_micro_usd))
    else:
        cost = _("What it cost, {price}, still counts.", price=usd(job.cost_micro_usd))
    advice = _("Please ask the moderators there if you think that is wrong.")
    reference = error_texts.reference_text(job.reference)
    return f"🗑️ {removed_text(job)} {cost} {advice} {reference}"


def is_failure_of(job: Job, content: str) -> bool:
    """Check that a message says why this job has no clip: it then ends with its reference."""
    return f"{job.reference})" in content


def interrupted_request_text(member_id: int) -> str:
    """Word the message of a request that a restart has interrupted."""
    return f"⚠️ <@{member_id}>: {error_texts.interrupted_text()}"


def refusal_is_private_text() -> str:
    """Word what stands for a moment, and stays where a refused request cannot be deleted."""
    return _("This was not accepted; whoever asked has been told why.")


def status_text(job: Job, icon: str, status: str, *small_print: str) -> str:
    """Word a message about a job that has not ended: its state, prompt, options and price."""
    options = f"{options_text(job)} · {usd(job.price_micro_usd)}"
    small = "\n".join(f"-# {line}" for line in (options, *small_print))
    return f"{icon} <@{job.reply_to.member_id}>: {status}\n{prompts_text(job)}{small}"


def prompts_text(job: Job) -> str:
    """Quote what the member typed, each line with its line feed; empty if nothing was."""
    options = job.options
    without = options.negative_prompt
    avoid = _("without: {words}", words=without) if without else ""
    return quote(options.prompt, _PROMPT_SHOWN) + quote(avoid, _NEGATIVE_SHOWN)


def options_text(job: Job) -> str:
    """Say in which size, of what length and from which seed a clip is made."""
    options = job.options
    seed = _("seed {seed}", seed=options.seed)
    return f"{options.resolution} · {options.duration} s · {seed}"


def reason_text(job: Job) -> str:
    """Say why a job has no clip, and under which reference the log knows it."""
    if job.failure is not None:
        sentence = error_texts.failure_text(job.failure)
    elif job.cancelled_by == BOT_ACTOR_ID:
        sentence = _("A moderator deleted the message of your clip, so I cancelled it.")
    elif job.cancelled_by == CONSENT_ACTOR_ID:
        sentence = _("The person whose picture it is wants no clip of it, so I cancelled it.")
    else:
        why = error_texts.reason_suffix(job.cancel_reason)
        sentence = _("A moderator cancelled this clip{why}.", why=why)
    if job.counts_unseen:
        if job.failure is Failure.MEMBER_GONE:
            sentence = f"{sentence} {_('It was made already, and counts.')}"
        return f"{sentence} {error_texts.reference_text(job.reference)}"
    is_doubtful = job.doubt is Doubt.OPEN
    add_note = error_texts.with_doubt_note if is_doubtful else error_texts.with_no_charge_note
    return f"{add_note(sentence)} {error_texts.reference_text(job.reference)}"


def usual_time_text(expected_time: ExpectedTime) -> str:
    """Say how long Pika usually takes: a range in seconds, or from two minutes on in minutes."""
    low, high = expected_time.usual, expected_time.slow
    if high < 2 * _MINUTE:
        first, last = max(1, round(low)), max(1, round(high))
        if first == last:
            return _takes(ngettext("about {n} second", "about {n} seconds", last))
        return _takes(_("{first} to {last} seconds", first=first, last=last))
    first, last = max(1, round(low / _MINUTE)), round(high / _MINUTE)
    if first == last:
        return _takes(ngettext("about {n} minute", "about {n} minutes", last))
    return _takes(_("{first} to {last} minutes", first=first, last=last))


def _takes(time: str) -> str:
    return _("Pika usually takes {time}.", time=time)
