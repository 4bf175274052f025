"""`/mydata`: members have what is kept about them written out, or deleted."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.personal_data.erasure import LIMITS_LOOK_BACK
from cogs.interactions.acknowledging import defer
from cogs.interactions.components import reply_privately
from cogs.interactions.routed_views import RoutedView
from cogs.texts.languages import _, ngettext
from cogs.texts.punctuation import listed

if TYPE_CHECKING:
    from bot.personal_data.export import Export
    from bot.personal_data.service import Deletion, PersonalDataService
    from cogs.interactions.components import ComponentHandler

CUSTOM_ID_PREFIX: Final = "mydata"
"""Of the custom id of the button under the question."""
_ROOM_FOR_REQUEST: Final = 4096
"""Bytes that the rest of the answer takes of what Discord allows."""
_NAMED: Final = 20
"""Clips of which it is said that something of them is left out."""


class MyDataGroup(app_commands.Group):
    """`/mydata`, for any member, answered to them alone."""

    def __init__(self, personal_data: PersonalDataService) -> None:
        super().__init__(
            name="mydata",
            description="What I keep about you: have it sent to you, or deleted",
            guild_only=True,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )
        self._personal_data = personal_data

    @app_commands.command(
        name="export", description="Get all that I keep about you, in every server, as a file"
    )
    async def export(self, interaction: discord.Interaction) -> None:
        """Send what is kept, in a message that nobody else sees."""
        await defer(interaction, ephemeral=True, thinking=True)
        limit = interaction.filesize_limit - _ROOM_FOR_REQUEST
        export = await self._personal_data.export(interaction.user.id, limit)
        file = discord.File(io.BytesIO(export.archive), "my-data.zip")
        await interaction.edit_original_response(content=_exported(export), attachments=[file])

    @app_commands.command(
        name="delete", description="Delete all that I keep about you, in every server"
    )
    async def delete(self, interaction: discord.Interaction) -> None:
        """Ask whether it is really meant."""
        await defer(interaction, ephemeral=True, thinking=True)
        clips = await self._personal_data.count_clips(interaction.user.id)
        button = discord.ui.Button[RoutedView](
            label=_("Delete my data"),
            style=discord.ButtonStyle.danger,
            custom_id=f"{CUSTOM_ID_PREFIX}:{interaction.user.id}",
        )
        await interaction.edit_original_response(
            content=_question(clips), view=RoutedView([button])
        )


def my_data_handler(personal_data: PersonalDataService) -> ComponentHandler:
    """Build the handler of the button."""

    async def delete(interaction: discord.Interaction, arguments: list[str]) -> None:
        if arguments != [str(interaction.user.id)]:
            await reply_privately(interaction, _("Only who asked for this may confirm it."))
            return
        await defer(interaction)
        deletion = await personal_data.delete(interaction.user.id)
        await interaction.edit_original_response(content=_deleted(deletion), view=None)

    return delete


def _exported(export: Export) -> str:
    n = export.clips
    lines = [
        ngettext(
            "All that I keep about you, in every server where you used me: {n} clip.",
            "All that I keep about you, in every server where you used me: {n} clips.",
            n,
        ),
        _(
            "Posted clips are linked in it. Your pictures, and small stills of your clips, are in "
            "it as long as I keep them."
        ),
    ]
    if export.left_out:
        named = listed(f"#{number}" for number in export.left_out[:_NAMED])
        more = "…" if len(export.left_out) > _NAMED else ""
        too_large = _(
            "Discord takes no larger file, so pictures or stills of these clips are not in it: "
            "{clips}",
            clips=named + more,
        )
        lines.append(f"⚠️ {too_large}")
    return "\n".join(lines)


def _decided() -> str:
    return _("Blocks, limits and whatever else moderators decided stay, and so does their log.")


def _posted() -> str:
    return _(
        "Posted clips stay in their channels. If you want them gone, delete them first: later I no "
        "longer know which are yours."
    )


def _question(clips: int) -> str:
    about = ngettext(
        "This is about {n} clip. Nobody can bring it back.",
        "This is about {n} clips. Nobody can bring them back.",
        clips,
    )
    return "\n".join(
        (
            f"**{_('Delete all that I keep about you, in every server where you used me?')}**",
            about,
            f"- {_('Deleted: prompts, seeds, pictures, and where your clips are.')}",
            f"- {_('Pika is asked to delete your pictures and videos too, where it can.')}",
            f"- {_('Clips that are still being made are finished, and deleted then.')}",
            f"- {_kept()}",
            f"- {_decided()}",
            f"- {_posted()}",
        )
    )


def _kept() -> str:
    return _(
        "What your clips cost and what you have used of your limits stays, so no limit begins "
        "anew. After {days} days it no longer says whose it was.",
        days=LIMITS_LOOK_BACK.days,
    )


def _deleted(deletion: Deletion) -> str:
    lines = [
        f"✅ {_('What I kept about you is deleted, in every server.')}",
        f"-# {_kept()}",
        f"-# {_decided()}",
    ]
    if n := deletion.left:
        left = ngettext(
            "{n} clip of yours is still being made, or its bill is open: deleted after that.",
            "{n} clips of yours are still being made, or their bill is open: deleted after that.",
            n,
        )
        lines.insert(1, left)
    return "\n".join(lines)
