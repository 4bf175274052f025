"""`/help`: how to make a clip, what it costs, and the rules of this server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import discord
from discord import app_commands

from bot.guilds.guild_settings import AgeRestriction, ReviewMode, largest_size
from bot.moderation import channel_rules
from bot.moderation.channel_rules import Verdict
from cogs.animate.from_interaction import requester_from
from cogs.animate.refusal_texts import channels_text, standing_lines
from cogs.interactions.acknowledging import defer
from cogs.interactions.place import guild_id_of, is_direct
from cogs.interactions.rights import has_right
from cogs.texts.amounts import limits_text
from cogs.texts.languages import N_, _, money, ngettext
from cogs.texts.markdown import CONTENT_LIMIT, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.guilds.guild_settings import GuildSettings
    from bot.moderation.channel_service import ChannelRules
    from bot.requests.request import MemberUsage
    from bot.requests.service import Size
    from bot.services import Services

_CHANNELS_SHOWN: Final = 10
_TO_MODERATORS: Final = N_(
    "-# You manage this server: `/setup` shows whether I have all that I need here, and makes the "
    "first settings."
)
_AGES: Final = {
    AgeRestriction.ONLY: N_("Of these, only age-restricted channels."),
    AgeRestriction.NEVER: N_("No age-restricted channels."),
}


class ServerRules(NamedTuple):
    """What `/help` tells a member of a server.

    Attributes:
        prices: In micro-USD, of each size that members may choose.
        blocks_words: Whether the moderators have blocked any words.
        is_direct: Whether it is no server: direct messages with the bot.
    """

    settings: GuildSettings
    usage: MemberUsage
    prices: Mapping[Size, int]
    channels: ChannelRules
    blocks_words: bool
    is_direct: bool = False

    @property
    def is_untouched(self) -> bool:
        """Whether no moderator has made one of the first settings."""
        settings = self.settings
        is_set = settings.own_limits or settings.log_channel_id or self.channels.verdicts
        return not is_set and settings.review is ReviewMode.OFF


def help_command(services: Services) -> app_commands.Command[Any, ..., None]:
    """Build the command, whose answer its member alone reads."""

    @app_commands.command(
        name="help", description="How to make a clip, what it costs, and the rules here"
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def help_(interaction: discord.Interaction) -> None:
        """Say how it works here."""
        # First: the database may take longer than the three seconds that Discord gives.
        await defer(interaction, ephemeral=True, thinking=True)
        guild_id = guild_id_of(interaction)
        rules = ServerRules(
            settings=await services.settings.get(guild_id),
            usage=await services.requests.usage(requester_from(interaction)),
            prices=await services.requests.prices(guild_id),
            channels=await services.channels.rules(guild_id),
            blocks_words=bool(await services.words.all(guild_id)),
            is_direct=is_direct(interaction),
        )
        text = help_text(rules)
        # Until somebody has decided anything; then they know where.
        if rules.is_untouched and has_right(interaction, "manage_guild"):
            text = f"{_(_TO_MODERATORS)}\n{text}"
        await interaction.edit_original_response(content=shorten(text, CONTENT_LIMIT))

    return help_


def help_text(rules: ServerRules) -> str:
    """Word the three steps, the costs and the rules of a server."""
    lines = [f"### {_('How to make a clip')}"]
    lines += standing_lines(rules.usage)
    lines += _steps()
    lines += [f"### {_('What it costs')}", *_costs(rules)]
    here = _("Rules of direct messages") if rules.is_direct else _("Rules of this server")
    lines += [f"### {here}", *(f"- {it}" for it in _rules(rules))]
    lines.append(
        _(
            "`/usage` shows what you have left, `/my-clips` your clips, `/defaults` what you "
            "choose once for all of them, and `/about` who runs this bot and where your pictures "
            "go."
        )
    )
    return "\n".join(lines)


def _steps() -> Iterator[str]:
    yield _("1. Type `/animate` and choose a picture from your device.")
    yield _(
        "2. Say in `prompt` what should move, and how: *her hair moves in the wind, slow zoom in*."
    )
    yield _("3. Send it. Your clip comes into the same channel, and you are told when it is there.")


def _costs(rules: ServerRules) -> Iterator[str]:
    yield _("You pay nothing: whoever runs this bot pays Pika for each clip.")
    prices = [
        _(
            "{resolution}, {seconds} s for {price}",
            resolution=it,
            seconds=seconds,
            price=money(price),
        )
        for (it, seconds), price in rules.prices.items()
    ]
    if prices:
        yield " · ".join(prices)
    own = [it.limit for it in rules.usage.allowance.statuses if not it.rule.is_shared]
    if own:
        yield _(
            "Your limit: {limits}. A clip that could not be made does not count.",
            limits=limits_text(own),
        )
    else:
        yield _("No limit is set for you here.")


def _rules(rules: ServerRules) -> Iterator[str]:
    settings = rules.settings
    if not rules.is_direct:
        yield from _channels(rules.channels)
    yield _("Clips of up to {resolution} and {seconds} seconds.", **_largest(settings))
    yield ngettext(
        "At most {n} clip of yours in the making at a time.",
        "At most {n} clips of yours in the making at a time.",
        settings.member_at_once,
    )
    if rules.is_direct:
        yield _("No words are blocked here. Pika's own content rules hold.")
    elif rules.blocks_words:
        yield _("Some words are not allowed in prompts. Pika's own content rules come on top.")
    else:
        yield _("This server blocks no words. Pika's own content rules hold.")
    yield _review(settings)
    if rules.is_direct:
        yield _("Only your own pictures: nobody else could be asked for theirs here.")
    else:
        yield _("Only use pictures that you may use. Other people must have agreed to theirs.")


def _largest(settings: GuildSettings) -> dict[str, object]:
    resolution, seconds = largest_size(settings)
    return {"resolution": resolution, "seconds": seconds}


def _channels(rules: ChannelRules) -> Iterator[str]:
    verdicts = rules.verdicts
    forbidden = [it for it, verdict in verdicts.items() if verdict is Verdict.FORBID]
    if Verdict.ALLOW in verdicts.values():
        allowed = channel_rules.allowed_ids(verdicts)
        yield _("Only in {channels}.", channels=channels_text(allowed, _CHANNELS_SHOWN))
    elif forbidden:
        yield _(
            "In all channels but {channels}.", channels=channels_text(forbidden, _CHANNELS_SHOWN)
        )
    else:
        yield _("In every channel.")
    if rules.age_restriction in _AGES:
        yield _(_AGES[rules.age_restriction])


def _review(settings: GuildSettings) -> str:
    if settings.review is ReviewMode.EVERYONE:
        return _("A moderator looks at every clip before it is shown.")
    if settings.review is ReviewMode.NEWCOMERS:
        return ngettext(
            "A moderator looks at clips of members who are new, for {n} day, before they are "
            "shown.",
            "A moderator looks at clips of members who are new, for {n} days, before they are "
            "shown.",
            settings.newcomer_days,
        )
    return _("Clips are shown at once.")
