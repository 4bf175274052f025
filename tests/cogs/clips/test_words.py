"""What `/clips words test` answers fits into a message, whatever was typed."""

from __future__ import annotations

import pytest

from bot.moderation.blocked_words import MAX_LENGTH, BlockedWord
from bot.moderation.normalized_text import NormalizedText
from bot.moderation.word_service import WordTestResult
from cogs.clips.word_texts import verdict
from cogs.texts.markdown import CONTENT_LIMIT


@pytest.mark.parametrize("found", [0, 1, 500])
def test_the_answer_fits_into_a_message(found: int) -> None:
    # Each of these is escaped, which doubles it.
    text = "*" * 1500
    pattern = BlockedWord("_" * MAX_LENGTH, is_pattern=True)
    tested = WordTestResult(NormalizedText(text, text, f"_{text}", text), (pattern,) * found, 500)
    assert len(verdict(tested)) <= CONTENT_LIMIT
