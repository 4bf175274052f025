"""The command line of `python -m bot`."""

from __future__ import annotations

import argparse

from bot import VERSION


def argument_parser() -> argparse.ArgumentParser:
    """Build the parser. `--help` and `--version` answer and end the process."""
    parser = argparse.ArgumentParser(
        "python -m bot",
        description="Run the bot until it is told to stop.",
        epilog="Settings are read from the environment and from .env in this folder;"
        " .env.example explains each.",
    )
    parser.add_argument("--version", action="version", version=f"animate-bot {VERSION}")
    parser.add_argument(
        "--check",
        action="store_true",
        help="try every setting, both keys, the data folder and the clock, say what was found,"
        " and start nothing; the exit status is 2 where something is wrong",
    )
    return parser
