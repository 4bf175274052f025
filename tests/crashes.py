"""Tracebacks in the log, which end the test that runs the bot.

The worker takes a step that crashed again and again, so that the crash itself shows nowhere: a
test that looks only at the end waits until its patience is over, or passes with the second try.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Generator

    import pytest

LOGGERS: Final = frozenset({"bot", "cogs", "pika", "discord"})
"""Those of the packages that run between the stand-ins."""


class CrashHandler(logging.Handler):
    """Cancels the task that runs the test at the first traceback."""

    def __init__(self, expected: tuple[type[BaseException], ...]) -> None:
        super().__init__(logging.ERROR)
        self.expected = expected
        self.crash: logging.LogRecord | None = None
        self.test = asyncio.current_task()
        self.loop = asyncio.get_running_loop()

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if record.name.partition(".")[0] not in LOGGERS or error is None:
            return
        if self.crash is None and not isinstance(error, self.expected):
            self.crash = record
            # A record may come from another thread.
            self.loop.call_soon_threadsafe(self._end_test)

    def _end_test(self) -> None:
        if self.test is not None:
            self.test.cancel()

    def raise_crash(self) -> None:
        if self.crash is not None and self.crash.exc_info is not None:
            raise AssertionError(
                f"{self.crash.name} logged a traceback: {self.crash.getMessage()}"
            ) from self.crash.exc_info[1]


def break_once(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, error: Exception) -> None:
    """Have a function of a module, or a method of a class, raise an error the first time."""
    works, errors = getattr(owner, name), iter([error])

    def breaks_once(*args: Any, **options: Any) -> Any:
        for once in errors:
            raise once
        return works(*args, **options)

    monkeypatch.setattr(owner, name, breaks_once)


@contextmanager
def no_crashes(*expected: type[BaseException]) -> Generator[None, None, None]:
    """Fail at once where one of our packages or discord.py logs an error with its traceback.

    Args:
        expected: Exceptions that the test provokes.
    """
    handler = CrashHandler(expected)
    logging.getLogger().addHandler(handler)
    try:
        yield
    except asyncio.CancelledError:
        if handler.crash is None:
            raise
        if handler.test is not None:
            handler.test.uncancel()
    finally:
        logging.getLogger().removeHandler(handler)
        handler.test = None
        handler.raise_crash()
