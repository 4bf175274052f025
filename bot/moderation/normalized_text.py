"""Variants of a text as people read it, without its disguises."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

_UNSEEN: Final = frozenset({"Cf", "Cs", "Me"})
_SELECTORS: Final = frozenset({0x034F, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)})
"""Marks that nobody sees, and that share their category with marks that people see."""
_TALL: Final = frozenset("I\u0399\u0406")
"""The capital I of Latin, Greek and Cyrillic."""
_BLANKS: Final = frozenset({0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0})
"""Characters that look like a space and are none to Unicode."""
_SPELLING: Final = frozenset({7, 8, 9, 84, 91, 103, 107, 118, 122, 129, 130, 132})
"""Combining classes of marks that make another letter or syllable: the voicing of kana, and the
vowels and tones of India's scripts, Thai, Lao and Tibetan. All other marks are accents, or vowel
points that writers may leave out."""


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """Variants of a text, all in lower case and without invisible characters.

    Attributes:
        typed: With its accents.
        without_accents: Without accents; letters of other scripts stay.
        look_alike_latin: Without accents, each letter as the Latin letter that it looks like.
        with_tall_letters: The same, with a capital I beside small letters as an l.
    """

    typed: str
    without_accents: str
    look_alike_latin: str
    with_tall_letters: str


def normalize(text: str) -> NormalizedText:
    """Make all variants; styled letters (fullwidth, mathematical, circled) become ordinary."""
    bare = without_accents(text)
    latin = tall = bare.translate(_LATIN)
    # Before the case is folded, after which a capital I is an i.
    if _TALL.intersection(text):
        tall = without_accents(_with_tall(text)).translate(_LATIN)
    return NormalizedText(_folded(text.translate(_SEEN)), bare, latin, tall)


def without_accents(text: str) -> str:
    """A text as `NormalizedText.without_accents` has it."""
    return _folded(unicodedata.normalize("NFKD", text).translate(_UNMARKED))


def look_alike_latin(character: str) -> str:
    """The Latin letters that a character without accents looks like; else the character."""
    return _LATIN[ord(character)]


def _with_tall(text: str) -> str:
    padded = f" {text} "
    around = zip(padded[:-2], text, padded[2:], strict=True)
    return "".join(
        "l" if here in _TALL and (before.islower() or after.islower()) else here
        for before, here, after in around
    )


def _folded(text: str) -> str:
    # Twice, since case folding can take a text out of the normal form and the other way round.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


class _Table(dict[int, str]):
    """A table for `str.translate`, filled as characters come up."""

    # To look a character up takes microseconds, and prompts are checked one after the other.

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
        # Not at the top: it is loaded once a server blocks words, and an idle bot is small.
        import decancer_py  # noqa: PLC0415 - as said above

        return (str(decancer_py.parse(character)) or character).casefold()


_SEEN: Final = _Seen()
_UNMARKED: Final = _Unmarked()
_LATIN: Final = _Latin()
