"""Images built with `buildah`, from a base that `debootstrap` makes: no daemon, and no registry.

The base stands for `python:3.11-slim`: Debian with Python, without documentation. It is kept in
the user's cache between runs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

REPOSITORY: Final = Path(__file__).resolve().parents[2]
_CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "animate-bot"
_STORE: Final = ("buildah", "--root", str(_CACHE / "images"), "--storage-driver", "vfs")
_BASE: Final = "localhost/animate-bot-base"
_RELEASE: Final = "bookworm"
"""The Debian whose Python is 3.11."""
_PACKAGES: Final = "python3,python3-venv,ca-certificates"
_UNNEEDED: Final = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info")
# Where a proxy stands before the registry, the builder needs the certificates of this machine.
_CERTIFICATES: Final = "/etc/ssl/certs:/etc/ssl/certs:ro"
_NO_ANSWER: Final = ("connect", "dns", "network", "resolv", "timed out", "timeout", "unreachable")


@dataclass(frozen=True)
class Image:
    """A built image.

    Attributes:
        root: Its file system, mounted.
        config: What it says of how it is run, as Docker's own format has it.
        size: Bytes of all its files.
    """

    root: Path
    config: dict[str, Any]
    size: int

    def command(self, data: Path, tmp_megabytes: int, *arguments: str) -> list[str]:
        """The command line that runs a program of the image as `compose.yaml` has it run.

        Its file system is read-only but for `data` and a small `/tmp`; network and processes are
        those of this machine, so that the stand-ins can be reached.
        """
        user, root = self.config["User"], self.root
        script = (
            f"mount --bind {root} {root} && mount -o remount,bind,ro {root}"
            f" && mount --bind {data} {root}/data"
            f" && mount -t tmpfs -o size={tmp_megabytes}m,mode=1777 tmpfs {root}/tmp"
            f" && mount -t proc proc {root}/proc && mount --bind /dev {root}/dev"
            f" && mount -t tmpfs -o size=64m,mode=1777 tmpfs {root}/dev/shm"
            f" && exec chroot --userspec={user}:{user} {root}"
            ' /bin/sh -c \'cd "$0" && exec "$@"\' "$@"'
        )
        unshared = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
        return [*unshared, "sh", "-c", script, "sh", self.config["WorkingDir"], *arguments]


def skip_without_builder() -> None:
    """Skip the test, with the reason, where no image can be built or run."""
    lacking = [it for it in ("buildah", "debootstrap", "unshare") if not shutil.which(it)]
    if lacking or os.geteuid() != 0:
        pytest.skip(f"No image can be built here without {', '.join(lacking) or 'root'}.")


@contextmanager
def built_image() -> Generator[Image, None, None]:
    """The image of this checkout's `Dockerfile`."""
    _make_base()
    given = ("--build-arg", f"PYTHON_IMAGE={_BASE}", "--volume", _CERTIFICATES)
    image = "localhost/animate-bot-test"
    _buildah(
        "bud", "--pull-never", "--layers=false", "--format", "docker", *given, "-t", image, "."
    )
    container = _buildah("from", "--pull-never", image)
    try:
        root = Path(_buildah("mount", container))
        config = json.loads(_buildah("inspect", "--type", "image", image))["Docker"]["config"]
        yield Image(root, config, _size(root))
    finally:
        _buildah("rm", container)
        _buildah("rmi", image)


def _make_base() -> None:
    if _BASE in _buildah("images", "--format", "{{.Name}}").splitlines():
        return
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "base")
        _run("debootstrap", "--variant=minbase", f"--include={_PACKAGES}", _RELEASE, str(made))
        for unneeded in (*_UNNEEDED, "var/cache/apt", "var/lib/apt/lists"):
            shutil.rmtree(made / unneeded, ignore_errors=True)
        container = _buildah("from", "scratch")
        _buildah("copy", "--quiet", container, str(made), "/")
        _buildah("commit", "--quiet", "--rm", container, _BASE)


def _size(root: Path) -> int:
    """Bytes of all files, those with several names once."""
    found = {(it.st_dev, it.st_ino): it.st_size for it in map(Path.lstat, root.rglob("*"))}
    return sum(found.values())


def _buildah(*arguments: str) -> str:
    return _run(*_STORE, *arguments)


def _run(*command: str) -> str:
    environment = os.environ | {"BUILDAH_ISOLATION": "chroot"}
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        told = f"{done.stdout}\n{done.stderr}"
        if any(word in told.lower() for word in _NO_ANSWER):
            pytest.skip(f"No image could be built, as a registry did not answer: {told[-500:]}")
        raise AssertionError(f"{' '.join(command)}\n{told}")
    return done.stdout.strip()
