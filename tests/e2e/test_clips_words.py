"""`/clips words`: the moderators' list, and the members it is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.base.database import open_database
from bot.moderation import blocked_words
from bot.moderation.blocked_words import MAX_WORDS, BlockedWord

if TYPE_CHECKING:
    from bot.base.database import Transaction
    from playground.discord import Member, Message
    from tests.house import House


async def clips(house: House, command: str, who: Member | None = None, **options: Any) -> Message:
    """What somebody reads, alone; a moderator unless told otherwise."""
    member = who or house.member("helper")
    message = await house.ask(member, f"clips {command}", **options)
    assert message.viewer is member.user
    return message


def recorded(house: House) -> list[tuple[Any, ...]]:
    return house.query("SELECT actor_id, action, before_json, after_json FROM audit ORDER BY id")


async def test_a_blocked_word_is_refused_at_once_and_no_longer_once_removed(house: House) -> None:
    async with house.bot():
        told = await clips(house, "words add", word="B\u00e2d")
        assert "bad is blocked from the next request on" in told.content
        refused = await house.animate(prompt="a b.4.d dog")
        sentence = await house.told(refused.original, "does not allow")
        assert "bad" not in sentence.removeprefix("<@").lower()
        assert "Nothing was charged" in sentence
        also = await house.animate(prompt="a dog", negative_prompt="\u0431\u0430d b\u0430d")
        await house.told(also.original, "does not allow")
        await house.delivered(await house.animate(prompt="a badge"))

        gone = await clips(house, "words remove", word="bad")
        assert "bad is allowed again" in gone.content
        await house.delivered(await house.animate(prompt="a bad dog"))
    helper = house.member("helper").id
    stored = '{"word": "bad", "is_pattern": false}'
    assert recorded(house) == [
        (helper, "words", None, stored),
        (helper, "words", stored, None),
    ]
    assert "dog" not in str(house.query("SELECT * FROM audit"))


async def test_a_pattern_is_found_anywhere(house: House) -> None:
    async with house.bot():
        told = await clips(house, "words add", word=r"gun\w*", pattern=True)
        assert "wherever it matches" in told.content
        refused = await house.animate(prompt="two gunslingers")
        await house.told(refused.original, "does not allow")


async def test_a_word_is_blocked_once(house: House) -> None:
    async with house.bot():
        await clips(house, "words add", word="bad")
        again = await clips(house, "words add", word="BAD")
    assert "was blocked already" in again.content
    assert len(recorded(house)) == 1


async def test_what_cannot_be_blocked_is_told(house: House) -> None:
    async with house.bot():
        for word, pattern, words in (
            ("bad(", True, r"missing \)"),
            (".*", True, "every prompt"),
            (r"\pL{30}", True, "slow"),
            ("...", False, "no letter"),
            ("\u200b", False, "characters"),
        ):
            told = await clips(house, "words add", word=word, pattern=pattern)
            assert words in told.content
            assert "Nothing was changed" in told.content
        unknown = await clips(house, "words remove", word="bad")
        assert "is not blocked here" in unknown.content
    assert recorded(house) == []


async def test_removing_suggests_what_is_blocked(house: House) -> None:
    helper = house.member("helper")
    async with house.bot():
        await clips(house, "words add", word="bad dog")
        await clips(house, "words add", word="cat")
        await clips(house, "words add", word="d.g", pattern=True)
        asked = await house.discord.autocomplete(
            helper, house.clips, "clips words remove", {"word": "D"}, "word"
        )
        assert [choice["value"] for choice in asked.choices or ()] == ["bad dog", "/d.g/"]
        gone = await clips(house, "words remove", word="/d.g/")
        assert r"/d\.g\/ is allowed again" in gone.content.replace(r"\/d", "/d")
    assert house.query("SELECT word FROM blocked_words ORDER BY 1") == [("bad dog",), ("cat",)]


async def test_a_text_is_tried_and_shown_as_it_is_read(house: House) -> None:
    async with house.bot():
        nothing = await clips(house, "words test", text="B\u00e2d")
        assert "**Allowed**: it contains no blocked word" in nothing.content
        await clips(house, "words add", word="bad")
        await clips(house, "words add", word="d.g", pattern=True)
        hit = await clips(house, "words test", text="a B\u00c2D, \u0430 dog")
        assert "**Refused**: it contains bad, " in hit.content
        assert r"d\.g" in hit.content
        assert "> a bad, \u0430 dog" in hit.content
        assert "> a bad, a dog" in hit.content
        miss = await clips(house, "words test", text="a badge")
        assert "**Allowed**: it contains none of the 2 blocked words" in miss.content
    assert len(recorded(house)) == 2


async def test_the_list_is_shown_and_is_a_file_when_long(house: House) -> None:
    async with house.bot():
        empty = await clips(house, "words list")
        assert "No words are blocked" in empty.content
        await clips(house, "words add", word="b_d")
        await clips(house, "words add", word="x.*y", pattern=True)
        short = await clips(house, "words list")
        assert "**1 word and 1 pattern** blocked here" in short.content
        assert r"b\_d" in short.content
        for number in range(30):
            await clips(house, "words add", word=f"{number} {'long ' * 15}word")
        long = await clips(house, "words list")
    assert "**31 words and 1 pattern** blocked here, in the file" in long.content
    assert [file.filename for file in long.attachments] == ["blocked-words.txt"]
    lines = long.attachments[0].data.decode().splitlines()
    assert len(lines) == 32
    assert lines[-2:] == ["b_d", "/x.*y/"]


async def test_a_server_has_no_more_than_so_many(house: House) -> None:
    guild = house.discord.world.guild.id
    house.data_dir.mkdir()
    file = house.data_dir / "animate-bot.sqlite3"

    def fill(tx: Transaction) -> None:
        for number in range(MAX_WORDS):
            blocked_words.add(tx, guild, BlockedWord(f"word{number}"))

    async with open_database(file) as database:
        await database.write(fill)
    async with house.bot():
        told = await clips(house, "words add", word="bad")
        assert f"{MAX_WORDS} blocked words" in told.content
        refused = await house.animate(prompt="w0rd499")
        await house.told(refused.original, "does not allow")
    assert recorded(house) == []


async def test_members_are_refused_where_the_command_is_shown_to_them(house: House) -> None:
    house.discord.world.guild.command_grants["clips"] = {house.mia.id: True}
    async with house.bot():
        for command, options in (
            ("words add", {"word": "bad"}),
            ("words remove", {"word": "bad"}),
            ("words test", {"text": "bad"}),
            ("words list", {}),
        ):
            told = await clips(house, command, house.mia, **options)
            assert "**Manage Messages**" in told.content
    assert house.query("SELECT * FROM blocked_words") == []
