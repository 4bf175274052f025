"""Where the video goes. What was paid for never overwrites anything unasked, and is never lost."""

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
class Target:
    """The file to write.

    Attributes:
        force: Overwrite what is there.
    """

    path: Path
    force: bool = False

    def check(self) -> None:
        """Refuse what could not be written, while nothing is paid yet.

        Raises:
            UsageError: It is there already, or its folder cannot be written to.
        """
        folder = self.path.parent
        try:
            if self.path.is_dir():
                raise UsageError(f"{self.path} is a folder: name a file with -o.")
            if os.path.lexists(self.path) and not self.force:
                raise UsageError(f"{self.path} is there already: use --force, or -o OTHER.mp4.")
            self.path.exists()
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise UsageError(f"{self.path} cannot be written: {error.strerror}.") from error

    def draft(self) -> Path:
        """Return a name beside it that no other run uses, to download to."""
        return self.path.with_name(f".pika-{uuid4().hex}.mp4")

    def settle(self, draft: Path) -> Path:
        """Give the finished draft its name, or a numbered one if that was taken meanwhile."""
        if self.force:
            return draft.replace(self.path)
        for name in self._names():
            try:
                name.hardlink_to(draft)
            except FileExistsError:
                continue
            except OSError:
                # A file system without hard links: the least that it can do.
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
