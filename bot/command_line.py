"""The command line of `python -m bot`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from bot import __version__

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence
    from datetime import date


EXIT_SETTING: Final = 2
"""Exit status when a setting is missing or wrong; restarting does not help."""
EXIT_OTHER: Final = 1
"""Exit status of anything else; Python's own after an exception that nobody expected."""
_HEALTH: Final = "health"


def run_command(arguments: Sequence[str]) -> int | None:
    """Carry out what is neither to run nor to check.

    `--help`, `--version` and a wrong command line answer and end the process.

    Returns:
        The exit status, or `None` where no command is given.
    """
    command = _parse(arguments) if arguments else None
    if command is None or command.command is None:
        return None
    if command.command == _HEALTH:
        from bot.monitoring.health_command import ask_health  # noqa: PLC0415 - as argparse

        return ask_health()
    from bot.config import SettingError, load_settings  # noqa: PLC0415 - as argparse
    from bot.maintenance.commands import EXIT_REFUSED, carry_out  # noqa: PLC0415 - as argparse

    try:
        return carry_out(command, load_settings())
    except SettingError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_REFUSED


def is_check(arguments: Sequence[str]) -> bool:
    """Whether `--check` is given."""
    return bool(arguments) and bool(_parse(arguments).check)


def _parse(arguments: Sequence[str]) -> Namespace:
    # Not at the top: a bot that runs needs no parser.
    import argparse  # noqa: PLC0415 - as said above

    parser = argparse.ArgumentParser(
        "python -m bot",
        description="Run the bot until it is told to stop, or do what a command says.",
        epilog="Settings are read from the environment and from .env in this folder;"
        " .env.example explains each. Exit status: 0 if it was stopped or did as it was told, 2 if"
        " a setting or a file is wrong, so that a restart does not help, 1 for anything else.",
    )
    parser.add_argument("--version", action="version", version=f"animate-bot {__version__}")
    parser.add_argument(
        "--check",
        action="store_true",
        help="try every setting, both keys, the data folder, its disk and the clock, say what was"
        " found and what to do, and start nothing; the exit status is 2 where something is wrong,"
        " and 1 where somebody did not answer",
    )
    _add_commands(parser)
    return parser.parse_args(arguments)


def _add_commands(parser: ArgumentParser) -> None:
    from pathlib import Path  # noqa: PLC0415 - as argparse

    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND")
    backup = commands.add_parser(
        "backup", help="write a copy of all data as one file, and check it; the bot may be running"
    )
    backup.add_argument(
        "to",
        type=Path,
        nargs="?",
        metavar="TO",
        help="a folder, or a file that is not there; left out, BACKUP_DIR",
    )
    backup.add_argument(
        "--all-pictures",
        action="store_true",
        help="with pictures of clips that have ended; without, those of clips in the making",
    )
    restore = commands.add_parser(
        "restore", help="put a backup in place of the data, while the bot is stopped"
    )
    restore.add_argument("source", type=Path, metavar="FROM", help="a backup, or a database alone")
    report = commands.add_parser(
        "report", help="write as CSV what each server and provider cost, and what was billed"
    )
    report.add_argument(
        "--month", type=_month, metavar="YYYY-MM", help="of TIME_ZONE; without, the present one"
    )
    commands.add_parser(
        "try-upgrade",
        help="upgrade a copy of the database to this version, and say how that went; the bot of the"
        " version before may be running",
    )
    commands.add_parser(_HEALTH, help="ask the bot that runs whether it is well; 0 if it is")
    commands.add_parser(
        "doubts", help="list orders of which nobody knows whether they are billed, and what to do"
    )


def _month(text: str) -> date:
    from argparse import ArgumentTypeError  # noqa: PLC0415 - as said above
    from datetime import datetime  # noqa: PLC0415 - as argparse

    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month of the calendar
    except ValueError:
        raise ArgumentTypeError(f"{text} is no month: write it like 2026-11") from None
