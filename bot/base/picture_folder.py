"""The folder of members' pictures, in files that are named by their content.

A file never changes, so that it does no harm if two write the same one, or one writes it again.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.base.folders import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

PICTURE_FOLDER: Final = "pictures"
"""The name of the folder, beside the database in the data folder."""
_FILE: Final = re.compile(r"([0-9a-f]{64}\.jpg)(\..+)?")
"""A picture, or one that is or was being written."""


def picture_name(data: bytes) -> str:
    """The name of the file of a picture, a JPEG."""
    return f"{hashlib.sha256(data).hexdigest()}.jpg"


def picture_of(file_name: str) -> str | None:
    """The name of the picture that a file is, or was to become; `None` for a file of others."""
    found = _FILE.fullmatch(file_name)
    return found[1] if found else None


def write_picture(folder: Path, data: bytes) -> str:
    """Write a picture, unless its file is there, so that it outlives a power cut; return its name.

    The folder is made if missing. Both are for the bot's user alone.

    Raises:
        OSError: Nothing of it is left.
    """
    name = picture_name(data)
    (error,) = write_pictures(folder, [(name, data)])
    if error is not None:
        raise error
    return name


def write_pictures(folder: Path, pictures: Iterable[tuple[str, bytes]]) -> list[OSError | None]:
    """Write pictures under their names as `write_picture` does; return what became of each.

    The folder is brought to the disk once for all of them.
    """
    found: list[OSError | None] = []
    for name, data in pictures:
        try:
            _write_missing(folder, name, data)
        except OSError as error:
            found.append(error)
        else:
            found.append(None)
    try:
        sync_folder(folder)
    except OSError as error:
        return [it or error for it in found]
    return found


def _write_missing(folder: Path, name: str, data: bytes) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)
    # Also one that was there is brought to the disk: whoever wrote it may not have come to that.
    if not _holds(folder / name, data):
        _write(folder / name, data)


def delete_pictures(folder: Path, names: Iterable[str]) -> None:
    """Delete files of the folder, some of which may be gone already.

    Raises:
        OSError: One cannot be deleted.
    """
    for name in names:
        (folder / name).unlink(missing_ok=True)


def _holds(path: Path, data: bytes) -> bool:
    # Compared, and not only found: a disk that once lost its content would lose each picture of it.
    return path.is_file() and path.read_bytes() == data


def _write(path: Path, data: bytes) -> None:
    # With mode 0600, and a name that nobody else writes under.
    handle, written = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(written).replace(path)
    except BaseException:
        Path(written).unlink(missing_ok=True)
        raise
