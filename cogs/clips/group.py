"""`/clips`: the clips of a server, in the hands of its moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cogs.clips.error_texts  # noqa: F401 - registers its sentences
from cogs.clips.block import block_command, blocks_command, unblock_command
from cogs.clips.cancel import cancel_command
from cogs.clips.pause import pause_command, resume_command
from cogs.clips.queue import queue_command
from cogs.clips.remove import remove_command, remove_menu
from cogs.clips.who_made import who_made_menu
from cogs.interactions.moderator_group import ModeratorGroup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from discord import app_commands

    from bot.moderation.block_service import BlockService
    from bot.moderation.clip_service import ClipService
    from cogs.clips.member_names import MemberNames


def clips_group(
    control: ClipService,
    blocks: BlockService,
    names: MemberNames,
    more: Iterable[app_commands.Command[Any, ..., None] | app_commands.Group] = (),
) -> ModeratorGroup:
    """Return the whole group.

    Args:
        control: Acts on clips.
        blocks: Acts on members.
        names: What members are called where mentions do not show.
        more: Further commands and groups, after these.
    """
    return ModeratorGroup(
        "clips",
        "See what is being made, and stop it",
        "manage_messages",
        [
            queue_command(control),
            cancel_command(control, names),
            remove_command(control, names),
            block_command(blocks),
            unblock_command(blocks),
            blocks_command(blocks),
            pause_command(blocks),
            resume_command(blocks),
            *more,
        ],
    )


def add_clips(
    tree: app_commands.CommandTree[Any],
    control: ClipService,
    blocks: BlockService,
    names: MemberNames,
    more: Iterable[app_commands.Command[Any, ..., None] | app_commands.Group] = (),
) -> None:
    """Add the group, and the menus of messages, which cannot be in it.

    The parameters are those of `clips_group`.
    """
    tree.add_command(clips_group(control, blocks, names, more))
    tree.add_command(who_made_menu(control))
    tree.add_command(remove_menu(control))
