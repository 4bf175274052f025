"""What a member reads of a request once it is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.media.still import PictureChange
from bot.quota.rules import OWNER
from cogs.delivery.job_messages import ACCEPTED, status_text, usual_time_text
from cogs.texts.amounts import left_line, timestamp
from cogs.texts.languages import N_, _, ngettext

if TYPE_CHECKING:
    from bot.requests.request import AcceptedRequest

_SECONDS_PER_MINUTE: Final = 60

_CHANGES: Final = {
    PictureChange.FIRST_FRAME: N_("Your picture is an animation, so I used its first frame."),
    PictureChange.PRINT_COLOURS: N_(
        "Your picture has print colours (CMYK), so I converted them for screens."
    ),
    PictureChange.DEEP_COLOURS: N_("Your picture has 16-bit colours, so I reduced them to 8 bits."),
}


def refused_text(member_id: int, sentence: str) -> str:
    """Word a refusal that all in the channel see, for it came after the acknowledgement."""
    return f"⚠️ <@{member_id}>: {sentence}"


def accepted_text(accepted: AcceptedRequest) -> str:
    """Word the answer to a request that is queued: place, time, price, options, what is left."""
    small_print = [_(_CHANGES[change]) for change in accepted.picture_changes]
    if accepted.job.shows_picture and not accepted.job.needs_review:
        small_print.append(
            _(
                "Pika fetches your picture from this message, so it is shown here until your clip "
                "is ready."
            )
        )
    if accepted.job.needs_review:
        small_print.append(_("A moderator looks at your clip before it is shown here."))
    price = accepted.job.price_micro_usd
    for status in accepted.allowance.statuses:
        # All in the channel read this, and what the bot's owner pays is the owner's to tell: only
        # that the numbers above do not hold, where another clip like this one would be refused.
        if status.rule.target != OWNER:
            small_print.append(f"{left_line(status)}.")
        elif status.left < price:
            renews = timestamp(status.renews_at)
            small_print.append(
                _("The budget of the bot's owner ends before that, renews {when}.", when=renews)
            )
    return status_text(
        accepted.job,
        ACCEPTED,
        f"{_queue_text(accepted)} {usual_time_text(accepted.expected_time)}",
        *small_print,
    )


def _queue_text(accepted: AcceptedRequest) -> str:
    if accepted.queue_position == 0:
        return _("Accepted, starting now.")
    minutes = max(1, round(accepted.wait_seconds / _SECONDS_PER_MINUTE))
    return ngettext(
        "Accepted, number {place} in line for about {n} minute.",
        "Accepted, number {place} in line for about {n} minutes.",
        minutes,
        place=accepted.queue_position,
    )
