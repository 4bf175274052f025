"""What a member reads of a request once it is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.delivery.job_messages import ACCEPTED, status_text
from cogs.delivery.wait_texts import expected_time_text
from cogs.texts.languages import _
from cogs.texts.punctuation import labelled, sentences

if TYPE_CHECKING:
    from bot.requests.request import AcceptedRequest


def untold_refusal_text(member_id: int) -> str:
    """Word a refusal that all in the channel see, as its member could not be told alone."""
    sentence = _("I did not accept that, and could not tell you why. Please ask once more.")
    return labelled(f"⚠️ <@{member_id}>", sentence)


def accepted_text(accepted: AcceptedRequest) -> str:
    """Word the answer to a request that is queued: place, time, price, options, what is left."""
    wait = accepted.wait
    if wait.clips_before:
        status = _("Accepted, number {place} in line.", place=wait.clips_before)
    else:
        status = _("Accepted, starting now.")
    text = sentences(status, expected_time_text(wait.expected_time))
    return status_text(accepted.job, ACCEPTED, text)
