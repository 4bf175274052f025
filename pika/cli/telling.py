"""Every ending that is not a video: what people read, what scripts read, which exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pika.cli.exits import Exit
from pika.cli.problems import UsageError, problem_of
from pika.cli.tickets import compact
from pika.errors import PikaError, UnknownJobError

if TYPE_CHECKING:
    from pydantic import JsonValue

    from pika.cli.console import Console
    from pika.cli.errand import Errand
    from pika.cli.stopping import Stop


def tell_error(console: Console, error: Exception, errand: Errand | None) -> Exit:
    """Tell an error, of which there is no `errand` if it came before one began."""
    problem = problem_of(error)
    console.say(problem.sentence)
    charged = errand is not None and errand.may_be_charged
    facts: dict[str, JsonValue] = {"kind": problem.kind, "message": problem.sentence}
    if isinstance(error, PikaError):
        charged = charged or error.may_be_charged
        facts |= _facts(error, verbose=console.verbose)
        if error.retry_after:
            console.say(f"The provider asks to wait {error.retry_after:.0f} s.")
    if console.verbose and not isinstance(error, UsageError):
        words = str(error) if isinstance(error, PikaError) else f"{type(error).__name__}: {error}"
        console.say(f"In full: {words}")
    _tell_way_on(console, None if isinstance(error, UnknownJobError) else errand)
    _emit(console, facts, problem.exit, errand, charged=charged)
    return problem.exit


def tell_stop(console: Console, stop: Stop, errand: Errand) -> Exit:
    """Tell what became of a run that somebody ended."""
    console.say(stop.sentence)
    if stop.fate != "cancelled":
        _tell_way_on(console, errand)
    facts: dict[str, JsonValue] = {
        "kind": "interrupted",
        "message": stop.sentence,
        "cancellation": stop.fate,
    }
    _emit(console, facts, Exit.INTERRUPTED, errand, charged=stop.may_be_charged)
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


def _tell_way_on(console: Console, errand: Errand | None) -> None:
    command = None if errand is None else errand.resume_command()
    if command is not None:
        console.say(f"To go on from here: {command}")


def _emit(
    console: Console,
    facts: dict[str, JsonValue],
    code: Exit,
    errand: Errand | None,
    *,
    charged: bool,
) -> None:
    ticket = None if errand is None or errand.ticket is None else compact(errand.ticket)
    rest: dict[str, JsonValue] = {"exit_code": int(code), "may_be_charged": charged}
    console.event("error", {"code": None, "retryable": False, **facts, **rest, "ticket": ticket})
