"""The connections to the gateway: one for each shard that Discord recommends.

discord.py's own loops close the whole client, REST with it, where a connection cannot be resumed or
a frame cannot be read. These end for a refused token alone: clips are delivered whatever else the
gateway does.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import discord
from discord.backoff import ExponentialBackoff
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.base.event_counts import EventKind
from cogs.delivery.request_guard import AddressBannedError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.base.event_counts import EventCounts

log = logging.getLogger(__name__)
# What it says of each session, `_record_connection` says too.
logging.getLogger(DiscordWebSocket.__module__).setLevel(logging.WARNING)

IDENTIFY_SECONDS: Final = 5.0
"""In this time as many sessions may begin as Discord's `max_concurrency` says."""

_TOKEN_REFUSED: Final = 4004
# "Invalid shard" and "sharding required": Discord is asked anew how many there are to be.
_WRONG_SHARDS: Final = frozenset({4010, 4011})
_OPEN_SECONDS: Final = 60.0
_LONGEST_PAUSE_SECONDS: Final = 60.0
_ENDS_SESSION, _KEEPS_SESSION = 1000, 4000


class Gateway:
    """Keeps the connections of a client that is logged in, until it is cancelled."""

    def __init__(self, client: discord.AutoShardedClient, counts: EventCounts) -> None:
        self._client = client
        self._counts = counts
        # Over which discord.py asks for members.
        self._sockets: dict[int, DiscordWebSocket] = {}
        client._connection._get_websocket = self._socket  # noqa: SLF001 - as it does
        self._concurrency = 1
        self._turns: defaultdict[int, _Turn] = defaultdict(_Turn)

    async def run(self) -> None:
        """Connect, and connect again whenever a connection is lost.

        Raises:
            discord.ConnectionClosed: The token was refused.
        """
        backoff = ExponentialBackoff()
        while True:
            try:
                async with asyncio.TaskGroup() as shards:
                    for shard_id in range(await self._count_shards()):
                        shards.create_task(self._keep(shard_id), name=f"shard {shard_id}")
            except Exception as error:  # noqa: BLE001 - no answer of Discord's may end the bot
                lost = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
                if isinstance(lost, discord.ConnectionClosed) and lost.code == _TOKEN_REFUSED:
                    raise lost from None
                await _pause(backoff, "the gateway", lost)

    async def _count_shards(self) -> int:
        """Ask Discord how many there are to be, and wait while it lets no sessions begin."""
        count, _, limit = await self._client.http.get_bot_gateway()
        if limit["remaining"] < count:
            seconds = limit["reset_after"] / 1000
            log.error("Discord lets no further session begin for %.0f seconds.", seconds)
            await asyncio.sleep(seconds)
        self._concurrency = limit["max_concurrency"]
        state = self._client._connection  # noqa: SLF001 - as discord.py's `launch_shards` does
        self._client.shard_count = state.shard_count = count
        state.shard_ids = range(count)
        return count

    async def _keep(self, shard_id: int) -> None:
        """Stay connected as one shard.

        Raises:
            discord.ConnectionClosed: With this token, or as one of so many shards, it may not.
        """
        backoff = ExponentialBackoff()
        session: dict[str, Any] = {}
        while True:
            try:
                await self._read(shard_id, session)
            except Exception as lost:
                code = lost.code if isinstance(lost, discord.ConnectionClosed) else None
                if code == _TOKEN_REFUSED or code in _WRONG_SHARDS:
                    raise
                # The gateway that is named for resuming may be the one that is gone.
                session.pop("gateway", None)
                await _pause(backoff, f"shard {shard_id} of the gateway", lost)

    async def _read(self, shard_id: int, session: dict[str, Any]) -> None:
        """Read one connection until it is lost; return if the session can be resumed at once.

        Args:
            shard_id: The shard's.
            session: Arguments of discord.py's that resume a session; empty to begin one. What
                can be resumed next is written into it.

        Raises:
            Exception: Another connection should wait: nothing came over this one, or it was odd.
        """
        heard = session.get("sequence")
        socket = self._sockets[shard_id] = await self._open(shard_id, session)
        self._record_connection(shard_id, "resumed" if session else "begun")
        session.clear()
        try:
            while True:
                await socket.poll_event()
        except ReconnectWebSocket as lost:
            if not lost.resume or socket.sequence in {None, heard}:
                raise
            session.update(resume=True, session=socket.session_id)
            session.update(sequence=socket.sequence, gateway=socket.gateway)
        finally:
            await socket.close(_KEEPS_SESSION if session else _ENDS_SESSION)

    def acknowledged(self) -> list[float | None]:
        """When each shard's last heartbeat was acknowledged, in seconds by `time.perf_counter`.

        `None` of a shard that is not connected. Empty before Discord said how many there are.
        """
        shard_ids = self._client._connection.shard_ids  # noqa: SLF001 - as `_count_shards`
        return [_acknowledged(self._sockets.get(it)) for it in shard_ids]

    def _record_connection(self, shard_id: int, session: str) -> None:
        self._counts.add(EventKind.GATEWAY_CONNECTION, session)
        log.info(
            "shard %d of the gateway is connected; its session is %s.",
            *(shard_id, session),
            extra={"event": "gateway_connected", "shard": shard_id, "session": session},
        )

    def _socket(
        self, guild_id: int | None = None, *, shard_id: int | None = None
    ) -> DiscordWebSocket:
        """The connection that tells of a guild; discord.py asks for it.

        Raises:
            discord.ClientException: There was none yet.
        """
        if shard_id is None:
            shard_id = ((guild_id or 0) >> 22) % (self._client.shard_count or 1)
        if (socket := self._sockets.get(shard_id)) is None:
            raise discord.ClientException(f"shard {shard_id} is not connected yet")
        return socket

    async def _open(self, shard_id: int, session: dict[str, Any]) -> DiscordWebSocket:
        if session:
            return await self._connect(shard_id, session)
        async with self._turns[shard_id % self._concurrency].take():
            return await self._connect(shard_id, session)

    async def _connect(self, shard_id: int, session: dict[str, Any]) -> DiscordWebSocket:
        async with asyncio.timeout(_OPEN_SECONDS):
            return await DiscordWebSocket.from_client(self._client, shard_id=shard_id, **session)


def _acknowledged(socket: DiscordWebSocket | None) -> float | None:
    # discord.py tells the latency of the last heartbeat, and not its age.
    beating = socket and socket._keep_alive  # noqa: SLF001 - as said above
    return beating._last_ack if beating else None  # noqa: SLF001 - as above


class _Turn:
    """Lets sessions begin one after the other, as far apart as Discord demands."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._free_at = 0.0

    @asynccontextmanager
    async def take(self) -> AsyncGenerator[None, None]:
        """Begin a session inside."""
        time = asyncio.get_running_loop().time
        async with self._lock:
            await asyncio.sleep(self._free_at - time())
            try:
                yield
            finally:
                self._free_at = time() + IDENTIFY_SECONDS


async def _pause(backoff: ExponentialBackoff[Any], what: str, lost: Exception) -> None:
    why, asked = _told(lost)
    seconds = max(min(backoff.delay(), _LONGEST_PAUSE_SECONDS), asked)
    log.warning("%s was lost (%s); the next try to reconnect is in %.1f s.", what, why, seconds)
    await asyncio.sleep(seconds)


def _told(lost: Exception) -> tuple[str, float]:
    """Name what ended a connection, and the seconds for which the network asks not to come back."""
    if isinstance(lost, aiohttp.WSServerHandshakeError):
        # Its own words have all of the request in them.
        seconds = "" if lost.headers is None else lost.headers.get("Retry-After", "")
        return f"HTTP {lost.status}", float(seconds) if seconds.isdecimal() else 0.0
    if isinstance(lost, AddressBannedError):
        return repr(lost), lost.retry_after
    return repr(lost), 0.0
