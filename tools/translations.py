"""What is said, and what of it lacks a translation: `python -m tools.translations`.

It lists, by language, what lacks, is not used any more or does not fit its English text; the exit
status is 1 where there is any. Before that, `template` writes the template for translators'
programs, and `update` adds what lacks to the catalogues, empty, and takes out what is not used.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import normalize, read_po

import cogs
from cogs.texts.catalogs import LOCALES
from cogs.texts.languages import LANGUAGES
from tools.command_texts import command_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from babel.messages.catalog import Message

TEMPLATE: Final = LOCALES / "animate-bot.pot"
CATALOGS: Final = sorted({it.catalog for it in LANGUAGES.values()} - {""})
SPEAKERS: Final = {"_": 1, "N_": 1, "ngettext": 2, "pgettext": 2}
"""The functions that are given texts, with how many of them or of their contexts."""
_WIDTH: Final = 99
_NOTE: Final = "Translators: "

Key = tuple[str, str]
"""A text's context, which is mostly empty, and the text."""


@dataclass
class Text:
    """A text to translate.

    Attributes:
        context: Tells texts apart that read the same in English.
        one: The text.
        many: Its form for many; empty where it has none.
        notes: For translators: what it is part of.
        files: Where it is said.
    """

    context: str
    one: str
    many: str = ""
    notes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """What it is found by."""
        return self.context, self.one


class _Finder(ast.NodeVisitor):
    """Finds what a module says, in f-strings too, which extractors that read tokens pass over."""

    def __init__(self, path: Path, source: str) -> None:
        tree = ast.parse(source)
        self.file = path.relative_to(Path(cogs.__path__[0]).parent).as_posix()
        self.lines = source.splitlines()
        self.about = [_summary(tree)]
        self.found: list[Text] = []
        self.visit(tree)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.about.append(_summary(node))
        self.generic_visit(node)
        self.about.pop()

    def visit_Call(self, node: ast.Call) -> None:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        literal = [str(it.value) for it in node.args[:2] if isinstance(it, ast.Constant)]
        if name in SPEAKERS and len(literal) >= SPEAKERS[name]:
            context, one, many = "", literal[0], ""
            if name == "ngettext":
                many = literal[1]
            if name == "pgettext":
                context, one = literal
            notes = [*self._note(node.lineno), *(it for it in self.about if it)]
            self.found.append(Text(context, one, many, notes, [self.file]))
        self.generic_visit(node)

    def _note(self, line: int) -> Iterator[str]:
        above = self.lines[line - 2].strip() if line > 1 else ""
        if above.startswith(f"# {_NOTE}"):
            yield above.removeprefix(f"# {_NOTE}")


def _summary(node: ast.Module | ast.FunctionDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0]


@cache
def texts() -> Mapping[Key, Text]:
    """Find all that the surface says, and the texts of commands; once, as it takes a while."""
    found: dict[Key, Text] = {}
    for path in sorted(Path(cogs.__path__[0]).rglob("*.py")):
        if path.name != "languages.py":
            _merge(found, _Finder(path, path.read_text(encoding="utf-8")).found)
    _merge(found, (Text(kind, text, notes=[note]) for kind, text, note in command_texts()))
    return dict(sorted(found.items(), key=lambda it: (it[0][1], it[0][0])))


def _merge(found: dict[Key, Text], more: Any) -> None:  # noqa: ANN401 - of texts
    for text in more:
        known = found.setdefault(text.key, text)
        if known is not text:
            known.many = known.many or text.many
            known.notes += [it for it in text.notes if it not in known.notes]
            known.files += [it for it in text.files if it not in known.files]


def read(catalog: str) -> Catalog:
    """Read a catalogue with all that translators' programs may have put into it."""
    with (LOCALES / f"{catalog}.po").open("rb") as file:
        return read_po(file, locale=catalog)


def messages(catalog: Catalog) -> dict[Key, Message]:
    """The messages of a catalogue, without its header."""
    return {(it.context or "", it.id if isinstance(it.id, str) else it.id[0]): it
            for it in catalog if it.id}  # fmt: skip


def problems(name: str) -> Iterator[str]:
    """Say what is wrong with a catalogue."""
    catalog, wanted = read(name), texts()
    have = messages(catalog)
    yield from (f"lacks {it.one!r}" for key, it in wanted.items() if key not in have)
    yield from (f"is not said any more: {key[1]!r}" for key in have if key not in wanted)
    yield from (f"is not said any more: {key!r}" for key in catalog.obsolete)
    for key, message in have.items():
        if key in wanted:
            yield from (f"{it}: {key[1]!r}" for it in _faults(wanted[key], message, catalog))


def forms(message: Message) -> list[str]:
    """A message's translation, in its forms."""
    string: Any = message.string or ""
    return [string] if isinstance(string, str) else list(string)


def _faults(text: Text, message: Message, catalog: Catalog) -> Iterator[str]:
    if message.fuzzy:
        yield "is marked as uncertain"
    many = "" if isinstance(message.id, str) else message.id[1]
    if many != text.many:
        yield "has another form for many"
    expected = catalog.num_plurals if text.many else 1
    language = catalog.locale.language if catalog.locale else ""
    if len(forms(message)) != expected:
        yield f"has {len(forms(message))} forms and not {expected}"
    for form in forms(message):
        yield from _form_faults(text, form, language) if form else ["is not translated"]


def _form_faults(text: Text, form: str, language: str) -> Iterator[str]:
    # A form for one may say it in words, as `Show it` does beside `Show all {n}`.
    if fields(form) not in ([*map(fields, (text.one, text.many or text.one))]):
        yield "has other placeholders"
    if marks(form, language) != marks(text.one, language):
        yield "has other edges or marks"
    if "  " in form:
        yield "has two blanks in a row"
    if text.context in _NAMES and not is_name(form):
        yield "is no name that Discord takes"
    if len(form) > _LENGTHS.get(text.context, 2000):
        yield f"has {len(form)} characters, more than {_LENGTHS[text.context]}"


_NAMES: Final = {"command", "option"}
_LENGTHS: Final = {"command": 32, "menu": 32, "option": 32, "description": 100, "choice": 100}


def is_name(text: str) -> bool:
    """Whether Discord takes a text as the name of a command or an option."""
    return re.fullmatch(r"[-_'\w]{1,32}", text) is not None and text == text.lower()


def fields(text: str) -> list[str]:
    """The placeholders of a text."""
    return sorted(field for _, field, _, _ in Formatter().parse(text) if field is not None)


_SAME_MARK: Final = dict(zip("。：！？", ".:!?", strict=True))  # noqa: RUF001 - Japanese
_UNSPACED: Final = {"ja"}
"""The languages with no blanks between words: there, texts are joined without one."""


def marks(text: str, language: str = "") -> tuple[object, ...]:
    """What a translation keeps: its edges, which others are joined to, and its markdown."""
    edges = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    if language in _UNSPACED:
        edges = edges[0].strip(" "), edges[1].strip(" ")
    last = _SAME_MARK.get(text[-1:], text[-1:])
    spans = sorted(re.findall(r"`[^`]*`", text))
    return (*edges, last if last in ".:!?" else "", text.count("**"), spans, text.count("<@"))


def write_template() -> None:
    """Write all texts with what translators should know of each."""
    entries = [_entry(text, "", with_notes=True) for text in texts().values()]
    _write(TEMPLATE, "# Texts of animate-bot, in English.", "", entries)


def update(name: str) -> None:
    """Bring a catalogue to what is said: what lacks stays empty."""
    catalog = read(name)
    have = messages(catalog)
    entries = []
    for key, text in texts().items():
        known = have.get(key)
        entries.append(_entry(text, (known.string if known else "") or ""))
    comment = f"# {catalog.locale.english_name if catalog.locale else name}"
    _write(LOCALES / f"{name}.po", comment, name, entries)


def _entry(text: Text, string: str | Sequence[str], *, with_notes: bool = False) -> str:
    lines = []
    if with_notes:
        lines += [f"#. {it}" for it in text.notes]
        lines += [f"#: {it}" for it in text.files]
    lines += ["#, python-brace-format"] if fields(text.one) else []
    lines += [f"msgctxt {_quote(text.context)}"] if text.context else []
    lines.append(f"msgid {_quote(text.one)}")
    if text.many:
        lines.append(f"msgid_plural {_quote(text.many)}")
        forms = [string] if isinstance(string, str) else string
        lines += [f"msgstr[{number}] {_quote(form)}" for number, form in enumerate(forms)]
    else:
        lines.append(f"msgstr {_quote(string if isinstance(string, str) else string[0])}")
    return "\n".join(lines)


def _quote(text: str) -> str:
    quoted: str = normalize(text, width=_WIDTH)
    return quoted


def _write(path: Path, comment: str, language: str, entries: list[str]) -> None:
    # Without dates and line numbers, so that a change shows what was changed.
    plurals = Catalog(locale=language).plural_forms if language else "nplurals=2; plural=(n != 1);"
    header = [
        *(comment, 'msgid ""', 'msgstr ""', '"Project-Id-Version: animate-bot\\n"'),
        *([f'"Language: {language}\\n"'] if language else []),
        f'"Plural-Forms: {plurals}\\n"',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
    ]
    path.write_text("\n\n".join(["\n".join(header), *entries]) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Do what is asked for; return the exit status."""
    if "template" in arguments:
        write_template()
    if "update" in arguments:
        for name in CATALOGS:
            update(name)
    found = 0
    for name in CATALOGS:
        wrong = list(problems(name))
        found += len(wrong)
        print(f"{name}: {len(wrong)} of {len(texts())} to do")  # noqa: T201 - what it is for
        for line in wrong:
            print(f"  {line}")  # noqa: T201 - as above
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
