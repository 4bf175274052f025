"""The languages that members are spoken to in.

A sentence is written in English where it is said, `say("… {name} …", name=…)`, and that text is
the key of its translations in `cogs/locales/`. Moderators' own answers are English everywhere.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import c2py
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.guilds.languages import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from babel.messages.catalog import Catalog

LANGUAGES: Final[Mapping[str, str]] = {ENGLISH: "English", "de": "Deutsch", "es": "Español"}
"""Each language by its code, under its own name."""
LOCALES: Final = Path(__file__).with_name("locales")

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def set_language(language: str) -> None:
    """Speak a language from here on, in this task. One that is not known is English."""
    _spoken.set(language if language in LANGUAGES else ENGLISH)


@contextmanager
def use_language(language: str) -> Generator[None, None, None]:
    """Speak a language inside."""
    before = _spoken.get()
    set_language(language)
    try:
        yield
    finally:
        _spoken.set(before)


def N_(text: str) -> str:  # noqa: N802 - the name by which gettext tools find such texts
    """Mark a text that `_` is given elsewhere."""
    return text


def _(text: str, /, **values: object) -> str:
    """Return a text in the spoken language, its `{names}` filled in."""
    message = _message(text)
    return (message if isinstance(message, str) else text).format(**values)


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """Return the form of a text that fits a number, which it names as `{n}`."""
    language = _spoken.get()
    forms = _message(one)
    if isinstance(forms, tuple):
        chosen = forms[c2py(catalog(language).plural_expr)(n)]
    else:
        chosen = one if n == 1 else many
    return chosen.format(n=n, **values)


def number(value: int) -> str:
    """Return a number with its thousands apart, as the spoken language writes it."""
    return format_decimal(value, locale=_spoken.get())


@cache
def catalog(language: str) -> Catalog:
    """Return the translations into a language other than English.

    Raises:
        OSError: There are none.
    """
    with (LOCALES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def _message(text: str) -> str | tuple[str, ...] | None:
    language = _spoken.get()
    message = None if language == ENGLISH else catalog(language).get(text)
    if message is None or not message.string:
        return None
    return message.string if isinstance(message.string, str) else tuple(message.string)
