"""The picture to animate: a file, whose type its content tells, or an address."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from pika.cli.problems import UsageError
from pika.inputs import MAX_PICTURE_BYTES, Picture

if TYPE_CHECKING:
    from pika.inputs import PictureSource, PictureType
    from pika.provider import Capabilities

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_UNSAFE: Final = re.compile(r"[^\w.() -]+")
_LONGEST_STEM: Final = 60


def read_picture(text: str, provider: str, wire: Capabilities) -> PictureSource:
    """Read the picture at a path, or take its address, as this wire needs it.

    Raises:
        UsageError: There is no picture, or this wire takes only the other of the two.
    """
    if _ADDRESS.match(text):
        if not text.lower().startswith(("http://", "https://")):
            raise UsageError("The address of a picture must start with https://.")
        if wire.needs_bytes:
            raise UsageError(f"{provider} takes files only: download the picture and give it that.")
        return text
    if wire.needs_url:
        raise UsageError(f"{provider} takes only pictures at a public https address, not files.")
    return _read_file(Path(text))


def stem_of(text: str) -> str:
    """Name the video after its picture, without suffix."""
    if not _ADDRESS.match(text):
        return Path(text).stem
    return safe_stem(PurePosixPath(unquote(_path_of(text))).stem)


def safe_stem(text: str) -> str:
    """Make a file name of text from outside, which may hold slashes, dots or nothing."""
    return _UNSAFE.sub("_", text).strip(". ")[:_LONGEST_STEM] or "clip"


def _path_of(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError as error:
        raise UsageError("That is no address.") from error


def _read_file(path: Path) -> Picture:
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder, not a picture.")
        # Reading a pipe would wait for its writer.
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is not a file.")
        # Before it is read: a wrong name may be a video of many gigabytes.
        size = path.stat().st_size
        if size > MAX_PICTURE_BYTES:
            raise UsageError(
                f"{path} has {size / 1e6:.1f} MB, and {MAX_PICTURE_BYTES / 1e6:.0f} MB is the most."
            )
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    media_type = _media_type_of(data)
    if media_type is None:
        raise UsageError(f"{path} is no JPEG, PNG or WebP by its content: convert it first.")
    return Picture(data=data, media_type=media_type)


def _media_type_of(data: bytes) -> PictureType | None:
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None
