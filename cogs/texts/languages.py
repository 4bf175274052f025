"""The languages in which members are answered.

A sentence is written in English where it is used, `_("… {name} …", name=…)`, and that text is
the key of its translations in `cogs/texts/locales/`. Moderators are answered in English alone.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import c2py
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.guilds.languages import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from babel.messages.catalog import Catalog

LANGUAGES: Final[Mapping[str, str]] = {ENGLISH: "English", "de": "Deutsch", "es": "Español"}
"""The languages by code, each under its own name."""
LOCALES: Final = Path(__file__).with_name("locales")

_language: ContextVar[str] = ContextVar("language", default=ENGLISH)


def set_language(language: str) -> None:
    """Use a language from here on, in this task; English where it is not known."""
    _language.set(language if language in LANGUAGES else ENGLISH)


@contextmanager
def use_language(language: str) -> Generator[None, None, None]:
    """Use a language inside the block, and the one before after it."""
    before = _language.get()
    set_language(language)
    try:
        yield
    finally:
        _language.set(before)


def N_(text: str) -> str:  # noqa: N802 - the name by which gettext tools find such texts
    """Mark a text for translation that `_` is given elsewhere."""
    return text


def _(text: str, /, **values: object) -> str:
    """Translate a text into the task's language, and fill in its `{names}`."""
    message = _message(text)
    return (message if isinstance(message, str) else text).format(**values)


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """Translate the form of a text that fits a number, which the text has as `{n}`."""
    language = _language.get()
    forms = _message(one)
    if isinstance(forms, tuple):
        chosen = forms[c2py(catalog(language).plural_expr)(n)]
    else:
        chosen = one if n == 1 else many
    return chosen.format(n=n, **values)


def number(value: int) -> str:
    """Write a number with its thousands apart, as the task's language does: `1,500`, `1.500`."""
    language = _language.get()
    if language == ENGLISH:
        return f"{value:,}"
    # Not at the top: where all is in English, nothing of it is needed.
    from babel.numbers import format_decimal  # noqa: PLC0415 - as said above

    return format_decimal(value, locale=language)


@cache
def catalog(language: str) -> Catalog:
    """Read the translations into a language other than English, once a process.

    Raises:
        OSError: There is no catalog of the language.
    """
    from babel.messages.pofile import read_po  # noqa: PLC0415 - as in `number`

    with (LOCALES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def _message(text: str) -> str | tuple[str, ...] | None:
    language = _language.get()
    message = None if language == ENGLISH else catalog(language).get(text)
    if message is None or not message.string:
        return None
    return message.string if isinstance(message.string, str) else tuple(message.string)
