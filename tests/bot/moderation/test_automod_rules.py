"""AutoMod's rules, read as Discord describes them, and searched for in bounded time."""

from __future__ import annotations

from typing import Any

import pytest

from bot.moderation.automod_rules import AutomodRules, from_json, read_rules
from bot.moderation.blocked_words import MAX_TOTAL_SIZE

KEYWORDS, PATTERNS, ALLOWED = "keyword_filter", "regex_patterns", "allow_list"


def rule(name: str = "rule", **changes: Any) -> dict[str, Any]:
    metadata = {key: changes.pop(key, []) for key in (KEYWORDS, PATTERNS, ALLOWED)}
    action = {"type": 1, "metadata": {"custom_message": "No."}}
    return {
        "name": name,
        "trigger_type": 1,
        "enabled": True,
        "actions": [action],
        "exempt_roles": [],
        "exempt_channels": [],
        "trigger_metadata": metadata,
        **changes,
    }


def is_in(text: str, **words: Any) -> bool:
    rules = read_rules([rule(**words)])
    return any(rules.broken_by((), (), text))


@pytest.mark.parametrize(
    ("keyword", "found", "not_found"),
    [
        ("cat", ["cat", "a CAT!", "(cat)", "dog,cat"], ["catch", "concat", "cat_1", "cäat"]),
        ("cat*", ["cat", "Catch"], ["concat", "a scatter"]),
        ("*cat", ["cat", "conCAT."], ["catch"]),
        ("*cat*", ["education", "cat"], ["c at"]),
        ("the matrix", ["The  Matrix"], ["the matrixes", "matrix"]),
        ("c++", ["use c++ now", "c++"], ["xc++", "c+"]),
        ("a.c", ["a.c"], ["abc"]),
        ("ÜNÏ", ["ünï"], ["uni"]),
        ("ﬁne", ["fine"], ["finer"]),
        ("猫", ["猫 1"], ["黒猫"]),
        ("(", ["a(b"], ["ab"]),
    ],
)
def test_keywords_are_found_as_their_stars_say(
    keyword: str, found: list[str], not_found: list[str]
) -> None:
    assert [is_in(text, keyword_filter=[keyword]) for text in found] == [True] * len(found)
    assert not any(is_in(text, keyword_filter=[keyword]) for text in not_found)


@pytest.mark.parametrize("keyword", ["", "*", "**", " * "])
def test_a_keyword_without_anything_is_found_nowhere(keyword: str) -> None:
    assert not is_in("a", keyword_filter=[keyword])
    assert is_in("a b", keyword_filter=[keyword, "b"])


@pytest.mark.parametrize(
    ("allowed", "text", "is_broken"),
    [
        ("class", "class", False),
        ("class", "classy", True),
        ("class*", "classy", False),
        ("*class*", "subclassing", False),
        ("class", "class class class", False),
        ("class", "class ass", True),
        ("kick ass", "kick ass", False),
        ("", "class", True),
    ],
)
def test_what_is_allowed_is_taken_out_first(allowed: str, text: str, is_broken: bool) -> None:  # noqa: FBT001 - a case's word
    assert is_in(text, keyword_filter=["*ass*"], allow_list=[allowed]) is is_broken
    assert is_in(text, regex_patterns=["ass"], allow_list=[allowed]) is is_broken


@pytest.mark.parametrize(
    "pattern",
    [r"\bgr[ae]y\b", r"(?i)GREY", r"(?P<c>grey)", r"\p{L}rey", r"\[|[[:alpha:]]rey", "a&&b|grey"],
)
def test_patterns_that_rust_and_re2_share_are_searched_for(pattern: str) -> None:
    assert is_in("a grey dog", regex_patterns=[pattern])


@pytest.mark.parametrize(
    "pattern", [r"(?<=a)b", r"(a)\1", r"[\w&&[^a]]", r"[a-z--b]", "[a[bc]]", "(", r"\pL{9}"]
)
def test_patterns_that_cannot_be_searched_for_are_named(pattern: str) -> None:
    rules = read_rules([rule(regex_patterns=[pattern, "grey"])])
    assert rules.left_out_patterns == (pattern,)
    assert [it.name for it in rules.broken_by((), (), "grey")] == ["rule"]


def test_all_patterns_together_are_bounded() -> None:
    large = [rf"{number}\w{{80}}" for number in range(100)]
    rules = read_rules([rule(regex_patterns=large)])
    (taken,) = rules.applied
    assert taken.patterns
    assert rules.left_out_patterns
    assert len(taken.patterns) + len(rules.left_out_patterns) == 100
    assert MAX_TOTAL_SIZE == 40_000


def test_exempt_roles_and_channels_are_exempt() -> None:
    rules = read_rules([rule(keyword_filter=["bad"], exempt_roles=["5"], exempt_channels=["6"])])
    assert [*rules.broken_by((1,), (2, 3), "bad")]
    assert not [*rules.broken_by((1, 5), (2, 3), "bad")]
    assert not [*rules.broken_by((1,), (2, 6), "bad")]
    # By their own kind alone.
    assert [*rules.broken_by((6,), (5,), "bad")]


@pytest.mark.parametrize(
    ("changes", "is_named"),
    [
        ({"enabled": False}, False),
        ({"trigger_type": 4}, True),
        ({"trigger_type": 3}, True),
        ({"actions": [{"type": 2, "metadata": {"channel_id": "1"}}]}, True),
        ({"actions": []}, True),
    ],
)
def test_rules_that_do_not_hold_here_are_named(changes: dict[str, Any], is_named: bool) -> None:  # noqa: FBT001 - a case's word
    rules = read_rules([rule("other", keyword_filter=["bad"], **changes)])
    assert rules.applied == ()
    assert rules.left_out == (("other",) if is_named else ())


@pytest.mark.parametrize(
    "answer", [None, [], [None], [{}], ["x"], [{"name": 1}], [rule(actions=3)]]
)
def test_an_odd_answer_is_no_rule(answer: Any) -> None:
    assert read_rules(answer) == AutomodRules()


def test_rules_are_the_same_once_stored() -> None:
    rules = read_rules(
        [rule(keyword_filter=["bad"], regex_patterns=["x", "("], exempt_roles=["5"])]
    )
    assert from_json(rules.model_dump_json()) == rules


@pytest.mark.slow
def test_the_largest_rules_are_searched_soon() -> None:
    """A backtracking engine would never end."""
    keywords = [f"*{'ab' * 28}{number:04}*" for number in range(1000)]
    rules = read_rules(
        [
            rule(
                keyword_filter=keywords,
                regex_patterns=[r"(a+)+$", r"(a|aa)+b", r"(.*a){20}"] * 3,
                allow_list=[f"*{'a' * 50}{number}*" for number in range(100)],
            )
        ]
        * 6
    )
    assert len(rules.applied) == 6
    assert not rules.left_out_patterns
    assert not [*rules.broken_by((), (), "b" * 2000)]
    for text in ("a" * 2000, "ab " * 700):
        assert [*rules.broken_by((), (), text)] == [*rules.applied]
