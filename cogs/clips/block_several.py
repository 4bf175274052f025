"""`since` of `/clips block` and `unblock`: the members of a raid, after a question."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import discord

from bot.base import from_ms, to_ms
from bot.moderation.member_selection import NewMembersBlock
from bot.moderation.timedeltas import parse_timedelta
from cogs.clips.block_list import show_blocks
from cogs.clips.cancel_texts import parts
from cogs.interactions.acknowledging import defer
from cogs.interactions.authority import ranks_by_roles
from cogs.interactions.components import reply_privately
from cogs.interactions.reason_option import actor_from, reason_in, with_reason
from cogs.interactions.rights import require_right
from cogs.interactions.routed_views import RoutedView
from cogs.texts.amounts import timestamp
from cogs.texts.error_texts import UNCHANGED
from cogs.texts.languages import N_, _
from cogs.texts.markdown import plural
from cogs.texts.punctuation import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.moderation.block_service import BlockService
    from bot.moderation.clip_selection import SelectedClips
    from bot.moderation.member_selection import SelectedMembers
    from cogs.interactions.components import ComponentHandler

CUSTOM_ID_PREFIX: Final = "blocks"
"""Of the custom ids of the buttons under a question, and under the list of blocks."""
ONE_OR_SEVERAL: Final = N_(
    "Please name either one member with `who`, or those of the last minutes with "
    "`since`. Nothing was changed."
)
_NOT_YOURS: Final = N_("Only who asked for this may confirm it. Nothing was changed.")
_BLOCK, _UNBLOCK, _PAGE = "block", "unblock", "page"


def beginning(interaction: discord.Interaction, length: str) -> datetime:
    """Read the option `since`.

    Raises:
        TimedeltaError: The text is no duration.
    """
    return interaction.created_at - parse_timedelta(length)


async def ask_block(
    interaction: discord.Interaction, service: BlockService, chosen: NewMembersBlock, reason: str
) -> None:
    """Say whom it hits and what becomes of their clips, and ask."""
    members, running = await _block(interaction, service, chosen, reason, preview=True)
    if not members.member_ids:
        await interaction.edit_original_response(
            content=_nobody(members, _("There is nobody to block since then."))
        )
        return
    since = timestamp(chosen.since, "T")
    lines = (
        _("Block **{count}** {until}?", count=_count(members), until=_until(interaction, chosen)),
        (
            "- "
            + _("They asked for clips since {since}, and had none shown here before.", since=since)
        ),
        *_clips(chosen, running),
        *_left(members),
        _("-# Who asks until you press is blocked too. `/clips unblock` with `since` undoes it."),
    )
    seconds = 0 if chosen.interval is None else int(chosen.interval.total_seconds())
    arguments = (to_ms(chosen.since), seconds, int(chosen.cancel_running))
    await interaction.edit_original_response(
        content=with_reason("\n".join(lines), reason),
        view=_button(interaction, _("Block them"), _BLOCK, *arguments),
    )


async def ask_unblock(
    interaction: discord.Interaction, service: BlockService, since: datetime, reason: str
) -> None:
    """Say how many members are let back in, and ask."""
    actor, ranks = actor_from(interaction, reason), ranks_by_roles(interaction)
    members = await service.unblock_several(actor, ranks, since, preview=True)
    if not members.member_ids:
        await interaction.edit_original_response(
            content=_nobody(members, _("There is nobody to unblock since then."))
        )
        return
    head = _(
        "Let **{count}** start clips again, blocked since {when}?",
        count=_count(members),
        when=timestamp(since, "f"),
    )
    await interaction.edit_original_response(
        content=with_reason("\n".join((head, *_left(members))), reason),
        view=_button(interaction, _("Unblock them"), _UNBLOCK, to_ms(since)),
    )


def page_custom_id(page: int) -> str:
    """Name the button to a page of `/clips blocks`."""
    return f"{CUSTOM_ID_PREFIX}:{_PAGE}:{page}"


def several_handler(service: BlockService) -> ComponentHandler:
    """Build the handler of the buttons: they act on whom the question fits at the press."""

    async def confirm(interaction: discord.Interaction, arguments: list[str]) -> None:
        # At the press again: the right may be gone since the command.
        require_right(interaction, "manage_messages")
        if arguments[0] == _PAGE:
            await defer(interaction)
            await show_blocks(interaction, service, int(arguments[1]), page_custom_id)
            return
        action, (actor_id, since, *rest) = arguments[0], map(int, arguments[1:])
        if interaction.user.id != actor_id or interaction.message is None:
            await reply_privately(interaction, _(_NOT_YOURS))
            return
        await defer(interaction)
        # In the question, since an id is too short for it.
        reason = reason_in(interaction.message.content)
        if action == _BLOCK:
            seconds, cancel = rest
            interval = timedelta(seconds=seconds) if seconds else None
            chosen = NewMembersBlock(from_ms(since), interval, bool(cancel))
            members, running = await _block(interaction, service, chosen, reason)
            until = _until(interaction, chosen)
            head = "⛔ " + _(
                "I blocked **{count}** {until}. `/clips unblock` lifts that.",
                count=_count(members),
                until=until,
            )
            lines = [head, *_clips(chosen, running), *_left(members)]
        else:
            actor, ranks = actor_from(interaction, reason), ranks_by_roles(interaction)
            members = await service.unblock_several(actor, ranks, from_ms(since))
            lines = [
                ("✅ " + _("**{count}** may start clips again.", count=_count(members))),
                *_left(members),
            ]
        nobody = _("There is nobody to block since then.")
        if action != _BLOCK:
            nobody = _("There is nobody to unblock since then.")
        text = "\n".join(lines) if members.member_ids else _nobody(members, nobody)
        await interaction.edit_original_response(content=text, view=None)

    return confirm


async def _block(
    interaction: discord.Interaction,
    service: BlockService,
    chosen: NewMembersBlock,
    reason: str,
    *,
    preview: bool = False,
) -> tuple[SelectedMembers, SelectedClips]:
    return await service.block_several(
        actor_from(interaction, reason), ranks_by_roles(interaction), chosen, preview=preview
    )


def _button(interaction: discord.Interaction, label: str, action: str, *values: int) -> RoutedView:
    custom_id = ":".join((CUSTOM_ID_PREFIX, action, *map(str, (interaction.user.id, *values))))
    danger = discord.ButtonStyle.danger
    return RoutedView([discord.ui.Button(label=label, style=danger, custom_id=custom_id)])


def _until(interaction: discord.Interaction, chosen: NewMembersBlock) -> str:
    if chosen.interval is None:
        return _("until somebody lifts it")
    return _("until {when}", when=timestamp(interaction.created_at + chosen.interval, "f"))


def _clips(chosen: NewMembersBlock, running: SelectedClips) -> Iterator[str]:
    if chosen.cancel_running:
        yield from parts(running)
    elif running.jobs:
        yield (
            "- "
            + _(
                "{clips} of theirs in the making will be finished.",
                clips=plural(len(running.jobs), "clip"),
            )
        )


def _count(members: SelectedMembers) -> str:
    return plural(len(members.member_ids), "member")


def _nobody(members: SelectedMembers, sentence: str) -> str:
    return "\n".join((sentences(sentence, _(UNCHANGED)), *_left(members)))


def _left(members: SelectedMembers) -> Iterator[str]:
    if members.left:
        yield (
            "- "
            + _(
                "{members} more I left alone: not below you, or their roles are not known to me.",
                members=plural(members.left, "member"),
            )
        )
