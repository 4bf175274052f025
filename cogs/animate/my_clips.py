"""`/my-clips`: a member's own clips, by day, each with a link to its message and its file."""

from __future__ import annotations

import io
import logging
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands

from bot.base import DeliveryError
from bot.jobs.job import IN_PROGRESS, JobState
from cogs.animate.clip_details import DELETE
from cogs.animate.own_clip_texts import clip_text, jump_url, line_text, option_text
from cogs.delivery.attachments import alt_text
from cogs.delivery.clip_buttons import AGAIN, CANCEL, clip_button
from cogs.delivery.discord_errors import convert_discord_errors
from cogs.interactions.acknowledging import defer, is_passing
from cogs.interactions.components import OUTDATED_TEXT, chosen_values, reply_privately
from cogs.interactions.place import guild_id_of
from cogs.interactions.routed_views import RoutedLayout, RoutedView, page_row
from cogs.texts.amounts import timestamp
from cogs.texts.languages import _, pgettext

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import tzinfo

    from bot.moderation.clip_details import ClipDetails
    from bot.requests.own_clips import OwnClipsPage
    from bot.services import Services
    from cogs.interactions.components import ComponentHandler

log = logging.getLogger(__name__)

CUSTOM_ID_PREFIX: Final = "mine"
"""Of the custom ids of the buttons that turn pages, and of the menu that chooses a clip."""
_CHOOSE: Final = "choose"


def my_clips_command(services: Services) -> app_commands.Command[Any, ..., None]:
    """Build the command, whose answer its member alone reads."""

    @app_commands.command(
        name="my-clips", description="Your own clips here: links, downloads, words and cost"
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def my_clips(interaction: discord.Interaction) -> None:
        """List the member's clips, the newest first."""
        await defer(interaction, ephemeral=True, thinking=True)
        await _show(interaction, services, 0)

    return my_clips


def my_clips_handler(services: Services) -> ComponentHandler:
    """Build the handler of pages and menu. Both are read by whoever presses: their own clips."""

    async def handle(interaction: discord.Interaction, arguments: list[str]) -> None:
        match arguments, chosen_values(interaction):
            case [_choose], [job_id] if _choose == _CHOOSE:
                await defer(interaction, ephemeral=True, thinking=True)
                await _show_clip(interaction, services, int(job_id))
            case [number], []:
                await defer(interaction)
                await _show(interaction, services, int(number))
            case _:
                await reply_privately(interaction, _(OUTDATED_TEXT))

    return handle


async def _show(interaction: discord.Interaction, services: Services, number: int) -> None:
    guild_id = guild_id_of(interaction)
    page = await services.own_clips.page(guild_id, interaction.user.id, number)
    posters = await services.kept_pictures.posters(it.job for it in page.clips if _is_shown(it))
    zone = (await services.settings.get(guild_id)).time_zone or services.operator.time_zone
    try:
        await _show_page(interaction, page, zone, posters)
    except discord.HTTPException as error:
        if not posters or is_passing(error):
            raise
        # A filter for pictures, or no right to attach files here: the list is of use without.
        log.info("posters are not shown: %r", error)
        await _show_page(interaction, page, zone, {})


async def _show_page(
    interaction: discord.Interaction,
    page: OwnClipsPage,
    zone: tzinfo,
    posters: Mapping[int, bytes],
) -> None:
    files = [discord.File(io.BytesIO(data), _poster_name(it)) for it, data in posters.items()]
    view = RoutedLayout(page_items(page, zone, posters))
    await interaction.edit_original_response(view=view, attachments=files)


def page_items(
    page: OwnClipsPage, zone: tzinfo, posters: Collection[int]
) -> Iterator[discord.ui.Item[Any]]:
    """Build at most 38 components, of the 40 that Discord takes: 4 for each clip of a page."""
    if not page.clips:
        yield _text(_("You have no clips here yet. Type `/animate` to make one."))
        return
    head = _("Your clips here")
    if page.pages > 1:
        head = _(
            "{head}, page {page} of {pages}", head=head, page=page.number + 1, pages=page.pages
        )
    yield _text(f"### {head}")
    for _day, clips in groupby(page.clips, lambda it: it.job.created_at.astimezone(zone).date()):
        of_day = list(clips)
        yield _text(f"**{timestamp(of_day[0].job.created_at, 'D')}**")
        for clip in of_day:
            yield _line(clip, has_poster=clip.job.id in posters)
    options = [option_text(clip) for clip in page.clips]
    menu: discord.ui.Select[Any] = discord.ui.Select(
        custom_id=f"{CUSTOM_ID_PREFIX}:{_CHOOSE}",
        placeholder=_("Choose a clip for its words, seed and file"),
        options=[discord.SelectOption(label=it, value=str(job_id)) for job_id, it in options],
    )
    yield discord.ui.ActionRow(menu)
    row = page_row(page.number, page.pages, lambda number: f"{CUSTOM_ID_PREFIX}:{number}")
    if row is not None:
        yield row


def _text(content: str) -> discord.ui.TextDisplay[Any]:
    return discord.ui.TextDisplay(content)


def _line(clip: ClipDetails, *, has_poster: bool) -> discord.ui.Item[Any]:
    text = _text(line_text(clip))
    if not has_poster:
        return text
    poster: discord.ui.Thumbnail[Any] = discord.ui.Thumbnail(
        f"attachment://{_poster_name(clip.job.id)}",
        description=alt_text(clip.job),
        spoiler=bool(clip.job.options.spoiler),
    )
    return discord.ui.Section(text, accessory=poster)


def _poster_name(job_id: int) -> str:
    return f"clip-{job_id}.jpg"


async def _show_clip(interaction: discord.Interaction, services: Services, job_id: int) -> None:
    clip = await services.own_clips.get(guild_id_of(interaction), interaction.user.id, job_id)
    url = await _file_url(interaction.client, clip) if _is_shown(clip) else ""
    lines = [clip_text(clip)]
    if url:
        lines.append(f"-# {_('The download link works for about a day.')}")
    elif _is_shown(clip):
        lines.append(f"-# {_('I cannot read its message any more, so I have no download link.')}")
    await interaction.edit_original_response(
        content="\n".join(lines), view=RoutedView(clip_buttons(clip, url))
    )


def clip_buttons(clip: ClipDetails, file_url: str) -> Iterator[discord.ui.Button[Any]]:
    """Build what a member can press under one of their own clips; `file_url` may be empty.

    The buttons are those under the clip itself, where they are answered too.
    """
    job = clip.job
    if _is_shown(clip):
        yield clip_button(job, AGAIN, pgettext("button", "Again"), "🔁")
        yield clip_button(job, DELETE, pgettext("button", "Delete"))
    elif job.state in IN_PROGRESS and job.cancelled_by is None:
        yield clip_button(job, CANCEL, pgettext("button", "Cancel"))
    link = discord.ButtonStyle.link
    yield discord.ui.Button(style=link, label=_("Go to it"), url=jump_url(job))
    if file_url:
        yield discord.ui.Button(style=link, label=pgettext("button", "Download"), url=file_url)


def _is_shown(clip: ClipDetails) -> bool:
    return clip.job.state is JobState.DELIVERED and clip.removed_at is None


async def _file_url(client: discord.Client, clip: ClipDetails) -> str:
    """Ask Discord for a fresh address of a clip's file; empty where there is none for the bot."""
    reply_to = clip.job.reply_to
    channel = client.get_partial_messageable(reply_to.channel_id, guild_id=reply_to.guild_id)
    try:
        with convert_discord_errors():
            message = await channel.fetch_message(reply_to.message_id)
    except DeliveryError as error:
        log.info("job %d: its message was not read: %r", clip.job.id, error)
        return ""
    return next((it.url for it in message.attachments), "")
