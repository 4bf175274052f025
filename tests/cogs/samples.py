"""A job with everything at its longest, and what is made of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.base import Cost, Limit
from bot.base.checked_text import MAX_CHARACTERS
from bot.jobs.accepted_notes import AcceptedNotes
from bot.jobs.animate_options import AnimateOptions
from bot.jobs.estimates import ExpectedTime
from bot.jobs.job import Job, JobState, ReplyTo
from bot.jobs.progress import Progress, ShownProgress, Stage
from bot.jobs.wait_forecast import WaitForecast
from bot.moderation.clip_details import ClipDetails
from bot.quota.rules import EVERYONE, Allowance, LimitStatus, Rule
from bot.requests.request import AcceptedRequest
from pika import MAX_SEED

if TYPE_CHECKING:
    from bot.media.still import PictureChange

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LARGEST_ID = 2**63 - 1
WORST = "*" * MAX_CHARACTERS
MANY = LimitStatus(Rule(EVERYONE, Limit.parse("$999999999.999999 a month")), 1, NOW)

SLOW = ExpectedTime(86_000, 90_000)


def allowance(*statuses: LimitStatus) -> Allowance:
    return Allowance(statuses, Cost(0, 0))


def job(**changes: Any) -> Job:
    reply_to = ReplyTo(
        interaction_id=LARGEST_ID,
        guild_id=LARGEST_ID,
        channel_id=LARGEST_ID,
        member_id=LARGEST_ID,
        message_id=LARGEST_ID,
        application_id=LARGEST_ID,
        token="secret-token",
        token_until=NOW,
    )
    values: dict[str, Any] = {
        "id": LARGEST_ID,
        "reply_to": reply_to,
        "upload_limit": 1,
        "provider": "pika",
        "price_micro_usd": 999_999_999_999,
        "state": JobState.QUEUED,
        "idempotency_key": "secret-key",
        "order": None,
        "ticket": None,
        "charge_micro_usd": None,
        "failure": None,
        "reference": "ABCDE",
        "created_at": NOW,
        "submitted_at": None,
        "claim": 0,
        "attempts": 0,
        "failing_since": None,
        "language": "en",
        "needs_review": False,
        "may_be_billed": False,
        "cancelled_by": None,
        "cancel_reason": "",
    }
    options = {
        "prompt": WORST,
        "negative_prompt": WORST,
        "seed": MAX_SEED,
        "resolution": "1080p",
        "duration": 10,
    }
    chosen = {name: changes.pop(name, value) for name, value in options.items()}
    return Job(options=AnimateOptions(**chosen), **(values | changes))


def clip(**changes: Any) -> ClipDetails:
    return ClipDetails(
        job(**changes),
        ended_at=None,
        given_back=False,
        in_review=False,
        decision=None,
        removed_at=None,
        removed_by=None,
    )


def accepted(
    *changes: PictureChange,
    of: Job | None = None,
    statuses: tuple[LimitStatus, ...] = (MANY,),
    clips_before: int = 99_999,
    expected_time: ExpectedTime | None = SLOW,
) -> AcceptedRequest:
    """An accepted request, with changes to its picture."""
    notes = AcceptedNotes(changes, statuses, 999_999_999_999)
    chosen = replace(of or job(), notes_json=notes.to_json())
    return AcceptedRequest(chosen, WaitForecast(clips_before, expected_time))


def shown(
    stage: Stage = Stage.RENDERING,
    place: int | None = None,
    expected_time: ExpectedTime | None = SLOW,
    *,
    is_late: bool = False,
) -> ShownProgress:
    """How far a clip is that was sent to Pika at `NOW`."""
    return ShownProgress(Progress(stage, place, is_late), NOW, expected_time, NOW)
