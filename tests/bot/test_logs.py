"""Lines for people, and objects for programs."""

from __future__ import annotations

import json
import logging

from bot.logs import formatter


def record(*, broken: bool = False) -> logging.LogRecord:
    error = ValueError("no")
    exc_info = (ValueError, error, None) if broken else None
    made = logging.LogRecord(
        "bot", logging.WARNING, __file__, 1, "clip %s", ("delivered",), exc_info
    )
    made.__dict__.update(event="clip_delivered", server_id="41771983423143937", seconds=4.5)
    return made


def test_a_plain_line_has_time_level_and_words() -> None:
    assert formatter("plain").format(record()).endswith(" WARNING bot: clip delivered")


def test_an_object_has_the_fields_of_an_event_too() -> None:
    line = formatter("json").format(record())
    assert "\n" not in line
    told = json.loads(line)
    time = told.pop("time")
    assert time.endswith("+00:00")
    assert told == {
        "level": "WARNING",
        "logger": "bot",
        "message": "clip delivered",
        "event": "clip_delivered",
        "server_id": "41771983423143937",
        "seconds": 4.5,
    }


def test_a_traceback_is_in_the_object_of_its_line() -> None:
    line = formatter("json").format(record(broken=True))
    assert "\n" not in line
    assert "ValueError: no" in json.loads(line)["exc_info"]
