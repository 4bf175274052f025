"""Live a week of a bot in minutes: a moved clock, faults on both sides, backups, upgrades, cuts.

Exit status 1 on any difference between what is billed, counted, told and kept.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, get_args

from bench.quiet_log import is_news
from bench.week.plan import draw_week
from bench.week.report import report
from bench.week.week import live_week
from playground.pika import WireName

SEED: Final = 20261130
DAYS: Final = 7
MINUTES: Final = 15
_CLIPS_A_MINUTE: Final = 30
"""About so many clips, with all that is done beside them, take a minute on two cores."""


def main() -> int:
    """Live the week that the command line asks for."""
    parser = argparse.ArgumentParser("python -m bench.week", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="for so much is asked")
    parser.add_argument("--wire", choices=get_args(WireName), default="pika")
    parser.add_argument("--keep", type=Path, help="a new folder for data, backups and the log")
    given = parser.parse_args()
    clips = max(1, round(_CLIPS_A_MINUTE * given.minutes / given.days))
    sys.stdout.write(f"seed {given.seed}, {given.days} days, {clips} clips a day\n")
    sys.stdout.flush()
    logging.getLogger("aiohttp.server").addFilter(is_news)
    began = time.perf_counter()
    with TemporaryDirectory(prefix="week-") as folder:
        place = given.keep or Path(folder)
        place.mkdir(exist_ok=True)
        steps = draw_week(given.wire, given.seed, given.days, clips)
        week, books = asyncio.run(live_week(place, given.wire, given.seed, steps))
    sys.stdout.write(f"{report(week, books)}\n{time.perf_counter() - began:.0f} s\n")
    return 1 if week.differences else 0


if __name__ == "__main__":
    sys.exit(main())
