"""The unit for systemd, read by systemd itself where there is one."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from bot.command_line import EXIT_SETTING
from tests.image.images import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

UNIT: Final = REPOSITORY / "deploy" / "animate-bot.service"


def service() -> configparser.SectionProxy:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign] # its names have capitals
    unit.read_string(UNIT.read_text("utf-8"))
    return unit["Service"]


def test_what_no_restart_mends_is_not_restarted() -> None:
    assert service()["RestartPreventExitStatus"] == str(EXIT_SETTING)


def test_systemd_finds_nothing_wrong_and_little_that_could_be_closed(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("There is no systemd here to read the unit.")
    unit = tmp_path / UNIT.name
    # The program that it names is installed by its owner.
    unit.write_text(
        UNIT.read_text("utf-8").replace("/opt/animate-bot/.venv/bin/python", "/bin/true")
    )
    for check in ("verify",), ("security", "--offline=true", "--threshold=20"):
        done = subprocess.run(
            ["systemd-analyze", *check, unit], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout
        assert "Unknown" not in done.stderr, done.stderr
