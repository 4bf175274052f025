"""How much memory a process and its children take."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

SAMPLE_SECONDS: Final = 0.05


@dataclass(slots=True)
class Peak:
    """The most memory that was seen, in bytes."""

    most_bytes: int = 0


def resident_bytes(pid: int) -> int:
    """Sum up the resident memory of a process and of all below it; what they share counts twice.

    Linux alone tells. Of a process that ends meanwhile nothing is counted.
    """
    process = Path(f"/proc/{pid}")
    with suppress(OSError):
        lines = (process / "status").read_text().splitlines()
        own = next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
        children = [
            int(child)
            for task in (process / "task").iterdir()
            for child in (task / "children").read_text().split()
        ]
        return own * 1024 + sum(resident_bytes(child) for child in children)
    return 0


@asynccontextmanager
async def peak_memory(pid: int) -> AsyncGenerator[Peak, None]:
    """Look at a process and its children every `SAMPLE_SECONDS` as long as the block runs."""
    peak = Peak()

    async def sample() -> None:
        while True:
            peak.most_bytes = max(peak.most_bytes, await asyncio.to_thread(resident_bytes, pid))
            await asyncio.sleep(SAMPLE_SECONDS)

    sampling = asyncio.create_task(sample())
    try:
        yield peak
    finally:
        sampling.cancel()
        await asyncio.gather(sampling, return_exceptions=True)
