"""The transport compressions of the gateway: a stream each connection, flushed at each frame."""

import zlib
from collections.abc import Callable, Mapping
from typing import Final, Protocol


class Compression(Protocol):
    """One connection's stream of compressed bytes."""

    def compress(self, frame: bytes) -> bytes:
        """The next bytes of the stream, from which all of the frame can be read."""
        ...


class ZlibStream:
    """RFC 1950; each frame ends in the four bytes of a sync flush."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj()

    def compress(self, frame: bytes) -> bytes:
        """See `Compression`."""
        return self._deflate.compress(frame) + self._deflate.flush(zlib.Z_SYNC_FLUSH)


_ZSTD_HEADER: Final = bytes.fromhex("28b52ffd0038")
"""Magic number; neither checksum, dictionary nor size; a window of 2^17 bytes (RFC 8878, 3.1.1)."""

_ZSTD_BLOCK_BYTES: Final = 1 << 17
"""The largest block: no larger than the window, and than 128 KiB."""


class ZstdStream:
    """RFC 8878: one frame of Zstandard without end, whose blocks are raw.

    Python writes Zstandard from 3.14 on only. Blocks that are not compressed need no library and
    are read like any others.
    """

    def __init__(self) -> None:
        self._header = _ZSTD_HEADER

    def compress(self, frame: bytes) -> bytes:
        """See `Compression`."""
        starts = range(0, len(frame), _ZSTD_BLOCK_BYTES)
        blocks = [_raw_block(frame[start : start + _ZSTD_BLOCK_BYTES]) for start in starts]
        header, self._header = self._header, b""
        return header + b"".join(blocks)


def _raw_block(data: bytes) -> bytes:
    # The size stands above one bit for the last block and two for the type, which are all zero.
    return (len(data) << 3).to_bytes(3, "little") + data


COMPRESSIONS: Final[Mapping[str, Callable[[], Compression]]] = {
    "zlib-stream": ZlibStream,
    "zstd-stream": ZstdStream,
}
"""By what bots ask for in the address of the gateway."""
