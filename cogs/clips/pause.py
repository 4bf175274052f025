"""`/clips pause` and `resume`: no new requests in a server, for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import discord
from discord import app_commands

from bot.moderation.timedeltas import parse_timedelta
from cogs.clips.cancel_texts import saved_text
from cogs.interactions.reason_option import ReasonOption, actor_from
from cogs.texts.amounts import timestamp
from cogs.texts.languages import _
from cogs.texts.punctuation import sentences

if TYPE_CHECKING:
    from bot.moderation.block_service import BlockService, PauseResult


class PauseCommands(app_commands.Group):
    """`/clips pause` and `resume`."""

    def __init__(self, blocks: BlockService) -> None:
        super().__init__()
        self._blocks = blocks

    @app_commands.command(description="Let nobody start new clips for now")
    @app_commands.describe(
        reason="Why; members read it when they try",
        waiting="What becomes of clips that Pika has not been asked for; cancel: nothing is paid",
        length="How long, like 30m, 2h or 1d; left out, until /clips resume",
    )
    @app_commands.rename(length="for")
    async def pause(
        self,
        interaction: discord.Interaction,
        reason: ReasonOption = "",
        waiting: Literal["keep", "cancel"] = "keep",
        length: app_commands.Range[str, 1, 40] | None = None,
    ) -> None:
        """Refuse new requests until `resume` or an end; what Pika has goes on."""
        duration = None if length is None else parse_timedelta(length)
        actor = actor_from(interaction, reason)
        done = await self._blocks.pause(actor, duration, cancel_waiting=waiting == "cancel")
        await interaction.edit_original_response(content=_paused(done))

    @app_commands.command(description="Let members start clips again")
    async def resume(self, interaction: discord.Interaction) -> None:
        """End the pause."""
        earlier = await self._blocks.resume(actor_from(interaction))
        text = "▶️ " + _(
            "Members may start clips again. They were paused {when}.", when=timestamp(earlier.since)
        )
        await interaction.edit_original_response(content=text)


def _paused(done: PauseResult) -> str:
    return f"⏸️ {sentences(_what_changed(done), _what_waits(done), _end(done))}"


def _what_changed(done: PauseResult) -> str:
    if done.earlier is None:
        return _("Nobody may start a clip from now on.")
    since = timestamp(done.earlier.since)
    if done.earlier.until == done.pause.until:
        return _("Clips were paused already, {since}. Only the reason changed.", since=since)
    return _("Clips were paused already, {since}. Reason and end changed.", since=since)


def _what_waits(done: PauseResult) -> str:
    if done.cancelled:
        return _(
            "I cancelled {saved}; what Pika has will be finished.", saved=saved_text(done.waiting)
        )
    if done.waiting.jobs:
        return _(
            "What is in the making will be finished, {saved} too: `/clips pause` with "
            "`waiting:cancel` cancels those.",
            saved=saved_text(done.waiting),
        )
    return _("What is in the making will be finished.")


def _end(done: PauseResult) -> str:
    if done.pause.until is None:
        return _("`/clips resume` ends it.")
    return _(
        "It ends by itself {when}, or by `/clips resume`.", when=timestamp(done.pause.until, "f")
    )
