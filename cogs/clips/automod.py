"""`/clips words automod`: the server's own AutoMod rules hold for prompts too, and stay fresh."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import aiohttp
import discord
from discord import app_commands

from bot.moderation.automod_refresher import AutomodRefresher
from bot.moderation.errors import AutomodUnreadError
from cogs.interactions.rights import require_right
from cogs.texts.amounts import timestamp
from cogs.texts.error_texts import UNCHANGED, error_text
from cogs.texts.languages import N_, _, ngettext
from cogs.texts.markdown import escape, fit_lines, plural, shorten
from cogs.texts.punctuation import labelled, listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.moderation.automod_rules import AutomodRule, AutomodRules
    from bot.moderation.automod_service import AutomodService

_SHOWN: Final = 60
_OFF: Final = N_(
    "AutoMod's rules do not hold for prompts here. Discord does not hold them "
    "against what I write either: `/clips words automod rules:on` does."
)
_TURNED_OFF: Final = N_(
    "AutoMod's rules do not hold for prompts any more, from the next request on."
)
_NOT_KNOWN: Final = N_(
    "Discord does not tell me the words of its own lists (insults, sexual content, "
    "slurs), nor what it takes for spam. Rules that only alert or time out refuse "
    "no prompt."
)


@error_text.register
def _unread(error: AutomodUnreadError) -> str:
    if not error.lacks_right:
        return _(
            "Discord did not tell me this server's AutoMod rules. Please try again in a "
            "minute. {unchanged}",
            unchanged=_(UNCHANGED),
        )
    return _(
        "To read this server's AutoMod rules I need the permission **Manage Server**, "
        "which my invite does not ask for. Please give it to my role (Server Settings "
        "→ Roles), then send this again. {unchanged} What was on stays on, by the "
        "rules that I read last.",
        unchanged=_(UNCHANGED),
    )


class AutomodCommand(app_commands.Group):
    """`/clips words automod`."""

    def __init__(self, automod: AutomodService) -> None:
        super().__init__()
        self._automod = automod

    @app_commands.command(description="Hold this server's AutoMod rules against prompts too")
    @app_commands.describe(rules="Left out, it shows which rules hold")
    async def automod(
        self, interaction: discord.Interaction, rules: Literal["on", "off"] | None = None
    ) -> None:
        """Switch it on or off, or read the rules again and show them."""
        require_right(interaction, "manage_guild")
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        if rules == "off":
            await self._automod.turn_off(guild_id, actor_id)
            content = _(_TURNED_OFF)
        elif rules is None and await self._automod.state(guild_id) is None:
            content = _(_OFF)
        else:
            answer = await _read(interaction.client, guild_id)
            content = _shown(await self._automod.turn_on(guild_id, actor_id, answer))
        await interaction.edit_original_response(content=content)


class AutomodEvents:
    """Tells the refresher of changes; Discord tells the bot where it has *Manage Server*."""

    def __init__(self, refresher: AutomodRefresher) -> None:
        self._refresher = refresher

    def listen(self, client: discord.Client) -> None:
        """Have the client call the methods that are named as its events."""
        client.event(self.on_automod_rule_create)
        client.event(self.on_automod_rule_update)
        client.event(self.on_automod_rule_delete)

    async def on_automod_rule_create(self, rule: discord.AutoModRule) -> None:
        """Have the rules read again."""
        self._refresher.look(rule.guild.id)

    async def on_automod_rule_update(self, rule: discord.AutoModRule) -> None:
        """Have the rules read again."""
        self._refresher.look(rule.guild.id)

    async def on_automod_rule_delete(self, rule: discord.AutoModRule) -> None:
        """Have the rules read again."""
        self._refresher.look(rule.guild.id)


def automod_refresher(client: discord.Client, automod: AutomodService) -> AutomodRefresher:
    """Build the refresher, and have it told of changes."""
    refresher = AutomodRefresher(automod, lambda guild_id: _read(client, guild_id))
    AutomodEvents(refresher).listen(client)
    return refresher


async def _read(client: discord.Client, guild_id: int) -> list[Any] | None:
    """Ask Discord for a guild's rules.

    Raises:
        AutomodUnreadError: It did not say.
    """
    try:
        return await client.http.get_auto_moderation_rules(guild_id)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        lacks_right = isinstance(error, discord.Forbidden)
        raise AutomodUnreadError(str(error), lacks_right=lacks_right) from error


def _shown(rules: AutomodRules) -> str:
    lines = [
        _(
            "**{rules}** held against prompts, as of {when}; I read them again when they change:",
            rules=plural(len(rules.applied), "AutoMod rule"),
            when=timestamp(discord.utils.utcnow()),
        )
        if rules.applied
        else _(
            "AutoMod has no rule here with words or patterns of its own that blocks "
            "messages. I look again when that changes."
        ),
        *(f"- {_rule(rule)}" for rule in rules.applied),
        *(("- " + _("**not** held: {name}", name=_name(name))) for name in rules.left_out),
        *(
            (
                "- "
                + _(
                    "**not** held: the pattern {it}, which I cannot search for, or not fast",
                    it=escape(f"/{shorten(it, _SHOWN)}/"),
                )
            )
            for it in rules.left_out_patterns
        ),
        _(_NOT_KNOWN),
    ]
    return fit_lines(lines, _("- and {n} more", n="{n}"))


def _rule(rule: AutomodRule) -> str:
    parts = [plural(len(rule.keywords), "keyword"), plural(len(rule.patterns), "pattern")]
    if rule.allowed:
        allowed = ngettext("{n} on its allow list", "{n} on its allow list", len(rule.allowed))
        parts.append(allowed)
    exempt = len(rule.exempt_roles) + len(rule.exempt_channels)
    if exempt:
        parts.append(_("with {exemptions}", exemptions=plural(exempt, "exemption")))
    return labelled(_name(rule.name), listed(parts))


def _name(name: str) -> str:
    return quoted(escape(shorten(name, _SHOWN)))


def broken_lines(names: list[str]) -> Iterator[str]:
    """Say which AutoMod rules a text breaks."""
    for name in names:
        yield _(
            "**Refused**: it breaks the AutoMod rule {name}, which may exempt some.",
            name=_name(name),
        )
