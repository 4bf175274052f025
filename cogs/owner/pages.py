"""Buttons that turn the pages of the owner's lists."""

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


def page_buttons(name: str, page: int, pages: int) -> RoutedView | None:
    """Build the buttons to the pages before and after; nothing where there is only one."""
    if pages <= 1:
        return None
    return RoutedView(
        discord.ui.Button(
            label=label,
            custom_id=f"{CUSTOM_ID_PREFIX}:{name}:{number}",
            disabled=not 0 <= number < pages,
        )
        for label, number in (("◀", page - 1), ("▶", page + 1))
    )


def confirm_button(label: str, *arguments: object) -> RoutedView:
    """Build the one button of a question."""
    custom_id = ":".join(map(str, (CUSTOM_ID_PREFIX, *arguments)))
    danger = discord.ButtonStyle.danger
    return RoutedView([discord.ui.Button(label=label, style=danger, custom_id=custom_id)])
