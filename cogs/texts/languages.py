"""The languages in which people are answered.

A sentence is written in English where it is used, `_("… {name} …", name=…)`, and that text is
the key of its translations in `cogs/texts/locales/`. What one member alone reads is in that
member's language, what all in a channel read in the server's.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, NamedTuple

from bot.guilds.languages import ENGLISH
from cogs.texts.catalogs import key_of, read_catalog
from pika import plain_usd, usd

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping


class Punctuation(NamedTuple):
    """How a language puts texts together; `cogs.texts.punctuation` does it.

    Attributes:
        gap: What stands between sentences.
        comma: What stands between the items of a list.
        semicolon: What stands between items that have commas of their own.
        colon: What stands between a label and what it is of.
        full_stop: The end of a sentence.
        quotes: A text in quotation marks.
        note: A text, and a note to it in parentheses.
    """

    gap: str = " "
    comma: str = ", "
    semicolon: str = "; "
    colon: str = ": "
    full_stop: str = "."
    quotes: str = "“{}”"
    note: str = "{} ({})"


class Language(NamedTuple):
    """A language, how it writes numbers, and its punctuation.

    Attributes:
        name: Its own name for itself.
        catalog: The file of its translations; empty for English.
        thousands: What stands between thousands.
        point: What stands before decimals.
        money: An amount of US dollars.
    """

    name: str
    catalog: str = ""
    thousands: str = ","
    point: str = "."
    money: str = "${}"
    punctuation: Punctuation = Punctuation()


_GERMAN: Final = Punctuation(quotes="„{}“")
_SPANISH: Final = Punctuation(quotes="«{}»")
_FRENCH: Final = Punctuation(semicolon="\u00a0; ", colon="\u00a0: ", quotes="«\u00a0{}\u00a0»")
_JAPANESE: Final = Punctuation("", "、", "、", "：", "。", "「{}」", "{}（{}）")  # noqa: RUF001 - its own
LANGUAGES: Final[Mapping[str, Language]] = {
    ENGLISH: Language("English"),
    "de": Language("Deutsch", "de", ".", ",", "{}\u00a0$", _GERMAN),
    # A bare `$` is the peso's in much of Latin America, and the real's is `R$`.
    "es": Language("Español", "es", ".", ",", "{}\u00a0US$", _SPANISH),
    "es-419": Language("Español (Latinoamérica)", "es", ",", ".", "US$\u00a0{}", _SPANISH),
    "fr": Language("Français", "fr", "\u202f", ",", "{}\u00a0$\u00a0US", _FRENCH),
    "ja": Language("日本語", "ja", ",", ".", "${}", _JAPANESE),
    "pt-BR": Language("Português (Brasil)", "pt_BR", ".", ",", "US$\u00a0{}"),
}
"""The languages by code: Discord's, without the region where there is one of a kind."""

_COMMAND: Final = re.compile(r"(?<=`/)[a-z-]+(?: [a-z-]+)*(?=`)")
_language: ContextVar[str] = ContextVar("language", default=ENGLISH)
_command_language: ContextVar[str] = ContextVar("command_language", default=ENGLISH)
_public_language: ContextVar[str] = ContextVar("public_language", default=ENGLISH)


def language_of(locale: str) -> str:
    """The language for a locale of Discord's: `es` for `es-ES`; English where there is none."""
    code, primary = locale.replace("_", "-"), locale[:2]
    if code in LANGUAGES:
        return code
    return next((it for it in LANGUAGES if it.partition("-")[0] == primary), ENGLISH)


def set_language(language: str) -> None:
    """Use a language from here on, in this task; English where it is not known."""
    _language.set(_known(language))
    _command_language.set(_known(language))


def set_command_language(language: str) -> None:
    """Name commands in a language, from here on: that in which Discord lists them."""
    _command_language.set(_known(language))


def set_public_language(language: str) -> None:
    """Use a language inside `publicly` from here on, in this task."""
    _public_language.set(_known(language))


def current_language() -> str:
    """The code of the language that is used."""
    return _language.get()


@contextmanager
def use_language(language: str) -> Generator[None, None, None]:
    """Use a language inside the block, and the one before after it."""
    before, commands_before = _language.get(), _command_language.get()
    set_language(language)
    try:
        yield
    finally:
        _language.set(before)
        _command_language.set(commands_before)


@contextmanager
def publicly() -> Generator[None, None, None]:
    """Use the server's language inside the block: what is said there is read by many."""
    with use_language(_public_language.get()):
        yield


def N_(text: str) -> str:  # noqa: N802 - the name by which gettext tools find such texts
    """Mark a text for translation that `_` is given elsewhere."""
    return text


def _(text: str, /, **values: object) -> str:
    """Translate a text into the task's language, and fill in its `{names}`."""
    message = translation(_language.get(), text)
    return _with_command_names(message if isinstance(message, str) else text).format(**values)


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """Translate the form of a text that fits a number, which the text has as `{n}`."""
    language = _language.get()
    forms = translation(language, one)
    if isinstance(forms, tuple):
        chosen = forms[read_catalog(LANGUAGES[language].catalog).form(n)]
    else:
        chosen = one if n == 1 else many
    return _with_command_names(chosen).format(n=n, **values)


def pgettext(context: str, text: str, /) -> str:
    """Translate a text that is a word with several meanings: `context` tells which."""
    message = translation(_language.get(), text, context)
    return message if isinstance(message, str) else text


def number(value: float, decimals: int = 0) -> str:
    """Write a number with its thousands apart, as the task's language does: `1,500`, `1.500`."""
    language = LANGUAGES[_language.get()]
    marks = str.maketrans({",": language.thousands, ".": language.point})
    return f"{value:,.{decimals}f}".translate(marks)


def money(micro_usd: int) -> str:
    """Write an amount of micro-USD as the task's language does: `$0.20`, `0,20 $`, `US$ 0,20`."""
    language = LANGUAGES[_language.get()]
    if not language.catalog:
        return usd(micro_usd)
    digits = plain_usd(abs(micro_usd)).replace(".", language.point)
    return "-" * (micro_usd < 0) + language.money.format(digits)


def translation(language: str, text: str, context: str = "") -> str | tuple[str, ...] | None:
    """Find a text's translation, in its forms where it has one for many; `None` without one."""
    catalog = LANGUAGES[language].catalog
    return read_catalog(catalog).texts.get(key_of(text, context)) if catalog else None


def command_name(name: str) -> str:
    """Name a command, such as `mydata export`, as Discord shows it to who reads the text."""
    language = _command_language.get()
    words = [translation(language, it, "command") for it in name.split()]
    # Moderators' commands have their English names everywhere, whatever a part of one is called.
    return " ".join(map(str, words)) if words and all(words) else name


def _with_command_names(text: str) -> str:
    return _COMMAND.sub(lambda it: command_name(it[0]), text) if "`/" in text else text


def _known(language: str) -> str:
    return language if language in LANGUAGES else ENGLISH
