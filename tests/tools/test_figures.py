"""The figures of made-up trees, small enough to count by eye."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tools.figures import (
    Figure,
    count_comment_lines,
    count_lines,
    figures,
    functions,
    imported,
    main,
    mean_imports,
    percentile_95,
    read_modules,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tools.figures import Module


def modules(folder: Path, package: str = "bot", **files: str) -> list[Module]:
    """The modules of a package; `moderation__gate` is `moderation/gate.py`."""
    for name, text in files.items():
        parts = [name] if name.startswith("__") else name.split("__")
        path = folder.joinpath(package, *parts).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return read_modules(folder, package)


def imports_of(found: list[Module], name: str) -> set[str]:
    (module,) = (module for module in found if module.name == name)
    return imported(module, {module.name for module in found})


def test_blank_lines_are_not_counted_and_others_are(tmp_path: Path) -> None:
    found = modules(tmp_path, clock='"""Time.\n\nIn UTC.\n"""\n\n# why\nx = 1\n   \n')
    assert count_lines(found) == 5


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("# Discord counts in bytes.", 1),
        ("x = 1  # seconds", 1),
        ("x = 1  # noqa: S608", 0),
        ("x = 1  # noqa", 0),
        ("x = 1  # noqa: FBT001, FBT002", 0),
        ("x = 1  # noqa: S608 - column names are literals", 1),
        ("x = 1  # type: ignore[import-untyped, misc]", 0),
        ("x = 1  # type: ignore[import-untyped] # ships none", 1),
        ("x = 1  # fmt: skip", 0),
        ("x = 1  # pragma: no cover", 0),
        ("#", 0),
        ("# ----------", 0),
        ("x = '# a string'", 0),
        ("x = 1  # größer", 1),
    ],
)
def test_a_comment_is_prose_and_no_pragma(tmp_path: Path, line: str, count: int) -> None:
    assert count_comment_lines(modules(tmp_path, clock=f"{line}\n")) == count


def test_a_function_is_measured_without_decorator_docstring_and_blank_lines(
    tmp_path: Path,
) -> None:
    found = modules(
        tmp_path,
        clock='''
        @cache
        @other
        def outer(
            x: int,
        ) -> int:
            """What it returns.

            In seconds.
            """

            async def inner() -> None:
                return None

            return x
        ''',
    )
    assert functions(found) == [(2, "bot.clock.inner"), (6, "bot.clock.outer")]


@pytest.mark.parametrize(
    ("counts", "percentile"),
    [([], 0), ([7], 7), ([*range(1, 21)], 19), ([*range(1, 101)], 95), ([*range(1, 22)], 20)],
)
def test_the_95th_percentile_is_a_length_that_occurs(counts: list[int], percentile: int) -> None:
    assert percentile_95(counts) == percentile


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("import bot.clock", {"bot.clock"}),
        ("from bot import clock", {"bot.clock"}),
        ("from bot.clock import now", {"bot.clock"}),
        ("from bot.clock import now\nfrom bot import clock as other", {"bot.clock"}),
        ("from . import gate", {"bot.moderation.gate"}),
        ("from .gate import admit", {"bot.moderation.gate"}),
        ("from ..clock import now", {"bot.clock"}),
        ("from .. import clock", {"bot.clock"}),
        ("if TYPE_CHECKING:\n    from bot.clock import now", {"bot.clock"}),
        ("def late():\n    import bot.clock", {"bot.clock"}),
        ("import pika.errors\nimport json", set()),
        ("from bot.moderation import words", set()),
    ],
)
def test_modules_of_the_same_package_are_imports(
    tmp_path: Path, statement: str, expected: set[str]
) -> None:
    found = modules(tmp_path, clock="", moderation__gate="", moderation__words=statement)
    assert imports_of(found, "bot.moderation.words") == expected


def test_a_package_resolves_dots_from_itself(tmp_path: Path) -> None:
    found = modules(tmp_path, __init__="from . import clock\nfrom .clock import now\n", clock="")
    assert imports_of(found, "bot") == {"bot.clock"}


def test_the_mean_is_over_all_modules(tmp_path: Path) -> None:
    found = modules(tmp_path, __init__="", clock="", job="import bot.clock\nimport bot\n", a="")
    assert mean_imports(found) == 2 / 4


def test_a_tree_that_keeps_all_limits_passes(tmp_path: Path) -> None:
    modules(tmp_path, clock="# UTC, since zones move.\ndef now() -> int:\n    return 1\n")
    written: list[str] = []
    assert main(tmp_path, written.append) == 0
    assert len(written) == len(figures(tmp_path))
    assert "MISSED" not in "".join(written)


@pytest.mark.parametrize(
    ("lines", "missed"), [(45, ["95th percentile"]), (46, ["95th percentile", "longest"])]
)
def test_functions_that_are_too_long_are_named(
    tmp_path: Path, lines: int, missed: list[str]
) -> None:
    body = "    x = 1  # why\n" * (lines - 1)
    modules(tmp_path, "cogs", animate=f"def long() -> None:\n{body}")
    written: list[str] = []
    assert main(tmp_path, written.append) == 1
    named = [line for line in written if line.startswith("MISSED ")]
    assert len(named) == len(missed)
    assert all(part in line for part, line in zip(missed, named, strict=True))
    assert "cogs.animate.long" in "".join(written)


def test_the_composition_root_may_be_long(tmp_path: Path) -> None:
    body = "    x = 1  # why\n" * 99
    modules(tmp_path, __main__=f"def run() -> None:\n{body}")
    assert main(tmp_path, lambda _line: None) == 0


def test_too_few_comments_too_many_imports_and_too_many_lines_are_missed(tmp_path: Path) -> None:
    names = "abcdefgh"
    imports = "".join(f"import bot.{name}\n" for name in names)
    modules(tmp_path, **dict.fromkeys(names, imports))
    modules(tmp_path, "pika", errors="x = 1\n" * 39_501)
    written: list[str] = []
    assert main(tmp_path, written.append) == 1
    missed = "".join(line for line in written if line.startswith("MISSED "))
    assert [line.split(":")[0] for line in missed.splitlines()] == [
        "MISSED non-blank lines of bot, cogs and pika",
        "MISSED mean imports per module of bot",
        "MISSED comment lines, % of the non-blank",
    ]


def test_the_limit_itself_is_allowed() -> None:
    assert not Figure("size", 2.0, 2).is_missed
    assert Figure("size", 2.1, 2).is_missed
    assert not Figure("size", 2.0, 2, at_least=True).is_missed
    assert Figure("size", 1.9, 2, at_least=True).is_missed
