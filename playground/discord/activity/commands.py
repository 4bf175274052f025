"""The application commands that a bot has registered, global and by guild."""

import json
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from playground.discord.rules.command_keys import known_part
from playground.discord.rules.command_rules import CommandCheck, CommandType, too_many
from playground.discord.rules.errors import unknown_command
from playground.discord.rules.forms import FormCheck
from playground.json_types import Json

if TYPE_CHECKING:
    from playground.discord.state.snowflakes import Snowflakes

_MOST: Final = {CommandType.CHAT_INPUT: 100, CommandType.USER: 15, CommandType.MESSAGE: 15}
_Key = tuple[str, int]


class Commands:
    """What people may pick from; `scope` is a guild's id, or None for everywhere."""

    def __init__(self, application_id: int, snowflakes: "Snowflakes") -> None:
        self._application_id = application_id
        self._snowflakes = snowflakes
        self._scopes: dict[int | None, dict[int, Json]] = {}

    def listed(self, scope: int | None) -> list[Json]:
        """The scope's commands in the order in which they were first registered."""
        return list(self._scopes.get(scope, {}).values())

    def in_guild(self, guild_id: int) -> list[Json]:
        """What people of the guild find: its own commands, then the global ones."""
        return self.listed(guild_id) + self.listed(None)

    def get(self, scope: int | None, command_id: int) -> Json:
        """One command; ApiError when there is none."""
        command = self._scopes.get(scope, {}).get(command_id)
        if command is None:
            raise unknown_command()
        return command

    def replace(self, scope: int | None, given: list[Json]) -> list[Json]:
        """Have exactly these; those of the same type and name keep their ids."""
        form = FormCheck()
        for index, command in enumerate(given):
            form.faults |= _faults(f"{index}.", json.dumps(command))
        keys = [_key(command) for command in given]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                form.fault(
                    f"{index}.name",
                    "APPLICATION_COMMANDS_DUPLICATE_NAME",
                    "Application command names must be unique",
                )
        form.finish()
        _check_counts(given)
        existing = {_key(command): command for command in self.listed(scope)}
        stored = [self._stored(scope, c, existing.get(_key(c))) for c in given]
        self._scopes[scope] = {int(command["id"]): command for command in stored}
        return stored

    def create(self, scope: int | None, given: Json) -> tuple[Json, bool]:
        """Add a command or overwrite its namesake; whether it is new."""
        _check(given)
        here = {_key(command): command for command in self.listed(scope)}
        namesake = here.get(_key(given))
        if namesake is None:
            _check_counts([*here.values(), given])
        command = self._stored(scope, given, namesake)
        self._scopes.setdefault(scope, {})[int(command["id"])] = command
        return command, namesake is None

    def edit(self, scope: int | None, command_id: int, given: Json) -> Json:
        """Change some fields of a command."""
        before = self.get(scope, command_id)
        own = {"id", "application_id", "version", "guild_id"}
        merged = {key: value for key, value in before.items() if key not in own} | given
        _check(merged)
        command = self._stored(scope, merged, before)
        self._scopes[scope][command_id] = command
        return command

    def delete(self, scope: int | None, command_id: int) -> None:
        """Forget a command; ApiError when there is none."""
        self.get(scope, command_id)
        del self._scopes[scope][command_id]

    def _stored(self, scope: int | None, given: Json, before: Json | None) -> Json:
        command = known_part(given)
        command["type"] = command.get("type", CommandType.CHAT_INPUT)
        command.setdefault("description", "")
        permissions = given.get("default_member_permissions")
        command |= {
            "id": before["id"] if before else str(self._snowflakes.next()),
            "application_id": str(self._application_id),
            "default_member_permissions": None if permissions is None else str(permissions),
            "nsfw": bool(given.get("nsfw")),
        }
        if scope is not None:
            command["guild_id"] = str(scope)
        unchanged = before is not None and before == command | {"version": before["version"]}
        version = before["version"] if before and unchanged else str(self._snowflakes.next())
        return command | {"version": version}


def _key(command: Json) -> _Key:
    return str(command.get("name")), command.get("type") or CommandType.CHAT_INPUT


def _check(command: Json) -> None:
    form = FormCheck()
    form.faults |= _faults("", json.dumps(command))
    form.finish()


# A bot registers the same commands at each start, and to check them takes a tenth of that.
@lru_cache(maxsize=256)
def _faults(path: str, command: str) -> dict[str, tuple[str, str]]:
    form = FormCheck()
    CommandCheck(form).check(path, json.loads(command))
    return form.faults


def _check_counts(commands: list[Json]) -> None:
    counts = Counter(CommandType(_key(command)[1]) for command in commands)
    if any(counts[kind] > most for kind, most in _MOST.items()):
        raise too_many()
