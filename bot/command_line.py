"""The command line of `python -m bot`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence


def is_check(arguments: Sequence[str]) -> bool:
    """Whether `--check` is given. `--help` and `--version` answer and end the process."""
    if not arguments:
        return False
    # Not at the top: a bot that runs needs no parser.
    import argparse  # noqa: PLC0415 - as said above

    parser = argparse.ArgumentParser(
        "python -m bot",
        description="Run the bot until it is told to stop. `python -m bot health` asks the one that"
        " runs whether it is well, and exits with 0 if it is.",
        epilog="Settings are read from the environment and from .env in this folder;"
        " .env.example explains each. Exit status: 0 if it was stopped, 2 if a setting is wrong, so"
        " that a restart does not help, 1 for anything else.",
    )
    parser.add_argument("--version", action="version", version=f"animate-bot {VERSION}")
    parser.add_argument(
        "--check",
        action="store_true",
        help="try every setting, both keys, the data folder and the clock, say what was found,"
        " and start nothing; the exit status is 2 where something is wrong, and 1"
        " where somebody did not answer",
    )
    return bool(parser.parse_args(arguments).check)
