"""Lists of jobs, and what moderators type to point at one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.jobs.job import JobState
from bot.moderation.clip_details import ClipDetails, ClipRef
from cogs.clips.clip_lines import MORE, choices, clip_line, parse_clip_ref, state_text
from cogs.clips.member_names import MemberNames
from cogs.interactions.suggestions import CHOICES
from cogs.texts.markdown import CONTENT_LIMIT, fit_lines
from tests.cogs.samples import LARGEST_ID, NOW, job


def clip(**changes: Any) -> ClipDetails:
    columns = {name: changes.pop(name) for name in ("in_review", "removed_at") if name in changes}
    rest: dict[str, Any] = {
        "ended_at": None,
        "given_back": False,
        "in_review": False,
        "decision": None,
        "removed_at": None,
        "removed_by": None,
    }
    return ClipDetails(job(**changes), **(rest | columns))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("12", ClipRef(12)),
        ("#12", ClipRef(12)),
        (" #12 · Mia · rendering", ClipRef(12)),
        ("999999999999999", ClipRef(999999999999999)),
        ("1284220573651566594", ClipRef(message_ids=(1284220573651566594,))),
        (
            "https://discord.com/channels/1/2/1284220573651566594",
            ClipRef(message_ids=(1284220573651566594,)),
        ),
        (
            "https://ptb.discord.com/channels/1/2/1284220573651566594/",
            ClipRef(message_ids=(1284220573651566594,)),
        ),
        ("https://example.com/channels/1/2/1284220573651566594", None),
        ("https://discord.com/channels/@me/2/1284220573651566594", None),
        ("Mia", None),
        ("", None),
        ("9" * 30, None),
        ("-1", None),
    ],
)
def test_moderators_point_in_several_ways(typed: str, found: ClipRef | None) -> None:
    assert parse_clip_ref(typed) == found


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": JobState.QUEUED}, "waiting"),
        ({"state": JobState.RENDERED}, "being delivered"),
        ({"state": JobState.RENDERED, "in_review": True}, "in review"),
        ({"state": JobState.RENDERING, "cancelled_by": 1}, "being cancelled"),
        ({"state": JobState.CANCELLED, "cancelled_by": 1}, "cancelled"),
        ({"state": JobState.NOTIFIED, "cancelled_by": 1}, "cancelled"),
        ({"state": JobState.NOTIFIED}, "ended without a clip"),
        ({"state": JobState.DELIVERED, "removed_at": NOW}, "removed"),
    ],
)
def test_a_state_is_told_in_words(changes: dict[str, Any], words: str) -> None:
    assert state_text(clip(**changes)) == words


def test_a_long_list_says_how_many_are_left_out() -> None:
    lines = [clip_line(clip(state=JobState.RENDERED)) for _ in range(200)]
    content = fit_lines(["**200 clips**", *lines], MORE)
    assert CONTENT_LIMIT - 300 < len(content) <= CONTENT_LIMIT
    shown = sum(line.startswith("**#") for line in content.splitlines())
    assert content.endswith(f"\n-# … and {200 - shown} more.")
    few = fit_lines(["head", *lines[:3]], MORE)
    assert few == "\n".join(["head", *lines[:3]])


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(seconds=119), "1 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=23), "23 h"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=40), "40 days"),
    ],
)
def test_suggestions_tell_the_age(age: timedelta, words: str) -> None:
    (found,) = choices([clip(created_at=NOW)], MemberNames(), "", NOW + age)
    assert f" · {words} · " in found.name


def test_discord_takes_the_suggestions() -> None:
    names = MemberNames()
    names._names[LARGEST_ID, LARGEST_ID] = "W" * 100
    found = choices([clip(state=JobState.SUBMITTING)] * 60, names, "www", NOW)
    assert len(found) == CHOICES
    assert all(len(choice.name) <= 100 for choice in found)
