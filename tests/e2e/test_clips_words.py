"""`/clips words`: the moderators' list, and the members it is held against."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from bot.moderation.blocked_words import MAX_WORDS
from playground.discord import Upload
from playground.faults import Fault

if TYPE_CHECKING:
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


def listed(text: str, name: str = "words.txt") -> Upload:
    return Upload(name, text.encode(), "text/plain")


def stored(house: House) -> list[str]:
    sql = "SELECT iif(is_pattern, '/' || word || '/', word) FROM blocked_words ORDER BY 1"
    return [name for (name,) in house.query(sql)]


async def test_a_blocked_word_is_refused_at_once_and_no_longer_once_removed(house: House) -> None:
    async with house.bot():
        told = await clips(house, "words add", words="B\u00e2d")
        assert "**1 word** blocked from the next request on" in told.content
        assert "- bad: found as a whole word" in told.content
        refused = await house.animate(prompt="a b.4.d dog")
        sentence = await house.told(refused.original, "does not allow")
        assert "bad" not in sentence.removeprefix("<@").lower()
        assert "Nothing was charged" in sentence
        also = await house.animate(prompt="a dog", negative_prompt="\u0431\u0430d b\u0430d")
        await house.told(also.original, "does not allow")
        await house.delivered(await house.animate(prompt="a badge"))

        gone = await clips(house, "words remove", words="bad")
        assert "bad is no longer blocked" in gone.content
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
        told = await clips(house, "words add", words=r"/gun\w*/")
        assert "wherever the pattern matches" in told.content
        refused = await house.animate(prompt="two gunslingers")
        await house.told(refused.original, "does not allow")


async def test_a_word_is_blocked_once(house: House) -> None:
    async with house.bot():
        await clips(house, "words add", words="bad")
        again = await clips(house, "words add", words="BAD")
    assert again.content == "Blocked already: bad.\nNothing was changed."
    assert len(recorded(house)) == 1


async def test_what_cannot_be_blocked_is_told(house: House) -> None:
    async with house.bot():
        for word, words in (
            ("/bad(/", r"missing \)"),
            (r"/\pL{30}/", "slow"),
            ("...", "no letter"),
            ("\u200b", "characters"),
            (", ,", "There is no word in that"),
            ("x," * (2 * MAX_WORDS + 1), f"{2 * MAX_WORDS} in one go"),
        ):
            told = await clips(house, "words add", words=word)
            assert words in told.content
            assert told.content.endswith("Nothing was changed.")
        unknown = await clips(house, "words remove", words="bad")
        assert "bad is not blocked here" in unknown.content
    assert recorded(house) == []


async def test_a_list_is_added_and_removed_in_one_go(house: House) -> None:
    async with house.bot():
        told = await clips(house, "words add", words="Bad, gun*, *ass*, /x{1,2}y/, ..., c++")
        lines = told.content.splitlines()
        assert lines[0] == "**4 words and 1 pattern** blocked from the next request on:"
        assert lines[1].startswith("- bad: found as a whole word, ")
        assert r"- gun\*: found at the beginning of words." in lines
        assert r"- \*ass\*: found anywhere, inside words too." in lines
        assert "- c++: found anywhere, as it is typed: it has a symbol in it." in lines
        assert lines[-1].startswith(r"\.\.\. was **not** blocked: There is no letter")
        for prompt in ("two gunslingers", "a classy dog", "xxy", "b a d"):
            await house.told((await house.animate(prompt=prompt)).original, "does not allow")
        await house.delivered(await house.animate(prompt="a shogun, mama's soup"))
    # Over a restart, by another, and in any form.
    async with house.bot():
        gone = await clips(
            house, "words remove", house.member("moderator"), words="B\u00e2D, gun*, dog, x{1,2}y"
        )
        # Without its slashes a pattern with a comma is two words.
        assert r"bad, gun\* are no longer blocked" in gone.content
        assert "dog, x{1, 2}y are not blocked here" in gone.content
        await clips(house, "words remove", words="x{1,2}y")
    assert stored(house) == ["*ass*", "c++"]
    assert len(recorded(house)) == 3


async def test_what_would_refuse_everyday_prompts_is_questioned(house: House) -> None:
    async with house.bot():
        for word, hits in (("a", "6 of 20 in English"), ("*e*", "12 of 12 in "), ("/./", "20 of")):
            asked = await clips(house, "words add", words=word)
            assert f"It would refuse {hits}" in asked.content
            assert "`anyway:True`" in asked.content
            assert "Nothing was changed" in asked.content
        await house.delivered(await house.animate(prompt="a dog"))
        meant = await clips(house, "words add", words="a", anyway=True)
        assert "- a: found as a whole word" in meant.content
        await house.told((await house.animate(prompt="a dog")).original, "does not allow")
    assert stored(house) == ["a"]


async def test_what_stays_refused_for_another_word_is_told(house: House) -> None:
    async with house.bot():
        await clips(house, "words add", words="bad, *bad*, cat, /c[au]t/")
        gone = await clips(house, "words remove", words="bad, cat")
        lines = gone.content.splitlines()
        assert lines == [
            "bad, cat are no longer blocked.",
            r"Some of that is still refused, because of \*bad\*, \/c\[au\]t\/.",
        ]
        gone = await clips(house, "words remove", words="*bad*, /c[au]t/")
        assert "still" not in gone.content


async def test_a_file_is_imported_exported_and_undone(house: House) -> None:
    morgan = house.member("moderator")
    async with house.bot():
        await clips(house, "words add", words="cat")
        file = listed("\ufeff# our list\r\nbad\r\n/(/\r\ncat, gun*\r\n#tag\r\n")
        told = await clips(house, "words import", file=file)
        assert "**3 words** blocked" in told.content
        assert "Blocked already: cat" in told.content
        assert r"Line 3, \/\(\/ was **not** blocked: That is not a pattern" in told.content
        await house.told((await house.animate(prompt="gunners")).original, "does not allow")

        got = await clips(house, "words export", morgan)
        assert [it.filename for it in got.attachments] == ["blocked-words.txt"]
        text = got.attachments[0].data.decode()
        assert text == "#tag\nbad\ncat\ngun*\n"
        again = await clips(house, "words import", morgan, file=listed(text))
        assert "Nothing was changed" in again.content

        (added,) = told.attachments
        assert (added.filename, added.data) == ("added-words.txt", b"bad\ngun*\n#tag\n")
        undone = await clips(house, "words remove", morgan, file=listed(added.data.decode()))
        assert "are no longer blocked" in undone.content
        assert stored(house) == ["cat"]
        assert not (await clips(house, "words import", morgan, file=listed("bad"))).attachments

        undone = await clips(house, "words remove", morgan, file=file)
        assert r"\/\(\/, gun\*, \#tag are not blocked here" in undone.content
        nothing = await clips(house, "words export")
        assert nothing.content.startswith("No words are blocked")
        assert not nothing.attachments
    assert stored(house) == []
    assert [row[2] is None for row in recorded(house)] == [True, True, False, True, False]


async def test_a_thousand_words_are_imported_and_nothing_is_cut_off(house: House) -> None:
    names = [f"word{number:04}" for number in range(MAX_WORDS)]
    async with house.bot():
        told = await clips(house, "words import", file=listed("\n".join([*names, "one more"])))
        assert f"**{MAX_WORDS} words** blocked" in told.content
        assert [it.filename for it in told.attachments] == ["answer.txt"]
        whole = told.attachments[0].data.decode()
        assert all(name in whole for name in names)
        assert f"Line {MAX_WORDS + 1}, one more was **not** blocked: This server has" in whole
        await house.told((await house.animate(prompt="w0rd0999")).original, "does not allow")
        shown = await clips(house, "words list")
        assert shown.attachments[0].data.decode().split() == names
        helper = house.member("helper")
        asked = await house.discord.autocomplete(
            helper, house.clips, "clips words remove", {"words": "WORD077"}, "words"
        )
        assert [it["value"] for it in asked.choices or ()] == [
            f"word077{number}" for number in range(10)
        ]
        gone = await clips(house, "words remove", file=listed("\n".join(names)))
        assert all(name in gone.attachments[0].data.decode() for name in names)
    assert stored(house) == []
    assert len(recorded(house)) == 2


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (Upload("list.txt", b"b\xe4d", "text/plain"), "no text in UTF-8"),
        (listed("x" * (512 * 1024 + 1)), "larger than 512 KB"),
        (listed("# nothing"), "There is no word in that"),
    ],
)
async def test_what_is_no_list_is_told(house: House, file: Upload, words: str) -> None:
    async with house.bot():
        for command in ("import", "remove"):
            told = await clips(house, f"words {command}", file=file)
            assert words in told.content
            assert "Nothing was changed" in told.content
    assert recorded(house) == []


async def test_a_file_that_discord_does_not_hand_over_is_told(house: House) -> None:
    house.discord.faults.add(Fault("discord.cdn", "reply", times=None, status=500))
    async with house.bot():
        told = await clips(house, "words import", file=listed("bad"))
    assert "Discord did not hand me that file" in told.content


async def test_a_file_that_is_larger_than_it_says_is_not_read(house: House) -> None:
    body = b"x" * (512 * 1024 + 1)
    house.discord.faults.add(Fault("discord.cdn", "reply", times=None, status=200, body=body))
    async with house.bot():
        told = await clips(house, "words import", file=listed("bad"))
    assert "larger than 512 KB" in told.content
    assert recorded(house) == []


async def test_a_file_comes_from_discord_alone(house: House) -> None:
    cdn = house.discord.cdn
    cdn.base = cdn.base.replace("127.0.0.1", "localhost")
    async with house.bot():
        told = await clips(house, "words import", file=listed("bad"))
    assert "Discord did not hand me that file" in told.content


async def test_which_words_were_hit_is_shown_for_thirty_days(house: House) -> None:
    noah = house.member("noah")
    async with house.bot():
        assert "No prompt was refused" in (await clips(house, "words hits")).content
        await clips(house, "words add", words="bad, d?g, /=c.t/, never")
        for who, prompt in ((house.mia, "a bad =cat"), (house.mia, "so bad"), (noah, "b a d")):
            await house.told((await house.animate(who, prompt=prompt)).original, "does not allow")
        await clips(house, "words remove", words="/=c.t/")
        shown = await clips(house, "words hits", house.member("moderator"))
        _, first, second = shown.content.splitlines()
        assert first.startswith("- bad: 3 times, last <t:")
        assert first.endswith(f"by <@{house.mia.id}> (2), <@{noah.id}> (1)")
        assert r"/\=c" not in second
        assert "no longer blocked: 1 time" in second
        table = shown.attachments[0].data.decode().splitlines()
        assert table[0] == "word,member,times,last_utc"
        assert table[1].startswith(f"bad,<@{house.mia.id}>,2,")
        assert table[3].startswith("/=c.t/,")
    dump = str(house.query("SELECT * FROM word_hits"))
    assert "so" not in dump
    assert "cat" not in dump
    house.pass_time(days=30)
    async with house.bot():
        assert "No prompt was refused" in (await clips(house, "words hits")).content
        async with asyncio.timeout(60):
            while house.query("SELECT 1 FROM word_hits"):
                await asyncio.sleep(0.01)


async def test_two_import_at_once(house: House) -> None:
    one = listed("\n".join(f"one{number}" for number in range(600)) + "\nboth")
    two = listed("\n".join(f"two{number}" for number in range(600)) + "\nboth")
    async with house.bot():
        await asyncio.gather(
            clips(house, "words import", file=one),
            clips(house, "words import", house.member("moderator"), file=two),
        )
    assert len(stored(house)) == MAX_WORDS
    assert len(recorded(house)) == 2


async def test_removing_suggests_what_is_blocked(house: House) -> None:
    helper = house.member("helper")
    async with house.bot():
        await clips(house, "words add", words="b\u00e2d dog, cat, /d.g/")
        for typed, values in (("D", ["bad dog", "/d.g/"]), ("B\u00c2D", ["bad dog"])):
            asked = await house.discord.autocomplete(
                helper, house.clips, "clips words remove", {"words": typed}, "words"
            )
            assert [choice["value"] for choice in asked.choices or ()] == values
        gone = await clips(house, "words remove", words="/d.g/")
        assert r"/d\.g/ is no longer blocked" in gone.content.replace("\\/", "/")
    assert stored(house) == ["bad dog", "cat"]


async def test_a_text_is_tried_and_shown_as_it_is_read(house: House) -> None:
    async with house.bot():
        nothing = await clips(house, "words test", text="B\u00e2d")
        assert "**Allowed**: it contains no blocked word" in nothing.content
        await clips(house, "words add", words="bad")
        await clips(house, "words add", words="/d.g/")
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
        await clips(house, "words add", words="b_d")
        await clips(house, "words add", words="/x.*y/")
        short = await clips(house, "words list")
        assert "**1 word and 1 pattern** blocked here" in short.content
        assert r"b\_d" in short.content
        for number in range(30):
            await clips(house, "words add", words=f"{number} {'long ' * 15}word")
        long = await clips(house, "words list")
    assert "**31 words and 1 pattern** blocked here, in the file" in long.content
    assert [file.filename for file in long.attachments] == ["blocked-words.txt"]
    lines = long.attachments[0].data.decode().splitlines()
    assert len(lines) == 32
    assert lines[-2:] == ["b_d", "/x.*y/"]


async def test_what_an_earlier_version_stored_is_removed_like_the_rest(house: House) -> None:
    helper, guild_id = house.member("helper"), house.discord.world.guild.id
    long = "x" * 120
    async with house.bot():
        await clips(house, "words add", words="xbad")
    house.execute(
        f"INSERT INTO blocked_words VALUES ({guild_id}, '{long}', 0), ({guild_id}, '/x/', 0)"
    )
    async with house.bot():
        asked = await house.discord.autocomplete(
            helper, house.clips, "clips words remove", {"words": "x"}, "words"
        )
        # A value of more than 100 characters would cost all suggestions.
        assert [it["value"] for it in asked.choices or ()] == ["/x/", "xbad"]
        gone = await clips(house, "words remove", words=f"/x/, {long}")
        assert "are no longer blocked" in gone.content
    assert stored(house) == ["xbad"]


async def test_members_are_refused_where_the_command_is_shown_to_them(house: House) -> None:
    house.discord.world.guild.command_grants["clips"] = {house.mia.id: True}
    async with house.bot():
        for command, options in (
            ("words add", {"words": "bad"}),
            ("words remove", {"words": "bad"}),
            ("words import", {"file": listed("bad")}),
            ("words export", {}),
            ("words hits", {}),
            ("words test", {"text": "bad"}),
            ("words list", {}),
        ):
            told = await clips(house, command, house.mia, **options)
            assert "**Manage Messages**" in told.content
    assert house.query("SELECT * FROM blocked_words") == []
