"""Colour profiles (ICC version 2), as small as they can be, and what their colours are in sRGB."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

D50 = (0.9642, 1.0, 0.8249)
SRGB_D50 = (
    (0.43607, 0.38515, 0.14307),
    (0.22249, 0.71687, 0.06061),
    (0.01392, 0.09708, 0.71410),
)
P3_D50 = (
    (0.51512, 0.29198, 0.15710),
    (0.24120, 0.69225, 0.06657),
    (-0.00105, 0.04189, 0.78407),
)
ADOBE_D50 = (
    (0.60974, 0.20528, 0.14919),
    (0.31111, 0.62567, 0.06322),
    (0.01947, 0.06087, 0.74457),
)
"""Columns are the red, green and blue primaries in XYZ, adapted to D50."""


def rgb_profile(matrix: Sequence[Sequence[float]], gamma: float) -> bytes:
    columns = list(zip(*matrix, strict=True))
    tags = {
        b"desc": _text(b"matrix"),
        b"wtpt": _xyz(D50),
        **{name: _xyz(c) for name, c in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)},
        **{name: _curve(gamma) for name in (b"rTRC", b"gTRC", b"bTRC")},
    }
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags)


def gray_profile(gamma: float) -> bytes:
    tags = {b"desc": _text(b"gray"), b"wtpt": _xyz(D50), b"kTRC": _curve(gamma)}
    return _profile(b"mntr", b"GRAY", b"XYZ ", tags)


def cmyk_profile(inks: Sequence[tuple[int, int, int]]) -> bytes:
    """A press whose sixteen corners (C slowest, K fastest) have these Lab values."""
    grid = b"".join(bytes((round(l_ * 2.55), a + 128, b + 128)) for l_, a, b in inks)
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    ramp = bytes(range(256))
    lut = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + identity + ramp * 4 + grid + ramp * 3
    tags = {b"desc": _text(b"press"), b"wtpt": _xyz(D50), b"A2B0": lut}
    return _profile(b"prtr", b"CMYK", b"Lab ", tags)


def _profile(kind: bytes, space: bytes, pcs: bytes, tags: dict[bytes, bytes]) -> bytes:
    table, body = b"", b""
    at = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        padded = data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += padded
    size = at + len(body)
    head = struct.pack(">I4sI4s4s4s", size, bytes(4), 0x02400000, kind, space, pcs)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head += b"".join(struct.pack(">i", round(value * 65536)) for value in D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def _curve(gamma: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))


def _text(words: bytes) -> bytes:
    return b"desc" + bytes(4) + struct.pack(">I", len(words) + 1) + words + b"\0" + bytes(78)


def srgb_of_xyz(xyz: Sequence[float]) -> tuple[int, int, int]:
    """The 8-bit sRGB colour of an XYZ colour under D50."""
    linear = _solve(SRGB_D50, xyz)
    return (_companded(linear[0]), _companded(linear[1]), _companded(linear[2]))


def srgb_of(
    matrix: Sequence[Sequence[float]], gamma: float, colour: tuple[int, int, int]
) -> tuple[int, int, int]:
    """What a colour of such a device is in sRGB, by the definition of both spaces."""
    linear = [(value / 255) ** gamma for value in colour]
    return srgb_of_xyz([sum(m * c for m, c in zip(row, linear, strict=True)) for row in matrix])


def srgb_of_lab(lab: tuple[float, float, float]) -> tuple[int, int, int]:
    lightness, a, b = lab
    fy = (lightness + 16) / 116
    parts = (fy + a / 500, fy, fy - b / 200)
    xyz = [white * _lab_inverse(f) for white, f in zip(D50, parts, strict=True)]
    return srgb_of_xyz(xyz)


def _lab_inverse(f: float) -> float:
    return f**3 if f > 6 / 29 else 3 * (6 / 29) ** 2 * (f - 4 / 29)


def _companded(linear: float) -> int:
    value = min(1.0, max(0.0, linear))
    coded = 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
    return round(coded * 255)


def _solve(matrix: Sequence[Sequence[float]], target: Sequence[float]) -> list[float]:
    """Cramer's rule in three dimensions."""
    whole = _determinant(matrix)
    found = []
    for column in range(3):
        rows = [[target[r] if c == column else matrix[r][c] for c in range(3)] for r in range(3)]
        found.append(_determinant(rows) / whole)
    return found


def _determinant(m: Sequence[Sequence[float]]) -> float:
    return (
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
        - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    )
