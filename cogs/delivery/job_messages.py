"""The messages of a job's life, whole, as Discord shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.media.pictures import PictureChange
from bot.quota.ledger_sides import ZERO_COST
from bot.quota.rules import OWNER, Scope
from cogs.texts.amounts import cost_text, left_line, rule_text, timestamp
from cogs.texts.error_texts import (
    failure_text,
    interrupted_text,
    reason_suffix,
    reference_text,
    with_no_charge_note,
)
from cogs.texts.languages import N_, _, ngettext
from cogs.texts.markdown import CONTENT_LIMIT, quote, shorten, usd

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bot.jobs.estimates import ExpectedTime
    from bot.jobs.job import Job
    from bot.quota.rules import LimitStatus
    from bot.requests.request import AcceptedRequest, MemberUsage

_ACCEPTED: Final = "🎞️"
_BUSY: Final = "⏳"
WAITING_ICONS: Final = (_ACCEPTED, _BUSY)
"""What the message of a job that has not begun starts with. An icon stays here for good: a
start reads messages that earlier versions wrote."""
_PROMPT_SHOWN: Final = 500
_NEGATIVE_SHOWN: Final = 150
_LISTED: Final = 60
_MINUTE: Final = 60

_NOTES: Final = {
    PictureChange.FIRST_FRAME: N_("Your picture is an animation, so I used its first frame."),
    PictureChange.PRINT_COLOURS: N_(
        "Your picture has print colours (CMYK), so I converted them for screens."
    ),
    PictureChange.DEEP_COLOURS: N_("Your picture has 16-bit colours, so I reduced them to 8 bits."),
}


def refused_text(member_id: int, sentence: str) -> str:
    """Return a request's refusal."""
    return f"⚠️ <@{member_id}>: {sentence}"


def accepted_text(accepted: AcceptedRequest, notes: Sequence[PictureChange]) -> str:
    """Return what a member reads once their request is queued."""
    told = [_(_NOTES[note]) for note in notes]
    if accepted.job.needs_review:
        told.append(_("A moderator looks at your clip before it is shown here."))
    told += [f"{left_line(it)}." for it in accepted.allowance.statuses if it.rule.target != OWNER]
    return _with_job(
        accepted.job,
        _ACCEPTED,
        f"{_place(accepted)} {_usually(accepted.expected_time)}",
        *told,
    )


def rendering_text(job: Job, expected_time: ExpectedTime, since: datetime) -> str:
    """Return the progress message. Discord keeps its clock running by itself."""
    started = _("Rendering, started {when}.", when=timestamp(since))
    return _with_job(job, "🎬", f"{started} {_usually(expected_time)}")


def busy_text(job: Job) -> str:
    """Return the message of a job that Pika does not take yet."""
    return _with_job(job, _BUSY, _("Waiting: Pika is busy, and I keep trying."))


def waiting_text(job: Job, until: datetime) -> str:
    """Return the message of a clip that moderators see first."""
    return _with_job(
        job,
        "🔎",
        _("Your clip is made. Waiting for a moderator to approve it."),
        _("If nobody decides, this ends {when}, and nothing is charged.", when=timestamp(until)),
    )


def request_text(job: Job) -> str:
    """Return what a member asked for, to moderators."""
    return f"{_words(job)}-# {_options(job)} · {usd(job.cost_micro_usd)}"


def clip_text(job: Job) -> str:
    """Return the text beside the finished video."""
    made = _("**AI-generated** with Pika")
    return (
        f"✨ <@{job.reply_to.member_id}> · {made}\n"
        f"{_words(job)}-# {_options(job)} · {usd(job.cost_micro_usd)}"
    )


def clip_notice_text(job: Job) -> str:
    """Return the message that calls a member to their finished clip."""
    return _("<@{member}>, your clip is ready.", member=job.reply_to.member_id)


def failed_text(job: Job) -> str:
    """Return why there is no clip."""
    return f"⚠️ <@{job.reply_to.member_id}>: {_failure(job)}\n{_words(job)}".rstrip()


def failure_notice_text(job: Job) -> str:
    """Return the message that calls a member to their failed clip."""
    none = _("<@{member}>, there is no clip this time.", member=job.reply_to.member_id)
    return f"{none} {_failure(job)}"


def is_failure_of(job: Job, content: str) -> bool:
    """Tell whether a message says why this job has no clip: it then ends with its reference."""
    return f"{job.reference})" in content


def interrupted_request_text(member_id: int) -> str:
    """Return what a member reads whose request a restart has lost."""
    return refused_text(member_id, interrupted_text())


def usage_text(account: MemberUsage) -> str:
    """Return what a member may spend, what runs, and what came back lately."""
    lines = [line for standing in account.allowance.statuses for line in _standing(standing)]
    if all(standing.rule.is_shared for standing in account.allowance.statuses):
        lines.insert(0, _("No limit is set for you here."))
    if account.allowance.granted != ZERO_COST:
        held = cost_text(account.allowance.granted)
        lines.append(
            _("{amount} granted on top: used after your limits, kept until spent.", amount=held)
        )
    if account.open_jobs:
        lines.append(
            ngettext(
                "{n} clip being made right now.",
                "{n} clips being made right now.",
                account.open_jobs,
            )
        )
    for job in account.failures:
        lines.append(f"-# {timestamp(job.created_at)}: {_failure(job)}")
        lines.append(quote(job.options.prompt, _LISTED).rstrip())
    return shorten("\n".join(line for line in lines if line), CONTENT_LIMIT)


def _standing(standing: LimitStatus) -> Iterator[str]:
    """Tell members of the owner's purse only once it is empty, and never what was in it."""
    rule = standing.rule
    if rule.target.scope is Scope.OWNER:
        if standing.left == 0:
            renews = timestamp(standing.renews_at)
            yield _("The budget of the bot's owner is used up, renews {when}", when=renews)
        return
    yield f"**{left_line(standing)}**"
    if not rule.is_shared:
        yield f"-# {_('by {rule}', rule=rule_text(rule))}"


def _with_job(job: Job, icon: str, status: str, *small_print: str) -> str:
    options = f"{_options(job)} · {usd(job.price_micro_usd)}"
    small = "\n".join(f"-# {line}" for line in (options, *small_print))
    return f"{icon} <@{job.reply_to.member_id}>: {status}\n{_words(job)}{small}"


def _words(job: Job) -> str:
    """Return what the member typed, quoted, each line with its end."""
    avoid = (
        _("without: {words}", words=job.options.negative_prompt)
        if job.options.negative_prompt
        else ""
    )
    return quote(job.options.prompt, _PROMPT_SHOWN) + quote(avoid, _NEGATIVE_SHOWN)


def _options(job: Job) -> str:
    options = job.options
    seed = _("seed {seed}", seed=options.seed)
    return f"{options.resolution} · {options.duration} s · {seed}"


def _failure(job: Job) -> str:
    sentence = failure_text(job.failure) if job.failure else _cancelled(job.cancel_reason)
    return f"{with_no_charge_note(sentence)} {reference_text(job.reference)}"


def _cancelled(reason: str) -> str:
    return _("A moderator cancelled this clip{why}.", why=reason_suffix(reason))


def _place(accepted: AcceptedRequest) -> str:
    if accepted.queue_position == 0:
        return _("Accepted, starting now.")
    minutes = max(1, round(accepted.wait_seconds / _MINUTE))
    return ngettext(
        "Accepted, number {place} in line for about {n} minute.",
        "Accepted, number {place} in line for about {n} minutes.",
        minutes,
        place=accepted.queue_position,
    )


def _usually(expected_time: ExpectedTime) -> str:
    """Return a range in the unit that fits, rounded as one says it."""
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
