"""The program as a whole: arguments in, exit code out."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from pika.cli.arguments import parse
from pika.cli.console import Console
from pika.cli.endings import report_error, report_stop
from pika.cli.exits import Exit
from pika.cli.interrupt import Interrupt, Interrupted
from pika.cli.options import read_options
from pika.cli.problems import UsageError
from pika.cli.progress import Progress
from pika.cli.run import Run
from pika.cli.stopping import at_once, stop
from pika.client import Pika
from pika.models import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pika.cli.options import RunOptions


def main(argv: Sequence[str]) -> int:
    """Run the program in this process's environment and return its exit code."""
    # A path or a prompt may hold what the terminal's encoding lacks; that must not end a paid run.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return asyncio.run(run_command(argv, os.environ, sys.stdout, sys.stderr, die=os._exit))
    except KeyboardInterrupt:
        # Before `Interrupt` handles the signal or after that: nothing is under way then.
        return Exit.INTERRUPTED


async def run_command(
    argv: Sequence[str],
    environ: Mapping[str, str],
    out: TextIO,
    err: TextIO,
    *,
    die: Callable[[int], object],
) -> Exit:
    """Run the program on these streams, with the `PIKA_…` settings in `environ`.

    `argv` lacks the program's name; `die` is called with the exit code at the second Ctrl-C.
    """
    # Looked for before the arguments are parsed: a usage error is an event for scripts too.
    console = Console(
        out,
        err,
        environ.get("PIKA_API_KEY", "").strip(),
        as_json="--json" in argv,
        verbose="--verbose" in argv,
    )
    with _logging(console):
        try:
            options = read_options(parse(argv), environ)
        except UsageError as error:
            return report_error(console, error, None)
        return await _perform(options, console, die)


async def _perform(options: RunOptions, console: Console, die: Callable[[int], object]) -> Exit:
    account = options.account
    pika = Pika(
        account.key, provider=options.provider, base=account.base, upload_base=account.upload_base
    )
    progress = Progress(console, fresh=not isinstance(options.work, Ticket))
    interrupt = Interrupt()
    run = Run(options, pika, console, interrupt, progress)
    interrupt.at_once = lambda: die(report_stop(console, at_once(run), run))
    try:
        async with pika:
            with interrupt.on_signal():
                try:
                    await run.perform()
                except Interrupted:
                    return report_stop(console, await stop(run), run)
    except Exception as error:  # noqa: BLE001 - a defect gets a sentence and an exit code too
        return report_error(console, error, run)
    return Exit.DONE


@contextmanager
def _logging(console: Console) -> Iterator[None]:
    """Print the client's log among the sentences, with `--verbose`; else keep it off stderr."""
    logger = logging.getLogger("pika")
    handler = _Handler(console) if console.verbose else logging.NullHandler()
    level = logger.level
    logger.addHandler(handler)
    if console.verbose:
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


class _Handler(logging.Handler):
    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        self._console.say(f"log: {self.format(record)}")
