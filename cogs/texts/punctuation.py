"""Texts put together by the punctuation of the task's language.

What is put together here has no grammar: where the parts depend on one another, they are one text
with placeholders, whose translations have an order and punctuation of their own.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from cogs.texts.languages import LANGUAGES, _, current_language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cogs.texts.languages import Punctuation


def sentences(*texts: str) -> str:
    """Put whole sentences one after the other; empty ones are left out."""
    return _marks().gap.join(filter(None, texts))


def as_sentence(text: str) -> str:
    """End a text with a full stop."""
    return text + _marks().full_stop


def listed(items: Iterable[str], *, with_commas: bool = False) -> str:
    """Write items in a row: `a, b, c`; `a; b; c` where they are `with_commas` of their own."""
    return (_marks().semicolon if with_commas else _marks().comma).join(items)


def joined(items: Iterable[str]) -> str:
    """Write items in a row that are all there is: `a, b and c`; empty without any."""
    texts = list(items)
    return both(listed(texts[:-1]), texts[-1]) if len(texts) > 1 else "".join(texts)


def both(first: str, last: str) -> str:
    """Write two items: `a and b`."""
    return _("{first} and {last}", first=first, last=last)


def either(items: Iterable[str]) -> str:
    """Write items of which one is meant: `a or b or c`.

    Raises:
        TypeError: There are none.
    """
    return reduce(lambda first, last: _("{first} or {last}", first=first, last=last), items)


def labelled(label: str, text: str) -> str:
    """Say of what a text is: `label: text`."""
    return f"{label}{_marks().colon}{text}"


def with_colon(text: str) -> str:
    """End a text with the colon of a heading: `text:`."""
    return labelled(text, "").rstrip(" ")


def quoted(text: str) -> str:
    """Put a text into quotation marks."""
    return _marks().quotes.format(text)


def with_note(text: str, note: object) -> str:
    """Add a note in parentheses: `text (note)`."""
    return _marks().note.format(text, note)


def _marks() -> Punctuation:
    return LANGUAGES[current_language()].punctuation
