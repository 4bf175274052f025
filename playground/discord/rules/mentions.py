"""Who a text mentions, what allowed_mentions leaves of it, and who is really pinged."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.discord.rules.errors import invalid_form
from playground.discord.state.entities import Mentions, Message
from playground.discord.state.messages import MessageFlag
from playground.discord.state.permissions import Permission

if TYPE_CHECKING:
    from playground.discord.state.entities import Guild, Member, User

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


@dataclass(frozen=True, slots=True)
class AllowedMentions:
    """What may ping: kinds as a whole, or these ids; and the author of the answered message."""

    kinds: frozenset[str]
    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    replied_user: bool = False

    def user(self, user_id: int) -> bool:
        """Whether a mention of this account counts."""
        return "users" in self.kinds or user_id in self.users

    def role(self, role_id: int) -> bool:
        """Whether a mention of this role counts."""
        return "roles" in self.kinds or role_id in self.roles


BY_DEFAULT_IN_CHANNELS = AllowedMentions(
    frozenset({"users", "roles", "everyone"}), replied_user=True
)
"""A channel message that says nothing about it lets everything ping."""

BY_DEFAULT_IN_WEBHOOKS = AllowedMentions(frozenset({"users"}), replied_user=True)
"""Answers to interactions that say nothing about it let mentioned people be pinged."""


def allowed_mentions(body: dict[str, Any], default: AllowedMentions) -> AllowedMentions:
    """What a message body allows; `replied_user` is off once the object is given without it.

    ApiError 50035 when a kind is allowed both as a whole and by ids.
    """
    given = body.get("allowed_mentions")
    if given is None:
        return default
    kinds = frozenset(given.get("parse") or ())
    for kind in ("users", "roles"):
        if kind in kinds and given.get(kind):
            code = "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
            message = f"parse:[{kind}] and {kind}: [ids...] are mutually exclusive."
            raise invalid_form({"allowed_mentions": (code, message)})
    return AllowedMentions(
        kinds=kinds,
        users=frozenset(int(user) for user in given.get("users") or ()),
        roles=frozenset(int(role) for role in given.get("roles") or ()),
        replied_user=bool(given.get("replied_user")),
    )


def find_mentions(
    text: str, guild: "Guild", allowed: AllowedMentions, replied: "User | None"
) -> Mentions:
    """The mentions in the text that are allowed and lead to somebody of the guild."""
    members = [guild.members.get(int(found)) for found in _USER.findall(text)]
    users = {m.id: m.user for m in members if m is not None and allowed.user(m.id)}
    if replied is not None and allowed.replied_user:
        users[replied.id] = replied
    roles = {
        int(found): guild.roles[int(found)]
        for found in _ROLE.findall(text)
        if int(found) in guild.roles and allowed.role(int(found))
    }
    everyone = "everyone" in allowed.kinds and bool(_EVERYONE.search(text))
    return Mentions(tuple(users.values()), tuple(roles.values()), everyone)


def pinged(message: Message) -> "list[User]":
    """The people whom a new message notifies: they see the channel and are not its author.

    Roles that are not mentionable and everyone need the author's permission to mention them.
    Quoting a mention as code does not help here: the stand-in pings all the same.
    """
    if message.ephemeral or message.flags & MessageFlag.SUPPRESS_NOTIFICATIONS:
        return []
    mentions = message.mentions
    if not (mentions.users or mentions.roles or mentions.everyone):
        return []
    author = message.channel.guild.members.get(message.author.id)
    may_all = author is not None and author.may(message.channel, Permission.MENTION_EVERYONE)
    return [
        member.user
        for member in message.channel.guild.members.values()
        if member.user is not message.author
        # First what costs little: a guild may have thousands of members.
        and _is_meant(member, mentions, may_all=may_all)
        and member.may(message.channel, Permission.VIEW_CHANNEL)
    ]


def _is_meant(member: "Member", mentions: Mentions, *, may_all: bool) -> bool:
    if member.user in mentions.users or (mentions.everyone and may_all):
        return True
    return any(role in member.roles and (role.mentionable or may_all) for role in mentions.roles)
