"""Recognising a picture, and near copies of it, by a hash of its coarse structure.

The usual DCT hash ("pHash"): of a grey picture, whether each of the lowest frequencies is over
their median. Here it is 12 by 12 of them, and of several parts of the picture, so that a copy
with its edges cropped is like one of the parts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SIDE: Final = 32
"""The side, in pixels, of the grey picture that is hashed."""
PARTS: Final = (
    (0.0, 0.0, 1.0, 1.0),
    *((edge, edge, 1 - edge, 1 - edge) for edge in (0.025, 0.05, 0.08)),
    (0.06, 0.0, 1.0, 1.0),
    (0.0, 0.06, 1.0, 1.0),
    (0.0, 0.0, 0.94, 1.0),
    (0.0, 0.0, 1.0, 0.94),
)
"""The parts of a picture that are hashed, the whole one first: left, top, right and bottom."""
LARGEST_DISTANCE: Final = 12
"""Up to so many different bits of `_BITS`, two pictures are alike. Measured, as
docs/decisions/0034-remembered-pictures.md says."""

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
        Hexadecimal digits for `are_alike`; `None` if there is too little in the picture.
    """
    spectra = [_spectrum(part) for part in parts]
    if sum(abs(it) >= _NOTICEABLE for it in spectra[0]) < _FEWEST:
        return None
    return "".join(f"{_hash(spectrum):0{_DIGITS}x}" for spectrum in spectra)


def are_alike(first: str, second: str) -> bool:
    """Whether the whole of one picture, or its mirror image, is like a part of the other."""
    return _is_part_of(first, second) or _is_part_of(second, first)


def _is_part_of(first: str, second: str) -> bool:
    whole, *_ = _hashes(first)
    return any(
        (wanted ^ part).bit_count() <= LARGEST_DISTANCE
        for part in _hashes(second)
        for wanted in (whole, whole ^ _MIRRORED)
    )


def _spectrum(part: bytes) -> Sequence[float]:
    """The amplitudes of the lowest frequencies, in grey levels, without that of the mean."""
    rows = [part[at : at + SIDE] for at in range(0, SIDE * SIDE, SIDE)]
    across = [[_product(row, wave) for row in rows] for wave in _COSINES]
    amplitudes = [_product(column, wave) for wave in _COSINES for column in across]
    return [it * 4 / SIDE**2 for it in amplitudes[1:]]


def _product(values: Sequence[float], wave: Sequence[float]) -> float:
    return sum(value * factor for value, factor in zip(values, wave, strict=True))


def _hash(spectrum: Sequence[float]) -> int:
    # Not against their median, as is usual: against 0 a mirror image has the same hash with the
    # odd frequencies' bits turned, so that nothing need be hashed for it.
    return sum((value > 0) << bit for bit, value in enumerate(spectrum))


def _hashes(text: str) -> list[int]:
    return [int(text[at : at + _DIGITS], 16) for at in range(0, len(text), _DIGITS)]


# Bit `n` of a hash is the frequency `(n + 1) % _FREQUENCIES` across.
_MIRRORED: Final = sum(1 << bit for bit in range(_BITS) if (bit + 1) % _FREQUENCIES % 2)
