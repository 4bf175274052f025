"""`/clips review`: whose clips moderators review before they are shown, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import discord
from discord import ChannelType, app_commands

from bot.guilds.guild_settings import ReviewMode
from bot.moderation.errors import NoReviewChannelError
from bot.moderation.review_service import ReviewSettings
from cogs.interactions.acknowledging import defer
from cogs.interactions.authority import clip_authority
from cogs.interactions.channel_rights import TO_SHOW_CLIPS, check_channel, find_channel
from cogs.interactions.reason_option import actor_from
from cogs.interactions.rights import require_right
from cogs.interactions.routed_views import RoutedView
from cogs.interactions.target_options import ChannelId
from cogs.texts.error_texts import UNCHANGED, error_text
from cogs.texts.languages import _, ngettext
from cogs.texts.markdown import plural
from cogs.texts.punctuation import sentences

if TYPE_CHECKING:
    from bot.moderation.review_service import ReviewChange, ReviewService
    from cogs.interactions.components import ComponentHandler

CUSTOM_ID_PREFIX: Final = "reviewed"
"""Of the custom id of the button that approves all clips."""

Days = app_commands.Range[int, 1, 365]


ReviewChannelOption: TypeAlias = app_commands.Transform[
    int, ChannelId(ChannelType.text, ChannelType.news)
]


class ReviewCommand(app_commands.Group):
    """`/clips review`."""

    def __init__(self, reviews: ReviewService) -> None:
        super().__init__()
        self._reviews = reviews

    @app_commands.command(description="Have moderators see clips before the channel does")
    @app_commands.describe(
        mode="Whose clips: nobody's, those of newcomers, or everyone's",
        channel="Where moderators see them and decide; left out, it stays as it is",
        newcomer_days="Up to which age in days an account or a membership is a newcomer's",
    )
    async def review(
        self,
        interaction: discord.Interaction,
        mode: Literal["off", "newcomers", "everyone"],
        channel: ReviewChannelOption | None = None,
        newcomer_days: Days | None = None,
    ) -> None:
        """Change whose clips are reviewed, and where."""
        guild_id = interaction.guild_id or 0
        wanted = ReviewSettings(ReviewMode(mode), channel, newcomer_days)
        channel_id = channel or await self._reviews.channel_id(guild_id)
        if wanted.mode is not ReviewMode.OFF and channel_id is not None:
            check_channel(interaction, channel_id, TO_SHOW_CLIPS)
        change = await self._reviews.change(guild_id, interaction.user.id, wanted)
        is_public = channel_id is not None and _is_public(interaction, channel_id)
        await interaction.edit_original_response(
            content=_answer(change, is_public=is_public), view=_show_all_button(change)
        )


def show_all_handler(reviews: ReviewService) -> ComponentHandler:
    """Build the handler of the button that approves all clips once review is off."""

    async def approve(interaction: discord.Interaction, _arguments: list[str]) -> None:
        # At the press again: the right may be gone since the command.
        require_right(interaction, "manage_messages")
        await defer(interaction)
        actor, authority = actor_from(interaction), clip_authority(interaction)
        done, left = await reviews.approve_all(actor, authority)
        text = "✅ " + _("I approved {clips}.", clips=plural(done, "clip"))
        if not done and not left:
            text = _("No clip waits for a decision any more.")
        if left:
            rest = _(
                "{clips} I left for others to decide about in the channel.",
                clips=plural(left, "clip"),
            )
            text = sentences(text, rest)
        await interaction.edit_original_response(content=text, view=None)

    return approve


def _show_all_button(change: ReviewChange) -> RoutedView | None:
    if change.settings.review is not ReviewMode.OFF or not change.undecided:
        return None
    label = ngettext("Show it", "Show all {n}", change.undecided)
    return RoutedView([discord.ui.Button(label=label, custom_id=f"{CUSTOM_ID_PREFIX}:all")])


def _is_public(interaction: discord.Interaction, channel_id: int) -> bool:
    channel = find_channel(interaction.guild, channel_id)
    return channel is not None and channel.permissions_for(channel.guild.default_role).view_channel


def _answer(change: ReviewChange, *, is_public: bool) -> str:
    settings = change.settings
    if settings.review is ReviewMode.OFF:
        new = "✅ " + _("New clips are shown at once.")
        if not change.undecided:
            return new
        rest = ngettext(
            "**{n} clip** from before still waits for a decision in <#{channel}>, or will once "
            "made.",
            "**{n} clips** from before still wait for a decision in <#{channel}>, or will once "
            "made.",
            change.undecided,
            channel=settings.review_channel_id,
        )
        return sentences(new, rest)
    whose = _("Everyone's clips")
    if settings.review is ReviewMode.NEWCOMERS:
        days = plural(settings.newcomer_days, "day")
        whose = _("Clips of newcomers (account or membership younger than {days})", days=days)
    clips = plural(change.reached, "clip")
    reached = _(", with {clips} in the making", clips=clips) if change.reached else ""
    everyone = _("Everyone can see that channel, and with it the clips.")
    warning = f"\n⚠️ {everyone}" if is_public else ""
    return "✅ " + _(
        "{whose} go to <#{review_channel_id}> first, from now on{reached}. Whoever has "
        "**Manage Messages** there can approve or refuse them.{warning}",
        whose=whose,
        review_channel_id=settings.review_channel_id,
        reached=reached,
        warning=warning,
    )


@error_text.register
def _no_channel(_error: NoReviewChannelError) -> str:
    return _(
        "Please name a `channel` in which clips are reviewed. {unchanged}", unchanged=_(UNCHANGED)
    )
