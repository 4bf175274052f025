"""`/owner servers`: where the bot is, what each server spends, and which are open."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.base import DIRECT_MESSAGES
from bot.owner.errors import GuildIdError, NotInGuildError
from cogs.interactions.routed_views import page_buttons
from cogs.interactions.suggestions import Choices, matching_choices
from cogs.owner.group import CUSTOM_ID_PREFIX, OwnerGroup
from cogs.owner.pages import PER_PAGE, clamp, confirm_button
from cogs.texts.amounts import rule_title
from cogs.texts.error_texts import UNCHANGED, error_text
from cogs.texts.languages import N_, _, money, ngettext
from cogs.texts.markdown import CONTENT_LIMIT, escape, fit_lines, shorten
from cogs.texts.punctuation import labelled, listed, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.owner.guild_access import GuildAccess
    from bot.owner.owner_service import GuildSpending, OwnerService
    from cogs.owner.guild_lookup import DiscordGuildLookup

log = logging.getLogger(__name__)

_LONGEST_ID: Final = 19
_MAX_ID: Final = (1 << 63) - 1
# Characters of the limits of a server in the list.
_RULES_SHOWN: Final = 120


class ServersGroup(
    OwnerGroup, name="servers", description="The servers that the bot is in: open, close, leave"
):
    """`/owner servers`."""

    def __init__(
        self, owner: OwnerService, access: GuildAccess, lookup: DiscordGuildLookup
    ) -> None:
        super().__init__(lookup)
        self._owner = owner
        self._access = access
        self._guilds = lookup

    @app_commands.command(name="list", description="See all servers, what they spend, their limits")
    async def show(self, interaction: discord.Interaction) -> None:
        """Show the first page, with buttons that turn to the others."""
        await self.show_page(interaction, 0)

    @app_commands.command(
        name="open", description="Let a server use the bot, whatever the settings say"
    )
    @app_commands.describe(server="Its name or id; also one that the bot is not in yet")
    async def open_server(self, interaction: discord.Interaction, server: str) -> None:
        """Open a server until that is undone."""
        await self._decide(interaction, _parse(server), decision=True)

    @app_commands.command(description="Let a server not use the bot, whatever the settings say")
    @app_commands.describe(server="Its name or id; also one that the bot is not in yet")
    async def close(self, interaction: discord.Interaction, server: str) -> None:
        """Close a server until that is undone; what is in the making there is finished."""
        await self._decide(interaction, _parse(server), decision=False)

    @app_commands.command(description="Open or close a server by the settings again")
    @app_commands.describe(server="Its name or id")
    async def undo(self, interaction: discord.Interaction, server: str) -> None:
        """Forget what was decided by command."""
        await self._decide(interaction, _parse(server), decision=None)

    @app_commands.command(description="Have the bot leave a server; asks you once more")
    @app_commands.describe(server="Its name or id")
    async def leave(self, interaction: discord.Interaction, server: str) -> None:
        """Ask whether to leave."""
        guild = self._guilds.find(_parse(server))
        jobs = await self._owner.open_jobs(guild.id)
        await interaction.edit_original_response(
            content=_leave_question(escape(self._guilds.guild_text(guild.id)), jobs),
            view=confirm_button(_("Leave"), "leave", guild.id),
        )

    @open_server.autocomplete("server")
    @close.autocomplete("server")
    @undo.autocomplete("server")
    @leave.autocomplete("server")
    async def suggest(self, interaction: discord.Interaction, typed: str) -> Choices:
        """Suggest the servers that the bot is in, to those who own the application."""
        if not await self._guilds.is_owner(interaction.user.id):
            return []
        known = sorted(self._guilds.known_ids())
        return matching_choices(((self._guilds.guild_text(it), str(it)) for it in known), typed)

    async def leave_confirmed(self, interaction: discord.Interaction, guild_id: int) -> None:
        """Leave a server, once the owner has pressed."""
        guild, described = self._guilds.find(guild_id), self._guilds.describe(guild_id)
        server = escape(self._guilds.guild_text(guild_id))
        try:
            await guild.leave()
        except discord.NotFound as error:  # another owner was quicker
            raise NotInGuildError(guild_id) from error
        await self._owner.record_leave(interaction.user.id, guild_id)
        log.warning("owner %d had me leave server %s", interaction.user.id, described)
        await interaction.edit_original_response(
            content=_("👋 I have left {server}.", server=server), view=None
        )

    async def show_page(self, interaction: discord.Interaction, page: int) -> None:
        """Show a page of servers, those first that the owner's decisions name."""
        decisions, known = self._access.decisions(), self._guilds.known_ids()
        everywhere = sorted({*known, *decisions}, key=lambda it: (it not in known, it))
        shown, pages = clamp(page, len(everywhere))
        ids = everywhere[shown * PER_PAGE :][:PER_PAGE]
        spending = await self._owner.spending(ids)
        lines = self._lines(ids, spending)
        head = ngettext(
            "**{n} server**, page {page} of {pages}",
            "**{n} servers**, page {page} of {pages}",
            len(known),
            page=shown + 1,
            pages=pages,
        )
        await interaction.edit_original_response(
            content=fit_lines((head, *lines), most=CONTENT_LIMIT),
            view=page_buttons(shown, pages, lambda it: f"{CUSTOM_ID_PREFIX}:servers:{it}"),
        )

    async def _decide(
        self, interaction: discord.Interaction, guild_id: int, *, decision: bool | None
    ) -> None:
        before = await self._access.decide(interaction.user.id, guild_id, decision=decision)
        described = self._guilds.describe(guild_id)
        log.warning("owner %d decided on server %s: %s", interaction.user.id, described, decision)
        server, decided = escape(self._guilds.guild_text(guild_id)), _(_DECISIONS[decision])
        lines = [_("✅ {server}: {decision}.", server=server, decision=decided)]
        if before is decision:
            same = _("{server}: {decision}, as before.", server=server, decision=decided)
            lines = [same, _(UNCHANGED)]
        if guild_id not in self._guilds.known_ids():
            lines.append(_("I am not in that server."))
        elif decision is None:
            lines.append(_("It is {state} now.", state=_state(self._access.is_open(guild_id))))
        elif not decision:
            lines.append(_(_WHEN_CLOSED))
        await interaction.edit_original_response(content=sentences(*lines))

    def _lines(self, guild_ids: list[int], spending: Mapping[int, GuildSpending]) -> Iterator[str]:
        decisions, known = self._access.decisions(), self._guilds.known_ids()
        for guild_id in guild_ids:
            state = _state(self._access.is_open(guild_id))
            if guild_id not in known:
                state = _("I am not in it")
            if guild_id in decisions:
                state = _(_BY_COMMAND[decisions[guild_id]], state=state)
            rules = listed(map(rule_title, spending[guild_id].rules), with_commas=True)
            rules = shorten(rules or _("no limit for everyone"), _RULES_SHOWN)
            used = money(spending[guild_id].used)
            yield labelled(f"• **{escape(self._guilds.guild_text(guild_id))}**", state)
            yield _("-# {used} used this month · {rules}", used=used, rules=rules)


_DECISIONS: Final = {
    True: N_("open by your word, whatever the settings say"),
    False: N_("closed by your word, whatever the settings say"),
    None: N_("the settings decide again"),
}
_BY_COMMAND: Final = {
    True: N_("{state}, opened by command"),
    False: N_("{state}, closed by command"),
}
_WHEN_CLOSED: Final = N_(
    "What is in the making there is finished and shown; clips that wait for its moderators "
    "cannot be approved while it is closed."
)


def _leave_question(server: str, jobs: int) -> str:
    if not jobs:
        return _("⚠️ Leave {server}? Its limits and history are kept.", server=server)
    return ngettext(
        "⚠️ Leave {server}? {n} clip in the making cannot be shown there any more, and may be "
        "billed all the same. Its limits and history are kept.",
        "⚠️ Leave {server}? {n} clips in the making cannot be shown there any more, and may be "
        "billed all the same. Its limits and history are kept.",
        jobs,
        server=server,
    )


def _state(is_open: bool | None) -> str:  # noqa: FBT001 - a state
    if is_open is None:
        return _("not looked at yet")
    return _("open") if is_open else _("closed")


def _parse(typed: str) -> int:
    text = typed.strip()
    if not (text.isascii() and text.isdecimal() and 0 < len(text) <= _LONGEST_ID):
        raise GuildIdError
    # Larger ones the database could not keep.
    if not DIRECT_MESSAGES < int(text) <= _MAX_ID:
        raise GuildIdError
    return int(text)


@error_text.register
def _not_in_guild(error: NotInGuildError) -> str:
    return _(
        "I am in no server with the id {id}, or no more. {unchanged}",
        id=error.guild_id,
        unchanged=_(UNCHANGED),
    )


@error_text.register
def _guild_id(_error: GuildIdError) -> str:
    return _(
        "Please choose a server from the list, or give its id. {unchanged}",
        unchanged=_(UNCHANGED),
    )
