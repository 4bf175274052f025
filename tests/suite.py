"""Hooks of pytest for the whole suite: which tests are slow, which start first, what was left out.

`tests/conftest.py` registers this module.
"""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# A browser, and the address of a playground that runs in a process of its own.
_SLOW_FIXTURES: Final = {"browser", "address"}
# Their tests run the whole bot: about half a second each, and more where it is killed.
_SLOW_FOLDERS: Final = {"crash", "e2e"}
# Of those, the files with the most sentences for the time they take.
QUICK_FILES: Final = {
    "tests/e2e/test_clips_block.py",
    "tests/e2e/test_clips_words.py",
    "tests/e2e/test_first_light.py",
    "tests/e2e/test_quota_offers.py",
    "tests/e2e/test_quota_rights.py",
    "tests/e2e/test_usage.py",
}
# Files of tests that take five seconds and more, begun with: one that starts when the others are at
# their end keeps everybody waiting. Those before a browser first: they share it and a playground.
LONG_FILES: Final = (
    "tests/playground/test_story_of_moderators.py",
    "tests/playground/test_story.py",
    "tests/playground/test_page_raid.py",
    "tests/crash/test_every_point.py",
    "tests/crash/test_reviewed_points.py",
    "tests/crash/test_soak.py",
    "tests/crash/test_week.py",
    "tests/e2e/test_full_disk.py",
    "tests/bot/jobs/test_bill_machine.py",
    "tests/bot/quota/test_press_machine.py",
    "tests/bot/media/test_picture_decoder.py",
    "tests/e2e/test_step_places.py",
    "tests/e2e/test_child_processes.py",
    "tests/playground/test_page_places.py",
    "tests/e2e/test_clip_buttons.py",
    "tests/e2e/test_direct_messages.py",
    "tests/bot/maintenance/test_commands.py",
    "tests/bot/base/test_upgrades.py",
    "tests/e2e/test_health.py",
)
# Each skip for want of contracts begins its reason with these words.
_UNSET: Final = "CONTRACTS_DIR is not set"
_CATEGORY: Final = "without contracts"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Read no file that `make quick` runs nothing of: to read them takes a tenth of its time."""
    root = config.rootpath
    if config.option.markexpr != "not slow" or not collection_path.is_relative_to(root):
        return None
    file = collection_path.relative_to(root).as_posix()
    return (file.endswith(".py") and _is_slow_file(file)) or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _is_slow(item):
            item.add_marker(pytest.mark.slow)
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """Long ones first, then what waits and starts processes, and what only computes last."""
    file = _file(item)
    if file in LONG_FILES:
        return LONG_FILES.index(file)
    return len(LONG_FILES) + (item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    # What was imported and collected stays to the end: else each full collection looks through it.
    gc.collect()
    gc.freeze()


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _is_slow_file(file: str) -> bool:
    return not _SLOW_FOLDERS.isdisjoint(file.split("/")) and file not in QUICK_FILES


def _is_slow(item: pytest.Item) -> bool:
    return _is_slow_file(_file(item)) or not _SLOW_FIXTURES.isdisjoint(
        getattr(item, "fixturenames", ())
    )


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
