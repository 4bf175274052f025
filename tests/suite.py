"""Hooks of pytest for the whole suite: which tests are slow, and what is said where contracts lack.

`tests/conftest.py` registers this module.
"""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

# A browser, and the address of a playground that runs in a process of its own.
_SLOW_FIXTURES: Final = {"browser", "address"}
# Their tests run the whole bot: about half a second each, and more where it is killed.
_SLOW_FOLDERS: Final = {"crash", "e2e"}
# Of those, the files with the most sentences for the time they take.
QUICK_FILES: Final = {
    "tests/e2e/test_clips_block.py",
    "tests/e2e/test_clips_channels.py",
    "tests/e2e/test_clips_settings.py",
    "tests/e2e/test_clips_words.py",
    "tests/e2e/test_first_light.py",
    "tests/e2e/test_quota_offers.py",
    "tests/e2e/test_quota_rights.py",
    "tests/e2e/test_usage.py",
}
# Each skip for want of contracts begins its reason with these words.
_UNSET: Final = "CONTRACTS_DIR is not set"
_CATEGORY: Final = "without contracts"


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    for item in items:
        if _is_slow(item):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    # What was imported and collected stays to the end: else each full collection looks through it.
    gc.collect()
    gc.freeze()


def _is_slow(item: pytest.Item) -> bool:
    file = item.nodeid.partition("::")[0]
    in_slow_folder = not _SLOW_FOLDERS.isdisjoint(file.split("/")) and file not in QUICK_FILES
    return in_slow_folder or not _SLOW_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Give skips for want of contracts a category of their own, which `-ra` does not list."""
    if report.skipped and isinstance(report.longrepr, tuple) and _UNSET in report.longrepr[2]:
        return _CATEGORY, "s", "SKIPPED"
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if "CONTRACTS_DIR" in os.environ:
        return
    skipped = len(terminalreporter.getreports(_CATEGORY))
    terminalreporter.write_line(
        f"{_UNSET}: nothing was held against the published contracts of Discord and Pika;"
        f" tests skipped for that: {skipped}."
    )
