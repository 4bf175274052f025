"""Turns what the page's JSON can say into the values that a person's client holds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from playground.discord import Guild, Member, Role, User
from playground.discord.rules.command_rules import NESTING, OptionType
from playground.discord.rules.component_types import ComponentType
from playground.json_types import Json

Find = Callable[[Guild, Any], Any]


def _person(guild: Guild, value: Any) -> Any:  # noqa: ANN401 - whatever the page sent
    number = _number(value)
    return guild.members.get(number) or guild.departed.get(number, value)


def _role(guild: Guild, value: Any) -> Any:  # noqa: ANN401 - as _person
    return guild.roles.get(_number(value), value)


def _person_or_role(guild: Guild, value: Any) -> Member | User | Role | Any:  # noqa: ANN401 - as _person
    found = _person(guild, value)
    return found if isinstance(found, Member | User) else _role(guild, value)


def _channel(guild: Guild, value: Any) -> Any:  # noqa: ANN401 - as _person
    return guild.channels.get(_number(value), value)


_OPTIONS: Final[Mapping[int, Find]] = {
    OptionType.USER: _person,
    OptionType.ROLE: _role,
    OptionType.MENTIONABLE: _person_or_role,
    OptionType.CHANNEL: _channel,
}
_MENUS: Final[Mapping[int, Find]] = {
    ComponentType.USER_SELECT: _person,
    ComponentType.ROLE_SELECT: _role,
    ComponentType.MENTIONABLE_SELECT: _person_or_role,
    ComponentType.CHANNEL_SELECT: _channel,
}


def option_values(
    commands: Sequence[Json], name: str, given: Mapping[str, Any], guild: Guild
) -> dict[str, Any]:
    """The options of the command ("quota limit") with ids become members, roles and channels.

    An id of nobody stays as it is, for Discord's client to take or to refuse.
    """
    kinds = {option["name"]: option["type"] for option in _schemas(commands, name)}
    return {key: _found(_OPTIONS.get(kinds.get(key, 0)), guild, v) for key, v in given.items()}


def menu_values(kind: int, given: Sequence[Any], guild: Guild) -> list[Any]:
    """The same for what was chosen from a select menu of that type."""
    return [_found(_MENUS.get(kind), guild, value) for value in given]


def flat(components: Sequence[Json]) -> list[Json]:
    """All components, those inside others included."""
    found: list[Json] = []
    for component in components:
        inner = [component[key] for key in ("accessory", "component") if component.get(key)]
        found += [component, *flat(component.get("components") or []), *flat(inner)]
    return found


def _schemas(commands: Sequence[Json], name: str) -> list[Json]:
    options: list[Json] = [command for command in commands if command["type"] == 1]
    for step, word in enumerate(name.split()):
        nested = [o for o in options if o["name"] == word and (not step or o["type"] in NESTING)]
        options = nested[0].get("options", []) if nested else []
    return options


def _found(find: Find | None, guild: Guild, value: Any) -> Any:  # noqa: ANN401 - as _person
    return value if find is None else find(guild, value)


def _number(value: object) -> int:
    return int(value) if isinstance(value, str) and value.isdecimal() else -1
