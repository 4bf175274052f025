"""Every text that members read has its translation in each language, and it is whole."""

from __future__ import annotations

import ast
import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import pytest

import cogs
from bot.guilds.languages import ENGLISH
from cogs.texts import languages
from cogs.texts.amounts import clips
from cogs.texts.languages import LANGUAGES, LOCALES, _, ngettext, set_language, use_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Message

OTHERS = [code for code in LANGUAGES if code != ENGLISH]
SPEAKERS = {"_", "ngettext", "N_"}
THE_SAME = {"prompt", "Prompt", "{n} clip"}
"""What another language may well write as English does."""

Texts = dict[str, str | None]
"""Each text, with its form for many where it has one."""


@dataclass(frozen=True)
class Module:
    """A file of `cogs`, and all that is assigned in it by name."""

    path: Path
    tree: ast.Module

    def assigned(self, name: str) -> list[ast.expr]:
        found: list[ast.expr] = []
        for node in ast.walk(self.tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=it)], value=value) if it == name:
                    found.append(value)
                case ast.AnnAssign(target=ast.Name(id=it), value=ast.expr() as value) if it == name:
                    found.append(value)
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
        case ast.Name(id=name):
            found = [(value, module) for value in module.assigned(name)] or [
                (value, other) for other in modules() for value in other.assigned(name)
            ]
            return bool(found) and all(is_marked(value, it) for value, it in found)
    return False


@cache
def texts() -> Texts:
    found: Texts = {}
    for module in modules():
        for name, call in module.calls():
            literal = [str(it.value) for it in call.args if isinstance(it, ast.Constant)]
            if literal:
                found[literal[0]] = literal[1] if name == "ngettext" else None
    return found


def test_what_is_said_is_a_literal_or_was_marked() -> None:
    assert len(texts()) > 100
    for module in modules():
        for name, call in module.calls():
            where = f"{module.path.name}:{call.lineno}"
            first, *others = call.args
            if name == "ngettext":
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
    assert sorted(path.stem for path in LOCALES.glob("*.po")) == sorted(OTHERS)


def messages(code: str) -> dict[str, Message]:
    """All but the header, by the English text."""
    found = [message for message in languages.catalog(code) if message.id]
    return {
        message.id if isinstance(message.id, str) else message.id[0]: message for message in found
    }


def forms(message: Message) -> list[str]:
    string = message.string or ""
    return [string] if isinstance(string, str) else list(string)


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_has_every_text_and_nothing_else(code: str) -> None:
    found = {
        key: None if isinstance(message.id, str) else message.id[1]
        for key, message in messages(code).items()
    }
    assert found == texts()
    assert not languages.catalog(code).obsolete


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_is_complete_and_certain(code: str) -> None:
    catalog = languages.catalog(code)
    assert catalog.locale_identifier == code
    header = (LOCALES / f"{code}.po").read_text(encoding="utf-8").partition("\n\n")[0]
    for field in (f"Language: {code}", "Plural-Forms: nplurals=", "charset=utf-8"):
        assert field in header
    assert not [message.id for message in catalog if message.fuzzy]
    assert not list(catalog.check())
    for key, message in messages(code).items():
        expected = 1 if isinstance(message.id, str) else catalog.num_plurals
        assert len(forms(message)) == expected, key
        assert all(forms(message)), key


def fields(text: str) -> list[str]:
    return sorted(field for _, field, _, _ in Formatter().parse(text) if field is not None)


def marks(text: str) -> tuple[object, ...]:
    """What a translation keeps: its edges, which others are joined to, and its markdown."""
    edges = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    last = text[-1] if text[-1] in ".:!?)" else ""
    return (*edges, last, text.count("**"), re.findall(r"`[^`]*`", text), text.count("<@"))


@pytest.mark.parametrize("code", OTHERS)
def test_translations_keep_placeholders_edges_and_markdown(code: str) -> None:
    for key, message in messages(code).items():
        for form in forms(message):
            assert fields(form) == fields(key), key
            assert "" not in fields(form), key
            assert marks(form) == marks(key), key
            assert "  " not in form, key
            assert form not in {key, texts()[key]} or key in THE_SAME, key


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
    ],
)
def test_numbers_choose_their_form(code: str, expected: list[str]) -> None:
    with use_language(code):
        assert [clips(count) for count in range(3)] == expected


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
