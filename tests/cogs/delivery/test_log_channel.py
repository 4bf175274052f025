"""What moderators read in their log channel."""

from __future__ import annotations

import pytest

from bot.guilds.log_messages import LogMessage, LogMessageKind
from cogs.delivery.log_channel import log_message_text

BUDGET: dict[str, int | str] = {
    "amount": 10_000_000,
    "unit": "usd",
    "window": "week",
    "renews_at": 1_800_000_000_000,
}


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (
            LogMessageKind.BUDGET_LOW,
            BUDGET | {"used": 7_600_000},
            "$7.60 of $10.00 a week, renews <t:",
        ),
        (
            LogMessageKind.BUDGET_SPENT,
            BUDGET | {"used": 9_900_000},
            "$9.90 of $10.00 a week, renews <t:",
        ),
        (
            LogMessageKind.BUDGET_SPENT,
            BUDGET | {"used": 5, "amount": 5, "unit": "clips"},
            "5 of 5 clips a week, renews <t:",
        ),
        (
            LogMessageKind.MAY_BE_BILLED,
            {"job": 7, "reference": "ABCDE", "micro_usd": 200_000},
            "bill $0.20",
        ),
        (LogMessageKind.REVIEW_CLOSED, {"channel": 8, "days": 7}, "<#8>"),
    ],
)
def test_every_message_says_what_and_how_much(
    kind: LogMessageKind, data: dict[str, int | str], expected: str
) -> None:
    text = log_message_text(LogMessage("name", kind, data))
    assert expected in text
    assert text.endswith(".")
    assert "**" in text


def test_every_kind_has_a_text_of_its_own() -> None:
    everything: dict[str, int | str] = BUDGET | {
        "used": 1,
        "job": 1,
        "reference": "A",
        "micro_usd": 1,
    }
    everything |= {"channel": 1, "days": 1, "provider": "pika", "reason": "credit", "count": 2}
    everything |= {"server": "x", "is_open": 0, "jobs": 1, "doubts": 0, "running_since": 1}
    everything |= {"kind": LogMessageKind.GUILD_LEFT.value}
    assert len(
        {log_message_text(LogMessage("name", kind, everything)) for kind in LogMessageKind}
    ) == len(LogMessageKind)
