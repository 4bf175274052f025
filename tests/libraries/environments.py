"""Environments of their own for other people's libraries, kept in the user's cache between runs.

What is to be installed stands in `requirements/` and `node/`. A test whose environment cannot be
made because the registry does not answer is skipped and says so.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

HERE: Final = Path(__file__).parent
CACHE: Final = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "animate-bot" / "libraries"
)
# Without a registry, two waits of so many seconds are all that a run loses.
_WAIT_SECONDS: Final = 10
_INSTALL_SECONDS: Final = 240
_NO_ANSWER: Final = (
    "bad gateway",
    "connect",
    "dns",
    "eai_again",
    "econn",
    "enotfound",
    "etimedout",
    "network",
    "server error",
    "service unavailable",
    "timed out",
    "timeout",
)
_UV_SETTINGS: Final = {"UV_HTTP_TIMEOUT": str(_WAIT_SECONDS), "UV_HTTP_RETRIES": "0"}
_NPM_SETTINGS: Final = {
    "npm_config_audit": "false",
    "npm_config_fetch_retries": "0",
    "npm_config_fetch_timeout": str(_WAIT_SECONDS * 1000),
    "npm_config_fund": "false",
    "npm_config_prefer_offline": "true",
    "npm_config_update_notifier": "false",
}


def own_environment(**added: str) -> dict[str, str]:
    """The variables for a program of another environment: nothing of this one's Python."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return kept | added


@functools.cache
def python_with(name: str) -> str:
    """The Python of an environment with what `requirements/{name}.txt` names."""
    wanted = HERE / "requirements" / f"{name}.txt"
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        pytest.skip("no uv here: `make install-dev` brings it")

    def install(folder: Path) -> None:
        _run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], _UV_SETTINGS)
        python = str(folder / "bin" / "python")
        _run([uv, "pip", "install", "--quiet", "--python", python, "-r", str(wanted)], _UV_SETTINGS)

    return str(_made(name, [wanted], install) / "bin" / "python")


@functools.cache
def node_packages() -> Path:
    """A folder whose `node_modules` holds what `node/package.json` names."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm here: install Debian's `npm`")
    sources = [HERE / "node" / name for name in ("package.json", "package-lock.json")]

    def install(folder: Path) -> None:
        folder.mkdir()
        for source in sources:
            shutil.copy(source, folder)
        _run([npm, "ci", "--ignore-scripts", "--loglevel=error"], _NPM_SETTINGS, folder)

    return _made("node", sources, install)


def _made(name: str, sources: Sequence[Path], install: Callable[[Path], None]) -> Path:
    """The environment's folder, made first unless it is there whole."""
    digest = hashlib.sha256(sys.version.encode())
    for source in sources:
        digest.update(source.read_bytes())
    folder = CACHE / f"{name}-{digest.hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    whole = folder / ".whole"
    with FileLock(folder.with_suffix(".lock")):
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            install(folder)
            whole.touch()
    return folder


_unreachable: set[str] = set()
"""Clients whose registry did not answer in this process."""


def _run(command: list[str], settings: Mapping[str, str], folder: Path | None = None) -> None:
    client = Path(command[0]).name
    reason = f"{client} cannot reach its package registry: nothing was installed to try"
    if client in _unreachable:
        pytest.skip(reason)
    done = subprocess.run(
        command, cwd=folder, env=own_environment(**settings), capture_output=True, text=True,
        timeout=_INSTALL_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode == 0:
        return
    said = f"{done.stdout}\n{done.stderr}"
    if any(word in said.lower() for word in _NO_ANSWER):
        _unreachable.add(client)
        pytest.skip(reason)
    pytest.fail(f"{' '.join(command)} ended with {done.returncode}:\n{said}")
