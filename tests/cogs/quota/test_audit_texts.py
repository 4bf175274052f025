"""Pages of the audit log, at their longest and shortest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.guilds.audit import AuditAction, AuditEntry, AuditEvent, AuditSubject
from bot.guilds.audit_reader import EVENTS_PER_PAGE, AuditPage
from bot.quota.limits import Unit, Window
from cogs.interactions.reason_option import LONGEST_REASON
from cogs.quota.audit_texts import ACTIONS, audit_page_text
from cogs.texts.markdown import CONTENT_LIMIT
from tests.cogs.samples import NOW

if TYPE_CHECKING:
    from bot.guilds.audit import AuditValues


LARGEST_ID = 2**63 - 1
EVERY_SLOT = [(unit, window) for unit in Unit for window in Window]


def entry(event: AuditEvent) -> AuditEntry:
    return AuditEntry(1, NOW, event)


@pytest.mark.parametrize("about", AuditSubject)
@pytest.mark.parametrize("action", AuditAction)
def test_every_page_fits(action: AuditAction, about: AuditSubject) -> None:
    was: AuditValues = {"a_log_channel": LARGEST_ID, "word": "*" * 300, "until": 10**13}
    now: AuditValues = {"a_log_channel": None, "word": "_" * 300, "until": 10**12}
    reason = "*" * LONGEST_REASON
    event = AuditEvent(LARGEST_ID, action, about, LARGEST_ID, was, now, reason)
    text = audit_page_text(AuditPage((entry(event),) * EVENTS_PER_PAGE, 999_998, 999_999))
    assert len(text) <= CONTENT_LIMIT
    assert text.count(ACTIONS[action]) == EVENTS_PER_PAGE


def test_a_short_page_shows_reasons_in_full() -> None:
    event = AuditEvent(1, AuditAction.PAUSE, AuditSubject.GUILD, reason="a" * LONGEST_REASON)
    assert "a" * LONGEST_REASON in audit_page_text(AuditPage((entry(event),), 0, 1))


@pytest.mark.parametrize("number", [1, 8])
def test_a_reset_of_every_window_fits(number: int) -> None:
    before: AuditValues = {f"{unit} a {window}": 7 for unit, window in EVERY_SLOT[:number]}
    event = AuditEvent(
        1, AuditAction.RESET, AuditSubject.MEMBER, 2, before, dict.fromkeys(before, 0)
    )
    text = audit_page_text(AuditPage((entry(event),) * EVENTS_PER_PAGE, 0, 1))
    assert "7 clips in the hour" in text
    assert len(text) <= CONTENT_LIMIT


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"mode": "off", "channel": 5}, {"mode": "all", "channel": 5}, "mode: off → mode: all"),
        (None, {"is_pattern": True, "word": "a*"}, r"nothing → is pattern: yes, word: a\*"),
        ({"until": None}, {"until": 1_000}, "until: no end → until: <t:1:f>"),
        (None, {"log_channel_id": 7}, "nothing → log channel: <#7>"),
        ({"allowed": "1 2"}, None, "allowed: 1 2 → nothing"),
        ({"clips a day": 0}, {"clips a day": 0}, "no change"),
    ],
)
def test_values_read_as_text(
    before: AuditValues | None, after: AuditValues | None, expected: str
) -> None:
    event = AuditEvent(1, AuditAction.REVIEW, AuditSubject.GUILD, 0, before, after)
    assert audit_page_text(AuditPage((entry(event),), 0, 1)).endswith(f": {expected}")
