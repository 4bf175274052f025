"""Pages of the owner's lists, and the button of a question."""

from __future__ import annotations

from typing import Final

import discord

from cogs.interactions.routed_views import RoutedView
from cogs.owner.group import CUSTOM_ID_PREFIX

PER_PAGE: Final = 5
"""So many entries fit one message, whatever they are."""


def clamp(page: int, entries: int) -> tuple[int, int]:
    """The page to show of a list, the last one where there are fewer, and how many there are."""
    pages = max(1, -(-entries // PER_PAGE))
    return max(0, min(page, pages - 1)), pages


def confirm_button(label: str, *arguments: object) -> RoutedView:
    """Build the one button of a question."""
    custom_id = ":".join(map(str, (CUSTOM_ID_PREFIX, *arguments)))
    danger = discord.ButtonStyle.danger
    return RoutedView([discord.ui.Button(label=label, style=danger, custom_id=custom_id)])
