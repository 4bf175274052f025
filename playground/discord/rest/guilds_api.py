"""Looking at the bot's account, its guilds, their members, channels and roles."""

from typing import TYPE_CHECKING

from playground.discord.payloads.state_payloads import (
    application_json,
    channel_json,
    guild_json,
    me_json,
    member_with_user_json,
    role_json,
    sound_json,
)
from playground.discord.rest.rest import Answer, Call, Route
from playground.discord.rules.errors import (
    missing_access,
    missing_permissions,
    unknown_channel,
    unknown_guild,
    unknown_member,
    unknown_user,
)
from playground.discord.rules.forms import is_snowflake
from playground.discord.rules.place_rules import is_locked_for
from playground.discord.state.entities import permissions_in_guild
from playground.discord.state.permissions import Permission

if TYPE_CHECKING:
    from playground.discord.gateway.gateway import Gateway
    from playground.discord.state.entities import Channel, Guild
    from playground.discord.state.world import World

_GUILD = "/guilds/{guild_id:[0-9]+}"
_CHANNEL = "/channels/{channel_id:[0-9]+}"
_DEFAULT_SOUNDS = (("quack", "🦆"), ("airhorn", "🔊"), ("cricket", "🦗"))


class GuildsApi:
    """Everything that a bot reads about itself and its surroundings."""

    def __init__(self, world: "World", gateway: "Gateway") -> None:
        self._world = world
        self._gateway = gateway

    def routes(self) -> list[Route]:
        """The endpoints; `discord.login` is the first that a bot calls."""
        return [
            Route("GET", "/users/@me", "discord.login", self._me),
            Route("POST", "/users/@me/channels", "discord.create_dm", self._create_dm),
            Route("DELETE", "/users/@me" + _GUILD, "discord.leave_guild", self._leave),
            Route("GET", "/oauth2/applications/@me", "discord.application", self._application),
            Route("GET", "/applications/@me", "discord.application", self._application),
            Route("GET", "/gateway", "discord.gateway_url", self._gateway_url, "path"),
            Route("GET", "/gateway/bot", "discord.gateway_url", self._gateway_bot),
            Route("GET", _GUILD, "discord.get_guild", self._get_guild),
            Route("GET", _GUILD + "/channels", "discord.get_guild", self._channels),
            Route("GET", _GUILD + "/roles", "discord.get_guild", self._roles),
            Route("GET", _GUILD + "/members/{user_id:[0-9]+}", "discord.get_member", self._member),
            Route("GET", _GUILD + "/auto-moderation/rules", "discord.automod", self._automod),
            Route("GET", _CHANNEL, "discord.get_channel", self._channel),
            Route("PATCH", _CHANNEL, "discord.edit_channel", self._open_thread),
            Route("GET", "/soundboard-default-sounds", "discord.default_sounds", self._sounds),
        ]

    async def _me(self, _: Call) -> Answer:
        return 200, me_json(self._world.bot)

    async def _create_dm(self, call: Call) -> Answer:
        wanted = call.body.object().get("recipient_id")
        user = self._world.user(int(str(wanted))) if is_snowflake(wanted) else None
        if user is None:
            raise unknown_user()
        return 200, channel_json(self._world.direct_channel(user))

    async def _leave(self, call: Call) -> Answer:
        guild = self._guild(call)
        self._gateway.publish("GUILD_DELETE", {"id": str(guild.id)}, guild)
        self._world.leave(guild.members[self._world.bot.id])
        return 204, None

    async def _sounds(self, _: Call) -> Answer:
        return 200, [
            sound_json(number, name, emoji)
            for number, (name, emoji) in enumerate(_DEFAULT_SOUNDS, start=1)
        ]

    async def _application(self, _: Call) -> Answer:
        return 200, application_json(self._world)

    async def _gateway_url(self, _: Call) -> Answer:
        return 200, {"url": self._gateway.url}

    async def _gateway_bot(self, _: Call) -> Answer:
        gateway = self._gateway
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0}
        limit["max_concurrency"] = gateway.max_concurrency
        shards = gateway.recommended_shards
        return 200, {"url": gateway.url, "shards": shards, "session_start_limit": limit}

    def _guild(self, call: Call) -> "Guild":
        guild = self._world.guilds.get(call.id("guild_id"))
        if guild is None or self._world.bot.id not in guild.members:
            raise unknown_guild()
        return guild

    async def _get_guild(self, call: Call) -> Answer:
        guild = self._guild(call)
        payload = guild_json(guild)
        if call.flag("with_counts"):
            payload["approximate_member_count"] = len(guild.members)
            payload["approximate_presence_count"] = len(guild.members)
        return 200, payload

    async def _channels(self, call: Call) -> Answer:
        guild = self._guild(call)
        bot = guild.members[self._world.bot.id]
        return 200, [
            channel_json(channel)
            for channel in guild.channels.values()
            if not channel.kind.is_thread and bot.may(channel, Permission.VIEW_CHANNEL)
        ]

    async def _roles(self, call: Call) -> Answer:
        return 200, [role_json(role) for role in self._guild(call).roles.values()]

    async def _automod(self, call: Call) -> Answer:
        guild = self._guild(call)
        bot = guild.members[self._world.bot.id]
        if not permissions_in_guild(bot) & Permission.MANAGE_GUILD:
            raise missing_permissions()
        return 200, [*guild.automod_rules.values()]

    async def _member(self, call: Call) -> Answer:
        member = self._guild(call).members.get(call.id("user_id"))
        if member is None:
            raise unknown_member()
        return 200, member_with_user_json(member)

    async def _channel(self, call: Call) -> Answer:
        return 200, channel_json(self._visible(call))

    async def _open_thread(self, call: Call) -> Answer:
        """Open an archived thread: who may write in it may do so, unless it is locked."""
        thread = self._visible(call)
        bot = thread.guild.members[self._world.bot.id]
        is_opening = thread.kind.is_thread and call.body.object() == {"archived": False}
        may_write = bot.may(thread, Permission.SEND_MESSAGES)
        # What else there is to change needs more than an invite of this bot's asks for.
        if not is_opening or not may_write or is_locked_for(thread, bot):
            raise missing_permissions()
        thread.archived = False
        self._gateway.publish("THREAD_UPDATE", channel_json(thread), thread.guild, thread)
        return 200, channel_json(thread)

    def _visible(self, call: Call) -> "Channel":
        channel = self._world.channel(call.id("channel_id"))
        if channel is None:
            raise unknown_channel()
        bot = channel.guild.members.get(self._world.bot.id)
        if bot is None or not bot.may(channel, Permission.VIEW_CHANNEL):
            raise missing_access()
        return channel
