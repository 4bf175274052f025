"""Texts are put together by each language's punctuation, and in all that is read."""

from __future__ import annotations

import re

import pytest

from cogs.texts.languages import LANGUAGES, use_language
from cogs.texts.punctuation import (
    as_sentence,
    either,
    joined,
    labelled,
    listed,
    quoted,
    sentences,
    with_colon,
    with_note,
)
from tests.cogs.texts.test_translations import all_messages
from tools import translations

A_B_C = ("a", "b", "c")


def put_together() -> list[str]:
    return [
        sentences("A.", "", "B."),
        as_sentence("a"),
        listed(A_B_C),
        listed(A_B_C, with_commas=True),
        joined(A_B_C),
        joined("a"),
        either(A_B_C),
        labelled("a", "b"),
        with_colon("a"),
        quoted("a"),
        with_note("a", 1),
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", "A. B.|a.|a, b, c|a; b; c|a, b and c|a|a or b or c|a: b|a:|“a”|a (1)"),
        ("de", "A. B.|a.|a, b, c|a; b; c|a, b und c|a|a oder b oder c|a: b|a:|„a“|a (1)"),
        ("es", "A. B.|a.|a, b, c|a; b; c|a, b y c|a|a o b o c|a: b|a:|«a»|a (1)"),
        ("es-419", "A. B.|a.|a, b, c|a; b; c|a, b y c|a|a o b o c|a: b|a:|«a»|a (1)"),
        ("fr", "A. B.|a.|a, b, c|a~; b~; c|a, b et c|a|a ou b ou c|a~: b|a~:|«~a~»|a (1)"),
        ("ja", "A.B.|a。|a、b、c|a、b、c|a、bとc|a|aまたはbまたはc|a：b|a：|「a」|a（1）"),  # noqa: RUF001 - its own
        ("pt-BR", "A. B.|a.|a, b, c|a; b; c|a, b e c|a|a ou b ou c|a: b|a:|“a”|a (1)"),
    ],
)
def test_texts_are_put_together_as_the_language_does(code: str, expected: str) -> None:
    with use_language(code):
        assert put_together() == expected.replace("~", "\u00a0").split("|")


def test_nothing_is_written_of_no_items() -> None:
    assert [listed([]), joined([]), sentences()] == ["", "", ""]


def test_every_language_is_tried() -> None:
    (mark,) = test_texts_are_put_together_as_the_language_does.pytestmark  # type: ignore[attr-defined] # pytest's
    assert [code for code, _ in mark.args[1]] == list(LANGUAGES)


_CODE = re.compile(r"`[^`]*`|<[^<>\s]*>|https?://\S+|\{\w*\}|\\.")
"""What is no text: commands, mentions, timestamps, links, placeholders, escaped characters."""
_KANA = "\u3040-\u30ff\u4e00-\u9fff"
WRONG = {
    "fr": re.compile(
        r"[^\s\u00a0\u202f:;!?*][:;!?»](?=[\s*]|$)|(?<=\S) [:;!?»](?=\s|$)|«[^\u00a0]"
    ),
    "ja": re.compile(rf"[{_KANA}§][,.:;!?()]|[,.:;!?()][{_KANA}]|[。、：] (?!`)|[“”]| [(（]"),  # noqa: RUF001 - as said
}
"""What no speaker writes: a French colon without a blank, a Latin comma after Japanese."""


def mistakes(code: str, text: str) -> list[str]:
    return [it[0] for it in WRONG[code].finditer(_CODE.sub("§", text))]


@pytest.mark.parametrize(
    ("code", "text", "is_wrong"),
    [
        ("fr", "⚠️ <@1>: non", True),
        ("fr", "⚠️ <@1>\u00a0: non", False),
        ("fr", "**Où** : ici", True),
        ("fr", "<t:1795348800:R>", False),
        ("ja", "⚠️ <@1>: だめです。", True),
        ("ja", "だめです。 もう一度。", True),
        ("ja", "<#1>、<#2>など", False),
        ("ja", "混雑 (3)", True),
        ("ja", "混雑（3）", False),  # noqa: RUF001 - its own
    ],
)
def test_wrong_punctuation_is_found(code: str, text: str, is_wrong: bool) -> None:  # noqa: FBT001 - a table
    assert bool(mistakes(code, text)) is is_wrong


@pytest.mark.parametrize("code", WRONG)
def test_translations_have_their_languages_punctuation(code: str) -> None:
    found = {
        form
        for (context, _), message in translations.messages(translations.read(code)).items()
        for form in translations.forms(message)
        if not context and mistakes(code, form)
    }
    assert found == set()


@pytest.mark.parametrize("code", WRONG)
def test_messages_have_their_languages_punctuation(code: str) -> None:
    with use_language(code):
        messages = all_messages()
    assert {name: it for name, it in messages.items() if mistakes(code, it)} == {}
