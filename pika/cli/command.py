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
from pika.cli.errand import Errand
from pika.cli.exits import Exit
from pika.cli.interrupt import Interrupt, Interrupted
from pika.cli.plan import make_plan
from pika.cli.problems import UsageError
from pika.cli.progress import Progress
from pika.cli.stopping import at_once, stop
from pika.cli.telling import tell_error, tell_stop
from pika.client import Pika
from pika.models import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pika.cli.plan import Plan


def main(argv: Sequence[str]) -> int:
    """Run the program in this process's environment and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return asyncio.run(run(argv, os.environ, sys.stdout, sys.stderr, die=os._exit))
    except KeyboardInterrupt:
        return Exit.INTERRUPTED


async def run(
    argv: Sequence[str],
    environ: Mapping[str, str],
    out: TextIO,
    err: TextIO,
    *,
    die: Callable[[int], object],
) -> Exit:
    """Run the program on these streams.

    Args:
        argv: The arguments, without the program's name.
        environ: Where the settings are.
        out: Standard output.
        err: Standard error.
        die: Ends the process at once with this exit code, at the second Ctrl-C.
    """
    console = Console(
        out,
        err,
        environ.get("PIKA_API_KEY", "").strip(),
        as_json="--json" in argv,
        verbose="--verbose" in argv,
    )
    with _logging(console):
        try:
            plan = make_plan(parse(argv), environ)
        except UsageError as error:
            return tell_error(console, error, None)
        return await _carry_out(plan, console, die)


async def _carry_out(plan: Plan, console: Console, die: Callable[[int], object]) -> Exit:
    account = plan.account
    pika = Pika(
        account.key, provider=plan.provider, base=account.base, upload_base=account.upload_base
    )
    progress = Progress(console, fresh=not isinstance(plan.work, Ticket))
    interrupt = Interrupt()
    errand = Errand(plan, pika, console, interrupt, progress)
    interrupt.at_once = lambda: die(tell_stop(console, at_once(errand), errand))
    try:
        async with pika:
            with interrupt.on_signal():
                try:
                    await errand.run()
                except Interrupted:
                    return tell_stop(console, await stop(errand), errand)
    except Exception as error:  # noqa: BLE001 - every ending has its sentence, defects too
        return tell_error(console, error, errand)
    return Exit.DONE


@contextmanager
def _logging(console: Console) -> Iterator[None]:
    """Show the client's log where everything else is told, if it is wanted."""
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
