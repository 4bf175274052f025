"""The messages about a job, from its rendering to its end, as Discord shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.base.errors import BotError, MessageDeletedError
from bot.jobs.errors import MemberGoneError, MemberTimedOutError
from bot.jobs.job import Doubt, Failure
from bot.jobs.progress import Stage
from bot.jobs.transitions import BOT_ACTOR_ID, CONSENT_ACTOR_ID
from bot.media.still import PictureChange
from bot.quota.rules import OWNER
from cogs.delivery.wait_texts import expected_time_text
from cogs.texts import error_texts
from cogs.texts.amounts import left_line, timestamp
from cogs.texts.languages import N_, _, money, use_language
from cogs.texts.markdown import quote
from cogs.texts.punctuation import as_sentence, labelled, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.jobs.job import Job
    from bot.jobs.progress import ShownProgress

ACCEPTED: Final = "🎞️"
_BUSY: Final = "⏳"
_BEGUN: Final = "🎬"
_REVIEWED: Final = "🔎"
WAITING_ICONS: Final = (ACCEPTED, _BUSY)
"""What the message of a job that has not begun starts with. An icon stays here for good: a
start reads messages that earlier versions wrote."""
_PROMPT_SHOWN: Final = 500
_NEGATIVE_SHOWN: Final = 150
_CHANGES: Final = {
    PictureChange.FIRST_FRAME: N_("Your picture is an animation, so I used its first frame."),
    PictureChange.PRINT_COLOURS: N_(
        "Your picture has print colours (CMYK), so I converted them for screens."
    ),
    PictureChange.DEEP_COLOURS: N_("Your picture has 16-bit colours, so I reduced them to 8 bits."),
}


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


def progress_text(job: Job, shown: ShownProgress) -> str:
    """Word the message of a clip in line or at Pika: no more than is known of it.

    Discord's clients count its relative times by themselves.
    """
    is_in_line = shown.progress.stage is Stage.IN_LINE
    parts = [_stage_text(shown)]
    if shown.progress.is_late and shown.until is None:
        parts.append(_("It takes longer than I said."))
    if shown.progress.is_late and shown.until is not None:
        until = timestamp(shown.until)
        late = _("It takes longer than nine in ten such clips. I wait until {when}.", when=until)
        parts.append(late)
    else:
        parts.append(expected_time_text(shown.expected_time))
    return status_text(job, ACCEPTED if is_in_line else _BEGUN, sentences(*parts))


def _stage_text(shown: ShownProgress) -> str:
    since, place = timestamp(shown.since), shown.progress.place
    match shown.progress.stage:
        case Stage.IN_LINE:
            return _("Number {place} in line, as of {when}.", place=place, when=since)
        case Stage.RENDERING:
            return _("Rendering, sent to Pika {when}.", when=since)
        case Stage.SENT:
            return _("Sent to Pika {when}.", when=since)
    if place is None:
        return _("In Pika's queue, sent {when}.", when=since)
    return _("Number {place} in Pika's queue, sent {when}.", place=place, when=since)


def busy_text(job: Job, until: datetime, *, is_down: bool) -> str:
    """Word the message of a job that Pika does not take yet, and say when that ends."""
    if is_down:
        status = _("Waiting: Pika is down or cannot be reached, and I keep trying.")
    else:
        status = _("Waiting: Pika is busy, and I keep trying.")
    end = _("If that has not changed, this ends {when}.", when=timestamp(until))
    return status_text(job, _BUSY, status, end)


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
        _REVIEWED,
        _("Your clip is made. Waiting for a moderator to approve it."),
        _("If nobody decides, this ends {when}, and nothing is charged.", when=timestamp(until)),
    )


def request_text(job: Job) -> str:
    """Word a member's request for moderators: prompts, options and cost."""
    return f"{prompts_text(job)}-# {options_text(job)} · {money(job.cost_micro_usd)}"


def clip_text(job: Job) -> str:
    """Word the message with the finished video: a machine made it; its cost, and what was left."""
    made = _("**AI-generated** with Pika")
    left = job.notes.settled(job.price_micro_usd, job.cost_micro_usd)
    after = (f"\n-# {_('After this clip: {left}.', left=left_line(it))}" for it in left)
    return f"✨ <@{job.reply_to.member_id}> · {made}\n{request_text(job)}{''.join(after)}"


def clip_notification_text(job: Job) -> str:
    """Word the reply that notifies a member of their finished clip."""
    return _("<@{member}>, your clip is ready.", member=job.reply_to.member_id)


def direct_clip_text(job: Job) -> str:
    """Word the direct message that calls a member to their finished clip."""
    to = job.reply_to
    link = f"https://discord.com/channels/{to.guild_id}/{to.channel_id}/{to.message_id}"
    return _("Your clip in <#{channel}> is ready: {link}", channel=to.channel_id, link=link)


def failed_text(job: Job) -> str:
    """Say to a member, and to nobody else in the channel, why there is no clip."""
    return labelled(f"⚠️ <@{job.reply_to.member_id}>", reason_text(job))


def public_failure_text(job: Job) -> str:
    """Word what everybody in the channel may read of a job that ended without a clip.

    Neither why, nor what its member typed, is for others.
    """
    sentence = _("There is no clip this time. `/usage` says why, to you alone.")
    text = sentences(sentence, error_texts.reference_text(job.reference))
    return labelled(f"⚠️ <@{job.reply_to.member_id}>", text)


def failure_notification_text(job: Job) -> str:
    """Word the reply that notifies a member that there is no clip."""
    return _(
        "<@{member}>, there is no clip this time; `/usage` says why.",
        member=job.reply_to.member_id,
    )


def direct_failure_text(job: Job) -> str:
    """Word the direct message to a member that there is no clip, and why."""
    return labelled(f"⚠️ <#{job.reply_to.channel_id}>", reason_text(job))


def withheld_text(job: Job, why: BotError) -> str:
    """Tell moderators of a finished clip that is shown to nobody else, and why."""
    reply_to = job.reply_to
    asked = _(
        "<@{member}> asked for it in <#{channel}>; `/clips who clip:{job}` has the rest.",
        member=reply_to.member_id,
        channel=reply_to.channel_id,
        job=job.id,
    )
    text = sentences(_(_WITHHELD[type(why)], job=job.id), asked)
    return f"🙈 {text}\n{request_text(job)}"


_WITHHELD: Final = {
    MemberGoneError: N_("**Clip {job} is not shown: its member is not in this server any more.**"),
    MemberTimedOutError: N_("**Clip {job} is not shown: its member is timed out.**"),
    MessageDeletedError: N_("**Clip {job} is not shown: its message was deleted.**"),
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
        cost = _("You have back what it cost: {price}.", price=money(job.cost_micro_usd))
    else:
        cost = _("What it cost, {price}, still counts.", price=money(job.cost_micro_usd))
    advice = _("Please ask the moderators there if you think that is wrong.")
    reference = error_texts.reference_text(job.reference)
    return f"🗑️ {sentences(removed_text(job), cost, advice, reference)}"


def is_failure_of(job: Job, content: str) -> bool:
    """Check that a message says why this job has no clip: it then ends with its reference."""
    # In whichever language it is: Japanese has a parenthesis of its own.
    return any(f"{job.reference}{end}" in content for end in ")）")  # noqa: RUF001 - as said


def interrupted_request_text(member_id: int) -> str:
    """Word the message of a request that a restart has interrupted."""
    return labelled(f"⚠️ <@{member_id}>", error_texts.interrupted_text())


def refusal_is_private_text() -> str:
    """Word what stands for a moment, and stays where a refused request cannot be deleted."""
    return _("This was not accepted; whoever asked has been told why.")


def status_text(job: Job, icon: str, status: str, *small_print: str) -> str:
    """Word a message about a job that has not ended: its state, prompt, options and price.

    What was said when it was accepted stays, whatever else is said since.
    """
    options = f"{options_text(job)} · {money(job.price_micro_usd)}"
    small = "\n".join(f"-# {line}" for line in (options, *small_print, *_notes(job, icon)))
    head = labelled(f"{icon} <@{job.reply_to.member_id}>", status)
    return f"{head}\n{prompts_text(job)}{small}"


def _notes(job: Job, icon: str) -> Iterator[str]:
    """Say what was changed about the picture, who sees the clip first, and what is left."""
    notes = job.notes
    yield from (_(_CHANGES[change]) for change in notes.picture_changes)
    if job.shows_picture and not job.needs_review:
        yield _(
            "Pika fetches your picture from this message, so it is shown here until your clip "
            "is ready."
        )
    if job.needs_review and icon != _REVIEWED:
        yield _("A moderator looks at your clip before it is shown here.")
    for status in notes.statuses:
        # All in the channel read this, and what the bot's owner pays is the owner's to tell: only
        # that the numbers above do not hold, where another clip like this one would be refused.
        if status.rule.target != OWNER:
            yield as_sentence(left_line(status))
        elif status.left < job.price_micro_usd:
            renews = timestamp(status.renews_at)
            yield _("The budget of the bot's owner ends before that, renews {when}.", when=renews)


def prompts_text(job: Job) -> str:
    """Quote what the member typed, each line with its line feed; empty if nothing was."""
    options = job.options
    without = options.negative_prompt
    avoid = _("without: {words}", words=without) if without else ""
    return quote(options.prompt, _PROMPT_SHOWN) + quote(avoid, _NEGATIVE_SHOWN)


def options_text(job: Job) -> str:
    """Say by which model, in which size, of what length and from which seed a clip is made."""
    options = job.options
    seed = _("seed {seed}", seed=options.seed)
    return f"{job.model} · {options.resolution} · {options.duration} s · {seed}"


def reason_text(job: Job) -> str:
    """Say why a job has no clip, and under which reference the log knows it."""
    if job.failure is not None:
        sentence = error_texts.failure_text(job.failure)
        if job.failure is Failure.RENDER_FAILED and not job.tells_moderation:
            sentence = _(
                "Pika made no clip and does not say why: its content rules may have refused the "
                "picture or the prompt. Please change one of them before you try again."
            )
    elif job.cancelled_by == BOT_ACTOR_ID:
        sentence = _("A moderator deleted the message of your clip, so I cancelled it.")
    elif job.is_cancelled_by_member:
        sentence = _("You cancelled this clip.")
    elif job.cancelled_by == CONSENT_ACTOR_ID:
        sentence = _("The person whose picture it is wants no clip of it, so I cancelled it.")
    else:
        why = error_texts.reason_suffix(job.cancel_reason)
        sentence = _("A moderator cancelled this clip{why}.", why=why)
    if job.counts_unseen:
        if job.failure is Failure.MEMBER_GONE:
            sentence = sentences(sentence, _("It was made already, and counts."))
        elif job.cancel_counts:
            price = money(job.cost_micro_usd)
            counts = _("Pika made it all the same, so it counts: {price}.", price=price)
            sentence = sentences(sentence, counts)
        return sentences(sentence, error_texts.reference_text(job.reference))
    is_doubtful = job.doubt is Doubt.OPEN
    add_note = error_texts.with_doubt_note if is_doubtful else error_texts.with_no_charge_note
    return sentences(add_note(sentence), error_texts.reference_text(job.reference))
