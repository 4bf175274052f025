"""A job with everything at its longest, and what is made of one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.base import Cost, Limit
from bot.base.checked_text import MAX_CHARACTERS
from bot.jobs.animate_options import AnimateOptions
from bot.jobs.estimates import DEFAULT_EXPECTED_TIME
from bot.jobs.job import Job, JobState, ReplyTo
from bot.moderation.clip_details import ClipDetails
from bot.quota.rules import EVERYONE, Allowance, LimitStatus, Rule
from bot.requests.request import AcceptedRequest
from pika import MAX_SEED

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LARGEST_ID = 2**63 - 1
WORST = "*" * MAX_CHARACTERS
MANY = LimitStatus(Rule(EVERYONE, Limit.parse("$999999999.999999 a month")), 1, NOW)


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


def accepted(**changes: Any) -> AcceptedRequest:
    values: dict[str, Any] = {
        "job": job(),
        "picture_changes": (),
        "queue_position": 99_999,
        "wait_seconds": 9_999_999.0,
        "expected_time": DEFAULT_EXPECTED_TIME,
        "allowance": allowance(MANY),
    }
    return AcceptedRequest(**(values | changes))
