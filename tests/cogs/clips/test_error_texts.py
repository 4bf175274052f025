"""What moderators read when something cannot be done: short, plain, and that nothing changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.moderation.errors import (
    BlockError,
    BlockProblem,
    ClipError,
    ClipProblem,
    NothingSelectedError,
    NotPausedError,
    OwnClipError,
    TimedeltaError,
    TimedeltaProblem,
)
from cogs.texts.error_texts import error_text
from tests.cogs.texts.test_error_texts import assert_reads_well, sentences_in

if TYPE_CHECKING:
    from bot.base.errors import ModerationError

UNCHANGED = " Nothing was changed."
EVERY: list[ModerationError] = [
    *(ClipError(problem, 1) for problem in ClipProblem),
    *(TimedeltaError(problem) for problem in TimedeltaProblem),
    *(BlockError(it, 7) for it in BlockProblem if it is not BlockProblem.NOT_BLOCKED),
    OwnClipError(1),
    NotPausedError(),
    NothingSelectedError(0, 0),
    NothingSelectedError(2, 0),
    NothingSelectedError(0, 1),
]


@pytest.mark.parametrize("error", EVERY, ids=str)
def test_every_refusal_is_told_in_a_sentence_or_two(error: ModerationError) -> None:
    sentence = error_text(error)
    assert sentence.endswith(UNCHANGED)
    own = sentence.removesuffix(UNCHANGED)
    assert_reads_well(own)
    assert 1 <= sentences_in(own) <= 2


def test_who_is_not_blocked_is_named() -> None:
    sentence = error_text(BlockError(BlockProblem.NOT_BLOCKED, 7))
    assert sentence.startswith("<@7> is not blocked.")
    assert sentence.endswith(UNCHANGED)


def test_no_two_read_the_same() -> None:
    assert len({error_text(error) for error in EVERY}) == len(EVERY)
