from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.moderation import blocked_words, word_hits
from bot.moderation.blocked_words import MAX_TOTAL_SIZE, MAX_WORDS, BlockedWord, pattern_size
from bot.moderation.errors import BlockedWordRuleProblem, WordListError
from bot.moderation.word_lists import MAX_ENTRIES, WordFinder
from bot.moderation.word_service import AddedWords, BlockedWordService
from tests.bot.rows import GUILD, MIA, NOAH, NOON, number, rows

if TYPE_CHECKING:
    from bot.base.database import Database, Transaction

pytestmark = pytest.mark.usefixtures("bystanders")

BAD, CAT = BlockedWord("bad"), BlockedWord("cat")


@pytest.fixture
def words(database: Database) -> BlockedWordService:
    return BlockedWordService(database, lambda: NOON)


async def recorded(database: Database) -> list[tuple[object, object]]:
    found = await rows(database, "SELECT before_json, after_json FROM audit ORDER BY id")
    return [tuple(json.loads(text or "null") for text in row) for row in found]


def problems(result: AddedWords) -> list[tuple[int, str, BlockedWordRuleProblem]]:
    return [(it.entry.line, it.entry.text, it.error.problem) for it in result.refused]


async def put(database: Database, *words: BlockedWord) -> None:
    """Block words without a check, as an earlier version may have."""

    def insert(tx: Transaction) -> None:
        for word in words:
            blocked_words.add(tx, GUILD, word)

    await database.write(insert)


async def test_each_change_is_recorded_and_no_change_is_not(
    database: Database, words: BlockedWordService
) -> None:
    assert await words.add(GUILD, MIA, " BAD ") == AddedWords((BAD,), (), ())
    assert await words.add(GUILD, MIA, "b\u00e4d") == AddedWords((), (BAD,), ())
    assert await words.all(GUILD) == [BAD]
    assert (await words.remove(GUILD, MIA, "Bad")).removed == (BAD,)
    assert (await words.remove(GUILD, MIA, "Bad")).unknown == ("Bad",)
    fact = {"word": "bad", "is_pattern": False}
    assert await recorded(database) == [(None, fact), (fact, None)]


async def test_a_list_is_one_change(database: Database, words: BlockedWordService) -> None:
    listed = "bad, /a{1,3}x/ , CAT\nb\u00e2d,gun*"
    pattern, gun = BlockedWord("a{1,3}x", is_pattern=True), BlockedWord("gun*")
    assert (await words.add(GUILD, MIA, listed)).added == (BAD, pattern, CAT, gun)
    assert (await words.remove(GUILD, MIA, "Cat, dog, /a{1,3}x/")).unknown == ("dog",)
    assert await words.all(GUILD) == [BAD, gun]
    assert await recorded(database) == [
        (None, {"words": "bad, /a{1,3}x/, cat, gun*", "count": 4}),
        ({"words": "cat, /a{1,3}x/", "count": 2}, None),
    ]


async def test_what_cannot_be_blocked_stops_nothing_else(words: BlockedWordService) -> None:
    result = await words.add(GUILD, MIA, "# a note\nbad\n...\n/(/, the\ncat", is_file=True)
    assert result.added == (BAD, CAT)
    assert problems(result) == [
        (3, "...", BlockedWordRuleProblem.EMPTY),
        (4, "/(/", BlockedWordRuleProblem.BAD),
        (4, "the", BlockedWordRuleProblem.EVERYDAY),
    ]
    assert result.refused[2].error.detail == "10 of 20 in English"
    meant = await words.add(GUILD, MIA, "the", anyway=True)
    assert meant.added == (BlockedWord("the"),)


async def test_a_comment_is_one_in_files_alone(words: BlockedWordService) -> None:
    assert (await words.add(GUILD, MIA, "# bad")).added == (BlockedWord("# bad"),)
    assert (await words.add(GUILD, MIA, "#cat", is_file=True)).added == (BlockedWord("#cat"),)


@pytest.mark.parametrize("text", ["", " , \n,", "# nothing", "x," * (MAX_ENTRIES + 1)])
async def test_a_list_of_nothing_or_without_end_is_refused(
    words: BlockedWordService, text: str
) -> None:
    with pytest.raises(WordListError):
        await words.add(GUILD, MIA, text, is_file=True)
    with pytest.raises(WordListError):
        await words.remove(GUILD, MIA, text, is_file=True)


async def test_a_word_and_a_pattern_of_the_same_letters_are_two(words: BlockedWordService) -> None:
    pattern = BlockedWord("bad", is_pattern=True)
    await words.add(GUILD, MIA, "/bad/, bad")
    assert await words.all(GUILD) == [BAD, pattern]
    await words.remove(GUILD, MIA, "/bad/")
    assert await words.all(GUILD) == [BAD]


REMOVED_BY = [
    ("B\u00c2D", BAD),
    ("gun\\w*", BlockedWord("gun\\w*", is_pattern=True)),
    ("a{1,3}", BlockedWord("a{1,3}", is_pattern=True)),
    ("/a{1,3}/", BlockedWord("a{1,3}", is_pattern=True)),
    ("/b/", BlockedWord("/b/")),
    ("bad, dog", BlockedWord("bad, dog")),
    ("...", BlockedWord("...")),
    ("/(/", BlockedWord("(", is_pattern=True)),
    ("B\u00c2D", BlockedWord("b\u00e2d")),
    (" x ", BlockedWord(" x ", is_pattern=True)),
    ("y" * 200, BlockedWord("y" * 200)),
]


@pytest.mark.parametrize(("typed", "stored"), REMOVED_BY)
async def test_whatever_is_blocked_is_removed_as_it_is_typed(
    database: Database, words: BlockedWordService, typed: str, stored: BlockedWord
) -> None:
    await put(database, stored, CAT)
    assert (await words.remove(GUILD, MIA, typed)).removed == (stored,)
    assert await words.all(GUILD) == [CAT]


def test_a_pattern_goes_before_a_word_of_its_slashes() -> None:
    word, pattern = BlockedWord("/b/"), BlockedWord("b", is_pattern=True)
    assert WordFinder([word, pattern]).find("/b/") in {word, pattern}
    assert WordFinder([BlockedWord("b"), pattern]).find("b") == BlockedWord("b")


async def test_guilds_do_not_see_each_other(words: BlockedWordService) -> None:
    await words.add(GUILD, MIA, "bad")
    assert await words.all(GUILD + 1) == []
    assert (await words.test(GUILD + 1, "bad")).found == ()
    assert (await words.test(GUILD, "bad")).found == (BAD,)
    assert (await words.remove(GUILD + 1, MIA, "bad")).removed == ()


async def test_there_are_no_more_than_so_many(
    database: Database, words: BlockedWordService
) -> None:
    await put(database, *(BlockedWord(f"word{number}") for number in range(MAX_WORDS - 1)))
    result = await words.add(GUILD, MIA, "last, one more, word7")
    assert result.added == (BlockedWord("last"),)
    assert result.present == (BlockedWord("word7"),)
    assert problems(result) == [(1, "one more", BlockedWordRuleProblem.TOO_MANY)]
    assert len(await words.all(GUILD)) == MAX_WORDS


async def test_patterns_are_not_too_large_together(words: BlockedWordService) -> None:
    one = pattern_size(BlockedWord("x10[^a]{70}b", is_pattern=True))
    fitting = [f"/x{n}[^a]{{70}}b/" for n in range(10, 10 + MAX_TOTAL_SIZE // one)]
    assert len((await words.add(GUILD, MIA, "\n".join(fitting))).added) == len(fitting)
    result = await words.add(GUILD, MIA, "/y10[^a]{70}b/, /qx/, a word")
    assert problems(result) == [(1, "/y10[^a]{70}b/", BlockedWordRuleProblem.TOO_LARGE)]
    assert result.added == (BlockedWord("qx", is_pattern=True), BlockedWord("a word"))
    await words.remove(GUILD, MIA, fitting[0])
    assert len((await words.add(GUILD, MIA, "/y10[^a]{70}b/")).added) == 1


async def hit(database: Database, member: int, now: datetime, *words: BlockedWord) -> None:
    await database.write(lambda tx: word_hits.add(tx, GUILD, member, words, now))


async def test_hits_are_counted_by_word_and_member(
    database: Database, words: BlockedWordService
) -> None:
    yesterday = NOON - timedelta(days=1)
    await hit(database, MIA, yesterday, CAT)
    await hit(database, NOAH, NOON, CAT, BAD)
    await hit(database, NOAH, NOON, CAT)
    await hit(database, MIA, NOON - timedelta(days=30), BAD)
    assert [(it.word, it.member_id, it.hits, it.last_at) for it in await words.hits(GUILD)] == [
        (CAT, NOAH, 2, NOON),
        (CAT, MIA, 1, yesterday),
        (BAD, NOAH, 1, NOON),
    ]
    assert await words.hits(GUILD + 1) == []


async def test_old_hits_are_swept(database: Database) -> None:
    await hit(database, MIA, NOON - timedelta(days=30), BAD)
    await hit(database, MIA, NOON - timedelta(days=29), BAD)
    await database.write(lambda tx: word_hits.sweep(tx, NOON))
    assert await number(database, "SELECT count(*) FROM word_hits") == 1
