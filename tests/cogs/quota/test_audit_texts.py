"""Pages of the audit log, at their longest and shortest."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.base import Unit, Window
from bot.guilds.audit import AuditAction, AuditEntry, AuditEvent, AuditSubject
from bot.guilds.audit_reader import EVENTS_PER_PAGE, AuditPage
from cogs.interactions.reason_option import LONGEST_REASON
from cogs.quota.audit_texts import TEXTS_LIMIT, audit_page_text
from cogs.texts.audit_sentences import act_sentence
from cogs.texts.languages import LANGUAGES, use_language
from tests.cogs.samples import NOW

if TYPE_CHECKING:
    from bot.guilds.audit import AuditValues


LARGEST_ID = 2**63 - 1
MEMBER, ROLE, EVERYONE = AuditSubject.MEMBER, AuditSubject.ROLE, AuditSubject.EVERYONE
GUILD, CHANNEL, JOB = AuditSubject.GUILD, AuditSubject.CHANNEL, AuditSubject.JOB
EVERY_SLOT = [(unit, window) for unit in Unit for window in Window]


def entry(event: AuditEvent) -> AuditEntry:
    return AuditEntry(1, NOW, event)


DAY: AuditValues = {"amount": 5, "unit": "clips", "window": "day"}
VALUES: dict[AuditAction, tuple[AuditValues | None, AuditValues | None]] = {
    AuditAction.BLOCK: ({"until": 10**13}, {"until": 10**13}),
    AuditAction.WORDS: (None, {"word": "*" * 300, "is_pattern": True}),
    AuditAction.CHANNELS: ({"allowed": " ".join([str(LARGEST_ID)] * 100)}, None),
    AuditAction.LIMIT: (DAY, DAY),
    AuditAction.RESET: ({f"{unit} a {window}": LARGEST_ID for unit, window in EVERY_SLOT}, {}),
    AuditAction.GRANT: ({"clips": 0, "micro_usd": 0}, {"clips": 10**12, "micro_usd": 10**12}),
    AuditAction.CANCEL: ({"state": "queued"}, {"state": "cancelled", "member": LARGEST_ID}),
}


@pytest.mark.slow  # as many pages as kinds of act and languages
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("action", AuditAction)
def test_every_page_fits(action: AuditAction, language: str) -> None:
    with use_language(language):
        for about in AuditSubject:
            assert_pages_fit(action, about)


def assert_pages_fit(action: AuditAction, about: AuditSubject) -> None:
    was: AuditValues = {"a_log_channel": LARGEST_ID, "word": "*" * 300, "until": 10**13}
    now: AuditValues = {"a_log_channel": None, "word": "_" * 300, "until": 10**12}
    reason = "*" * LONGEST_REASON
    for before, after in ((was, now), VALUES.get(action, (None, None))):
        event = AuditEvent(LARGEST_ID, action, about, LARGEST_ID, before, after, reason)
        text = audit_page_text(AuditPage((entry(event),) * EVENTS_PER_PAGE, 999_998, 999_999))
        assert len(text) <= TEXTS_LIMIT
        assert text.count(f"<@{LARGEST_ID}>") >= EVENTS_PER_PAGE
        assert "{" not in text


def test_a_short_page_shows_reasons_in_full() -> None:
    event = AuditEvent(1, AuditAction.PAUSE, AuditSubject.GUILD, reason="a" * LONGEST_REASON)
    assert "a" * LONGEST_REASON in audit_page_text(AuditPage((entry(event),), 0, 1))


@pytest.mark.parametrize("number", [1, 8])
def test_a_reset_of_every_window_is_said(number: int) -> None:
    before: AuditValues = {f"{unit} a {window}": 7 for unit, window in EVERY_SLOT[:number]}
    after: AuditValues = dict.fromkeys(before, 0)
    event = AuditEvent(1, AuditAction.RESET, AuditSubject.MEMBER, 2, before, after)
    said = "reset the limits of <@2>, who had used 7 clips in the hour"
    assert said in act_sentence(entry(event))


EXEMPT: AuditValues = {"exempt": True}
ONE_A_DAY: AuditValues = {"amount": 1, "unit": "clips", "window": "day"}
UNTIL = int(NOW.timestamp() * 1000) + 27 * 3_600_000
PATTERN: AuditValues = {"word": "a*", "is_pattern": True}
ALL_CANCELLED: AuditValues = {"cancelled": 200, "members": 34, "saved": 88_650_000}
QUEUED: AuditValues = {"state": "queued"}
CANCELLED: AuditValues = {"state": "cancelled", "member": 7}
COUNTED: AuditValues = {"clips": 1, "micro_usd": 200_000}
LISTED: AuditValues = {"words": "bad, b*", "count": 2}
SENTENCES: list[tuple[AuditAction, AuditSubject, AuditValues | None, AuditValues | None, str]] = [
    (AuditAction.LIMIT, ROLE, None, DAY, "set the limit of <@&2> to 5 clips a day"),
    (
        *(AuditAction.LIMIT, EVERYONE, DAY, ONE_A_DAY),
        "set the limit of everyone to 1 clip a day (before: 5 clips a day)",
    ),
    (AuditAction.UNLIMIT, MEMBER, EXEMPT, None, "ended the exemption of <@2> from limits"),
    (AuditAction.EXEMPT, ROLE, None, EXEMPT, "exempted <@&2> from limits"),
    (AuditAction.EXEMPT, ROLE, EXEMPT, EXEMPT, "exempted <@&2> from limits (before: the same)"),
    (
        *(AuditAction.LIMIT, MEMBER, EXEMPT, DAY),
        "set the limit of <@2> to 5 clips a day (before: exempt)",
    ),
    (AuditAction.UNLIMIT, MEMBER, DAY, None, "removed the limit of 5 clips a day for <@2>"),
    (AuditAction.BUDGET, GUILD, None, DAY, "set the server's budget to 5 clips a day"),
    (AuditAction.BUDGET, GUILD, DAY, None, "removed the budget of 5 clips a day"),
    (
        *(AuditAction.GRANT, MEMBER, {"clips": 1, "micro_usd": 0}, {"clips": 3, "micro_usd": 0}),
        "granted <@2> 2 clips, who has 3 clips on top now",
    ),
    (
        *(AuditAction.GRANT, MEMBER, {"clips": 0, "micro_usd": 5}, {"clips": 0, "micro_usd": 0}),
        "took $0.000005 back from <@2>, who has nothing on top now",
    ),
    (AuditAction.BLOCK, MEMBER, None, {"until": UNTIL}, "blocked <@2> for 1 day 3 hours"),
    (AuditAction.BLOCK, MEMBER, None, {"until": None}, "blocked <@2> until somebody lifts it"),
    (AuditAction.UNBLOCK, MEMBER, {"until": None}, None, "lifted the block of <@2>"),
    (AuditAction.PAUSE, GUILD, {"paused": False}, {"paused": True}, "paused clips"),
    (AuditAction.PAUSE, GUILD, {"reason": "a"}, {"reason": "b"}, "changed the reason of the pause"),
    (AuditAction.RESUME, GUILD, {"paused": True}, {"paused": False}, "ended the pause of clips"),
    (
        *(AuditAction.CANCEL, JOB, QUEUED, CANCELLED),
        "cancelled clip #2 of <@7>",
    ),
    (
        *(AuditAction.REMOVE, JOB, None, {"member": 7, "refund": True}),
        "removed clip #2 of <@7> and gave the allowance back",
    ),
    (AuditAction.HIDE, JOB, None, {"member": 7, "hidden": True}, "hid clip #2 of <@7>"),
    (AuditAction.HIDE, JOB, None, {"member": 7, "hidden": False}, "showed again clip #2 of <@7>"),
    (
        *(AuditAction.DISMISS, JOB, None, {"member": 7, "reporter": 8}),
        "dismissed the report of clip #2 of <@7> by <@8>",
    ),
    (
        *(AuditAction.PICTURES, JOB, {"refused": False}, {"refused": True}),
        "refused the picture of clip #2",
    ),
    (
        *(AuditAction.PICTURES, JOB, {"refused": True}, {"refused": False}),
        "took the refused picture again of clip #2",
    ),
    (AuditAction.APPROVE, JOB, None, {"member": 7, "reference": "A"}, "approved clip #2 of <@7>"),
    (AuditAction.REFUSE, JOB, None, {"member": 7}, "refused clip #2 of <@7> in review"),
    (AuditAction.WORDS, GUILD, None, {"word": "a", "is_pattern": False}, "blocked “a” in prompts"),
    (
        *(AuditAction.WORDS, GUILD, PATTERN, None),
        r"allowed the pattern \/a\*\/ in prompts again",
    ),
    (AuditAction.CHANNELS, CHANNEL, None, {"allowed": True}, "allowed clips in <#2>"),
    (
        *(AuditAction.CHANNELS, CHANNEL, {"allowed": True}, None),
        "took <#2> off the channels where clips are allowed",
    ),
    (
        *(AuditAction.CHANNELS, GUILD, {"allowed": "1 2", "forbidden": "3"}, None),
        "allowed clips in every channel again (before: allowed <#1> <#2>; forbidden <#3>)",
    ),
    (AuditAction.CHANNELS, CHANNEL, None, {"allowed": False}, "forbade clips in <#2>"),
    (
        *(AuditAction.CHANNELS, CHANNEL, {"allowed": False}, None),
        "took <#2> off the channels where clips are forbidden",
    ),
    (
        *(AuditAction.CHANNELS, GUILD, {"age_restricted": "any"}, {"age_restricted": "never"}),
        "forbade clips in age-restricted channels",
    ),
    (
        *(AuditAction.WORDS, GUILD, LISTED, None),
        r"allowed 2 words in prompts again: bad, b\*",
    ),
    (
        *(AuditAction.CANCEL, GUILD, {"waiting": 197}, ALL_CANCELLED),
        "cancelled 200 clips of 34 members, which saves $88.65",
    ),
    (
        *(AuditAction.CANCEL, MEMBER, {"waiting": 197}, {**ALL_CANCELLED, "asked_since": 60_000}),
        "cancelled 200 clips of <@2>, asked for since <t:60:f>, which saves $88.65",
    ),
    (
        AuditAction.REVIEW,
        GUILD,
        {"mode": "off", "channel": None},
        {"mode": "off", "channel": 5},
        "changed the review of clips: review channel <#5> (it was none)",
    ),
    (
        AuditAction.SETTINGS,
        GUILD,
        {"alert_role_id": None, "time_zone": "UTC", "queue_length": 7},
        {"alert_role_id": 9, "time_zone": None, "queue_length": 7},
        "changed settings: role for alerts <@&9> (it was none), time zone as at first (it was UTC)",
    ),
    (
        *(AuditAction.DOUBT, JOB, {"clips": 1, "micro_usd": 2}, {"clips": 0, "micro_usd": 0}),
        "settled the order in doubt of clip #2 as not billed",
    ),
    # What this version does not know, as a later or an earlier one writes it.
    (AuditAction.WORDS, GUILD, None, {"added": 12}, "changed 1 blocked word (added 12)"),
    (
        *(AuditAction.PAUSE, GUILD, None, {"paused": True, "until": 1000}),
        "paused clips (until <t:1:f>)",
    ),
    (AuditAction.RESET, MEMBER, {"clips a day": 0}, {"clips a day": 0}, "reset the limits of <@2>"),
]


@pytest.mark.parametrize(("action", "about", "before", "after", "said"), SENTENCES)
def test_acts_read_as_sentences(
    action: AuditAction,
    about: AuditSubject,
    before: AuditValues | None,
    after: AuditValues | None,
    said: str,
) -> None:
    event = AuditEvent(1, action, about, 2, before, after, "why *now*")
    assert act_sentence(entry(event)) == f"<@1> {said}: why \\*now\\*"


def test_every_action_has_its_sentence_among_these() -> None:
    assert {action for action, *_ in SENTENCES} == set(AuditAction)


def test_what_nobody_did_the_bot_did() -> None:
    event = AuditEvent(0, AuditAction.RESUME, AuditSubject.GUILD)
    assert act_sentence(entry(event)) == "The bot ended the pause of clips"


def test_an_act_is_worded_in_the_language_in_which_it_is_read() -> None:
    """The same act for three readers; what its moderator wrote is quoted as it is."""
    until: AuditValues = {"until": UNTIL}
    act = entry(AuditEvent(1, AuditAction.BLOCK, MEMBER, 2, None, until, "not *nice*"))
    assert act_sentence(act) == "<@1> blocked <@2> for 1 day 3 hours: not \\*nice\\*"
    with use_language("de"):
        assert act_sentence(act) == "<@1> hat <@2> für 1 Tag 3 Stunden gesperrt: not \\*nice\\*"
    with use_language("ja"):
        said = act_sentence(act)
    assert said == "<@1>が<@2>さんを1日3時間ブロック：not \\*nice\\*"  # noqa: RUF001 - Japanese


@pytest.mark.parametrize(("action", "about", "before", "after", "said"), SENTENCES)
def test_nothing_english_is_left_in_another_language(
    action: AuditAction,
    about: AuditSubject,
    before: AuditValues | None,
    after: AuditValues | None,
    said: str,
) -> None:
    event = AuditEvent(0, action, about, 2, before, after, "why")
    with use_language("ja"):
        words = re.findall("[A-Za-z]{2,}", act_sentence(entry(event)))
    assert said
    # Names, what somebody wrote, and a value of which this version does not know the name.
    assert set(words) <= {"AutoMod", "UTC", "bad", "why", "added"}


def test_reasons_of_the_bot_itself_are_translated() -> None:
    by_bot = AuditEvent(0, AuditAction.CANCEL, JOB, 2, QUEUED, CANCELLED, "its message was deleted")
    asked = AuditEvent(0, AuditAction.DOUBT, JOB, 2, None, COUNTED, "Pika was asked.")
    by_somebody = replace(asked, actor_id=1)
    with use_language("de"):
        deleted, told, quoted = (act_sentence(entry(it)) for it in (by_bot, asked, by_somebody))
    assert deleted == "Der Bot hat Clip #2 von <@7> abgebrochen: die Nachricht dazu wurde gelöscht"
    assert told.endswith(": Pika wurde gefragt\\.")
    assert quoted.endswith(": Pika was asked\\.")
