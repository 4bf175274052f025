"""What a member reads of a request once it is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.media.pictures import PictureChange
from bot.quota.rules import OWNER
from cogs.delivery.job_messages import ACCEPTED, status_text, usual_time_text
from cogs.texts.amounts import left_line
from cogs.texts.languages import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.requests.request import AcceptedRequest

_SECONDS_PER_MINUTE: Final = 60

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
    return status_text(
        accepted.job,
        ACCEPTED,
        f"{_place(accepted)} {usual_time_text(accepted.expected_time)}",
        *told,
    )


def _place(accepted: AcceptedRequest) -> str:
    if accepted.queue_position == 0:
        return _("Accepted, starting now.")
    minutes = max(1, round(accepted.wait_seconds / _SECONDS_PER_MINUTE))
    return ngettext(
        "Accepted, number {place} in line for about {n} minute.",
        "Accepted, number {place} in line for about {n} minutes.",
        minutes,
        place=accepted.queue_position,
    )
