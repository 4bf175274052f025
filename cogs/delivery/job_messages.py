"""The messages of a job's life, whole, as Discord shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.media.pictures import PictureChange
from bot.quota.ledger import ZERO_COST
from bot.quota.rules import OWNER, Scope
from cogs.texts.amounts import cost_words, left_line, rule_words, when
from cogs.texts.error_texts import (
    because,
    failure_sentence,
    free,
    interrupted_sentence,
    reference_words,
)
from cogs.texts.languages import later, say, say_many
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
_CLIP: Final = "✨"
_PROMPT_SHOWN: Final = 500
_NEGATIVE_SHOWN: Final = 150
_LISTED: Final = 60
_MINUTE: Final = 60

_NOTES: Final = {
    PictureChange.FIRST_FRAME: later("Your picture is an animation, so I used its first frame."),
    PictureChange.PRINT_COLOURS: later(
        "Your picture has print colours (CMYK), so I converted them for screens."
    ),
    PictureChange.DEEP_COLOURS: later(
        "Your picture has 16-bit colours, so I reduced them to 8 bits."
    ),
}


def refused(member_id: int, sentence: str) -> str:
    """Return a request's refusal."""
    return f"⚠️ <@{member_id}>: {sentence}"


def accepted(accepted: AcceptedRequest, notes: Sequence[PictureChange]) -> str:
    """Return what a member reads once their request is queued."""
    told = [say(_NOTES[note]) for note in notes]
    if accepted.job.needs_review:
        told.append(say("A moderator looks at your clip before it is shown here."))
    told += [f"{left_line(it)}." for it in accepted.allowance.statuses if it.rule.target != OWNER]
    return _with_job(
        accepted.job,
        _ACCEPTED,
        f"{_place(accepted)} {_usually(accepted.expected_time)}",
        *told,
    )


def rendering(job: Job, expectation: ExpectedTime, since: datetime) -> str:
    """Return the progress message. Discord keeps its clock running by itself."""
    started = say("Rendering, started {when}.", when=when(since))
    return _with_job(job, "🎬", f"{started} {_usually(expectation)}")


def busy(job: Job) -> str:
    """Return the message of a job that Pika does not take yet."""
    return _with_job(job, _BUSY, say("Waiting: Pika is busy, and I keep trying."))


def waiting(job: Job, until: datetime) -> str:
    """Return the message of a clip that moderators see first."""
    return _with_job(
        job,
        "🔎",
        say("Your clip is made. Waiting for a moderator to approve it."),
        say("If nobody decides, this ends {when}, and nothing is charged.", when=when(until)),
    )


def words_and_options(job: Job) -> str:
    """Return what a member asked for, to moderators."""
    return f"{_words(job)}-# {_options(job)} · {usd(job.cost_micro_usd)}"


def clip(job: Job) -> str:
    """Return the text beside the finished video."""
    made = say("**AI-generated** with Pika")
    return (
        f"{_CLIP} <@{job.reply_to.member_id}> · {made}\n"
        f"{_words(job)}-# {_options(job)} · {usd(job.cost_micro_usd)}"
    )


def clip_notice(job: Job) -> str:
    """Return the message that calls a member to their finished clip."""
    return say("<@{member}>, your clip is ready.", member=job.reply_to.member_id)


def failed(job: Job) -> str:
    """Return why there is no clip."""
    return f"⚠️ <@{job.reply_to.member_id}>: {_failure(job)}\n{_words(job)}".rstrip()


def failure_notice(job: Job) -> str:
    """Return the message that calls a member to their failed clip."""
    none = say("<@{member}>, there is no clip this time.", member=job.reply_to.member_id)
    return f"{none} {_failure(job)}"


def is_waiting(content: str) -> bool:
    """Tell whether a message is that of a job that has not begun."""
    return content.startswith((_ACCEPTED, _BUSY))


def is_failure_of(job: Job, content: str) -> bool:
    """Tell whether a message says, in any language, why this job has no clip."""
    return f"{job.reference})" in content


def is_clip_of(job: Job, content: str) -> bool:
    """Tell whether a message is, in any language, the text beside this job's clip."""
    size = f"-# {job.resolution} · {job.duration} s · "
    seed = content.rpartition(size)[2].partition(" · ")[0]
    is_of_member = content.startswith(f"{_CLIP} <@{job.reply_to.member_id}>")
    return is_of_member and size in content and str(job.seed) in seed.split()


def interrupted(member_id: int) -> str:
    """Return what a member reads whose request a restart has lost."""
    return refused(member_id, interrupted_sentence())


def usage(account: MemberUsage) -> str:
    """Return what a member may spend, what runs, and what came back lately."""
    lines = [line for standing in account.allowance.statuses for line in _standing(standing)]
    if all(standing.rule.is_shared for standing in account.allowance.statuses):
        lines.insert(0, say("No limit is set for you here."))
    if account.allowance.granted != ZERO_COST:
        held = cost_words(account.allowance.granted)
        lines.append(
            say("{amount} granted on top: used after your limits, kept until spent.", amount=held)
        )
    if account.open_jobs:
        lines.append(
            say_many(
                "{n} clip being made right now.",
                "{n} clips being made right now.",
                account.open_jobs,
            )
        )
    for job in account.failures:
        lines.append(f"-# {when(job.created_at)}: {_failure(job)}")
        lines.append(quote(job.prompt, _LISTED).rstrip())
    return shorten("\n".join(line for line in lines if line), CONTENT_LIMIT)


def _standing(standing: LimitStatus) -> Iterator[str]:
    """Tell members of the owner's purse only once it is empty, and never what was in it."""
    rule = standing.rule
    if rule.target.scope is Scope.OWNER:
        if standing.left == 0:
            renews = when(standing.renews_at)
            yield say("The budget of the bot's owner is used up, renews {when}", when=renews)
        return
    yield f"**{left_line(standing)}**"
    if not rule.is_shared:
        yield f"-# {say('by {rule}', rule=rule_words(rule))}"


def _with_job(job: Job, icon: str, status: str, *small_print: str) -> str:
    options = f"{_options(job)} · {usd(job.price_micro_usd)}"
    small = "\n".join(f"-# {line}" for line in (options, *small_print))
    return f"{icon} <@{job.reply_to.member_id}>: {status}\n{_words(job)}{small}"


def _words(job: Job) -> str:
    """Return what the member typed, quoted, each line with its end."""
    avoid = say("without: {words}", words=job.negative_prompt) if job.negative_prompt else ""
    return quote(job.prompt, _PROMPT_SHOWN) + quote(avoid, _NEGATIVE_SHOWN)


def _options(job: Job) -> str:
    return f"{job.resolution} · {job.duration} s · {say('seed {seed}', seed=job.seed)}"


def _failure(job: Job) -> str:
    sentence = failure_sentence(job.failure) if job.failure else _cancelled(job.cancel_reason)
    return f"{free(sentence)} {reference_words(job.reference)}"


def _cancelled(reason: str) -> str:
    return say("A moderator cancelled this clip{why}.", why=because(reason))


def _place(accepted: AcceptedRequest) -> str:
    if accepted.queue_position == 0:
        return say("AcceptedRequest, starting now.")
    minutes = max(1, round(accepted.wait_seconds / _MINUTE))
    return say_many(
        "Accepted, number {place} in line for about {n} minute.",
        "Accepted, number {place} in line for about {n} minutes.",
        minutes,
        place=accepted.queue_position,
    )


def _usually(expectation: ExpectedTime) -> str:
    """Return a range in the unit that fits, rounded as one says it."""
    low, high = expectation.usual, expectation.slow
    if high < 2 * _MINUTE:
        first, last = max(1, round(low)), max(1, round(high))
        if first == last:
            return _takes(say_many("about {n} second", "about {n} seconds", last))
        return _takes(say("{first} to {last} seconds", first=first, last=last))
    first, last = max(1, round(low / _MINUTE)), round(high / _MINUTE)
    if first == last:
        return _takes(say_many("about {n} minute", "about {n} minutes", last))
    return _takes(say("{first} to {last} minutes", first=first, last=last))


def _takes(time: str) -> str:
    return say("Pika usually takes {time}.", time=time)
