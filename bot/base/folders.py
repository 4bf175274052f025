"""Folders: trying one out before something is paid whose result is kept there; rights; emptying."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

ROOM_BYTES: Final = 64 * 1_048_576
"""Room for a video of the usual size, for a smaller copy of it, and for the database's journal."""
LEAST_FREE_BYTES: Final = 1_073_741_824
"""With less than this on the disk, its owner is told to make room."""
_PROBE_BYTES: Final = 65_536


def check_writable(folder: Path) -> None:
    """Write to the folder, and check that it has room for a video.

    Raises:
        OSError: It cannot be written to, or has less than `ROOM_BYTES` left.
    """
    # A quota, or a disk that turned read-only, shows only in writing; the file has no name there.
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(bytes(_PROBE_BYTES))
        probe.flush()
        os.fsync(probe.fileno())
    if shutil.disk_usage(folder).free < ROOM_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def hold_lock(path: Path) -> Generator[None, None, None]:
    """Hold a file against other processes. The system lets go of it if this one dies.

    Raises:
        BlockingIOError: Another process holds it.
        OSError: It cannot be opened or locked.
    """
    with path.open("a") as file:
        if sys.platform == "win32":
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            except PermissionError as error:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from error
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def make_private(folder: Path, is_own: Callable[[str], bool]) -> None:
    """Take all rights of others from a folder, and from those of its files whose names are its own.

    Raises:
        OSError: The rights of one cannot be changed.
    """
    _take_rights(folder, folder.stat().st_mode)
    with os.scandir(folder) as entries:
        for entry in entries:
            if is_own(entry.name) and entry.is_file(follow_symlinks=False):
                _take_rights(entry, entry.stat(follow_symlinks=False).st_mode)


def _take_rights(path: os.PathLike[str], mode: int) -> None:
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        os.chmod(path, stat.S_IMODE(mode) & stat.S_IRWXU)  # noqa: PTH101 - entries are no paths


def free_bytes(folder: Path) -> int:
    """The room that is left on the disk of a folder, or of where it will be.

    Raises:
        OSError: It cannot be read.
    """
    there = next(it for it in (folder, *folder.absolute().parents) if it.exists())
    return shutil.disk_usage(there).free


def delete_files(folder: Path, is_unwanted: Callable[[str], bool]) -> None:
    """Delete the files of a folder whose names are unwanted.

    Raises:
        OSError: The folder cannot be read, or a file cannot be deleted.
    """
    for file in folder.iterdir():
        if is_unwanted(file.name):
            file.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
