"""What Discord lets be done in threads that are archived or locked.

Sending a message opens an archived thread. In one that is locked only those who manage threads send
and edit; nobody edits in one that is archived.
"""

from typing import TYPE_CHECKING

from playground.discord.rules.errors import thread_archived, thread_locked
from playground.discord.state.permissions import Permission

if TYPE_CHECKING:
    from playground.discord.state.entities import Channel, Message, User


def check_may_send(channel: "Channel", author: "User") -> None:
    """ApiError 50083 or 160005 where the thread is locked for the author."""
    if channel.locked and not _manages_threads(channel, author):
        raise thread_archived() if channel.archived else thread_locked()


def check_may_edit(message: "Message") -> None:
    """ApiError 50083 where the message's thread is archived, 160005 where it is locked."""
    if message.channel.archived:
        raise thread_archived()
    check_may_send(message.channel, message.author)


def _manages_threads(channel: "Channel", author: "User") -> bool:
    member = channel.guild.members.get(author.id)
    return member is not None and member.may(channel, Permission.MANAGE_THREADS)
