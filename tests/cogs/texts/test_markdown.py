from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.texts.markdown import escape, mention, plural, quote, shorten

SPECIAL = set("\\*_~|`>#-[]()<@:./")
tricky = st.text(st.one_of(st.sampled_from(sorted(SPECIAL)), st.characters(codec="utf-8")))


def unescaped(text: str) -> str:
    """What Discord shows: a backslash before punctuation disappears."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text)


@given(tricky)
def test_escaped_text_reads_as_it_was_typed(text: str) -> None:
    assert unescaped(escape(text)) == text


@given(tricky)
def test_every_special_character_is_escaped(text: str) -> None:
    bare = re.sub(r"\\[^0-9A-Za-z\s]", "", escape(text))
    assert SPECIAL.isdisjoint(bare)


@pytest.mark.parametrize(
    ("typed", "forbidden"),
    [
        ("@everyone", "@everyone"),
        ("<@123456789012345678>", "<@"),
        ("<@&123456789012345678>", "<@"),
        ("<#123456789012345678>", "<#"),
        ("<:name:1234>", "<:"),
        ("<t:1700000000:R>", "<t:"),
        ("</animate:1234>", "</"),
        ("[text](https://evil.example)", "]("),
        ("https://evil.example", "://"),
        ("discord.gg/abc", "discord.gg"),
        ("**bold**", "**"),
        ("```code```", "```"),
        ("||hidden||", "||"),
        ("# Title", "# T"),
        ("-# small", "-#"),
        ("> quote", "> q"),
    ],
)
def test_nothing_that_discord_acts_on_survives(typed: str, forbidden: str) -> None:
    disarmed = re.sub(r"\\[^0-9A-Za-z\s]", "", escape(typed))
    assert forbidden not in disarmed
    assert unescaped(escape(typed)) == typed


@given(st.text(max_size=300), st.integers(1, 200))
def test_shortened_text_is_within_its_bound(text: str, most: int) -> None:
    short = shorten(text, most)
    assert len(short) <= most
    if len(text) <= most:
        assert short == text
    else:
        assert short.endswith("…")
        assert text.startswith(short[:-1])


@given(tricky, st.integers(1, 200))
def test_a_quote_is_one_line_within_its_bound(text: str, most: int) -> None:
    line = " ".join(text.split())
    quoted = quote(line, most)
    assert len(quoted) <= 2 * most + 3
    assert quoted == "" if not line else quoted.startswith("> ")
    assert quoted.count("\n") == bool(line)


def test_one_is_singular() -> None:
    assert [plural(n, "clip") for n in (0, 1, 2)] == ["0 clips", "1 clip", "2 clips"]


def test_a_member_whose_data_was_deleted_is_not_mentioned_by_a_number() -> None:
    assert mention(20) == "<@20>"
    assert mention(0) == "members whose data is deleted"
