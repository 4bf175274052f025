from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.moderation import blocked_words
from bot.moderation.blocked_words import MAX_TOTAL_SIZE, MAX_WORDS, BlockedWord, pattern_size
from bot.moderation.errors import BlockedWordRuleError, BlockedWordRuleProblem, UnknownWordError
from bot.moderation.word_service import BlockedWordService
from tests.bot.rows import GUILD, MIA, NOON, rows

if TYPE_CHECKING:
    from bot.base.database import Database, Transaction

pytestmark = pytest.mark.usefixtures("bystanders")


@pytest.fixture
def words(database: Database) -> BlockedWordService:
    return BlockedWordService(database, lambda: NOON)


async def recorded(database: Database) -> list[tuple[object, object]]:
    found = await rows(database, "SELECT before_json, after_json FROM audit ORDER BY id")
    return [tuple(json.loads(text or "null") for text in row) for row in found]


async def test_each_change_is_recorded_and_no_change_is_not(
    database: Database, words: BlockedWordService
) -> None:
    word = BlockedWord("bad")
    assert await words.add(GUILD, MIA, BlockedWord(" BAD ")) == (word, True)
    assert await words.add(GUILD, MIA, BlockedWord("b\u00e4d")) == (word, False)
    assert await words.all(GUILD) == [word]
    assert await words.remove(GUILD, MIA, BlockedWord("Bad")) == word
    with pytest.raises(UnknownWordError):
        await words.remove(GUILD, MIA, word)
    fact = {"word": "bad", "is_pattern": False}
    assert await recorded(database) == [(None, fact), (fact, None)]


async def test_a_word_and_a_pattern_of_the_same_letters_are_two(words: BlockedWordService) -> None:
    word, pattern = BlockedWord("bad"), BlockedWord("bad", is_pattern=True)
    await words.add(GUILD, MIA, pattern)
    with pytest.raises(UnknownWordError):
        await words.remove(GUILD, MIA, word)
    await words.add(GUILD, MIA, word)
    assert await words.all(GUILD) == [word, pattern]
    assert await words.remove(GUILD, MIA, pattern) == pattern
    assert await words.all(GUILD) == [word]


async def test_guilds_do_not_see_each_other(words: BlockedWordService) -> None:
    await words.add(GUILD, MIA, BlockedWord("bad"))
    assert await words.all(GUILD + 1) == []
    assert (await words.test(GUILD + 1, "bad")).found == ()
    assert (await words.test(GUILD, "bad")).found == (BlockedWord("bad"),)


async def test_there_are_no_more_than_so_many(
    database: Database, words: BlockedWordService
) -> None:
    def fill(tx: Transaction) -> None:
        for number in range(MAX_WORDS - 1):
            blocked_words.add(tx, GUILD, BlockedWord(f"word{number}"))

    await database.write(fill)
    await words.add(GUILD, MIA, BlockedWord("last"))
    with pytest.raises(BlockedWordRuleError) as refused:
        await words.add(GUILD, MIA, BlockedWord("one more"))
    assert refused.value.problem is BlockedWordRuleProblem.TOO_MANY
    assert await words.add(GUILD, MIA, BlockedWord("last")) == (BlockedWord("last"), False)
    assert len(await words.all(GUILD)) == MAX_WORDS


async def test_patterns_are_not_too_large_together(words: BlockedWordService) -> None:
    one = pattern_size(BlockedWord("x10[^a]{70}b", is_pattern=True))
    fitting = [BlockedWord(f"x{n}[^a]{{70}}b", is_pattern=True) for n in range(10, 100)]
    fitting = fitting[: MAX_TOTAL_SIZE // one]
    for pattern in fitting:
        await words.add(GUILD, MIA, pattern)
    with pytest.raises(BlockedWordRuleError) as refused:
        await words.add(GUILD, MIA, BlockedWord("y10[^a]{70}b", is_pattern=True))
    assert refused.value.problem is BlockedWordRuleProblem.TOO_LARGE
    assert await words.all(GUILD) == fitting
    assert await words.add(GUILD, MIA, BlockedWord("a word")) == (BlockedWord("a word"), True)
