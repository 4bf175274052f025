"""Gateway sessions: what a bot asked for, what it was sent, and what it may resume."""

import asyncio
import json
import secrets
from collections import deque
from dataclasses import dataclass, field
from enum import IntFlag
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from aiohttp import web

    from playground.discord.gateway.compression import Compression

REPLAYED_EVENTS: Final = 1000
"""Events that a session keeps for a bot that comes back."""

_DISPATCH: Final = 0


class Intent(IntFlag):
    """The intents that decide about events which the stand-in sends."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    MESSAGE_CONTENT = 1 << 15
    AUTO_MODERATION_CONFIGURATION = 1 << 20


PRIVILEGED: Final = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT
"""Intents that an application must have been granted."""

EVENT_INTENTS: Final = {
    "MESSAGE_CREATE": Intent.GUILD_MESSAGES,
    "MESSAGE_UPDATE": Intent.GUILD_MESSAGES,
    "MESSAGE_DELETE": Intent.GUILD_MESSAGES,
    "GUILD_CREATE": Intent.GUILDS,
    "CHANNEL_CREATE": Intent.GUILDS,
    "CHANNEL_UPDATE": Intent.GUILDS,
    "CHANNEL_DELETE": Intent.GUILDS,
    "THREAD_CREATE": Intent.GUILDS,
    "THREAD_DELETE": Intent.GUILDS,
    "GUILD_ROLE_CREATE": Intent.GUILDS,
    "GUILD_ROLE_UPDATE": Intent.GUILDS,
    "GUILD_ROLE_DELETE": Intent.GUILDS,
    "AUTO_MODERATION_RULE_CREATE": Intent.AUTO_MODERATION_CONFIGURATION,
    "AUTO_MODERATION_RULE_DELETE": Intent.AUTO_MODERATION_CONFIGURATION,
    "GUILD_MEMBER_UPDATE": Intent.GUILD_MEMBERS,
    "GUILD_MEMBER_REMOVE": Intent.GUILD_MEMBERS,
}
"""The intent without which a session is not told; other events reach every session."""


class FrameSender:
    """One gateway connection: frames out in order, plain or as one compressed stream."""

    def __init__(
        self,
        socket: "web.WebSocketResponse",
        transport: asyncio.Transport | None,
        compression: "Compression | None",
    ) -> None:
        self._socket = socket
        self._transport = transport
        self._compression = compression
        self._outgoing: asyncio.Queue[str | None] = asyncio.Queue()

    def send(self, op: int, data: object, event: str | None = None, seq: int | None = None) -> None:
        """Put a frame in line."""
        self._outgoing.put_nowait(json.dumps({"op": op, "d": data, "t": event, "s": seq}))

    def finish(self) -> None:
        """Let `pump` return once all that is in line has gone out."""
        self._outgoing.put_nowait(None)

    async def pump(self) -> None:
        """Send what is in line until finished or the connection is lost."""
        while (frame := await self._outgoing.get()) is not None:
            try:
                await self._write(frame)
            except ConnectionError:
                return

    async def _write(self, frame: str) -> None:
        if self._compression is None:
            await self._socket.send_str(frame)
        else:
            await self._socket.send_bytes(self._compression.compress(frame.encode()))

    async def close(self, code: int, reason: str) -> None:
        """Close with Discord's code and words."""
        self.finish()
        await self._socket.close(code=code, message=reason.encode())

    def cut(self) -> None:
        """Lose the connection without a word."""
        self.finish()
        if self._transport is not None:
            self._transport.abort()


@dataclass(eq=False, slots=True)
class Session:
    """What one IDENTIFY began; `sender` is None while the bot is away."""

    shard: tuple[int, int]
    intents: Intent
    sender: FrameSender | None
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    seq: int = 0
    _sent: deque[tuple[int, str, Any]] = field(
        default_factory=lambda: deque(maxlen=REPLAYED_EVENTS)
    )

    def wants(self, event: str) -> bool:
        """Whether its intents cover the event."""
        needed = EVENT_INTENTS.get(event)
        return needed is None or bool(self.intents & needed)

    def serves(self, guild_id: int) -> bool:
        """Whether the guild falls to its shard."""
        index, count = self.shard
        return (guild_id >> 22) % count == index

    def dispatch(self, event: str, data: object) -> None:
        """Send an event, and keep it for a resume."""
        self.seq += 1
        self._sent.append((self.seq, event, data))
        if self.sender is not None:
            self.sender.send(_DISPATCH, data, event, self.seq)

    def can_resume(self, seq: int) -> bool:
        """Whether everything after that sequence number is still kept."""
        oldest = self._sent[0][0] if self._sent else self.seq + 1
        return oldest - 1 <= seq <= self.seq

    def resume(self, sender: FrameSender, seq: int) -> None:
        """Take a new connection and send what was missed."""
        self.sender = sender
        for number, event, data in self._sent:
            if number > seq:
                sender.send(_DISPATCH, data, event, number)
        self.dispatch("RESUMED", {})
