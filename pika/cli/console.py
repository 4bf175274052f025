"""Where the program speaks: sentences for people on one stream, JSON lines on the other."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

_SHORTEST_SECRET: Final = 8
"""What is shorter is no key, and would be found in harmless words."""
_COLUMNS: Final = 80


class Console:
    """People read `err`. `out` gets the result, or with `as_json` one JSON object a line.

    Nothing that it writes has the secret in it, nor control characters. A reader that went
    away does not end the program, because there may be a paid video to fetch.

    Args:
        out: Standard output.
        err: Standard error.
        secret: What must never be shown.
        as_json: Whether a script reads `out`.
        verbose: Whether the provider's own words are shown.
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
        self.live = err.isatty() and os.environ.get("TERM") != "dumb"

    def say(self, sentence: str) -> None:
        """Print a sentence, above the line that is rewritten if there is one."""
        self.rewrite("")
        _write(self._err, f"{self._clean(sentence)}\n")

    def rewrite(self, line: str) -> None:
        """Replace the last line of a terminal, which stays open for the next rewriting."""
        if not self.live or not (line or self._line):
            return
        fitting = self._clean(line)[: self._columns() - 1]
        _write(self._err, f"\r{fitting.ljust(len(self._line))}" + ("" if fitting else "\r"))
        self._line = fitting

    def event(self, name: str, facts: Mapping[str, JsonValue]) -> None:
        """Print an event for scripts, if one reads."""
        if self._as_json:
            shown = {
                key: self._clean(value) if isinstance(value, str) else value
                for key, value in facts.items()
            }
            _write(self._out, f"{json.dumps({'event': name, **shown})}\n")

    def result(self, sentence: str) -> None:
        """Print what people came for; scripts get it as an event."""
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
        # Nobody reads any more. Python would complain once more on exit about what it still holds.
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, stream.fileno())
        os.close(devnull)
