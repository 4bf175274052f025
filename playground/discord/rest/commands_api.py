"""Registering application commands."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from playground.discord.activity.commands import Commands
from playground.discord.rest.rest import Answer, Call, Route
from playground.discord.rules.errors import ApiError, invalid_form, missing_access
from playground.json_types import Json

if TYPE_CHECKING:
    from playground.discord.state.world import World

_GLOBAL = "/applications/{application_id:[0-9]+}/commands"
_GUILD = "/applications/{application_id:[0-9]+}/guilds/{guild_id:[0-9]+}/commands"
_ONE = "/{command_id:[0-9]+}"
_CREATED = 201
_OK = 200


class CommandsApi:
    """List, replace, create, read, edit and delete, global and by guild."""

    def __init__(self, world: "World", commands: Commands, on_sync: Callable[[], None]) -> None:
        self._world = world
        self._commands = commands
        self._on_sync = on_sync

    def routes(self) -> list[Route]:
        """The endpoints; whatever changes commands is `discord.sync_commands`."""
        routes: list[Route] = []
        for base in (_GLOBAL, _GUILD):
            routes += [
                Route("GET", base, "discord.list_commands", self._list),
                Route("PUT", base, "discord.sync_commands", self._replace),
                Route("POST", base, "discord.sync_commands", self._create),
                Route("GET", base + _ONE, "discord.list_commands", self._get),
                Route("PATCH", base + _ONE, "discord.sync_commands", self._edit),
                Route("DELETE", base + _ONE, "discord.sync_commands", self._delete),
            ]
        return routes

    def _scope(self, call: Call) -> int | None:
        if call.id("application_id") != self._world.application_id:
            raise ApiError(404, 10002, "Unknown Application")
        if "guild_id" not in call.request.match_info:
            return None
        guild = self._world.guilds.get(call.id("guild_id"))
        if guild is None or self._world.bot.id not in guild.members:
            raise missing_access()
        return guild.id

    async def _list(self, call: Call) -> Answer:
        commands = self._commands.listed(self._scope(call))
        full = call.flag("with_localizations")
        return _OK, [command if full else _unlocalized(command) for command in commands]

    async def _replace(self, call: Call) -> Answer:
        given = call.body.json
        if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
            raise invalid_form({"_": ("LIST_TYPE_CONVERT", "Only a list of commands may be used.")})
        commands = self._commands.replace(self._scope(call), given)
        self._on_sync()
        return _OK, commands

    async def _create(self, call: Call) -> Answer:
        command, is_new = self._commands.create(self._scope(call), call.body.object())
        self._on_sync()
        return _CREATED if is_new else _OK, command

    async def _get(self, call: Call) -> Answer:
        return _OK, self._commands.get(self._scope(call), call.id("command_id"))

    async def _edit(self, call: Call) -> Answer:
        scope = self._scope(call)
        command = self._commands.edit(scope, call.id("command_id"), call.body.object())
        self._on_sync()
        return _OK, command

    async def _delete(self, call: Call) -> Answer:
        self._commands.delete(self._scope(call), call.id("command_id"))
        self._on_sync()
        return 204, None


def _unlocalized(command: Json) -> Json:
    hidden = {"name_localizations", "description_localizations"}
    return {key: value for key, value in command.items() if key not in hidden}
