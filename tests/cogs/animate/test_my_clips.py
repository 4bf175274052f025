"""The longest texts of `/my-clips`, in each language."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.jobs.job import Failure, JobState
from bot.requests.own_clips import MOST, PER_PAGE, OwnClipsPage
from cogs.animate.my_clips import page_items
from cogs.animate.own_clip_texts import clip_text, option_text
from cogs.interactions.routed_views import RoutedLayout
from cogs.texts.languages import LANGUAGES, use_language
from cogs.texts.markdown import CONTENT_LIMIT
from tests.cogs.samples import clip

DISPLAYED = 4000
"""Characters of all texts that a message of components may have."""
COMPONENTS = 40
UTC = ZoneInfo("UTC")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_longest_page_fits(code: str) -> None:
    longest = replace(clip(state=JobState.NOTIFIED, failure=Failure.BUSY), given_back=True)
    days = [timedelta(days=it) for it in range(PER_PAGE)]
    clips = [
        replace(longest, job=replace(longest.job, created_at=longest.job.created_at - it))
        for it in days
    ]
    page = OwnClipsPage(tuple(clips), 1, MOST // PER_PAGE)
    with use_language(code):
        items = list(page_items(page, UTC, [longest.job.id]))
        layout = RoutedLayout(items)
        assert layout.total_children_count <= COMPONENTS
        assert 1000 < layout.content_length() < DISPLAYED
        assert len(option_text(longest)[1]) <= 100
        for failure in Failure:
            one = replace(clip(state=JobState.NOTIFIED, failure=failure), given_back=True)
            assert len(clip_text(one)) < CONTENT_LIMIT - 200
