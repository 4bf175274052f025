"""One bot's connection to the gateway: HELLO, IDENTIFY or RESUME, heartbeats, v10."""

import asyncio
import json
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from aiohttp import WSMsgType, web

from playground.discord.gateway.compression import COMPRESSIONS
from playground.discord.gateway.sessions import PRIVILEGED, FrameSender, Intent, Session
from playground.discord.payloads.state_payloads import me_json, member_with_user_json
from playground.json_types import Json

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.discord.gateway.gateway import Gateway

_MAX_FRAME_BYTES: Final = 4096
"""Discord closes the connection of a bot that sends more at once."""

_ALL_INTENTS: Final = (1 << 26) - 1
_SHARD_NUMBERS: Final = 2


class Op(IntEnum):
    """Gateway opcodes."""

    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class _Close(Exception):  # noqa: N818 - what ends a connection is not always an error
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def serve_gateway(gateway: "Gateway", request: web.Request) -> web.StreamResponse:
    """One connection from HELLO to its end; 400 for a compression that Discord lacks."""
    wanted = request.query.get("compress")
    if wanted is not None and wanted not in COMPRESSIONS:
        return web.Response(status=400, text=f"unsupported compression {wanted!r}")
    compression = None if wanted is None else COMPRESSIONS[wanted]()
    socket = web.WebSocketResponse(max_msg_size=_MAX_FRAME_BYTES, compress=False)
    await socket.prepare(request)
    sender = FrameSender(socket, request.transport, compression)
    gateway.enter(sender)
    pump = asyncio.create_task(sender.pump())
    try:
        await Connection(gateway, sender).listen(socket)
    finally:
        gateway.leave(socket, sender)
        await pump
    return socket


class Connection:
    """Listens to one bot; closes with Discord's codes when it breaks the protocol."""

    def __init__(self, gateway: "Gateway", sender: FrameSender) -> None:
        self._gateway = gateway
        self._sender = sender
        self._session: Session | None = None
        self._handlers: dict[int, Callable[[Any], None]] = {
            Op.HEARTBEAT: self._heartbeat,
            Op.IDENTIFY: self._identify,
            Op.PRESENCE: self._ignore,
            Op.VOICE_STATE: self._ignore,
            Op.RESUME: self._resume,
            Op.REQUEST_MEMBERS: self._request_members,
        }

    async def listen(self, socket: web.WebSocketResponse) -> None:
        """Say HELLO and answer frames until the connection ends."""
        self._sender.send(Op.HELLO, {"heartbeat_interval": self._gateway.heartbeat_milliseconds})
        try:
            async for frame in socket:
                # Some libraries send their JSON in binary frames.
                if frame.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    self._receive(frame.data)
        except _Close as close:
            await self._sender.close(close.code, close.reason)

    def _receive(self, text: str | bytes) -> None:
        try:
            frame = json.loads(text)
            op, data = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise _Close(4002, "Error while decoding payload.") from None
        handler = self._handlers.get(op)
        if handler is None:
            raise _Close(4001, "Unknown opcode.")
        handler(data)

    def _ignore(self, _data: object) -> None:
        self._need_session()

    def _need_session(self) -> Session:
        if self._session is None:
            raise _Close(4003, "Not authenticated.")
        return self._session

    def _heartbeat(self, _data: object) -> None:
        if self._gateway.acknowledges_heartbeats:
            self._sender.send(Op.HEARTBEAT_ACK, None)

    def _check_token(self, data: Json) -> None:
        if data.get("token") != self._gateway.token:
            raise _Close(4004, "Authentication failed.")

    def _identify(self, data: Json) -> None:
        if self._session is not None:
            raise _Close(4005, "Already authenticated.")
        self._check_token(data)
        gateway = self._gateway
        session = Session(_shard(data.get("shard")), self._intents(data), self._sender)
        if session.shard[1] < gateway.required_shards:
            raise _Close(4011, "Sharding required.")
        if not gateway.may_identify(session.shard):
            self._sender.send(Op.INVALID_SESSION, data=False)
            return
        self._session = session
        gateway.sessions[session.id] = session
        gateway.identify_count += 1
        guilds = [
            guild
            for guild in gateway.world.guilds.values()
            if gateway.world.bot.id in guild.members and session.serves(guild.id)
        ]
        ready = {
            "v": 10,
            "user": me_json(gateway.world.bot),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": gateway.url,
            "shard": list(session.shard),
            "application": {
                "id": str(gateway.world.application_id),
                "flags": 0,
                "flags_new": "0",
            },
        }
        gateway.log.got("IDENTIFY", {"intents": int(session.intents), "shard": session.shard})
        gateway.log.sent("READY", ready)
        session.dispatch("READY", ready)
        for guild in guilds:
            if session.wants("GUILD_CREATE"):
                gateway.send_guild_create(guild, session)
        gateway.changes.notify()

    def _intents(self, data: Json) -> Intent:
        value = data.get("intents")
        if not isinstance(value, int) or not 0 <= value <= _ALL_INTENTS:
            raise _Close(4013, "Invalid intent(s).")
        intents = Intent(value)
        if intents & PRIVILEGED & ~self._gateway.granted_intents:
            raise _Close(4014, "Disallowed intent(s).")
        return intents

    def _resume(self, data: Json) -> None:
        if self._session is not None:
            raise _Close(4005, "Already authenticated.")
        self._check_token(data)
        session = self._gateway.sessions.get(data.get("session_id", ""))
        if session is None or not session.can_resume(data["seq"]):
            self._sender.send(Op.INVALID_SESSION, data=False)
            return
        self._session = session
        self._gateway.resume_count += 1
        self._gateway.log.got("RESUME", {"session_id": session.id, "seq": data["seq"]})
        session.resume(self._sender, data["seq"])
        self._gateway.changes.notify()

    def _request_members(self, data: Json) -> None:
        session = self._need_session()
        guild = self._gateway.world.guilds.get(int(data["guild_id"]))
        if guild is None:
            return
        wanted = data.get("user_ids")
        prefix = (data.get("query") or "").lower()
        if wanted is None and not prefix and not session.intents & Intent.GUILD_MEMBERS:
            raise _Close(4014, "Disallowed intent(s).")
        members = [m for m in guild.members.values() if m.name.lower().startswith(prefix)]
        if wanted is not None:
            ids = {int(wanted)} if isinstance(wanted, str | int) else set(map(int, wanted))
            members = [member for member in guild.members.values() if member.id in ids]
        members = members[: data.get("limit") or None]
        chunk = {
            "guild_id": str(guild.id),
            "members": [member_with_user_json(member) for member in members],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [],
        }
        if data.get("nonce"):
            chunk["nonce"] = data["nonce"]
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk)


def _shard(given: object) -> tuple[int, int]:
    if given is None:
        return 0, 1
    if isinstance(given, list) and len(given) == _SHARD_NUMBERS:
        index, count = given
        if isinstance(index, int) and isinstance(count, int) and 0 <= index < count:
            return index, count
    raise _Close(4010, "Invalid shard.")
