"""The gateway's compressed streams, read by the libraries that define the formats."""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import zlib
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import pytest

from playground.discord.gateway.compression import ZstdStream
from playground.discord.state.permissions import NO_PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.discord import DiscordStandIn

LIBZSTD: Final = ctypes.util.find_library("zstd")


class _Buffer(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p), ("size", ctypes.c_size_t), ("pos", ctypes.c_size_t))


class Zstd:
    """Reads a stream by the reference implementation, as bindings to it do."""

    def __init__(self) -> None:
        if LIBZSTD is None:
            pytest.skip("no libzstd here: install Debian's `libzstd1`")
        self._library = ctypes.CDLL(LIBZSTD)
        self._library.ZSTD_createDStream.restype = ctypes.c_void_p
        self._library.ZSTD_decompressStream.restype = ctypes.c_size_t
        self._library.ZSTD_decompressStream.argtypes = [
            ctypes.c_void_p, ctypes.POINTER(_Buffer), ctypes.POINTER(_Buffer)
        ]  # fmt: skip
        self._stream = self._library.ZSTD_createDStream()

    def decompress(self, data: bytes) -> bytes:
        room = ctypes.create_string_buffer(1 << 20)
        sent = ctypes.create_string_buffer(data, len(data))
        source = _Buffer(ctypes.addressof(sent), len(data), 0)
        target = _Buffer(ctypes.addressof(room), len(room), 0)
        left = len(data)
        while source.pos < source.size:
            result = self._library.ZSTD_decompressStream(
                self._stream, ctypes.byref(target), ctypes.byref(source)
            )
            assert not self._library.ZSTD_isError(ctypes.c_size_t(result))
            assert source.size - source.pos < left
            left = source.size - source.pos
        return room.raw[: target.pos]


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("zlib-stream", lambda: zlib.decompressobj().decompress),
        ("zstd-stream", lambda: Zstd().decompress),
    ],
)
async def test_each_message_is_a_whole_frame(
    stand_in: DiscordStandIn, name: str, reader: Callable[[], Callable[[bytes], bytes]]
) -> None:
    decompress = reader()

    async def frame(socket: aiohttp.ClientWebSocketResponse) -> Any:
        return json.loads(decompress((await socket.receive(timeout=5)).data))

    # A guild that does not fit into one block.
    for number in range(1000):
        stand_in.world.add_role(stand_in.world.guild, f"role {number}", NO_PERMISSIONS)
    url = f"{stand_in.gateway_url}?v=10&encoding=json&compress={name}"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        assert (await frame(socket))["op"] == 10
        await socket.send_json({"op": 2, "d": {"token": stand_in.token, "intents": 1}})
        assert (await frame(socket))["t"] == "READY"
        guild = await frame(socket)
        assert guild["t"] == "GUILD_CREATE"
        assert len(guild["d"]["roles"]) > 1000
        assert len(json.dumps(guild)) > 1 << 17


def test_frames_of_any_length_come_through() -> None:
    stream, reader = ZstdStream(), Zstd()
    for size in (0, 1, 1 << 17, (1 << 17) + 1, 300_000):
        assert reader.decompress(stream.compress(b"\x00" * size)) == b"\x00" * size


async def test_what_discord_lacks_is_refused(stand_in: DiscordStandIn) -> None:
    url = f"{stand_in.gateway_url}?v=10&encoding=json&compress=brotli"
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(url)
    assert refused.value.status == 400
