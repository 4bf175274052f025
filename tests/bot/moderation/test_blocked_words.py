from __future__ import annotations

import random
import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.base.checked_text import MAX_CHARACTERS
from bot.moderation import blocked_words
from bot.moderation.blocked_words import (
    MAX_LENGTH,
    BlockedWord,
    Reach,
    check,
    find_matches,
    pattern_size,
    reach,
    stored_form,
)
from bot.moderation.errors import BlockedWordRuleError, BlockedWordRuleProblem
from bot.moderation.everyday_prompts import EVERYDAY_PROMPTS, everyday_hits
from tests.bot.moderation.hostile_patterns import HARDEST, first_match, many_words


def finds(word: str, text: str, *, pattern: bool = False) -> bool:
    return first_match([check(BlockedWord(word, pattern))], text) is not None


DISGUISES = {
    "as it is": "a bad dog",
    "capitals": "BAD",
    "punctuation around": '("bad"),',
    "fullwidth": "\uff42\uff41\uff44",
    "mathematical": "\U0001d41b\U0001d41a\U0001d41d",
    "circled": "\u24d1\u24d0\u24d3",
    "superscript": "\u1d47\u1d43\u1d48",
    "in parentheses": "\u249d\u249c\u249f",
    "squared": "\U0001f171\U0001f170\U0001f173",
    "flags": "\U0001f1e7\U0001f1e6\U0001f1e9",
    "small capitals": "\u0299\u1d00\u1d05",
    "hooks": "\u0253\u0251\u0256",
    "a Cyrillic letter": "b\u0430d",
    "a Greek letter": "\u03b2ad",
    "digits": "b4d 84d",
    "signs": "b@d",
    "joints": "b.a.d",
    "dashes": "b-a-d",
    "underscores": "b_a_d",
    "one joint": "ba-d",
    "stars": "b*a*d",
    "spaces": "b a d",
    "wide spaces": "b   a  d",
    "stretched": "baaaad",
    "zero width": "b\u200ba\u200dd",
    "soft hyphen": "b\u00ada\u00add",
    "variation selectors": "b\ufe0fa\ufe0fd",
    "accents": "b\u0301\u00e2d\u0308",
    "piled marks": "b\u0353\u033da\u0353\u033dd\u0353",
    "struck through": "b\u0336a\u0336d\u0336",
    "enclosed": "b\u20ddad",
    "lone surrogate": "b\ud800ad",
    "emoji beside": "bad\U0001f4af",
    "Chinese beside": "\u574fbad\u8bdd",
    "a Korean particle": "bad\ub97c",
    "a new line": "so\nbad\nindeed",
    "a wide blank": "so\u3164bad\u2800indeed",
}


@pytest.mark.parametrize("text", DISGUISES.values(), ids=DISGUISES)
def test_a_word_is_found_however_it_is_disguised(text: str) -> None:
    assert finds("bad", text)


FOUND = [
    ("Bad", "bad"),
    ("\uff22\uff21\uff24", "bad"),
    ("ass", "a$$ @ss a55"),
    ("ass", "assssss"),
    ("shit", "sh!t"),
    ("evil", "eviI"),
    ("evil", "Ev\u0456\u0406"),
    ("hell", "h'e'l'l"),
    ("white power", "White  Power!"),
    ("white power", "white-power"),
    ("co-op", "the co-op"),
    ("1488", "1488?"),
    ("mp3", "an mp3"),
    ("c++", "I love C++"),
    ("\U0001f346", "look\U0001f346\U0001f346"),
    ("\u00e9t\u00e9", "ETE"),
    ("Stra\u00dfe", "STRASSE"),
    ("k\u00f8lle", "K\u00d8LLE and k0lle"),
    ("\u0441\u0443\u043a\u0430", "\u0421\u0423\u041a\u0410"),
    ("\u0441\u0443\u043a\u0430", "cyka"),
    ("\u0441\u0443\u043a\u0430", "\u0441 y \u043a a"),
    ("\u043f\u043e\u043f\u043a\u0430", "\u043fo\u043fka"),
    ("\u574f\u8bdd", "\u4ed6\u8bf4\u574f\u8bdd\u5417"),
    ("\u574f\u8bdd", "\u574f \u8bdd"),
    ("\u3070\u304b", "\u3042\u306e\u3070\u304b\u304c"),
    ("\u30d0\u30ab", "\uff8a\uff9e\uff76"),
    ("\u0e44\u0e17\u0e22", "\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22\u0e14\u0e35"),
    ("\uc2dc\ubc1c", "\uc774 \uc2dc\ubc1c\uc544"),
    ("\u0643\u0644\u0645\u0629", "\u0647\u0630\u0647 \u0643\u064e\u0644\u0650\u0645\u064e\u0629"),
    ("\u092c\u0941\u0930\u093e", "\u092f\u0939 \u092c\u0941\u0930\u093e \u0939\u0948"),
    ("\u05e2\u05d1\u05e8\u05d9\u05ea", "\u05e2\u05b4\u05d1\u05b0\u05e8\u05b4\u05d9\u05ea"),
]


@pytest.mark.parametrize(("word", "text"), FOUND)
def test_a_word_is_found(word: str, text: str) -> None:
    assert finds(word, text)


INNOCENT = [
    ("ass", "class bass grass assess assassin Ass1"),
    ("ass", "as a ss as s"),
    ("bad", "badge b ad"),
    ("bad", "b\u0430dge"),
    ("hell", "he'll sell a shell"),
    ("penis", "the pen is red"),
    ("anal", "an al fresco dinner, analysis"),
    ("the rapist", "a therapist"),
    ("god", "good"),
    ("ill", "AI is in I I"),
    ("boob", "bob"),
    ("so", "50 cats"),
    ("los", "in 105 parts for $2.05"),
    ("cat", "(at home"),
    ("girl", "a gir! Wow"),
    ("plop", "at 100p"),
    ("1488", "11488"),
    ("c++", "c and c+"),
    ("\u043f\u043e\u043f\u043a\u0430", "\u043f\u043e\u043b\u043a\u0430"),
    ("\u043e\u0431\u0435\u0434", "\u043f\u043e\u0431\u0435\u0434\u0430"),
    ("\u3070\u304b", "\u306f\u304b"),
    ("\uc2dc\ubc1c", "\ucd9c\uc2dc\ubc1c\ud45c"),
    ("\u0643\u0644\u0645\u0629", "\u0643\u0644\u0645\u062a\u0627\u0646"),
    ("\u092c\u0941\u0930\u093e", "\u092c\u0940\u0930"),
]


@pytest.mark.parametrize(("word", "text"), INNOCENT)
def test_a_word_is_not_found_in_others(word: str, text: str) -> None:
    assert not finds(word, text)


def test_a_pattern_sees_every_reading() -> None:
    assert finds(r"\bbad\w*", "so BADLY", pattern=True)
    assert finds("BAD", "\uff42\u0430d", pattern=True)
    assert finds("\u043f\u043b\u043e\u0445.*", "\u041f\u043b\u043e\u0445\u043e\u0439", pattern=True)
    assert finds("a\u00f1o", "A\u00f1o nuevo", pattern=True)
    assert not finds("a\u00f1o", "ano", pattern=True)
    assert not finds(r"\bass\b", "class", pattern=True)


NO_WORDS = [
    ("", BlockedWordRuleProblem.LENGTH),
    ("   ", BlockedWordRuleProblem.LENGTH),
    ("\u200b\u0301", BlockedWordRuleProblem.LENGTH),
    ("a" * (MAX_LENGTH + 1), BlockedWordRuleProblem.LENGTH),
    ("\ufdfa" * 20, BlockedWordRuleProblem.LENGTH),
    ("...", BlockedWordRuleProblem.EMPTY),
    ("\u201c\u201d", BlockedWordRuleProblem.EMPTY),
    ("**", BlockedWordRuleProblem.EMPTY),
    ("*.*", BlockedWordRuleProblem.EMPTY),
]
NO_PATTERNS = [
    ("", BlockedWordRuleProblem.LENGTH),
    ("a" * (MAX_LENGTH + 1), BlockedWordRuleProblem.LENGTH),
    ("(", BlockedWordRuleProblem.BAD),
    ("[z-a]", BlockedWordRuleProblem.BAD),
    ("(?=a)b", BlockedWordRuleProblem.BAD),
    (r"(a)\1", BlockedWordRuleProblem.BAD),
    ("a{2000}", BlockedWordRuleProblem.BAD),
    ("(a{1000}){1000}", BlockedWordRuleProblem.BAD),
    (r"\pL{30}", BlockedWordRuleProblem.SLOW),
    ("((a{1,30}){1,30})x", BlockedWordRuleProblem.SLOW),
]


def _problem(word: BlockedWord) -> BlockedWordRuleProblem:
    with pytest.raises(BlockedWordRuleError) as refused:
        check(word)
    return refused.value.problem


@pytest.mark.parametrize(("text", "problem"), NO_WORDS)
def test_what_is_no_word_is_refused(text: str, problem: BlockedWordRuleProblem) -> None:
    assert _problem(BlockedWord(text)) is problem


@pytest.mark.parametrize(("text", "problem"), NO_PATTERNS)
def test_what_is_no_good_pattern_is_refused(text: str, problem: BlockedWordRuleProblem) -> None:
    assert _problem(BlockedWord(text, is_pattern=True)) is problem


def test_what_is_wrong_with_a_pattern_is_told() -> None:
    with pytest.raises(BlockedWordRuleError) as refused:
        check(BlockedWord("bad(", is_pattern=True))
    assert "missing )" in refused.value.detail


def test_a_word_is_stored_as_it_is_read() -> None:
    assert check(BlockedWord("  B\u00c2D   Dog ")) == BlockedWord("bad dog")
    assert check(BlockedWord(" B.D ", is_pattern=True)) == BlockedWord("B.D", is_pattern=True)


OPEN = [
    ("gun*", "two gunslingers", True),
    ("gun*", "GUN\u015f", True),
    ("gun*", "g.u.n.s", True),
    ("gun*", "g u n", True),
    ("gun*", "shogun", False),
    ("gun*", "a gnu", False),
    ("*gun", "the shogun!", True),
    ("*gun", "gunslinger", False),
    ("*ass*", "cl4ss", True),
    ("*ass*", "a s s", True),
    ("*ass*", "mama's soup", False),
    ("*ass*", "extra small", False),
    ("**bad**", "xbadx", True),
    ("\uff0abad\uff0a", "xbadx", True),
    ("* bad", "xbad", False),
    ("* bad", "bad", True),
    ("c++*", "c++11", True),
    ("bad dog*", "a bad  doghouse", True),
]


@pytest.mark.parametrize(("word", "text", "is_found"), OPEN)
def test_a_star_opens_a_word_to_its_side(word: str, text: str, *, is_found: bool) -> None:
    assert finds(word, text) is is_found


def test_stars_are_stored_singly_and_where_they_mean_something() -> None:
    assert stored_form("**B\u00e2d** ") == "*bad*"
    assert stored_form("* bad") == "bad"
    assert stored_form("f*ck*") == "f*ck*"


REACHES = {
    "bad": Reach.WHOLE_WORD,
    "ok": Reach.SHORT_WORD,
    "bad*": Reach.BEGINNING,
    "*bad": Reach.END,
    "*bad*": Reach.ANYWHERE,
    "\u574f\u8bdd": Reach.ANYWHERE,
    "\uc2dc\ubc1c": Reach.BEGINNING,
    "c++": Reach.AS_TYPED,
    "/b.d/": Reach.PATTERN,
}


@pytest.mark.parametrize("typed", REACHES)
def test_where_a_word_is_found_is_known(typed: str) -> None:
    assert reach(check(BlockedWord.parse(typed))) is REACHES[typed]


EVERYDAY = [
    "a",
    "the",
    "*e*",
    "/./",
    "/x*/",
    "/^/",
    r"/\b/",
    r"/\w/",
    "/[aeiou]/",
    "/^$/",
    "la",
    "die",
]
SELDOM = ["bad", "*ass*", "gun*", "cat", "camera", "/b.d/", "\u574f\u8bdd", "drag\u00f3n", "nude"]


@pytest.mark.parametrize("typed", EVERYDAY)
def test_what_is_in_everyday_prompts_is_noticed(typed: str) -> None:
    assert everyday_hits(check(BlockedWord.parse(typed))).are_too_many


@pytest.mark.parametrize("typed", SELDOM)
def test_what_is_seldom_in_them_is_not(typed: str) -> None:
    assert not everyday_hits(check(BlockedWord.parse(typed))).are_too_many


def test_everyday_hits_are_counted_in_the_language_that_has_most() -> None:
    hits = everyday_hits(check(BlockedWord("kamera")))
    assert (hits.language, hits.refused, hits.prompts) == ("German", 2, 12)
    assert all(len(prompts) >= 12 for prompts in EVERYDAY_PROMPTS.values())


def test_the_words_that_match_are_named_in_order() -> None:
    words = [BlockedWord("cat"), BlockedWord("d.g", is_pattern=True), BlockedWord("bird")]
    assert list(find_matches(words, "a dog", "and a cat")) == words[:2]
    assert first_match(words, "", "a fish") is None


TEXTS = st.text(st.characters(codec=None), max_size=60)
HARD = st.sampled_from(["\ufdfa", "\U0001f171", "\u0e44", "\uac00", "\u0301", "\ud83d", "$", "a"])


@given(word=st.one_of(TEXTS, st.text(HARD)), text=st.one_of(TEXTS, st.text(HARD)))
@example(word="|", text="|")
@example(word="]^-\\", text="]^-\\")
def test_no_word_and_no_text_breaks_it(word: str, text: str) -> None:
    try:
        stored = check(BlockedWord(word))
    except BlockedWordRuleError:
        return
    first_match([stored], text)


@given(pattern=TEXTS, text=TEXTS)
@example(pattern="bad\ud800", text="")
def test_no_pattern_breaks_it(pattern: str, text: str) -> None:
    try:
        stored = check(BlockedWord(pattern, is_pattern=True))
    except BlockedWordRuleError:
        return
    first_match([stored], text)


@given(
    st.text(string.ascii_letters + "\u00e9\u0436\u4e2d\uac00\u0939\u093f", min_size=1, max_size=20)
)
def test_a_word_is_found_as_it_was_typed_and_between_others(word: str) -> None:
    try:
        stored = check(BlockedWord(word))
    except BlockedWordRuleError:
        return
    assert first_match([stored], word)
    assert first_match([stored], f"so {word.upper()}, then")


@given(
    word=st.text(string.ascii_lowercase, min_size=3, max_size=10),
    between=st.sampled_from([" ", "  ", ".", "-", "_", "\u200b", " - ", "*"]),
    before=st.sampled_from(["", "so ", "("]),
)
def test_a_word_is_found_spaced_out(word: str, between: str, before: str) -> None:
    assert finds(word, before + between.join(word))


@given(
    word=st.text(string.ascii_lowercase, min_size=1, max_size=8),
    around=st.text(string.ascii_lowercase, min_size=1, max_size=4),
)
def test_a_word_is_not_found_inside_another(word: str, around: str) -> None:
    # More of its own letters would be a word stretched.
    assume(not set(around) & set(word))
    assert not finds(word, around + word)
    assert not finds(word, word + around)


@pytest.mark.parametrize("kind", ["words", "patterns"])
def test_a_full_list_finds_its_last_word(kind: str) -> None:
    words = many_words(blocked_words.MAX_WORDS, patterns=kind == "patterns")
    assert sum(map(pattern_size, words)) < blocked_words.MAX_TOTAL_SIZE
    last = words[-1].text.removeprefix(r"\b")[:8]
    assert first_match(words, "nothing of the kind") is None
    assert first_match(words, f"nothing but {last}") == words[-1]


@pytest.mark.parametrize("pattern", HARDEST)
def test_the_hardest_patterns_come_to_an_end(pattern: str) -> None:
    """One that backtracks would not, of a text as long as may be."""
    dice = random.Random(7)
    words = [check(BlockedWord(pattern, is_pattern=True))]
    for letters in ("ab", "a", "\U0001f346"):
        text = "".join(dice.choices(letters, k=MAX_CHARACTERS))
        assert first_match(words, text) in {None, words[0]}
