"""A member takes up an offer: the kept request comes in again, smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import OfferGoneError
from bot.moderation.gate import DURATIONS, RESOLUTIONS, Wish

if TYPE_CHECKING:
    import discord

    from bot.desk import Desk
    from bot.request import Ask, Front
    from cogs.presses import Handler
    from cogs.reception import Reception


def offer_presses(desk: Desk, reception: Reception) -> Handler:
    """Return the handler for the buttons of `cogs.offers`."""

    async def take_up(interaction: discord.Interaction, arguments: list[str]) -> None:
        offer, resolution, seconds = arguments
        chosen = next((it for it in RESOLUTIONS if it == resolution), None)
        duration = next((it for it in DURATIONS if str(it) == seconds), None)
        if chosen is None or duration is None:
            raise OfferGoneError
        await desk.check_offer(interaction.guild_id or 0, interaction.user.id, int(offer))

        async def take(front: Front) -> Ask:
            return await desk.take_up(front, int(offer))

        await reception.receive(interaction, Wish("", "", None, chosen, duration), take)

    return take_up
