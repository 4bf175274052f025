"""What the program prints: sentences for people on stderr, results or JSON lines on stdout."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from pydantic import JsonValue

_SHORTEST_SECRET: Final = 8
"""Characters. A shorter text is no key, and would be found in harmless words."""
_COLUMNS: Final = 80


class Console:
    """Sentences on `err`; on `out` the result, or with `as_json` one JSON object a line.

    Neither the secret nor a control character is ever printed: both may stand in a provider's
    text. A closed stream does not end the program, because there may be a paid video to fetch.

    Attributes:
        verbose: Whether the provider's own text is printed too.
        interactive: Whether `err` is a terminal, whose last line can be rewritten.
    """

    def __init__(
        self, out: TextIO, err: TextIO, secret: str, *, as_json: bool, verbose: bool
    ) -> None:
        self._out = out
        self._err = err
        self._secret = secret if len(secret) >= _SHORTEST_SECRET else ""
        self._as_json = as_json
        self._line = ""
        self.verbose = verbose
        self.interactive = err.isatty() and os.environ.get("TERM") != "dumb"

    def say(self, sentence: str) -> None:
        """Print a sentence; a line of `rewrite` gives way to it."""
        self.rewrite("")
        _write(self._err, f"{self._clean(sentence)}\n")

    def rewrite(self, line: str) -> None:
        """Show this text in the last line of a terminal, in place of the text before."""
        if not self.interactive or not (line or self._line):
            return
        # A wrapped line could not be rewritten: the carriage return goes back one row only.
        fitting = self._clean(line)[: self._columns() - 1]
        _write(self._err, f"\r{fitting.ljust(len(self._line))}" + ("" if fitting else "\r"))
        self._line = fitting

    def event(self, name: str, **facts: JsonValue) -> None:
        """Print an event with its fields, with `as_json` only."""
        if self._as_json:
            shown = {
                key: self._clean(value) if isinstance(value, str) else value
                for key, value in facts.items()
            }
            _write(self._out, f"{json.dumps({'event': name, **shown})}\n")

    def result(self, sentence: str) -> None:
        """Print the sentence about the finished video: on `out`, unless that is for events."""
        if self._as_json:
            self.say(sentence)
        else:
            self.rewrite("")
            _write(self._out, f"{self._clean(sentence)}\n")

    def _clean(self, text: str) -> str:
        hidden = text.replace(self._secret, "***") if self._secret else text
        return "".join(c if c.isprintable() else " " for c in hidden)

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._err.fileno()).columns or _COLUMNS
        except OSError:
            return _COLUMNS


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        # The reader went away. Unless the stream leads nowhere, Python flushes it once more on
        # exit, and complains.
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, stream.fileno())
        os.close(devnull)
