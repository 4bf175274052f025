"""Who finds which command: defaults, what the server's administrators changed, contexts."""

from typing import TYPE_CHECKING, Final

from playground.discord.rules.place_rules import is_locked_for
from playground.discord.state.entities import permissions_in
from playground.discord.state.permissions import NO_PERMISSIONS, Permission

if TYPE_CHECKING:
    from playground.discord.state.entities import Channel, Member
    from playground.json_types import Json

_IN_GUILDS: Final = 0
_WITH_THE_BOT: Final = 1
_TO_TYPE: Final = (
    Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES | Permission.USE_APPLICATION_COMMANDS
)


def may_use(member: "Member", channel: "Channel", command: "Json") -> bool:
    """Whether Discord offers the command to the member in the channel.

    Administrators' grants for a member go before those for roles, and any grant before the
    command's own default_member_permissions; "0" there is for administrators alone.
    """
    if not _is_used_in(channel, command) or not _may_type_in(channel, member):
        return False
    place = channel.parent if channel.kind.is_thread and channel.parent else channel
    if command["nsfw"] and not place.nsfw:
        return False
    may = permissions_in(channel, member)
    # Permissions are a matter of guilds: in direct messages everybody finds the command.
    if channel.recipient is not None or may & Permission.ADMINISTRATOR:
        return True
    granted = _granted(member, command["name"])
    if granted is not None:
        return granted
    default = command.get("default_member_permissions")
    if default is None:
        return True
    needed = Permission(int(default))
    return bool(needed) and may & needed == needed


def _may_type_in(channel: "Channel", member: "Member") -> bool:
    needed = _TO_TYPE | (Permission.CONNECT if channel.kind.has_voice else NO_PERMISSIONS)
    return member.may(channel, needed) and not is_locked_for(channel, member)


def _is_used_in(channel: "Channel", command: "Json") -> bool:
    if not channel.kind.has_messages:
        return False
    contexts = command.get("contexts")
    if channel.recipient is None:
        return contexts is None or _IN_GUILDS in contexts
    return _WITH_THE_BOT in contexts if contexts else bool(command.get("dm_permission", True))


def _granted(member: "Member", name: str) -> bool | None:
    grants = member.guild.command_grants.get(name, {})
    if member.id in grants:
        return grants[member.id]
    of_roles = [grants[role.id] for role in member.roles if role.id in grants]
    if of_roles:
        return any(of_roles)
    return grants.get(member.guild.everyone.id)
