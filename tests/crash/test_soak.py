"""A short soak: bots killed at random on three wires, and the books afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.soak.soak import SEED, WIRES, report, soak

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 4
"""On each wire; `python -m bench.soak` has many more."""


@pytest.mark.timeout(240)
async def test_a_short_soak(tmp_path: Path) -> None:
    results = await soak(tmp_path, SEED, KILLS)
    assert [soak.kills for soak, _ in results] == [KILLS] * len(WIRES)
    # On a busy machine the lives on one wire may all be too short for a clip.
    assert any(books.billed and books.ends["delivered"] for _, books in results), report(results)
    assert [books.differences for _, books in results] == [[]] * len(WIRES), report(results)
