"""Buttons under a refusal: the same request with cheaper options, which one press sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord

from cogs.interactions.routed_views import RoutedView
from cogs.texts.languages import _, money

if TYPE_CHECKING:
    from bot.requests.errors import LimitReachedError
    from bot.requests.request import PricedOptions

CUSTOM_ID_PREFIX: Final = "fit"
"""Of the custom ids of these buttons."""


def offer_buttons(error: LimitReachedError) -> RoutedView | None:
    """Build a button for each cheaper clip that the limit still allows; `None` if there is none."""
    if error.offer_id is None:
        return None
    return RoutedView(_button(error.offer_id, offered) for offered in error.offered)


def _button(offer_id: int, offered: PricedOptions) -> discord.ui.Button[Any]:
    resolution, duration = offered.options.resolution, offered.options.duration
    return discord.ui.Button(
        style=discord.ButtonStyle.primary,
        label=_(
            "{resolution}, {seconds} s for {price}",
            resolution=resolution,
            seconds=duration,
            price=money(offered.price_micro_usd),
        ),
        custom_id=f"{CUSTOM_ID_PREFIX}:{offer_id}:{resolution}:{duration}",
    )
