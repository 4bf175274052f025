"""Hooks of pytest for the whole suite: what is said where contracts lack.

`tests/conftest.py` registers this module.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pytest

# Each skip for want of contracts begins its reason with these words.
_UNSET: Final = "CONTRACTS_DIR is not set"
_CATEGORY: Final = "without contracts"


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
