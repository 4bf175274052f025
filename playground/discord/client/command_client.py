"""A person at Discord's own client who picks commands and fills in their options."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.discord.activity.interactions import Interaction, InteractionType
from playground.discord.client.command_access import may_use
from playground.discord.client.interaction_payloads import nested_options, options_json
from playground.discord.rules.command_rules import NESTING, CommandType
from playground.discord.rules.option_rules import ClientRefusal, check_options
from playground.discord.state.entities import Message

if TYPE_CHECKING:
    from playground.discord.client.client_parts import ClientParts
    from playground.discord.state.entities import Channel, Member
    from playground.json_types import Json


@dataclass(frozen=True, slots=True)
class _Picked:
    command: "Json"
    path: "list[Json]"
    schemas: "list[Json]"


class CommandClient:
    """Every action returns as soon as the bot was told; `Interaction` shows what comes of it."""

    def __init__(self, parts: "ClientParts") -> None:
        self._parts = parts

    def offered(self, member: "Member", channel: "Channel") -> "list[Json]":
        """The commands, of all types, that the member finds in the channel."""
        commands = self._parts.commands.in_guild(channel.guild.id)
        return [command for command in commands if may_use(member, channel, command)]

    def invoke(
        self,
        member: "Member",
        channel: "Channel",
        name: str,
        options: Mapping[str, Any],
        *,
        client_checks: bool,
    ) -> Interaction:
        """Send a slash command; subcommands as in "quota limit"."""
        picked = self._pick(member, channel, name)
        if client_checks:
            check_options(picked.schemas, options, member, channel)
        resolved = self._parts.resolved(member, channel)
        data = _command_data(picked.command)
        values = options_json(picked.schemas, options, resolved)
        data["options"] = nested_options(picked.path, values)
        interaction = self._parts.new_interaction(
            InteractionType.COMMAND, member, channel, name=name
        )
        return self._parts.send(interaction, data, resolved)

    def autocomplete(
        self,
        member: "Member",
        channel: "Channel",
        name: str,
        options: Mapping[str, Any],
        focused: str,
    ) -> Interaction:
        """Ask for suggestions while typing the focused option; they come as `choices`."""
        picked = self._pick(member, channel, name)
        if not any(s["name"] == focused and s.get("autocomplete") for s in picked.schemas):
            raise ClientRefusal(f"“{focused}” offers no suggestions.")
        resolved = self._parts.resolved(member, channel)
        values = options_json(picked.schemas, {focused: "", **options}, resolved)
        for value in values:
            if value["name"] == focused:
                value["focused"] = True
        data = _command_data(picked.command)
        data["options"] = nested_options(picked.path, values)
        interaction = self._parts.new_interaction(
            InteractionType.AUTOCOMPLETE, member, channel, name=name
        )
        # Here Discord names people, roles and channels by their ids alone.
        return self._parts.send(interaction, data, self._parts.resolved(member, channel))

    def invoke_menu(
        self, member: "Member", channel: "Channel", name: str, target: "Message | Member"
    ) -> Interaction:
        """Pick a command from the menu of a message or a person."""
        on_message = isinstance(target, Message)
        if isinstance(target, Message) and (target.deleted or target.ephemeral):
            raise ClientRefusal("Apps have no entries in the menu of this message.")
        kind = CommandType.MESSAGE if on_message else CommandType.USER
        command = self._command(member, channel, name, kind)
        resolved = self._parts.resolved(member, channel)
        interaction = self._parts.new_interaction(
            InteractionType.COMMAND, member, channel, name=name
        )
        if isinstance(target, Message):
            interaction.metadata["target_message_id"] = resolved.message(target)
        else:
            user_id = resolved.user(target)
            interaction.metadata["target_user"] = resolved.json["users"][user_id]
        data = _command_data(command) | {"target_id": str(target.id)}
        return self._parts.send(interaction, data, resolved)

    def _command(
        self, member: "Member", channel: "Channel", name: str, kind: CommandType
    ) -> "Json":
        for command in self._parts.commands.in_guild(channel.guild.id):
            if command["name"] == name and command["type"] == kind:
                if may_use(member, channel, command):
                    return command
                raise ClientRefusal(f"You may not use “{name}” here.")
        raise ClientRefusal(f"There is no command “{name}”.")

    def _pick(self, member: "Member", channel: "Channel", name: str) -> _Picked:
        first, *rest = name.split() or [""]
        command = self._command(member, channel, first, CommandType.CHAT_INPUT)
        schemas: list[Json] = command.get("options", [])
        path: list[Json] = []
        for word in rest:
            step = next((s for s in schemas if s["name"] == word and s["type"] in NESTING), None)
            if step is None:
                raise ClientRefusal(f"There is no command “{name}”.")
            path.append(step)
            schemas = step.get("options", [])
        if any(schema["type"] in NESTING for schema in schemas):
            raise ClientRefusal(f"“{name}” is only the beginning of a command.")
        return _Picked(command, path, schemas)


def _command_data(command: "Json") -> "Json":
    return {"id": command["id"], "name": command["name"], "type": int(command["type"])}
