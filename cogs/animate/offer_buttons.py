"""Buttons under a refusal: the same clip in a size that fits, one press away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord

from cogs.texts.languages import _
from cogs.texts.markdown import usd

if TYPE_CHECKING:
    from bot.requests.errors import LimitReachedError
    from bot.requests.request import PricedOptions

CUSTOM_ID_PREFIX: Final = "fit"
"""What the custom ids of these buttons start with."""


def offer_buttons(error: LimitReachedError) -> discord.ui.View | None:
    """Return a button for each size that fits, if there is one."""
    if error.offer_id is None:
        return None
    view = discord.ui.View(timeout=None)
    for fit in error.offered:
        view.add_item(_button(error.offer_id, fit))
    # The library need not remember it: presses are routed by their custom ids.
    view.stop()
    return view


def _button(offer_id: int, fit: PricedOptions) -> discord.ui.Button[discord.ui.View]:
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
