"""Which of the gateway's events are read, what of them is kept, and what happens to odd ones.

discord.py reads an event while it receives it, so that what it raises then would end the
connection, and the same event would do so again after the next start. Here an event that it cannot
read is skipped, and those that nothing uses are not read at all. What a further part of the bot
reads of a guild has to be named here: the rest is not kept in memory.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import discord

from cogs.interactions.channel_rights import HIDDEN_NAME
from cogs.texts.markdown import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from discord.state import AutoShardedConnectionState

log = logging.getLogger(__name__)

Data: TypeAlias = dict[str, Any]
Parser: TypeAlias = Callable[[Any], None]

READ_EVENTS: Final = frozenset(
    {
        "READY",
        "RESUMED",
        "USER_UPDATE",
        "INTERACTION_CREATE",
        "GUILD_CREATE",
        "GUILD_UPDATE",
        "GUILD_DELETE",
        "GUILD_MEMBER_UPDATE",  # of the bot itself: of others it takes a privileged intent
        "GUILD_ROLE_CREATE",
        "GUILD_ROLE_UPDATE",
        "GUILD_ROLE_DELETE",
        "CHANNEL_CREATE",
        "CHANNEL_UPDATE",
        "CHANNEL_DELETE",
        "GUILD_MEMBERS_CHUNK",  # when it was asked for
        "AUTO_MODERATION_RULE_CREATE",
        "AUTO_MODERATION_RULE_UPDATE",
        "AUTO_MODERATION_RULE_DELETE",
    }
)
"""The events that are read. None is of threads: an interaction brings its thread along."""

_GUILD_FIELDS: Final[tuple[str, ...]] = (
    *("id", "unavailable", "name", "owner_id", "member_count"),
    *("roles", "channels", "members"),
)
_CHANNEL_FIELDS: Final = (
    *("id", "type", "guild_id", "name", "position", "parent_id", "nsfw", "rate_limit_per_user"),
    *("permission_overwrites", "bitrate", "user_limit"),
)
# What discord.py cannot do without.
_CHANNEL_DEFAULTS: Final = {"name": "", "position": 0, "bitrate": 0, "user_limit": 0}
_HIDDEN_FLAG: Final = 1 << 17
_ERROR_SHOWN: Final = 200


class EventReader:
    """Puts itself before the parsers of discord.py's state, at once and for good."""

    def __init__(self, state: AutoShardedConnectionState[Any]) -> None:
        self._state = state
        self._told: set[str] = set()
        reads = {
            "READY": self._read_ready,
            "GUILD_CREATE": self._read_guild,
            "GUILD_UPDATE": self._read_guild,
            "CHANNEL_CREATE": _read_channel,
            "CHANNEL_UPDATE": _read_channel,
        }
        state.parsers = {
            event: partial(self._try, event, partial(reads[event], parse))
            if event in reads
            else partial(self._try, event, parse)
            for event, parse in state.parsers.items()
            if event in READ_EVENTS
        }

    def _try(self, event: str, parse: Parser, data: Data) -> None:
        try:
            parse(data)
        except Exception as error:
            # A session without its beginning is of no use, so that is begun anew.
            if event == "READY":
                raise
            self._tell(event, error, "is skipped")

    def _tell(self, event: str, error: Exception, what: str) -> None:
        if event in self._told:
            return
        self._told.add(event)
        why = shorten(repr(error), _ERROR_SHOWN)
        log.warning(
            "an event %s cannot be read (%s) and %s; so are others, of which nothing is said.",
            *(event, why, what),
        )

    def _read_ready(self, parse: Parser, data: Data) -> None:
        """Forget guilds of the shard that the bot has left while it was away; then begin."""
        ids = {int(it["id"]) for it in data["guilds"] if str(it.get("id")).isdecimal()}
        for guild in self._state.guilds:
            if guild.shard_id == data["shard"][0] and guild.id not in ids:
                self._state.parsers["GUILD_DELETE"]({"id": str(guild.id)})
        parse(data | {"guilds": [{"id": str(it), "unavailable": True} for it in ids]})

    def _read_guild(self, parse: Parser, data: Data) -> None:
        """Read a guild; if it is odd, all of it but what is odd."""
        told = {key: data[key] for key in _GUILD_FIELDS if key in data}
        try:
            # Most are sound, and a bot may be in thousands: only what is hidden is made whole here.
            channels = [
                _channel(it, data["id"]) if it.get("flags", 0) & _HIDDEN_FLAG else it
                for it in data.get("channels", ())
            ]
            parse(told | ({"channels": channels} if channels else {}))
        except Exception as error:  # noqa: BLE001 - whatever the library raises about odd data
            self._tell("GUILD_CREATE", error, "is read in parts")
            parse(self._readable_parts(told))

    def _readable_parts(self, guild: Data) -> Data:
        kept = {"id": guild["id"]}
        for key, value in guild.items():
            entries = value if isinstance(value, list) else []
            readable = [it for it in entries if self._is_readable({"id": guild["id"], key: [it]})]
            if readable:
                kept |= {key: readable}
            elif self._is_readable({"id": guild["id"], key: value}):
                kept |= {key: value}
        return kept | _channels(kept)

    def _is_readable(self, data: Data) -> bool:
        """Whether discord.py can make a guild of it, which is thrown away."""
        try:
            discord.Guild(data=data | _channels(data), state=self._state)  # type: ignore[arg-type] # parts of one
        except Exception:  # noqa: BLE001 - whatever the library raises about odd data
            return False
        return True


def _channels(guild: Data) -> Data:
    """Its channels, if it has any, each cut to what is read here."""
    channels = guild.get("channels")
    if channels is None:
        return {}
    return {"channels": [_channel(channel, guild["id"]) for channel in channels]}


def _read_channel(parse: Parser, data: Data) -> None:
    parse(_channel(data, data.get("guild_id")))


def _channel(data: Mapping[str, Any], guild_id: object) -> Data:
    """Cut a channel to what is read here, and make one whole that is hidden from the bot.

    Whatever Discord leaves out of a hidden channel or makes null, what is true of it stays: its id,
    kind and place, and that the bot may not view it.
    """
    told = {key: data[key] for key in _CHANNEL_FIELDS if data.get(key) is not None}
    flags = data.get("flags")
    if isinstance(flags, int) and flags & _HIDDEN_FLAG:
        denied = {"id": guild_id, "type": 0, "allow": "0", "deny": str(_VIEW_CHANNEL)}
        told |= {"name": HIDDEN_NAME, "permission_overwrites": [denied]}
    return _CHANNEL_DEFAULTS | told


_VIEW_CHANNEL: Final = discord.Permissions(view_channel=True).value
