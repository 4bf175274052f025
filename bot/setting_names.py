"""Names of settings: those in `.env`, and which known one a misspelt name is nearest to."""

from __future__ import annotations

from difflib import get_close_matches
from io import StringIO
from typing import TYPE_CHECKING, Final

from dotenv.parser import parse_stream

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from dotenv.parser import Binding

ENV_FILE_ENCODING: Final = "utf-8-sig"
"""UTF-8, and the mark that some editors put before it."""

# Ratios of `difflib`. In `.env` every name should be ours; the environment has many that are not.
_ANY_LIKENESS, _A_SLIP = 0.5, 0.85
_WRONG_ENCODING: Final = "is not UTF-8 text: save it again with the encoding UTF-8."


def env_file_names(path: Path) -> list[tuple[str, int]]:
    """Read the names in a `.env` file, each with its line; none where there is no file.

    Raises:
        ValueError: The file or a line of it cannot be read; the text tells its owner why.
    """
    # What a password manager feeds through a pipe can be read once only, by the settings.
    if path.is_fifo() or not path.exists():
        return []
    try:
        text = path.read_text(ENV_FILE_ENCODING)
    except UnicodeDecodeError:
        raise ValueError(_WRONG_ENCODING) from None
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror}).") from None
    if "\0" in text:  # UTF-16 without its mark is also valid UTF-8
        raise ValueError(_WRONG_ENCODING)
    return [(it.key, _line(it)) for it in map(_checked, parse_stream(StringIO(text))) if it.key]


def _checked(binding: Binding) -> Binding:
    # A line without `=` may be a key that was pasted alone: it is not shown.
    if binding.error or (binding.key is not None and binding.value is None):
        raise ValueError(
            f"cannot be read from line {_line(binding)} on: a line is NAME=value, and quotes are"
            " closed."
        )
    return binding


def _line(binding: Binding) -> int:
    # The parser counts blank lines with the line that follows them.
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")


def is_known(name: str, settings: Collection[str], nested: Iterable[str]) -> bool:
    """Whether a name is a setting, in any case, or an entry of one that has several."""
    name = name.upper()
    return name in settings or any(name.startswith(f"{one}__") for one in nested)


def nearest(name: str, settings: Collection[str]) -> str | None:
    """Return the setting that a name in `.env` is most like, if it is like any."""
    return next(iter(get_close_matches(name.upper(), settings, 1, _ANY_LIKENESS)), None)


def slips(names: Iterable[str], settings: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the names that are nearly a setting, each with that setting."""
    for name in names:
        for setting in get_close_matches(name.upper(), settings, 1, _A_SLIP):
            yield name, setting
