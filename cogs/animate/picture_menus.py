"""*Animate this picture* in the menu of a message, *Animate avatar* in that of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.jobs.animate_options import AnimateOptions
from bot.media.errors import PictureError
from bot.media.still import check_picture_size
from bot.quota.ledger import MemberKey
from bot.requests.errors import NoPictureError
from cogs.animate.from_interaction import request_from
from cogs.animate.message_pictures import avatar_of, owner_of, pictures_in
from cogs.animate.picture_form import picked_picture, picture_form, typed_options, uploaded_picture
from cogs.animate.posting_rights import check_posting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.requests.consent_service import ConsentService
    from bot.requests.picture_requests import ChosenPicture
    from bot.requests.service import RequestService
    from cogs.animate.handler import AnimateHandler
    from cogs.interactions.components import ComponentHandler


class PictureMenus:
    """The two entries, and the form that both of them open."""

    def __init__(
        self, requests: RequestService, consents: ConsentService, handler: AnimateHandler
    ) -> None:
        self._requests = requests
        self._consents = consents
        self._handler = handler

    def commands(self) -> list[app_commands.ContextMenu]:
        """Build the entries, which everybody finds."""

        async def of_message(interaction: discord.Interaction, message: discord.Message) -> None:
            await self._open(interaction, owner_of(interaction, message), pictures_in(message))

        async def of_user(
            interaction: discord.Interaction, user: discord.User | discord.Member
        ) -> None:
            owner_id = None if user.bot else user.id
            await self._open(interaction, owner_id, avatar_of(user), is_avatar=True)

        menus = [
            app_commands.ContextMenu(name="Animate this picture", callback=of_message),
            app_commands.ContextMenu(name="Animate avatar", callback=of_user),
        ]
        for menu in menus:
            menu.guild_only = True
            menu.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)
        return menus

    async def _open(
        self,
        interaction: discord.Interaction,
        owner_id: int | None,
        pictures: Sequence[ChosenPicture],
        *,
        is_avatar: bool = False,
    ) -> None:
        """Show the form, or refuse in private. Discord takes a form only as the first answer."""
        usable = [it for it in pictures if _is_usable(it)]
        if not usable:
            # One that is there, and too large, says so itself.
            check_picture_size(pictures[0].size if pictures else 1)
            raise NoPictureError(is_avatar=is_avatar)
        await check_posting(interaction)
        request = request_from(interaction, AnimateOptions(), usable[0].url, usable[0].size)
        # Whoever may start none here need not fill in a form first.
        await self._requests.check_again(request)
        request_id, settings = await self._consents.choose(request.member_key, owner_id, usable)
        await interaction.response.send_modal(picture_form(request_id, usable, settings))

    def form_handler(self) -> ComponentHandler:
        """Build the handler of the form."""

        async def sent_in(interaction: discord.Interaction, arguments: list[str]) -> None:
            (request_id,) = arguments
            member_key = MemberKey(interaction.guild_id or 0, interaction.user.id)
            chosen = await self._consents.chosen(member_key, int(request_id))
            uploaded = uploaded_picture(interaction)
            picture = uploaded or picked_picture(interaction, chosen.pictures)
            check_picture_size(picture.size)
            options = typed_options(interaction)
            request = request_from(interaction, options, picture.url, picture.size)
            await self._handler.handle(interaction, request)

        return sent_in


def _is_usable(picture: ChosenPicture) -> bool:
    try:
        check_picture_size(picture.size)
    except PictureError:
        return False
    return True
