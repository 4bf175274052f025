"""Discord's permission bits and how roles and channel overwrites add up to them."""

from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.discord.world import Channel, Member


class Permission(IntFlag):
    """The bits that the stand-in looks at; others are carried along unread."""

    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MODERATE_MEMBERS = 1 << 40


ALL_PERMISSIONS = Permission((1 << 53) - 1)
NO_PERMISSIONS = Permission(0)


def permissions_in_guild(member: "Member") -> Permission:
    """What the member's roles give before any channel has its say."""
    if member.user.id == member.guild.owner_id:
        return ALL_PERMISSIONS
    granted = member.guild.everyone.permissions
    for role in member.roles:
        granted |= role.permissions
    return ALL_PERMISSIONS if granted & Permission.ADMINISTRATOR else granted


def permissions_in(channel: "Channel", member: "Member") -> Permission:
    """What the member may do in the channel, in Discord's order of overwrites.

    First @everyone's overwrite, then those of all roles together, then the member's own;
    administrators pass by all of them, and who cannot see a channel can do nothing there.
    """
    granted = permissions_in_guild(member)
    if granted & Permission.ADMINISTRATOR:
        return granted
    overwrites = channel.overwrites
    roles = [overwrites[role.id] for role in member.roles if role.id in overwrites]
    allow, deny = NO_PERMISSIONS, NO_PERMISSIONS
    for overwrite in roles:
        allow |= overwrite.allow
        deny |= overwrite.deny
    if everyone := overwrites.get(channel.guild.everyone.id):
        granted = granted & ~everyone.deny | everyone.allow
    granted = granted & ~deny | allow
    if own := overwrites.get(member.user.id):
        granted = granted & ~own.deny | own.allow
    return granted if granted & Permission.VIEW_CHANNEL else NO_PERMISSIONS
