"""The Makefile installs: which set when, and what it makes of a `.venv` that is not whole.

Python, pip and uv are stand-ins, so that nothing is fetched: what is tested is the Makefile and
its script, in a copy.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ("Makefile", "pyproject.toml", "uv.lock", "tools/install.sh")
DEBIAN = "python{}.{}-venv".format(*sys.version_info)

PYTHON = f"""#!/bin/sh
case "$*" in
*"import ensurepip"*) test ! -e no-ensurepip ;;
"-m venv .venv")
    echo venv >> calls
    mkdir -p .venv/bin && cp "$0" .venv/bin/python || exit 1
    # The user presses Ctrl-C here, before there is a pip.
    test ! -e interrupt-venv || exit 130
    touch .venv/pip ;;
"-m pip install"*)
    test -e .venv/pip || {{ echo "No module named pip" >&2; exit 1; }}
    cp fake-uv .venv/bin/uv ;;
"-m bot "*) echo "$2 $3" >> calls; test "$(cat wrong 2>/dev/null)" != "$3" ;;
"-OO -m bot "*) echo "$3 $4" >> calls ;;
"-OO -m "*) echo "$3" >> calls ;;
"-OO -c import bot"*) echo import >> calls ;;
"-m "*) echo "$2" >> calls ;;
*) exec {sys.executable} "$@" ;;
esac
"""
UV = """#!/bin/sh
case "$*" in
--version) echo uv 0; exit ;;
"sync --frozen --quiet --inexact --no-dev") echo sync run-time >> calls ;;
"sync --frozen --quiet --inexact --group dev") echo sync dev >> calls ;;
esac
exit "$(cat uv-status 2>/dev/null || echo 0)"
"""
GIT = """#!/bin/sh
echo git $* >> calls
"""


class Checkout:
    """A copy of what `make install` reads; files beside it tell the stand-ins how to behave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "tools").mkdir(parents=True)
        for name in NEEDED:
            shutil.copy(ROOT / name, folder / name)
        programs = {"fake-python": PYTHON, "fake-uv": UV, "git": GIT}
        for name, program in programs.items():
            (folder / name).write_text(program)
            (folder / name).chmod(0o755)

    def make(self, target: str, *variables: str) -> subprocess.CompletedProcess[str]:
        # A make that runs these tests hands its own options down by MAKEFLAGS.
        environment = {"PATH": f"{self.folder}:{os.environ['PATH']}"}
        return subprocess.run(
            ["make", target, f"PYTHON={self.folder / 'fake-python'}", *variables],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def made(self, target: str) -> list[str]:
        """What a run that succeeds has called, in order."""
        ran = self.make(target)
        assert ran.returncode == 0, ran.stderr
        return self.calls()

    def calls(self) -> list[str]:
        """What was called since this was last asked."""
        file = self.folder / "calls"
        calls = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return calls

    def says(self, name: str, text: str = "") -> None:
        (self.folder / name).write_text(text)

    def no_longer_says(self, name: str) -> None:
        (self.folder / name).unlink()

    def changed(self, name: str) -> None:
        """Make one file newer than all that stands here, as an edit or `git pull` does."""
        for path in self.folder.rglob("*"):
            os.utime(path, (0, 0))
        (self.folder / name).touch()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


def sentences(ran: subprocess.CompletedProcess[str]) -> list[str]:
    assert ran.returncode != 0
    return [line for line in ran.stderr.splitlines() if not line.startswith("make:")]


def test_an_owner_gets_the_run_time_set_once(checkout: Checkout) -> None:
    assert checkout.made("install") == ["venv", "sync run-time"]
    assert checkout.made("install") == []


@pytest.mark.parametrize(("target", "module"), [("demo", "playground"), ("bench", "bench")])
def test_what_runs_the_product_needs_no_tools(checkout: Checkout, target: str, module: str) -> None:
    assert checkout.made(target) == ["venv", "sync run-time", module]


@pytest.mark.parametrize(
    ("target", "module"),
    [("test", "pytest"), ("quick", "pytest"), ("screenshots", "tools.screenshots")],
)
def test_what_needs_tools_installs_them(checkout: Checkout, target: str, module: str) -> None:
    assert checkout.made(target) == ["venv", "sync run-time", "sync dev", module]
    assert checkout.made(target) == [module]


def test_tools_come_to_an_owners_set_and_stay(checkout: Checkout) -> None:
    checkout.made("install")
    assert checkout.made("install-dev") == ["sync dev"]
    assert checkout.made("install") == []
    assert checkout.made("install-dev") == []


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.lock"])
def test_a_change_of_the_packages_reaches_both_sets(checkout: Checkout, name: str) -> None:
    checkout.made("install-dev")
    checkout.changed(name)
    assert checkout.made("install") == ["sync run-time"]
    assert checkout.made("install-dev") == ["sync dev"]


def test_a_python_without_ensurepip_is_told_of_debians_package(checkout: Checkout) -> None:
    checkout.says("no-ensurepip")
    told = sentences(checkout.make("install"))
    assert len(told) == 1
    assert told[0].endswith(f"apt install {DEBIAN}")
    assert checkout.calls() == []
    checkout.no_longer_says("no-ensurepip")
    assert checkout.made("install") == ["venv", "sync run-time"]


def test_half_a_venv_of_a_python_without_ensurepip_is_replaced(checkout: Checkout) -> None:
    """As `python3 -m venv .venv` by hand leaves it on Debian."""
    left_behind = checkout.folder / ".venv" / "lib" / "left-behind"
    left_behind.mkdir(parents=True)
    (checkout.folder / ".venv" / "bin").mkdir()
    shutil.copy(checkout.folder / "fake-python", checkout.folder / ".venv" / "bin" / "python")
    assert checkout.made("install") == ["venv", "sync run-time"]
    assert not left_behind.exists()


def test_an_interrupted_venv_is_replaced_by_the_next_make(checkout: Checkout) -> None:
    checkout.says("interrupt-venv")
    assert checkout.make("install").returncode != 0
    assert (checkout.folder / ".venv" / "bin" / "python").exists()
    checkout.no_longer_says("interrupt-venv")
    checkout.calls()
    assert checkout.made("install") == ["venv", "sync run-time"]


def test_a_uv_that_came_only_in_part_is_replaced(checkout: Checkout) -> None:
    checkout.made("install")
    (checkout.folder / ".venv" / ".installed").unlink()
    (checkout.folder / ".venv" / "bin" / "uv").write_bytes(b"")
    assert checkout.made("install") == ["venv", "sync run-time"]


def test_packages_that_a_signal_cut_off_are_not_trusted(checkout: Checkout) -> None:
    checkout.says("uv-status", "130")
    assert checkout.make("install").returncode != 0
    checkout.no_longer_says("uv-status")
    checkout.calls()
    assert checkout.made("install") == ["venv", "sync run-time"]


def test_without_network_the_venv_that_works_stays(checkout: Checkout) -> None:
    checkout.made("install")
    checkout.changed("uv.lock")
    checkout.says("uv-status", "2")
    assert checkout.make("install").returncode != 0
    checkout.no_longer_says("uv-status")
    assert checkout.calls() == ["sync run-time"]
    assert checkout.made("install") == ["sync run-time"]


def test_a_venv_whose_python_has_left_the_system_is_replaced(checkout: Checkout) -> None:
    checkout.made("install-dev")
    python = checkout.folder / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/usr/bin/python3.gone")
    assert checkout.made("test") == ["venv", "sync run-time", "sync dev", "pytest"]


def test_too_old_a_python_is_told_so(checkout: Checkout) -> None:
    fake = checkout.folder / "fake-python"
    fake.write_text("#!/bin/sh\nexit 1\n")
    told = sentences(checkout.make("install"))
    assert len(told) == 1
    assert "Python 3.11 or newer" in told[0]
    assert not (checkout.folder / ".venv").exists()


def test_an_upgrade_is_backed_up_and_tried_before_the_restart(checkout: Checkout) -> None:
    checkout.made("install")
    ran = checkout.make("upgrade")
    assert ran.stdout.splitlines()[-1].startswith("Restart the bot now")
    assert checkout.calls() == [
        "bot backup",
        "git pull --ff-only",
        "compileall",
        "import",
        "bot try-upgrade",
        "bot --version",
    ]
    service = checkout.folder / "as-service"
    service.write_text('#!/bin/sh\necho service "$*" >> calls\n', "utf-8")
    service.chmod(0o755)
    checkout.make("upgrade", "BOT=./as-service")
    assert [it for it in checkout.calls() if it.startswith("service")] == [
        "service backup",
        "service try-upgrade",
    ]
    for wrong, called in (("backup", 1), ("try-upgrade", 5)):
        (checkout.folder / "wrong").write_text(wrong)
        ran = checkout.make("upgrade")
        assert ran.returncode != 0
        assert "Restart" not in ran.stdout
        assert len(checkout.calls()) == called
