"""What the stand-in stores: uploaded pictures and finished videos, in a temporary directory."""

import asyncio
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

MAX_UPLOAD_BYTES: Final = 20_000_000
"""The documentation says 20 MB; taken as the smaller of its two readings."""

EXTENSIONS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
"""The content types that an upload may have, and the ending of its name."""


@dataclass(slots=True)
class Upload:
    """A place for one picture, `path` None until its bytes have arrived."""

    name: str
    content_type: str
    size_bytes: int
    signature: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    path: Path | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers that the PUT must carry exactly."""
        return {"Content-Type": self.content_type, "X-Upload-Signature": self.signature}


class Files:
    """Uploads by name, and paths for videos, under one directory that its owner removes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._uploads: dict[str, Upload] = {}

    def reserve(self, content_type: str, size_bytes: int) -> Upload:
        """A new upload of an allowed content type."""
        name = f"{secrets.token_hex(12)}.{EXTENSIONS[content_type]}"
        upload = self._uploads[name] = Upload(name, content_type, size_bytes)
        return upload

    def upload(self, name: str) -> Upload | None:
        """The upload of that name, whether its bytes have arrived or not."""
        return self._uploads.get(name)

    async def store(self, upload: Upload, data: bytes) -> None:
        """Keep the bytes of an upload; a second time replaces them."""
        path = self._directory / upload.name
        await asyncio.to_thread(path.write_bytes, data)
        upload.path = path

    async def forget(self, upload: Upload) -> None:
        """Remove an upload and its bytes."""
        del self._uploads[upload.name]
        if upload.path is not None:
            await asyncio.to_thread(upload.path.unlink)

    def video_path(self) -> Path:
        """An unused path for a video; its name cannot be guessed."""
        return self._directory / f"{secrets.token_hex(16)}.mp4"
