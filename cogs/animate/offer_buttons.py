"""Buttons under a refusal: the same clip in a size that fits, one press away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord

from cogs.interactions.routed_views import RoutedView
from cogs.texts.languages import _
from cogs.texts.markdown import usd

if TYPE_CHECKING:
    from bot.requests.errors import LimitReachedError
    from bot.requests.offers import OfferedOptions

CUSTOM_ID_PREFIX: Final = "fit"
"""What the custom ids of these buttons start with."""


def offer_buttons(error: LimitReachedError) -> RoutedView | None:
    """Return a button for each size that fits, if there is one."""
    if error.offer_id is None:
        return None
    return RoutedView(_button(error.offer_id, fit) for fit in error.offered)


def _button(offer_id: int, fit: OfferedOptions) -> discord.ui.Button[Any]:
    resolution, duration = fit.options.resolution, fit.options.duration
    return discord.ui.Button(
        style=discord.ButtonStyle.primary,
        label=_(
            "{resolution}, {seconds} s for {price}",
            resolution=resolution,
            seconds=duration,
            price=usd(fit.price_micro_usd),
        ),
        custom_id=f"{CUSTOM_ID_PREFIX}:{offer_id}:{resolution}:{duration}",
    )
