"""`/clips pictures`: the pictures that members may not use, nor near copies of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.moderation.errors import ClipError, ClipProblem
from cogs.clips.clip_lines import parse_clip_ref
from cogs.interactions.acknowledging import defer
from cogs.interactions.authority import clip_authority
from cogs.interactions.moderator_group import ModeratorGroup
from cogs.interactions.reason_option import KEPT_REASON, ReasonOption, actor_from
from cogs.interactions.rights import require_right, suggest_only_to
from cogs.interactions.routed_views import page_buttons
from cogs.interactions.suggestions import matching_choices
from cogs.texts.amounts import timestamp
from cogs.texts.languages import N_, _
from cogs.texts.markdown import mention, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.moderation.clip_details import ClipRef
    from bot.moderation.remembered_pictures import PictureService, RememberedPicture
    from cogs.clips.member_names import MemberNames
    from cogs.interactions.components import ComponentHandler
    from cogs.interactions.suggestions import Choices

CUSTOM_ID_PREFIX: Final = "pictures"
"""Of the custom ids of the buttons that turn pages."""

_PER_PAGE: Final = 10
_NONE: Final = N_(
    "No picture is refused here. `/clips pictures refuse` puts one on the list, "
    "and so does **Remove clip**."
)


class PicturesGroup(
    ModeratorGroup, name="pictures", description="Pictures that members may not use"
):
    """`/clips pictures`."""

    def __init__(self, pictures: PictureService, names: MemberNames) -> None:
        super().__init__("manage_messages")
        self._pictures = pictures
        self._names = names

    @app_commands.command(
        name="list", description="Which pictures are refused, since when, by whom?"
    )
    async def show(self, interaction: discord.Interaction) -> None:
        """Show the list, page by page."""
        await _show(interaction, await self._pictures.all(interaction.guild_id or 0), 0)

    @app_commands.command(description="Refuse the picture of a clip, and near copies, from now on")
    @app_commands.describe(clip="Its number, or a link to its message", reason=KEPT_REASON)
    async def refuse(
        self, interaction: discord.Interaction, clip: str, reason: ReasonOption = ""
    ) -> None:
        """Put the picture of a clip on the list, whatever became of the clip."""
        job = await self._pictures.remember(actor_from(interaction, reason), _ref(clip))
        await interaction.edit_original_response(
            content=(
                "⛔ "
                + _(
                    "The picture of clip **#{id}** is refused from now on, and near copies of it. "
                    "`/clips pictures forget` undoes that.",
                    id=job.id,
                )
            )
        )

    @app_commands.command(description="Take a refused picture again")
    @app_commands.describe(clip="The number of the clip that was made of it", reason=KEPT_REASON)
    async def forget(
        self, interaction: discord.Interaction, clip: str, reason: ReasonOption = ""
    ) -> None:
        """Take a picture off the list."""
        actor, authority = actor_from(interaction, reason), clip_authority(interaction)
        job = await self._pictures.forget(actor, authority, _ref(clip))
        await interaction.edit_original_response(
            content=("✅ " + _("The picture of clip **#{id}** is not refused any more.", id=job.id))
        )

    @forget.autocomplete("clip")
    @suggest_only_to("manage_messages")
    async def suggest(self, interaction: discord.Interaction, typed: str) -> Choices:
        """Suggest the pictures that are refused."""
        guild_id = interaction.guild_id or 0
        named = (
            (f"#{it.job_id} · {self._names.name_of(guild_id, it.member_id)}", str(it.job_id))
            for it in await self._pictures.all(guild_id)
        )
        return matching_choices(named, typed)


def pictures_handler(pictures: PictureService) -> ComponentHandler:
    """Build the handler for the buttons that turn the pages of the list."""

    async def turn(interaction: discord.Interaction, arguments: list[str]) -> None:
        # At each press again: the right may be gone since the command.
        require_right(interaction, "manage_messages")
        await defer(interaction)
        (page,) = arguments
        await _show(interaction, await pictures.all(interaction.guild_id or 0), int(page))

    return turn


async def _show(
    interaction: discord.Interaction, pictures: Sequence[RememberedPicture], page: int
) -> None:
    pages = max(1, -(-len(pictures) // _PER_PAGE))
    page = max(0, min(page, pages - 1))
    head = _("**{pictures}**, with near copies:", pictures=plural(len(pictures), "refused picture"))
    shown = pictures[page * _PER_PAGE :][:_PER_PAGE]
    await interaction.edit_original_response(
        content="\n".join((head, *map(_line, shown))) if pictures else _(_NONE),
        view=page_buttons(page, pages, lambda number: f"{CUSTOM_ID_PREFIX}:{number}"),
    )


def _line(picture: RememberedPicture) -> str:
    line = "- " + _(
        "of clip **#{job_id}** of {mention}, by <@{by}> {when}",
        job_id=picture.job_id,
        mention=mention(picture.member_id),
        by=picture.actor_id,
        when=timestamp(picture.at, "f"),
    )
    if picture.last_refused_at is None:
        return line
    return _(
        "{line}; sent again {times}, last by {last} {when}",
        line=line,
        times=plural(picture.refusals, "time"),
        last=mention(picture.last_member_id or 0),
        when=timestamp(picture.last_refused_at),
    )


def _ref(typed: str) -> ClipRef:
    clip_ref = parse_clip_ref(typed)
    if clip_ref is None:
        raise ClipError(ClipProblem.UNKNOWN)
    return clip_ref
