"""The shape of the house, held by tests: who may import whom."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_imports_follow_the_arrows() -> None:
    """The arrows are in pyproject.toml, under `tool.importlinter`."""
    linter = Path(sys.executable).with_name("lint-imports")
    found = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout
    assert " 0 broken" in found.stdout


def test_the_files_of_the_everyday_tasks_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    tasks = text.partition("## Twenty everyday tasks")[2].splitlines()
    rows = [line.split("|")[2] for line in tasks if line.startswith("| ")][1:]
    assert len(rows) == 20
    for row in rows:
        named = re.findall(r"`([^`]+)`", row)
        assert named, row
        for path in named:
            assert (ROOT / path).exists(), path


def test_the_files_that_the_documents_name_exist() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/*.md")]
    assert len(documents) > 20
    for document in documents:
        for path in re.findall(
            r"`((?:bot|cogs|pika|playground|tests|tools|bench)/[\w./]+)`", document.read_text()
        ):
            if "…" not in path:
                assert (ROOT / path).exists(), f"{document.name}: {path}"
