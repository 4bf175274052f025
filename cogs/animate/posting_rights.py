"""Refuses a request where its clip could not be posted, before anything is paid.

By an interaction's token the bot may post anywhere, for 15 minutes; a clip may take longer, and
from then on it needs the permissions of its own account.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from bot.base import RequestRefusedError, Timeouts
from cogs.interactions.place import is_direct
from cogs.texts.error_texts import error_text, with_no_charge_note
from cogs.texts.languages import N_, _
from cogs.texts.punctuation import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

log = logging.getLogger(__name__)

_RIGHTS: Final = {
    "view_channel": N_("View Channel"),
    "send_messages": N_("Send Messages"),
    "send_messages_in_threads": N_("Send Messages in Threads"),
    "attach_files": N_("Attach Files"),
}


_COMMAND_RIGHTS: Final = (
    "send_messages",
    "send_messages_in_threads",
    "use_application_commands",
)


class CannotPostError(RequestRefusedError):
    """The bot lacks permissions in the channel; `missing` has them as discord.py names them."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(f"lacks {missing}")
        self.missing = tuple(missing)


class MayNotWriteError(RequestRefusedError):
    """The member may read the channel, and neither write there nor use commands."""


class ThreadLockedError(RequestRefusedError):
    """Only moderators may write in the thread."""


class NotInThreadError(RequestRefusedError):
    """The bot, whose account is `bot_id`, is not in the private thread."""

    def __init__(self, bot_id: int) -> None:
        super().__init__("not in a private thread")
        self.bot_id = bot_id


def check_pressing(interaction: discord.Interaction) -> None:
    """Pass a press, or a form, of a member who could have asked there by a command too.

    Discord lets whoever sees a message press its buttons, and checks these rights for commands.

    Raises:
        MayNotWriteError: They could not.
    """
    by_command = discord.InteractionType.application_command
    if interaction.type is by_command or is_direct(interaction):
        return
    rights = interaction.permissions
    if not rights.administrator and _missing(rights, _COMMAND_RIGHTS, interaction.channel):
        raise MayNotWriteError


async def check_posting(interaction: discord.Interaction) -> None:
    """Pass a request from where the bot itself may post a clip, as far as Discord tells.

    Raises:
        CannotPostError: It lacks a permission there.
        ThreadLockedError: The thread is locked.
        NotInThreadError: The thread is private, and the bot is not in it.
    """
    rights, channel = interaction.app_permissions, interaction.channel
    if is_direct(interaction) or rights.administrator:
        return
    if missing := _missing(rights, _RIGHTS, channel):
        raise CannotPostError(missing)
    if isinstance(channel, discord.Thread) and not rights.manage_threads:
        if channel.locked:
            raise ThreadLockedError
        if channel.is_private() and not await _is_in(interaction.client, channel):
            raise NotInThreadError(interaction.client.user.id if interaction.client.user else 0)


def _missing(rights: discord.Permissions, needed: Iterable[str], channel: object) -> list[str]:
    """Name the rights that lack; of the two to send messages, only that for such a channel."""
    is_thread = isinstance(channel, discord.Thread)
    unused = "send_messages" if is_thread else "send_messages_in_threads"
    return [right for right in needed if right != unused and not getattr(rights, right)]


async def _is_in(client: discord.Client, thread: discord.Thread) -> bool:
    # Asked: what the gateway tells of threads is not read, and it tells of no archived ones.
    try:
        async with asyncio.timeout(Timeouts.PRECHECK_SECONDS):
            await client.http.get_channel(thread.id)
    except (discord.Forbidden, discord.NotFound):
        return False
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        # To refuse would be a guess: its messages may well arrive.
        log.warning("thread %d: whether I am in it is not known: %r", thread.id, error)
    return True


@error_text.register
def _cannot_post(error: CannotPostError) -> str:
    rights = listed(f"**{_(_RIGHTS[right])}**" for right in error.missing)
    sentence = _(
        "I may not post clips in this channel. Please ask a moderator to give me there: {rights}. "
        "Or use another channel.",
        rights=rights,
    )
    return with_no_charge_note(sentence)


@error_text.register
def _may_not_write(_error: MayNotWriteError) -> str:
    sentence = _(
        "You may not write in this channel, so I make no clip for you here. "
        "Please use another channel."
    )
    return with_no_charge_note(sentence)


@error_text.register
def _thread_locked(_error: ThreadLockedError) -> str:
    sentence = _(
        "This thread is locked, so I cannot post a clip in it. Please use another channel."
    )
    return with_no_charge_note(sentence)


@error_text.register
def _not_in_thread(error: NotInThreadError) -> str:
    sentence = _(
        "I am not in this private thread, so I could not bring your clip into it. "
        "Please mention <@{bot}> here, which adds me, and send `/animate` again.",
        bot=error.bot_id,
    )
    return with_no_charge_note(sentence)
