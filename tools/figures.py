"""`make check`: the sizes that keep this code easy to read, counted and held.

Each figure of `FIGURES` is printed with its limit; the exit status is 1 where one is missed.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PACKAGES: Final = ("bot", "cogs", "pika")
_COMPOSITION_ROOT: Final = "bot.__main__"

# What tells a tool something; the reason that may follow it is prose.
_PRAGMA: Final = re.compile(
    r"#\s*(?:noqa(?::\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)?|type:\s*ignore(?:\[[\w, -]*\])?"
    r"|(?:fmt|ruff|pragma):\s*[\w-]+(?:\s+cover)?)"
)


@dataclass(frozen=True, slots=True)
class Module:
    """One file of Python: its dotted name, its text and its syntax tree."""

    name: str
    is_package: bool
    text: str
    tree: ast.Module


class Function(NamedTuple):
    """A function, by its length in lines: from `def` on, without docstring and blank lines."""

    lines: int
    where: str


class Figure(NamedTuple):
    """A counted size and the bound it must keep; `at_least` turns the bound into a minimum."""

    name: str
    value: float
    limit: float
    at_least: bool = False
    note: str = ""

    @property
    def is_missed(self) -> bool:
        """Whether the size lies beyond its bound."""
        return self.value < self.limit if self.at_least else self.value > self.limit

    def __str__(self) -> str:
        """Show both numbers, and what a reader needs to find the place."""
        sign = "≥" if self.at_least else "≤"
        value = f"{self.value:,.3f}".rstrip("0").rstrip(".")
        text = f"{self.name}: {value} ({sign} {self.limit:,})"
        return f"{text}, {self.note}" if self.note else text


def read_modules(root: Path, package: str) -> list[Module]:
    """All modules of a package below `root`, by name."""
    found = []
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        text = path.read_text(encoding="utf-8")
        name = ".".join(parts[:-1] if is_package else parts)
        found.append(Module(name, is_package, text, ast.parse(text, path)))
    return found


def count_lines(modules: Sequence[Module]) -> int:
    """The lines that are not blank; docstrings and comments are counted too."""
    return sum(bool(line.strip()) for module in modules for line in module.text.splitlines())


def count_comment_lines(modules: Sequence[Module]) -> int:
    """The lines that are or end in a comment with a letter in it, after pragmas are taken off.

    So `# noqa: S608` is none, and `# noqa: S608 - column names are literals` is one.
    """
    return sum(_has_prose(comment) for module in modules for comment in _comments(module.text))


def _comments(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def _has_prose(comment: str) -> bool:
    return re.search(r"[^\W\d_]", _PRAGMA.sub("", comment)) is not None


def functions(modules: Sequence[Module]) -> list[Function]:
    """All functions and methods, shortest first; an outer function has an inner one's lines too."""
    return sorted(
        Function(_length(module, node), f"{module.name}.{node.name}")
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def _length(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    numbers = set(range(function.lineno, (function.end_lineno or function.lineno) + 1))
    if ast.get_docstring(function, clean=False) is not None:
        docstring = function.body[0]
        numbers -= set(range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1))
    lines = module.text.splitlines()
    return sum(bool(lines[number - 1].strip()) for number in numbers)


def percentile_95(counts: Sequence[int]) -> int:
    """The least of the sorted `counts` that at least 95 % of them do not exceed; 0 of none."""
    return counts[-(-len(counts) * 95 // 100) - 1] if counts else 0


def mean_imports(modules: Sequence[Module]) -> float:
    """How many modules of its own package a module imports in the mean; 0.0 of none.

    Counted are distinct modules, anywhere in the file: under `TYPE_CHECKING` and in functions
    too, since a reader has to know those as well. `from bot import clock` and `from bot.clock
    import to_ms` are both one import of `bot.clock`. The mean is over all modules, with the
    composition root and each `__init__`. (In this count it was 4.2 before `bot` had its rooms.)
    """
    names = {module.name for module in modules}
    return fmean(len(imported(module, names)) for module in modules) if modules else 0.0


def imported(module: Module, names: set[str]) -> set[str]:
    """Those of `names` that a module imports, itself aside."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = _source(module, node)
            for alias in node.names:
                member = f"{source}.{alias.name}"
                found.add(member if member in names else source)
    return (found & names) - {module.name}


def _source(module: Module, node: ast.ImportFrom) -> str:
    """The absolute name of the module after `from`, which may be written with dots."""
    if not node.level:
        return node.module or ""
    parents = module.name.split(".")
    above = node.level - 1 if module.is_package else node.level
    base = parents[: len(parents) - above]
    return ".".join([*base, node.module] if node.module else base)


def figures(root: Path) -> list[Figure]:
    """The code's sizes below `root`, with their limits."""
    packages = {package: read_modules(root, package) for package in PACKAGES}
    modules = [module for package in packages.values() for module in package]
    lines = count_lines(modules)
    comments = count_comment_lines(modules)
    measured = functions([module for module in modules if module.name != _COMPOSITION_ROOT])
    longest = measured[-1] if measured else Function(0, "none")
    percentile = percentile_95([function.lines for function in measured])
    return [
        # A wider limit is a decision of its own: say in the commit which capability needs it.
        Figure("non-blank lines of bot, cogs and pika", lines, 39_500),
        Figure("lines per function, 95th percentile", percentile, 25),
        Figure("lines of the longest function", longest.lines, 45, note=longest.where),
        Figure("mean imports per module of bot", mean_imports(packages["bot"]), 3.5),
        Figure(
            "comment lines, % of the non-blank",
            100 * comments / lines if lines else 0.0,
            2,
            at_least=True,
            note=f"{comments} lines",
        ),
    ]


def main(root: Path, write: Callable[[str], object] = sys.stdout.write) -> int:
    """Print all figures, those that miss their limit as such. Returns the exit status."""
    found = figures(root)
    for figure in found:
        write(f"{'MISSED ' if figure.is_missed else ''}{figure}\n")
    return int(any(figure.is_missed for figure in found))


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent.parent))
