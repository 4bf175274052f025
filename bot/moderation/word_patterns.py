"""Patterns that find a word whose letters are set apart, stretched, or written as digits.

Both the word and the text become outlines first: letters and digits stay, and every other
character becomes one of few separators, so that the patterns are small.
"""

from __future__ import annotations

import re
import string
import unicodedata
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import Final

from bot.moderation.normalized_text import look_alike_latin

_SIGNS: Final = "@$!+|"
"""Signs that are typed in place of letters, and are separators otherwise."""
_INNER: Final = "!+|"
"""Those signs that are letters only between letters: at an edge, `hi!` ends in punctuation."""
_SPACE, _STOP, _JOINT, _TURN = " ", "'", "-", "\x1f"
"""Separators: blanks, the end of a phrase and the apostrophe of `he'll`, all others, and the
border between two kinds of script that meet without a separator."""
_STOPS: Final = frozenset("'\u2018\u2019\u00b4`,;:?\u2026")

_JOINTS: Final = rf"[\-{_TURN}$@!+|]*"
_ANY: Final = rf"[ '\-{_TURN}$@!+|]"
_NO_LETTERS: Final = str.maketrans(
    dict.fromkeys(string.digits, "\ufffd") | dict.fromkeys(_SIGNS, _JOINT)
)
_FEWEST_LETTERS: Final = 3
"""The fewest letters of a word that is searched for spaced out and with digits."""


class ScriptSpacing(Enum):
    """How a script tells where words begin and end."""

    NONE = "none"
    SPACED = "spaced"
    UNSPACED = "unspaced"
    SUFFIXED = "suffixed"


_UNSPACED: Final = ("CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")


@lru_cache(maxsize=1 << 16)
def script_spacing(character: str) -> ScriptSpacing:
    """How the script of a character separates words; `NONE` for a separator.

    Korean glues particles to the ends of words; Chinese, Japanese and the scripts of South East
    Asia have no spaces between words.
    """
    if unicodedata.category(character)[0] not in "LNM":
        return ScriptSpacing.NONE
    name = unicodedata.name(character, "")
    if name.startswith(_UNSPACED):
        return ScriptSpacing.UNSPACED
    return ScriptSpacing.SUFFIXED if name.startswith("HANGUL") else ScriptSpacing.SPACED


def outline(text: str) -> str:
    """A variant of `NormalizedText`, with every separator as one of the four."""
    found, before = [], ScriptSpacing.NONE
    for character in text:
        now = script_spacing(character)
        if now is ScriptSpacing.NONE:
            found.append(_separator(character))
        elif now is not before is not ScriptSpacing.NONE:
            found.append(_TURN)
        if now is not ScriptSpacing.NONE:
            found.append(character)
        before = now
    return "".join(found)


def without_numbers(outlined: str) -> str:
    """An outline in which digits and signs alone, as in `50` or `$2.00`, match no letters."""
    return _PARTS.sub(
        lambda part: part[0] if any(map(str.isalpha, part[0])) else part[0].translate(_NO_LETTERS),
        outlined,
    )


def is_lettered(word: str) -> bool:
    """Whether each part of a word has a letter, so that `without_numbers` keeps the word."""
    return all(any(map(str.isalpha, part)) for part in word.split())


def find_pattern(word: str) -> str:
    """The RE2 pattern that finds a word, as stored, in outlines; '' if it has no letters."""
    outlined, letters = _letters(word)
    if not letters:
        return ""
    classes = _classes(letters)
    ways = [_unspaced_pattern(outlined, classes)]
    # Two letters, set apart or as digits, are in too many harmless texts.
    if len(letters) >= _FEWEST_LETTERS:
        ways.append(f"{_ANY}+".join(classes))
    bare = word.strip("*")
    if bare == word:
        return _bounded(word, letters, "|".join(ways))
    # Letters that are set apart stand by themselves: `*ass*` is not in `mama's soup`.
    return "|".join(_bounded(it, letters, way) for it, way in zip((word, bare), ways, strict=False))


def bounds(word: str) -> tuple[bool, bool]:
    """Whether a word with letters is found only where one begins, and only where one ends."""
    _, letters = _letters(word)
    return bool(_bound(word, letters)), bool(_bound(word, letters, is_end=True))


def is_short(word: str) -> bool:
    """Whether a word has so few letters that it is found neither spaced out nor in digits."""
    return len(_letters(word)[1]) < _FEWEST_LETTERS


def with_single_stars(word: str) -> str:
    """A word with at most one star on each side, and none that a blank parts from it."""
    bare = word.strip("* ")
    before, after = word.split(bare, 1) if bare else (word, "")
    return f"{'*' * before.endswith('*')}{bare}{'*' * after.startswith('*')}"


def _letters(word: str) -> tuple[str, list[str]]:
    outlined = outline(word).strip(_SPACE + _STOP + _JOINT)
    return outlined, [c for c in outlined if script_spacing(c) is not ScriptSpacing.NONE]


def _bounded(word: str, letters: list[str], pattern: str) -> str:
    return f"{_bound(word, letters)}(?:{pattern}){_bound(word, letters, is_end=True)}"


def _bound(word: str, letters: list[str], *, is_end: bool = False) -> str:
    """The pattern of the place before a word, or of that after it; '' for any place."""
    if word.endswith("*") if is_end else word.startswith("*"):
        return ""
    if is_end:
        is_bound = script_spacing(letters[-1]) is ScriptSpacing.SPACED
        return f"(?:$|{_ANY})" if is_bound else ""
    is_bound = script_spacing(letters[0]) is not ScriptSpacing.UNSPACED
    return f"(?:^|{_ANY})" if is_bound else ""


def _classes(letters: list[str]) -> list[str]:
    found = []
    for place, letter in enumerate(letters):
        at_edge = place in {0, len(letters) - 1}
        others = _disguises(letter) if len(letters) >= _FEWEST_LETTERS else ""
        kept = [c for c in others if not (at_edge and c in _INNER)]
        found.append(f"[{''.join(map(re.escape, [letter, *kept]))}]")
    return found


@lru_cache(maxsize=1 << 12)
def _disguises(letter: str) -> str:
    """Characters that read as this letter: digits and signs, for other scripts Latin letters."""
    alike = look_alike_latin(letter)
    if alike not in set(string.ascii_lowercase):
        return ""
    # Not at the top: as in `bot.moderation.normalized_text`.
    import decancer_py  # noqa: PLC0415 - as said above

    signs = "".join(c for c in string.digits + _SIGNS if decancer_py.parse(c) == alike)
    return signs if alike == letter else alike + signs


def _unspaced_pattern(outlined: str, classes: list[str]) -> str:
    """The letters with at most joints between them, each as often as it is or stretched."""
    # To stretch is to repeat three times or more: `god` is not in `good`, and is in `goood`.
    places = [
        place for place, c in enumerate(outlined) if script_spacing(c) is not ScriptSpacing.NONE
    ]
    found = [_stretched(classes[0])]
    for letter, (here, there) in zip(classes[1:], pairwise(places), strict=True):
        gap = outlined[here + 1 : there].strip(_TURN)
        scripts = {script_spacing(outlined[here]), script_spacing(outlined[there])}
        unspaced = scripts == {ScriptSpacing.UNSPACED}
        found.append(f"{_ANY}+" if gap else f"{_ANY}*" if unspaced else _JOINTS)
        doubled = outlined[here] == outlined[there] and not gap
        found.append(f"{letter}+" if doubled else _stretched(letter))
    return "".join(found)


def _stretched(letter: str) -> str:
    return f"{letter}(?:{letter}{letter}+)?"


def _separator(character: str) -> str:
    if character in _SIGNS:
        return character
    if character.isspace():
        return _SPACE
    return _STOP if character in _STOPS else _JOINT


_PARTS: Final = re.compile(r"[^ ]+")
