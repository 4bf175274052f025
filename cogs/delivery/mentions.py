"""Mentions that notify: of one role that moderators chose, and of nobody else."""

from __future__ import annotations

import discord


def with_mention(text: str, role_id: int | None) -> str:
    """Put a mention of a role before a text, if there is a role."""
    return text if role_id is None else f"<@&{role_id}> {text}"


def only_role(role_id: int | None) -> discord.AllowedMentions:
    """Let a message notify the members of that role, whatever else it mentions."""
    roles = [] if role_id is None else [discord.Object(role_id)]
    return discord.AllowedMentions(everyone=False, users=False, roles=roles, replied_user=False)
