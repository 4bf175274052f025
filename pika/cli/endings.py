"""The endings without a video: the sentence, the last event for scripts, the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pika.cli.exits import Exit
from pika.cli.problems import UsageError, problem_of
from pika.cli.tickets import encode_ticket
from pika.errors import PikaError, UnknownJobError

if TYPE_CHECKING:
    from pydantic import JsonValue

    from pika.cli.console import Console
    from pika.cli.run import Run
    from pika.cli.stopping import Stop


def report_error(console: Console, error: Exception, run: Run | None) -> Exit:
    """Print an error, for people and for scripts. `run` is `None` if it came before one began."""
    problem = problem_of(error)
    console.say(problem.sentence)
    charged = run is not None and run.may_be_charged
    facts: dict[str, JsonValue] = {"kind": problem.kind, "message": problem.sentence}
    if isinstance(error, PikaError):
        charged = charged or error.may_be_charged
        facts |= _facts(error, verbose=console.verbose)
        if error.retry_after:
            console.say(f"The provider asks to wait {error.retry_after:.0f} s.")
    if console.verbose and not isinstance(error, UsageError):
        words = str(error) if isinstance(error, PikaError) else f"{type(error).__name__}: {error}"
        console.say(f"In full: {words}")
    _say_how_to_resume(console, None if isinstance(error, UnknownJobError) else run)
    _emit(console, facts, problem.exit, run, charged=charged)
    return problem.exit


def report_stop(console: Console, stop: Stop, run: Run) -> Exit:
    """Print what became of a run that Ctrl-C ended."""
    console.say(stop.sentence)
    if stop.outcome != "cancelled":
        _say_how_to_resume(console, run)
    facts: dict[str, JsonValue] = {
        "kind": "interrupted",
        "message": stop.sentence,
        "cancellation": stop.outcome,
    }
    _emit(console, facts, Exit.INTERRUPTED, run, charged=stop.may_be_charged)
    return Exit.INTERRUPTED


def _facts(error: PikaError, *, verbose: bool) -> dict[str, JsonValue]:
    facts: dict[str, JsonValue] = {
        "code": error.code,
        "retryable": error.retryable,
        "retry_after_seconds": error.retry_after,
    }
    if verbose:
        facts |= {
            "detail": error.detail,
            "http_status": error.http_status,
            "request_id": error.request_id,
        }
    return facts


def _say_how_to_resume(console: Console, run: Run | None) -> None:
    command = None if run is None else run.resume_command()
    if command is not None:
        console.say(f"To go on from here: {command}")


def _emit(
    console: Console, facts: dict[str, JsonValue], code: Exit, run: Run | None, *, charged: bool
) -> None:
    ticket = None if run is None or run.ticket is None else encode_ticket(run.ticket)
    facts = {"code": None, "retryable": False, **facts}
    console.event("error", **facts, exit_code=int(code), may_be_charged=charged, ticket=ticket)
