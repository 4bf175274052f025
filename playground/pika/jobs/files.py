"""What the stand-in stores: uploaded files and finished videos, in a temporary directory."""

import asyncio
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

MAX_UPLOAD_BYTES: Final = 20_000_000
"""The documentation says 20 MB; taken as the smaller of its two readings."""

MAX_VIDEO_BYTES: Final = 100_000_000
"""No document says how large a video may be; this is a guess."""

PICTURES: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
"""The content types of pictures, and the ending of their names."""

VIDEOS: Final = {"video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm"}
"""The content types of videos, and the ending of their names."""

EXTENSIONS: Final = PICTURES | VIDEOS
"""The content types that an upload may have, and the ending of its name."""


def max_bytes(content_type: str) -> int:
    """The largest upload of this content type."""
    return MAX_VIDEO_BYTES if content_type in VIDEOS else MAX_UPLOAD_BYTES


@dataclass(slots=True)
class Upload:
    """A place for one file, `path` None until its bytes have arrived.

    `size_bytes` is what was announced, or 0 until the bytes have arrived; a `signed` one must
    be put with its signature as a header.
    """

    name: str
    content_type: str
    size_bytes: int = 0
    signed: bool = False
    signature: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    path: Path | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers that the PUT must carry exactly."""
        told = {"Content-Type": self.content_type}
        return told | {"X-Upload-Signature": self.signature} if self.signed else told

    @property
    def is_video(self) -> bool:
        """Whether it was announced as a video."""
        return self.content_type in VIDEOS


class Files:
    """Uploads by name, and paths for videos, under one directory that its owner removes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._uploads: dict[str, Upload] = {}

    def reserve(self, content_type: str, size_bytes: int = 0, *, signed: bool = False) -> Upload:
        """A new upload of an allowed content type."""
        name = f"{secrets.token_hex(12)}.{EXTENSIONS[content_type]}"
        upload = self._uploads[name] = Upload(name, content_type, size_bytes, signed)
        return upload

    def upload(self, name: str) -> Upload | None:
        """The upload of that name, whether its bytes have arrived or not."""
        return self._uploads.get(name)

    async def store(self, upload: Upload, data: bytes) -> Path:
        """Keep the bytes of an upload, and tell where; a second time replaces them."""
        path = self._directory / upload.name
        await asyncio.to_thread(path.write_bytes, data)
        upload.path, upload.size_bytes = path, len(data)
        return path

    async def forget(self, upload: Upload) -> None:
        """Remove an upload and its bytes."""
        del self._uploads[upload.name]
        if upload.path is not None:
            await asyncio.to_thread(upload.path.unlink)

    def picture_path(self) -> Path:
        """An unused path for a picture that no client uploaded."""
        return self._directory / f"{secrets.token_hex(16)}.picture"

    def video_path(self) -> Path:
        """An unused path for a video; its name cannot be guessed."""
        return self._directory / f"{secrets.token_hex(16)}.mp4"
