"""A member takes up an offer: the request that was kept comes in again with cheaper options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import DURATIONS, RESOLUTIONS
from bot.quota.ledger import MemberKey
from bot.requests.errors import OfferGoneError
from cogs.animate.from_interaction import request_from
from cogs.interactions.place import guild_id_of

if TYPE_CHECKING:
    import discord

    from bot.requests.service import RequestService
    from cogs.animate.handler import AnimateHandler
    from cogs.interactions.components import ComponentHandler


def offer_handler(requests: RequestService, handler: AnimateHandler) -> ComponentHandler:
    """Build the handler for the buttons of `cogs.animate.offer_buttons`."""

    async def take_up(interaction: discord.Interaction, arguments: list[str]) -> None:
        # Any program can send any custom id, so nothing in it is taken on trust: the offer is
        # looked up for this member, and its options are checked and priced like new ones.
        number, size, seconds = arguments
        resolution = next((it for it in RESOLUTIONS if it == size), None)
        duration = next((it for it in DURATIONS if str(it) == seconds), None)
        if resolution is None or duration is None:
            raise OfferGoneError
        member_key = MemberKey(guild_id_of(interaction), interaction.user.id)
        offer = await requests.offer(member_key, int(number))
        options = offer.options.model_copy(update={"resolution": resolution, "duration": duration})
        picture = offer.picture_url, offer.picture_bytes
        request = request_from(interaction, options, *picture, offer_id=int(number))
        await handler.handle(interaction, request)

    return take_up
