"""What the suite leaves out, and what it says of that, on a made-up folder of tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.suite import LONG_FILES, QUICK_FILES

ROOT = Path(__file__).parents[2]
PARALLEL = ["-n", "2"]
TESTS = {
    "cogs/test_words.py": """
        import os
        import pytest

        def test_plain():
            pass

        @pytest.mark.slow
        def test_marked():
            pass

        @pytest.mark.parametrize("number", range(3))
        def test_held_against_a_contract(number):
            if "CONTRACTS_DIR" not in os.environ:
                pytest.skip("CONTRACTS_DIR is not set, so there is no document")

        def test_skipped_for_another_reason():
            pytest.skip("no Chromium here")
        """,
    "cogs/test_page.py": """
        import pytest

        @pytest.fixture
        def browser():
            return None

        @pytest.fixture
        def page(browser):
            return browser

        def test_of_a_page(page):
            pass
        """,
    "tests/crash/test_soak.py": "def test_long(): pass",
    "tests/e2e/test_whole.py": "def test_whole(): pass",
    "tests/e2e/test_usage.py": "def test_chosen(): pass",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in TESTS.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return tmp_path


def run(folder: Path, *arguments: str, **environment: str) -> str:
    """What pytest says, with the repository's settings and hooks."""
    inherited = {name: value for name, value in os.environ.items() if name != "CONTRACTS_DIR"}
    options = [
        "-c",
        str(ROOT / "pyproject.toml"),
        "--rootdir",
        str(folder),
        "-p",
        "no:cacheprovider",
    ]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-p", "tests.suite", *arguments, str(folder)],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_quick_leaves_out_what_is_slow_by_mark_fixture_or_folder(folder: Path) -> None:
    out = run(folder, "-m", "not slow", "--collect-only", "-q")
    names = {line.rsplit("::", 1)[1].split("[")[0] for line in out.splitlines() if "::" in line}
    assert names == {
        "test_chosen",
        "test_held_against_a_contract",
        "test_plain",
        "test_skipped_for_another_reason",
    }


def test_long_ones_start_first_and_quick_ones_last(folder: Path) -> None:
    out = run(folder, "--collect-only", "-q")
    names = [line.rsplit("::", 1)[1].split("[")[0] for line in out.splitlines() if "::" in line]
    assert names[0] == "test_long"
    slow = names.index("test_whole"), names.index("test_of_a_page"), names.index("test_marked")
    quick = names.index("test_plain"), names.index("test_chosen")
    assert max(slow) < min(quick)


@pytest.mark.parametrize("workers", [[], PARALLEL], ids=["alone", "parallel"])
def test_without_contracts_one_line_says_what_was_not_checked(
    folder: Path, workers: list[str]
) -> None:
    out = run(folder, *workers)
    told = [line for line in out.splitlines() if "CONTRACTS_DIR" in line]
    assert len(told) == 1
    assert told[0].endswith("tests skipped for that: 3.")
    assert "no Chromium here" in out
    assert "6 passed, 1 skipped, 3 without contracts" in out


def test_with_contracts_nothing_is_said_of_them(folder: Path) -> None:
    out = run(folder, CONTRACTS_DIR=str(folder))
    assert "CONTRACTS_DIR" not in out
    assert "9 passed, 1 skipped in" in out


@pytest.mark.parametrize("name", sorted({*QUICK_FILES, *LONG_FILES}))
def test_files_that_are_named_are_there(name: str) -> None:
    assert (ROOT / name).is_file()
