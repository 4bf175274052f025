"""A short soak: bots killed at random on each wire, and the books afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.soak.soak import SEED, WIRES, report, soak

if TYPE_CHECKING:
    from pathlib import Path

    from bench.soak.soak import Result

KILLS = 3
"""On each wire; `python -m bench.soak` has many more."""


@pytest.mark.timeout(300)
async def test_a_short_soak(tmp_path: Path) -> None:
    # On a busy machine the lives may all be too short for a clip; then longer ones are tried.
    results: list[Result] = []
    for stretch in (1, 4, 16):
        results = await soak(tmp_path / str(stretch), SEED, KILLS, stretch)
        assert [soak.kills for soak, _ in results] == [KILLS] * len(WIRES)
        assert [books.differences for _, books in results] == [[]] * len(WIRES), report(results)
        if any(books.billed and books.ends["delivered"] for _, books in results):
            return
    pytest.fail(report(results))
