"""Recognising a picture, and near copies of it, by a hash of its coarse structure.

The usual DCT hash ("pHash"): of a grey picture, whether each of the lowest frequencies is over
their median. Here it is 12 by 12 of them, and of several parts of the picture, so that a copy
with its edges cropped is like one of the parts.
"""

from __future__ import annotations

import math
from operator import mul
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SIDE: Final = 32
"""The side, in pixels, of the grey picture that is hashed."""
PARTS: Final = (
    (0.0, 0.0, 1.0, 1.0),
    *((edge, edge, 1 - edge, 1 - edge) for edge in (0.025, 0.05, 0.08, 0.105)),
    *((edge, 0.0, 1.0, 1.0) for edge in (0.06, 0.1)),
    *((0.0, edge, 1.0, 1.0) for edge in (0.06, 0.1)),
    *((0.0, 0.0, 1 - edge, 1.0) for edge in (0.06, 0.1)),
    *((0.0, 0.0, 1.0, 1 - edge) for edge in (0.06, 0.1)),
)
"""The parts of a picture that are hashed, the whole one first: left, top, right and bottom."""
LARGEST_DISTANCE: Final = 12
"""Up to so many different bits of `_BITS`, two pictures are alike. Measured, as
docs/decisions/0035-remembered-pictures.md says."""

_FREQUENCIES: Final = 12
_BITS: Final = _FREQUENCIES**2 - 1
_DIGITS: Final = -(-_BITS // 4)
_NOTICEABLE: Final = 1.0
"""Grey levels of a frequency's amplitude, under which it is noise."""
_FEWEST: Final = 24
"""So many frequencies a picture needs to be told from others; plain gradients have up to 18."""
_COSINES: Final = tuple(
    tuple(math.cos(math.pi * (2 * at + 1) * wave / (2 * SIDE)) for at in range(SIDE))
    for wave in range(_FREQUENCIES)
)


def hash_parts(parts: Iterable[bytes]) -> str | None:
    """Hash the `PARTS` of a picture, each `SIDE` by `SIDE` grey pixels, row by row.

    Returns:
        Hexadecimal digits for `find_alike`; `None` if there is too little in the picture.
    """
    hashes: list[str] = []
    for spectrum in map(_spectrum, parts):
        # By the whole, which comes first: the others would take twelve times as long.
        if not hashes and sum(abs(it) >= _NOTICEABLE for it in spectrum) < _FEWEST:
            return None
        hashes.append(f"{_hash(spectrum):0{_DIGITS}x}")
    return "".join(hashes)


def find_alike(wanted: str, known: Mapping[int, str]) -> int | None:
    """Find a picture among others by their hashes, also if it is turned or mirrored.

    The whole of one is like a part of the other.

    Returns:
        The key of the first that is alike, if any; among a thousand it takes some 17 ms.
    """
    turned = [_orientations(part) for part in _hashes(wanted)]
    whole, parts = turned[0], [it for orientations in turned for it in orientations]
    for key, text in known.items():
        other_whole, *_ = other = _hashes(text)
        if _are_near(whole, other) or _are_near((other_whole,), parts):
            return key
    return None


def _are_near(some: Iterable[int], others: Sequence[int]) -> bool:
    return any((one ^ it).bit_count() <= LARGEST_DISTANCE for one in some for it in others)


def _spectrum(part: bytes) -> Sequence[float]:
    """The amplitudes of the lowest frequencies, in grey levels, without that of the mean."""
    rows = [part[at : at + SIDE] for at in range(0, SIDE * SIDE, SIDE)]
    across = [[_product(row, wave) for row in rows] for wave in _COSINES]
    amplitudes = [_product(column, wave) for wave in _COSINES for column in across]
    return [it * 4 / SIDE**2 for it in amplitudes[1:]]


def _product(values: Sequence[float], wave: Sequence[float]) -> float:
    # A third of the time of a loop.
    total: float = sum(map(mul, values, wave))
    return total


def _hash(spectrum: Sequence[float]) -> int:
    # Not against their median, as is usual: against 0 a mirror image has the same hash with the
    # odd frequencies' bits turned, and one on its side has them in another order: nothing need be
    # hashed for these.
    return sum((value > 0) << bit for bit, value in enumerate(spectrum))


def _hashes(text: str) -> list[int]:
    return [int(text[at : at + _DIGITS], 16) for at in range(0, len(text), _DIGITS)]


def _orientations(picture_hash: int) -> tuple[int, ...]:
    """The hashes of a picture turned by quarters, as it is and mirrored."""
    swapped = sum(1 << bit for at, bit in enumerate(_SWAPPED) if picture_hash >> at & 1)
    return tuple(
        one ^ across ^ down
        for one in (picture_hash, swapped)
        for across in (0, _ODD_ACROSS)
        for down in (0, _ODD_DOWN)
    )


# Bit `n` of a hash is the frequency `(n + 1) % _FREQUENCIES` across and `(n + 1) // _FREQUENCIES`
# down.
_ODD_ACROSS: Final = sum(1 << bit for bit in range(_BITS) if (bit + 1) % _FREQUENCIES % 2)
_ODD_DOWN: Final = sum(1 << bit for bit in range(_BITS) if (bit + 1) // _FREQUENCIES % 2)
_SWAPPED: Final = tuple(
    (bit + 1) % _FREQUENCIES * _FREQUENCIES + (bit + 1) // _FREQUENCIES - 1 for bit in range(_BITS)
)
