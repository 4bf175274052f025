"""Run all benchmarks, or those named: `python -m bench [NAME ...]`.

Exit status 1 if a target is missed, 2 for an unknown name.
"""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Final

from bench import (
    crowd,
    decision,
    event_loop,
    hostile_input,
    idle,
    polling,
    promises,
    raid,
    servers,
    slow_channel,
    stand_in,
    throughput,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.outcome import Outcome

BENCHES: Final[Mapping[str, Callable[[], Outcome]]] = {
    "crowd": crowd.run,
    "decision": decision.run,
    "event_loop": event_loop.run,
    "hostile_input": hostile_input.run,
    "idle": idle.run,
    "polling": polling.run,
    "promises": promises.run,
    "raid": raid.run,
    "servers": servers.run,
    "slow_channel": slow_channel.run,
    "stand_in": stand_in.run,
    "throughput": throughput.run,
}


def main(arguments: Sequence[str]) -> int:
    """Print the figures of each benchmark asked for, then the targets missed."""
    parser = ArgumentParser(prog="python -m bench", description=__doc__.split("\n", 1)[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    names: list[str] = parser.parse_args(arguments).names
    if unknown := sorted(set(names) - set(BENCHES)):
        parser.error(f"no benchmark named {', '.join(unknown)}; there is {', '.join(BENCHES)}")
    missed: list[str] = []
    for name in names or BENCHES:
        began = time.perf_counter()
        outcome = BENCHES[name]()
        took = time.perf_counter() - began
        sys.stdout.write(f"# {name} ({took:.1f} s)\n\n{outcome.text}\n\n")
        missed += (f"{name}: {sentence}" for sentence in outcome.missed)
    sys.stdout.write("\n".join(f"MISSED {sentence}" for sentence in missed) or "All targets met.")
    sys.stdout.write("\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
