"""The file that the video becomes: it overwrites nothing unasked, and no paid video is lost."""

from __future__ import annotations

import itertools
import os
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from pika.cli.problems import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A place for one video.

    Attributes:
        force: Replace a file that is there already.
    """

    path: Path
    force: bool = False

    def require_writable(self) -> None:
        """See that the file can be written, while nothing is paid yet.

        Raises:
            UsageError: A file is there already, or its folder cannot be written to.
        """
        folder = self.path.parent
        try:
            if self.path.is_dir():
                raise UsageError(f"{self.path} is a folder: name a file with -o.")
            if os.path.lexists(self.path) and not self.force:
                raise UsageError(f"{self.path} is there already: use --force, or -o OTHER.mp4.")
            # The one sure way to know: permissions, a full disk and read-only mounts all count.
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise UsageError(f"{self.path} cannot be written: {error.strerror}.") from error

    def draft(self) -> Path:
        """Name a hidden file in the same folder, which no other run uses, for the download."""
        return self.path.with_name(f".pika-{uuid4().hex}.mp4")

    def settle(self, draft: Path) -> Path:
        """Rename the finished draft to `path`, or to a numbered name if that was taken meanwhile.

        Raises:
            OSError: It could not be renamed; the draft stays.
        """
        if self.force:
            return draft.replace(self.path)
        for name in self._names():
            try:
                # A link fails where the name is taken; a rename would replace that file.
                name.hardlink_to(draft)
            except FileExistsError:
                continue
            except OSError:
                # This file system has no hard links, so look first; two runs may still collide.
                if os.path.lexists(name):
                    continue
                return draft.replace(name)
            draft.unlink()
            return name
        raise AssertionError

    def _names(self) -> Iterator[Path]:
        yield self.path
        for number in itertools.count(2):
            yield self.path.with_stem(f"{self.path.stem}-{number}")
