"""`/clips channels`: the channels and categories in which clips may be asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import discord
from discord import ChannelType, app_commands

from bot.guilds.guild_settings import AgeRestriction
from bot.moderation.channel_rules import Verdict
from bot.moderation.channel_service import MAX_CHANNEL_RULES
from bot.moderation.errors import ChannelRuleError, ChannelRuleProblem
from cogs.interactions.acknowledging import defer
from cogs.interactions.channel_rights import (
    TO_SHOW_CLIPS,
    find_channel,
    is_hidden,
    missing_rights,
    names_text,
)
from cogs.interactions.moderator_group import ModeratorGroup
from cogs.interactions.rights import require_right, suggest_only_to
from cogs.interactions.routed_views import page_buttons
from cogs.interactions.suggestions import Choices, matching_choices
from cogs.interactions.target_options import ChannelId
from cogs.texts.error_texts import UNCHANGED, error_text
from cogs.texts.languages import N_, _
from cogs.texts.punctuation import as_sentence, labelled, sentences

if TYPE_CHECKING:
    from bot.moderation.channel_service import ChannelRules, ChannelService
    from cogs.interactions.components import ComponentHandler

CUSTOM_ID_PREFIX: Final = "channels"
"""Of the custom ids of the buttons that turn pages."""

_PER_PAGE: Final = 15
"""So many channels fit one message, also where all of them are gone."""
_ID: Final = re.compile(r"(?:<#)?([0-9]{1,19})>?")
# All kinds that may be named in options but threads, which count as their channels.
_KINDS: Final = ("text", "voice", "category", "news", "stage_voice", "forum", "media")

RuledChannelOption: TypeAlias = app_commands.Transform[
    int, ChannelId(*(ChannelType[kind] for kind in _KINDS))
]


class ChannelsGroup(ModeratorGroup, name="channels", description="Where clips may be asked for"):
    """`/clips channels`."""

    def __init__(self, channels: ChannelService) -> None:
        super().__init__("manage_messages")
        self._channels = channels

    @app_commands.command(description="Allow clips in a channel or category")
    @app_commands.describe(channel="Threads count as their channel, channels as their category")
    async def allow(self, interaction: discord.Interaction, channel: RuledChannelOption) -> None:
        """Allow a channel. The first one that is allowed closes all others."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        category_id = getattr(find_channel(interaction.guild, channel), "category_id", None)
        rules = await self._channels.allow(guild_id, actor_id, channel, category_id)
        text = _outcome(interaction.guild, rules, channel)
        # Allowed all the same: interactions show clips for 15 minutes without any permission.
        if lacks := missing_rights(interaction, channel, TO_SHOW_CLIPS):
            need = _("To show clips there reliably I need {names} there.", names=names_text(lacks))
            text = sentences(text, need)
        await _show(interaction, rules, 0, text)

    @app_commands.command(description="Forbid clips in a channel or category")
    @app_commands.describe(channel="What is set for a channel goes before what is for its category")
    async def forbid(self, interaction: discord.Interaction, channel: RuledChannelOption) -> None:
        """Forbid a channel, whatever its category is."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        rules = await self._channels.forbid(guild_id, actor_id, channel)
        await _show(interaction, rules, 0, _outcome(interaction.guild, rules, channel))

    @app_commands.command(description="Undo what is set for a channel or category")
    @app_commands.describe(channel="One of those allowed or forbidden, deleted ones too")
    async def remove(self, interaction: discord.Interaction, channel: str) -> None:
        """Take a channel off the list. It is typed, for a deleted one cannot be picked."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        channel_id = _id_in(channel)
        rules = await self._channels.remove(guild_id, actor_id, channel_id)
        await _show(interaction, rules, 0, _outcome(interaction.guild, rules, channel_id))

    @remove.autocomplete("channel")
    @suggest_only_to("manage_messages")
    async def suggest(self, interaction: discord.Interaction, typed: str) -> Choices:
        """Suggest the channels that something is set for."""
        rules = await self._channels.rules(interaction.guild_id or 0)
        named = ((_plain_name(interaction.guild, it), str(it)) for it in sorted(rules.verdicts))
        return matching_choices(named, typed)

    @app_commands.command(description="Allow clips in every channel")
    async def everywhere(self, interaction: discord.Interaction) -> None:
        """Clear the list: without one, every channel is allowed."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        before = await self._channels.allow_everywhere(guild_id, actor_id)
        text = _("Nothing is set for single channels any more.")
        if not before.verdicts:
            text = _("Nothing was set for single channels. {unchanged}", unchanged=_(UNCHANGED))
        await _show(interaction, await self._channels.rules(guild_id), 0, text)

    @app_commands.command(description="Clips only in age-restricted channels, or never there")
    @app_commands.describe(mode="any: like all other channels")
    async def age_restricted(
        self, interaction: discord.Interaction, mode: Literal["any", "only", "never"]
    ) -> None:
        """Set whether clips may be asked for in age-restricted channels, and in others."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        rules = await self._channels.restrict_by_age(guild_id, actor_id, AgeRestriction(mode))
        text = _("Age-restricted channels are like all others.") if mode == "any" else ""
        await _show(interaction, rules, 0, text)

    @app_commands.command(name="list", description="Show where clips may be asked for")
    async def show(self, interaction: discord.Interaction) -> None:
        """Show the list, page by page."""
        await _show(interaction, await self._channels.rules(interaction.guild_id or 0), 0)


def channels_handler(channels: ChannelService) -> ComponentHandler:
    """Build the handler for the buttons that turn the pages of the list."""

    async def turn(interaction: discord.Interaction, arguments: list[str]) -> None:
        # At each press again: the right may be gone since the command.
        require_right(interaction, "manage_messages")
        await defer(interaction)
        (page,) = arguments
        await _show(interaction, await channels.rules(interaction.guild_id or 0), int(page))

    return turn


async def _show(
    interaction: discord.Interaction, rules: ChannelRules, page: int, text: str = ""
) -> None:
    """Show what a command did, and a page of the rules."""
    pages = max(1, -(-len(rules.verdicts) // _PER_PAGE))
    page = max(0, min(page, pages - 1))
    shown = "\n".join(filter(None, (text, *_lines(interaction.guild, rules, page))))
    await interaction.edit_original_response(
        content=shown,
        view=page_buttons(page, pages, lambda number: f"{CUSTOM_ID_PREFIX}:{number}"),
    )


def _lines(guild: discord.Guild | None, rules: ChannelRules, page: int) -> list[str]:
    verdicts = rules.verdicts
    listed = sorted(verdicts, key=lambda it: (verdicts[it] is Verdict.FORBID, it))
    shown = listed[page * _PER_PAGE :][:_PER_PAGE]
    lines = [_(_HEADS[_state(rules)]), *(_line(guild, it, verdicts[it]) for it in shown)]
    if len(shown) < len(listed):
        first = page * _PER_PAGE + 1
        lines.append(
            "-# "
            + _(
                "{first} to {first_2} of {listed}",
                first=first,
                first_2=first + len(shown) - 1,
                listed=len(listed),
            )
        )
    if listed:
        lines.append(_("-# A channel goes before its category; a thread counts as its channel."))
    age = rules.age_restriction
    return [*lines, _(_AGES[age]) if age in _AGES else ""]


def _state(rules: ChannelRules) -> Verdict | None:
    """What decides where no rule reaches; `None` where there are no rules."""
    if not rules.verdicts:
        return None
    closes = Verdict.ALLOW in rules.verdicts.values()
    return Verdict.ALLOW if closes else Verdict.FORBID


_HEADS: Final = {
    None: (
        N_(
            "Clips may be asked for in every channel. `/clips channels allow` and `forbid` "
            "narrow it down."
        )
    ),
    Verdict.ALLOW: N_("Clips may be asked for only where it is allowed:"),
    Verdict.FORBID: N_("Clips may be asked for in every channel where it is not forbidden:"),
}
_AGES: Final = {
    AgeRestriction.ONLY: N_("And only in age-restricted channels."),
    AgeRestriction.NEVER: N_("And never in age-restricted channels."),
}
_VERDICTS: Final = {
    Verdict.ALLOW: N_("allowed"),
    Verdict.EXCEPT: N_("allowed, though its category is not"),
    Verdict.FORBID: N_("forbidden"),
}


def _line(guild: discord.Guild | None, channel_id: int, verdict: Verdict) -> str:
    return labelled(f"- {_name(guild, channel_id)}", _(_VERDICTS[verdict]))


def _outcome(guild: discord.Guild | None, rules: ChannelRules, channel_id: int) -> str:
    """Say what is set for a channel after a change: it may be on another page of the list."""
    verdict = rules.verdicts.get(channel_id)
    now = _("nothing is set for it any more") if verdict is None else f"**{_(_VERDICTS[verdict])}**"
    return as_sentence(labelled(_name(guild, channel_id), now))


def _id_in(text: str) -> int:
    """Read the id in a mention or a suggestion; 0 if there is none."""
    found = _ID.fullmatch(text.strip())
    return int(found[1]) if found else 0


def _plain_name(guild: discord.Guild | None, channel_id: int) -> str:
    """Name a channel for suggestions, in which Discord shows no mentions."""
    channel = find_channel(guild, channel_id)
    if channel is None or is_hidden(channel):
        return _("deleted or hidden from me: {channel_id}", channel_id=channel_id)
    is_category = isinstance(channel, discord.CategoryChannel)
    return _("{name} (category)", name=channel.name) if is_category else f"#{channel.name}"


def _name(guild: discord.Guild | None, channel_id: int) -> str:
    channel = find_channel(guild, channel_id)
    if channel is None or is_hidden(channel):
        return _(
            "<#{channel_id}> (deleted or hidden from me: `{channel_id}`)", channel_id=channel_id
        )
    mention = f"<#{channel_id}>"
    is_category = isinstance(channel, discord.CategoryChannel)
    return _("{name} (category)", name=mention) if is_category else mention


_PROBLEMS: Final = {
    ChannelRuleProblem.TOO_MANY: (
        N_(
            "{most} are set already. Please set their category instead, or remove some "
            "that are gone."
        )
    ),
    ChannelRuleProblem.NO_RULE: N_("{channel} is neither allowed nor forbidden by itself."),
    ChannelRuleProblem.LAST: (
        N_(
            "{channel} is the only one that is allowed. Please allow another first, use "
            "`/clips channels everywhere`, or stop all clips with `/clips pause`."
        )
    ),
}


@error_text.register
def _not_changed(error: ChannelRuleError) -> str:
    channel = f"<#{error.channel_id}>" if error.channel_id else _("That")
    problem = _(_PROBLEMS[error.problem], channel=channel, most=MAX_CHANNEL_RULES)
    return sentences(problem, _(UNCHANGED))
