"""The option `reason` of moderators' commands, and who gives it, for the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from discord import app_commands

from bot.base.checked_text import check_text
from bot.guilds.audit import Actor
from cogs.texts.languages import LANGUAGES, N_, _, use_language
from cogs.texts.markdown import escape, unescape

if TYPE_CHECKING:
    import discord

KEPT_REASON: Final = "Why; kept in the audit log"
LONGEST_REASON: Final = 200
"""Characters. Discord's client knows the bound; what another program sends is cut."""


class _Reason(app_commands.Transformer):
    max_value = LONGEST_REASON

    async def transform(self, _interaction: discord.Interaction, value: str, /) -> str:
        return parse_reason(value)


def parse_reason(typed: str) -> str:
    """Read a reason that somebody typed, and cut what is too long.

    Raises:
        TextError: It has characters that nobody can read.
    """
    return check_text("reason", typed)[:LONGEST_REASON]


def with_reason(question: str, reason: str) -> str:
    """Add a reason to a question that a button answers, as its last line.

    A button's id is too short for it; `reason_in` reads it again.
    """
    return f"{question}\n{_(_REASON, reason=escape(reason))}" if reason else question


def reason_in(question: str) -> str:
    """Read the reason that `with_reason` added; empty if there is none."""
    for language in LANGUAGES:
        # It may have been asked in another language than the moderator has now.
        with use_language(language):
            if reason := question.partition("\n" + _(_REASON, reason=""))[2]:
                return unescape(reason)
    return ""


_REASON: Final = N_("Reason: {reason}")

ReasonOption: TypeAlias = app_commands.Transform[str, _Reason]


def actor_from(interaction: discord.Interaction, reason: str = "") -> Actor:
    """Name the moderator of an interaction, with their reason, as the audit log keeps them."""
    return Actor(interaction.guild_id or 0, interaction.user.id, reason)
