from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.base.checked_text import MAX_CHARACTERS, check_text
from bot.base.errors import TextError, TextProblem


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("   \n\t ", ""),
        ("  the sun   rises ", "the sun rises"),
        ("one\ntwo\r\n\r\nthree", "one two three"),
        ("a\u2028b\u2029c", "a b c"),
        ("ürgh — 日本語, नमस्ते", "ürgh — 日本語, नमस्ते"),
        (
            "👩‍👩‍👧 dances 🏴\U000e0067\U000e0062\U000e007f",
            "👩‍👩‍👧 dances 🏴\U000e0067\U000e0062\U000e007f",
        ),
        ("می‌خواهم", "می‌خواهم"),
        ("*_~`|> @everyone", "*_~`|> @everyone"),
        ("x" * MAX_CHARACTERS, "x" * MAX_CHARACTERS),
        (" " * 4000 + "x", "x"),
    ],
)
def test_words_are_kept_and_blanks_made_tidy(typed: str, kept: str) -> None:
    assert check_text("prompt", typed) == kept


@pytest.mark.parametrize(
    "character",
    [
        "\0",
        "\x07",
        "\x1b",
        "\x7f",
        "\x85",
        "\x9f",
        "\u202e",
        "\u202a",
        "\u2066",
        "\u2069",
        "\ufff9",
    ],
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_characters_that_deceive_are_refused(character: str) -> None:
    with pytest.raises(TextError) as refusal:
        check_text("negative_prompt", f"good{character}evil")
    assert refusal.value.problem is TextProblem.CONTROL_CHARACTERS
    assert refusal.value.field == "negative_prompt"


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(TextError) as refusal:
        check_text("prompt", "\ud83d")
    assert refusal.value.problem is TextProblem.CONTROL_CHARACTERS


@pytest.mark.parametrize("length", [MAX_CHARACTERS + 1, 4000, 6000])
def test_too_long_is_refused_with_its_length(length: int) -> None:
    with pytest.raises(TextError) as refusal:
        check_text("prompt", "x" * length)
    assert refusal.value.problem is TextProblem.TOO_LONG
    assert refusal.value.length == length


def test_the_refusal_does_not_repeat_the_words() -> None:
    with pytest.raises(TextError) as refusal:
        check_text("prompt", "private\u202ewords")
    assert "private" not in str(refusal.value)


@given(st.text(max_size=200))
def test_what_passes_is_one_visible_line_and_passes_again(typed: str) -> None:
    try:
        kept = check_text("prompt", typed)
    except TextError:
        return
    assert kept.splitlines() in ([], [kept])
    assert kept == kept.strip(" ")
    assert "  " not in kept
    assert {unicodedata.category(c) for c in kept}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
    assert check_text("prompt", kept) == kept
