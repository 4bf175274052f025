"""Every text that members read has its translation in each language, and it is whole."""

from __future__ import annotations

import ast
import asyncio
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import discord
import pytest
from babel.messages.catalog import Catalog

import cogs
from bot.guilds.languages import ENGLISH
from cogs.texts import catalogs, languages
from cogs.texts.amounts import clips
from cogs.texts.catalogs import LOCALES, key_of, read_catalog
from cogs.texts.languages import (
    LANGUAGES,
    _,
    command_name,
    money,
    ngettext,
    number,
    set_command_language,
    set_language,
    use_language,
)
from tools import translations

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEAKERS = {"_", "ngettext", "N_", "pgettext"}
THE_SAME = {
    "No",
    "no",
    "clip #{id}",
    "mode",
    "prompt",
    "Prompt",
    "clips",
    "dollars",
    "seed {seed}",
    "{n} clip",
    "{n} exemption",
    "{n} minute",
    "{minutes} min",
    "**Budget**: {left}.",
    "**Limits**:",
    "{whose}, in <#{review_channel_id}>.",
    "✅ {server}: {decision}.",
    "{more} {less}",
}
"""What another language may well write as English does."""


@dataclass(frozen=True)
class Module:
    """A file of `cogs`, and all that is assigned in it by name."""

    path: Path
    tree: ast.Module

    @cached_property
    def assigned(self) -> dict[str, list[ast.expr]]:
        found: dict[str, list[ast.expr]] = {}
        for node in ast.walk(self.tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    found.setdefault(name, []).append(value)
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    found.setdefault(name, []).append(value)
        return found

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """What speaks, under whichever name it was imported from the module."""
        for node in ast.walk(self.tree):
            match node:
                case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
                    if name in SPEAKERS:
                        yield name, node


@cache
def modules() -> list[Module]:
    (root,) = cogs.__path__
    paths = [path for path in sorted(Path(root).rglob("*.py")) if path.name != "languages.py"]
    return [Module(path, ast.parse(path.read_text())) for path in paths]


def is_marked(node: ast.expr, module: Module) -> bool:
    """Whether every text that an expression may be went through `N_`."""
    match node:
        case ast.Call(func=ast.Name(id="N_"), args=[ast.Constant()]):
            return True
        case ast.Dict(values=values):
            return all(is_marked(value, module) for value in values)
        case ast.Subscript(value=inner) | ast.Call(func=ast.Attribute(value=inner, attr="get")):
            return is_marked(inner, module)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            found = [(value, module) for value in module.assigned.get(name, [])] or [
                (value, other) for other in modules() for value in other.assigned.get(name, [])
            ]
            return bool(found) and all(is_marked(value, it) for value, it in found)
    return False


def test_what_is_said_is_a_literal_or_was_marked() -> None:
    assert len(translations.texts()) > 100
    for module in modules():
        for name, call in module.calls():
            where = f"{module.path.name}:{call.lineno}"
            first, *others = call.args
            if name in {"ngettext", "pgettext"}:
                assert isinstance(first, ast.Constant), where
                assert isinstance(others[0], ast.Constant), where
            elif name == "N_":
                assert isinstance(first, ast.Constant), where
            else:
                assert isinstance(first, ast.Constant) or is_marked(first, module), where


@pytest.mark.parametrize(
    ("code", "marked"),
    [
        ('A = N_("x")\n_(A)', True),
        ('A = {1: N_("x")}\nb = A.get(1)\n_(b)', True),
        ('A = {1: N_("x"), 2: "y"}\n_(A[1])', False),
        ('A = "x"\n_(A)', False),
        ('A = N_("x")\nA = "y"\n_(A)', False),
        ("def f(it):\n    _(it)", False),
        ('_(f"{1}")', False),
        ('_("x" + "y")', False),
    ],
)
def test_what_was_not_marked_is_found(code: str, marked: bool) -> None:  # noqa: FBT001 - a table
    module = Module(Path("made_up.py"), ast.parse(code))
    (call,) = [call for name, call in module.calls() if name == "_"]
    assert is_marked(call.args[0], module) is marked


def test_each_language_has_its_catalogue() -> None:
    assert sorted(path.stem for path in LOCALES.glob("*.po")) == translations.CATALOGS


@pytest.mark.parametrize("name", translations.CATALOGS)
def test_a_catalogue_is_complete_fits_and_has_nothing_else(name: str) -> None:
    """`python -m tools.translations` lists the same, for all of them."""
    assert list(translations.problems(name)) == []
    catalog = translations.read(name)
    assert not list(catalog.check())
    header = (LOCALES / f"{name}.po").read_text(encoding="utf-8").partition("\n\n")[0]
    plurals = Catalog(locale=name).plural_forms
    for line in (f"Language: {name}", f"Plural-Forms: {plurals}", "charset=utf-8"):
        assert line in header


@pytest.mark.parametrize("name", translations.CATALOGS)
def test_hardly_any_translation_is_english(name: str) -> None:
    same = {
        key
        for key, message in translations.messages(translations.read(name)).items()
        if set(translations.forms(message)) & {key[1]} and key[0] in {"", "description", "menu"}
    }
    assert {text for _context, text in same} <= THE_SAME


@pytest.mark.parametrize("name", translations.CATALOGS)
def test_what_the_bot_reads_is_what_translators_programs_read(name: str) -> None:
    by_babel = {
        key_of(text, context): tuple(translations.forms(message))
        for (context, text), message in translations.messages(translations.read(name)).items()
    }
    read = read_catalog(name)
    assert {
        key: it if isinstance(it, tuple) else (it,) for key, it in read.texts.items()
    } == by_babel


def test_the_template_is_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = translations.TEMPLATE.read_text(encoding="utf-8")
    monkeypatch.setattr(translations, "TEMPLATE", tmp_path / "template.pot")
    translations.write_template()
    assert translations.TEMPLATE.read_text(encoding="utf-8") == before


def test_what_is_said_inside_f_strings_is_found() -> None:
    assert ("", "Your defaults here") in translations.texts()


@pytest.mark.parametrize(
    ("english", "translated", "problem"),
    [
        ('msgid "nothing"', 'msgstr ""', "is not translated: 'nothing'"),
        ('#, fuzzy\nmsgid "nothing"', 'msgstr "nada"', "is marked as uncertain: 'nothing'"),
        ('msgid "nothing at all"', 'msgstr "nada"', "is not said any more: 'nothing at all'"),
        ('msgid "{left} of {all}"', 'msgstr "{left}"', "has other placeholders: "),
        ('msgid "by {rule}"', 'msgstr "{rule}."', "has other edges or marks: "),
        ('msgid "{n} clip"\nmsgid_plural "{n} clips"', 'msgstr[0] "{n}"', "is not translated: "),
        ('msgid "{n} clip"', 'msgstr "{n} clip"', "has another form for many: '{n} clip'"),
    ],
)
def test_what_is_wrong_with_a_catalogue_is_found(
    english: str,
    translated: str,
    problem: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(translations, "LOCALES", tmp_path)
    header = 'msgid ""\nmsgstr "Language: es\\nContent-Type: text/plain; charset=utf-8\\n"'
    (tmp_path / "es.po").write_text(f"{header}\n\n{english}\n{translated}\n", encoding="utf-8")
    found = "\n".join(translations.problems("es"))
    assert "lacks 'No limit is set for you here.'" in found
    assert problem in found


@pytest.mark.parametrize(
    ("english", "japanese"),
    [(" and ", "と"), (" or ", "または"), ("-# of that ", "-# うち")],
)
def test_japanese_joins_texts_without_a_blank(english: str, japanese: str) -> None:
    assert translations.marks(japanese, "ja") == translations.marks(english, "ja")
    assert translations.marks(japanese, "es") != translations.marks(english, "es")


def test_an_unknown_language_is_english() -> None:
    with use_language("tlh"):
        assert _("nothing") == "nothing"
        assert ngettext("{n} clip", "{n} clips", 2) == "2 clips"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (ENGLISH, ["0 clips", "1 clip", "2 clips"]),
        ("de", ["0 Clips", "1 Clip", "2 Clips"]),
        ("es", ["0 clips", "1 clip", "2 clips"]),
        ("fr", ["0 clip", "1 clip", "2 clips"]),
        ("pt-BR", ["0 clipe", "1 clipe", "2 clipes"]),
        ("ja", ["クリップ0本", "クリップ1本", "クリップ2本"]),
    ],
)
def test_numbers_choose_their_form(code: str, expected: list[str]) -> None:
    with use_language(code):
        assert [clips(count) for count in range(3)] == expected


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en-US", "en"),
        ("en-GB", "en"),
        ("de", "de"),
        ("es-ES", "es"),
        ("es-419", "es-419"),
        ("fr", "fr"),
        ("pt-BR", "pt-BR"),
        ("pt_BR", "pt-BR"),
        ("ja", "ja"),
        ("zh-CN", "en"),
        ("tlh", "en"),
    ],
)
def test_each_locale_of_discord_has_a_language(locale: str, expected: str) -> None:
    assert languages.language_of(locale) == expected


def test_every_locale_that_the_library_knows_has_a_language() -> None:
    for locale in discord.Locale:
        with use_language(languages.language_of(locale.value)):
            assert number(1500)
            assert _("nothing")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (ENGLISH, ["$0.20", "$0.0625", "-$1.80", "1,500"]),
        ("de", ["0,20 $", "0,0625 $", "-1,80 $", "1.500"]),
        ("es", ["0,20 US$", "0,0625 US$", "-1,80 US$", "1.500"]),
        ("es-419", ["US$ 0.20", "US$ 0.0625", "-US$ 1.80", "1,500"]),
        ("fr", ["0,20 $ US", "0,0625 $ US", "-1,80 $ US", "1 500"]),
        ("pt-BR", ["US$ 0,20", "US$ 0,0625", "-US$ 1,80", "1.500"]),
        ("ja", ["$0.20", "$0.0625", "-$1.80", "1,500"]),
    ],
)
def test_money_and_numbers_are_written_as_the_language_does(code: str, expected: list[str]) -> None:
    with use_language(code):
        written = [*map(money, (200_000, 62_500, -1_800_000)), number(1500)]
    assert [it.replace("\u00a0", " ").replace("\u202f", " ") for it in written] == expected


def test_what_is_spoken_inside_ends_outside() -> None:
    with use_language("de"):
        with suppress(ZeroDivisionError), use_language("es"):
            assert _("nothing") == "nada"
            raise ZeroDivisionError
        assert _("nothing") == "nichts"
    assert _("nothing") == "nothing"


async def test_each_task_speaks_for_itself() -> None:
    everybody = asyncio.Barrier(len(LANGUAGES))

    async def nothing(code: str) -> str:
        set_language(code)
        async with everybody:
            pass
        return _("nothing")

    told = await asyncio.gather(*(nothing(code) for code in LANGUAGES))
    assert told[:3] == ["nothing", "nichts", "nada"]
    assert _("nothing") == "nothing"


GONE = "I know no such clip any more. Please make a new one with `/animate`."
NOT_YOURS = "Only who asked for this clip may do that. Moderators have `/clips cancel`."


def test_commands_are_named_as_the_reader_sees_them() -> None:
    with use_language("de"):
        german = _(GONE)
        assert "`/animieren`" in german
        set_command_language("fr")
        assert _(GONE) == german.replace("animieren", "animer")
        assert "`/clips cancel`" in _(NOT_YOURS)
    assert command_name("mydata export") == "mydata export"
    with use_language("es"):
        assert command_name("mydata export") == "mis-datos exportar"
        assert command_name("clips words export") == "clips words export"


def test_a_digest_changes_with_a_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = catalogs.catalogs_digest()
    assert before == catalogs.catalogs_digest()
    monkeypatch.setattr(catalogs, "LOCALES", tmp_path)
    assert catalogs.catalogs_digest() != before
