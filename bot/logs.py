"""The log of the process, on the standard error output: plain lines, or JSON."""

from __future__ import annotations

import logging


def log_to_stderr(level: str, form: str = "plain") -> None:
    """Write what is of this level or above, in the form `plain` or `json`."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(form))
    logging.basicConfig(level=level, handlers=[handler])
    for talkative in ("discord", "aiosqlite"):
        # At DEBUG these write addresses and values that hold interaction tokens.
        logging.getLogger(talkative).setLevel(max(logging.INFO, logging.getLogger().level))


def formatter(form: str) -> logging.Formatter:
    """Write a record as a line, or as a JSON object, with the fields of its event beside it."""
    if form != "json":
        return logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Not at the top: plain lines need no library.
    from pythonjsonlogger.json import JsonFormatter  # noqa: PLC0415 - as said above

    names = {"levelname": "level", "name": "logger"}
    return JsonFormatter(["levelname", "name", "message"], rename_fields=names, timestamp="time")
