"""Kill bots at random on each wire, with faults on both sides, then compare the books.

Exit status 1 on any difference between what is billed, counted and told.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.quiet_log import is_news
from bench.soak.soak import SEED, WIRES, report, soak

KILLS: Final = 300


def main() -> int:
    """Run the soak that the command line asks for."""
    parser = argparse.ArgumentParser("python -m bench.soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--kills", type=int, default=KILLS, help="on all wires together")
    parser.add_argument("--keep", type=Path, help="a new folder for databases and logs")
    given = parser.parse_args()
    sys.stdout.write(f"seed {given.seed}, {given.kills} kills\n")
    sys.stdout.flush()
    logging.getLogger("aiohttp.server").addFilter(is_news)
    began = time.perf_counter()
    kills = max(1, given.kills // len(WIRES))
    with TemporaryDirectory(prefix="soak-") as folder:
        results = asyncio.run(soak(given.keep or Path(folder), given.seed, kills))
    sys.stdout.write(f"{report(results)}\n{time.perf_counter() - began:.0f} s\n")
    return 1 if any(books.differences for _, books in results) else 0


if __name__ == "__main__":
    sys.exit(main())
