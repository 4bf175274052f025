"""The gateway as the rest of the stand-in sees it: sessions that are told what happens."""

import time
from typing import TYPE_CHECKING

from playground.discord.gateway.gateway_log import GatewayLog
from playground.discord.gateway.sessions import FrameSender, Intent, Session
from playground.discord.payloads.place_payloads import channels_json
from playground.discord.payloads.state_payloads import guild_create_json
from playground.discord.state.permissions import Permission
from playground.json_types import Json

if TYPE_CHECKING:
    from aiohttp import web

    from playground.discord.state.changes import Changes
    from playground.discord.state.entities import Channel, Guild
    from playground.discord.state.world import World


class Gateway:
    """All connections and sessions of the bot.

    Knobs: `recommended_shards` and `max_concurrency` are told by `/gateway/bot`; fewer than
    `required_shards` are turned away (4011). A session that begins within `identify_seconds` of
    another in its bucket is invalid; zero lets all begin, as every start of a bot begins some.
    `guild_fields` has, by guild, what its GUILD_CREATE says otherwise than it is.
    `heartbeat_milliseconds` is the interval that HELLO asks for; while `acknowledges_heartbeats` is
    false, none is acknowledged.
    """

    def __init__(self, world: "World", token: str, changes: "Changes") -> None:
        self.world = world
        self.token = token
        self.changes = changes
        self.sessions: dict[str, Session] = {}
        self.url = ""
        self.granted_intents = Intent(0)
        self.recommended_shards = self.required_shards = 1
        self.max_concurrency = 1
        self.identify_seconds = 0.0
        self.heartbeat_milliseconds = 41_250
        self.acknowledges_heartbeats = True
        self.guild_fields: dict[int, Json] = {}
        self.identify_count = 0
        self.resume_count = 0
        self.log = GatewayLog()
        self._senders: set[FrameSender] = set()
        self._identified_at: dict[int, float] = {}

    @property
    def connected(self) -> bool:
        """Whether a bot is connected, with all its shards, and has been told of its guilds."""
        shards = {it.shard for it in self.sessions.values() if it.sender is not None}
        return any(all((it, count) in shards for it in range(count)) for _, count in shards)

    def publish(
        self, event: str, data: Json, guild: "Guild", channel: "Channel | None" = None
    ) -> bool:
        """Tell the sessions of the guild's shard whose intents cover it; whether any was told.

        Events of a channel that the bot cannot see are kept from it. A session whose connection
        is lost gets them when it resumes.
        """
        bot = guild.members.get(self.world.bot.id)
        if bot is None or (channel and not bot.may(channel, Permission.VIEW_CHANNEL)):
            return False
        return self.deliver(event, data, guild)

    def deliver(self, event: str, data: Json, guild: "Guild") -> bool:
        """The same without regard to what the bot sees, as interactions reach it anywhere."""
        sessions = [s for s in self.sessions.values() if s.wants(event) and s.serves(guild.id)]
        for session in sessions:
            shown = self._without_content(data, event, session)
            if session.sender is not None:
                self.log.sent(event, shown)
            session.dispatch(event, shown)
        if sessions and not any(session.sender for session in sessions):
            self.log.missed(event, data)
        return bool(sessions)

    def announce_guild(self, guild: "Guild") -> None:
        """Tell the sessions of its shard of a guild that the bot has just joined."""
        for session in self.sessions.values():
            if session.serves(guild.id) and session.wants("GUILD_CREATE"):
                self.send_guild_create(guild, session, joined=True)

    def send_guild_create(self, guild: "Guild", session: Session, *, joined: bool = False) -> None:
        """Tell a session of a guild with all that is in it."""
        members = list(guild.members.values())
        if not session.intents & Intent.GUILD_MEMBERS:
            members = [member for member in members if member.user is self.world.bot]
        bot = guild.members[self.world.bot.id]
        payload = guild_create_json(guild, members) | channels_json(guild, bot)
        payload |= self.guild_fields.get(guild.id, {})
        if joined:
            # Discord's libraries tell a guild just joined from one that came back by this.
            del payload["unavailable"]
        session.dispatch("GUILD_CREATE", payload)

    def may_identify(self, shard: tuple[int, int]) -> bool:
        """Whether no other session of the shard's bucket has begun too short a time ago."""
        bucket, now = shard[0] % self.max_concurrency, time.monotonic()
        before = self._identified_at.get(bucket, -self.identify_seconds)
        self._identified_at[bucket] = now
        return now - before >= self.identify_seconds

    async def drop(self, code: int | None = None, *, forget_sessions: bool = False) -> None:
        """Close every connection with the code, or cut them without a word for None.

        Forgotten sessions cannot be resumed: the bot is told so and has to identify anew.
        """
        if forget_sessions:
            self.sessions.clear()
        for session in self.sessions.values():
            session.sender = None
        for sender in list(self._senders):
            if code is None:
                sender.cut()
            else:
                await sender.close(code, "Dropped by the stand-in.")
        self.changes.notify()

    def enter(self, sender: FrameSender) -> None:
        """Count the connection among the open ones, which `drop` closes."""
        self._senders.add(sender)
        self.log.connection("opened")

    def leave(self, socket: "web.WebSocketResponse", sender: FrameSender) -> None:
        """Forget a connection; its sessions wait to be resumed, unless the bot closed it in order.

        Discord ends a session whose bot closes the connection with the code 1000 or 1001.
        """
        self._senders.discard(sender)
        self.log.connection("closed")
        sender.finish()
        for session in [s for s in self.sessions.values() if s.sender is sender]:
            session.sender = None
            if socket.close_code in (1000, 1001):
                del self.sessions[session.id]
        self.changes.notify()

    def _without_content(self, data: Json, event: str, session: Session) -> Json:
        # Without the intent a bot reads only its own messages and those that mention it.
        if not event.startswith("MESSAGE_") or "content" not in data:
            return data
        bot_id = str(self.world.bot.id)
        concerned = [data["author"]["id"], *(user["id"] for user in data["mentions"])]
        if session.intents & Intent.MESSAGE_CONTENT or bot_id in concerned:
            return data
        return data | {"content": "", "embeds": [], "attachments": [], "components": []}
