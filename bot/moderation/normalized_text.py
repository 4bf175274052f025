"""How a text reads to people, however it is disguised."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

import decancer_py

_UNSEEN: Final = frozenset({"Cf", "Cs", "Me"})
_SELECTORS: Final = frozenset({0x034F, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)})
"""Marks that nobody sees, and that no category sets apart."""
_TALL: Final = frozenset("I\u0399\u0406")
"""The capital I of Latin, Greek and Cyrillic."""
_BLANKS: Final = frozenset({0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0})
"""What looks like a space and is none to Unicode."""
_SPELLING: Final = frozenset({7, 8, 9, 84, 91, 103, 107, 118, 122, 129, 130, 132})
"""Combining classes of the marks that spell: the voicing of kana, and the vowels and tones of
India's scripts, Thai, Lao and Tibetan. All others are accents, or vowel points that one may
leave out."""


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """A text read in several ways, all in lower case and without what nobody sees.

    Attributes:
        typed: With its accents.
        without_accents: Without accents. Letters of other scripts stay what they are.
        look_alike_latin: Each letter as the Latin one that it looks like, if it does.
        with_tall_letters: The same, with a capital I beside small letters read as an l.
    """

    typed: str
    without_accents: str
    look_alike_latin: str
    with_tall_letters: str


def normalize(text: str) -> NormalizedText:
    """Read a text. Styled letters (fullwidth, mathematical, circled) are ordinary ones."""
    bare = without_accents(text)
    in_latin = bare.translate(_LATIN)
    tall = (
        without_accents(_with_tall(text)).translate(_LATIN)
        if _TALL.intersection(text)
        else in_latin
    )
    return NormalizedText(_folded(text.translate(_SEEN)), bare, in_latin, tall)


def without_accents(text: str) -> str:
    """Return a text as `Readings.plain` has it."""
    return _folded(unicodedata.normalize("NFKD", text).translate(_UNMARKED))


def look_alike_latin(character: str) -> str:
    """Return what a character of a plain text looks like in Latin letters; else itself."""
    return _LATIN[ord(character)]


def _with_tall(text: str) -> str:
    padded = f" {text} "
    around = zip(padded[:-2], text, padded[2:], strict=True)
    return "".join(
        "l" if here in _TALL and (before.islower() or after.islower()) else here
        for before, here, after in around
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


class _Table(dict[int, str]):
    """What `str.translate` asks, found out at the first asking."""

    def __missing__(self, code: int) -> str:
        self[code] = found = self.find(chr(code))
        return found

    def find(self, character: str) -> str:
        raise NotImplementedError


class _Seen(_Table):
    def find(self, character: str) -> str:
        category = unicodedata.category(character)
        if category in _UNSEEN or ord(character) in _SELECTORS:
            return ""
        return " " if category == "Cc" or ord(character) in _BLANKS else character


class _Unmarked(_Seen):
    def find(self, character: str) -> str:
        order = unicodedata.combining(character)
        return "" if order and order not in _SPELLING else super().find(character)


class _Latin(_Table):
    def find(self, character: str) -> str:
        if unicodedata.category(character).startswith("M"):
            return character
        return (str(decancer_py.parse(character)) or character).casefold()


_SEEN: Final = _Seen()
_UNMARKED: Final = _Unmarked()
_LATIN: Final = _Latin()
