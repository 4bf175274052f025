"""*Animate this picture* in the menu of a message, *Animate avatar* in that of a person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.jobs.animate_options import AnimateOptions
from bot.media.errors import PictureError
from bot.media.still import check_picture_size
from bot.quota.ledger import MemberKey
from bot.requests.errors import NoPictureError
from bot.requests.picture_requests import FoundPictures
from cogs.animate.from_interaction import request_from
from cogs.animate.message_pictures import avatar_of, owner_of, pictures_in
from cogs.animate.picture_form import picked_picture, picture_form, typed_options, uploaded_picture
from cogs.animate.posting_rights import check_posting
from cogs.interactions.acknowledging import open_modal
from cogs.interactions.place import guild_id_of

if TYPE_CHECKING:
    from bot.requests.consent_service import ConsentService
    from bot.requests.picture_requests import ChosenPicture
    from bot.requests.service import RequestService
    from cogs.animate.consent_question import ConsentQuestions
    from cogs.animate.handler import AnimateHandler
    from cogs.interactions.components import ComponentHandler


class PictureMenus:
    """The two entries, and the form that both of them open."""

    def __init__(
        self,
        requests: RequestService,
        consents: ConsentService,
        handler: AnimateHandler,
        questions: ConsentQuestions,
    ) -> None:
        self._requests = requests
        self._consents = consents
        self._handler = handler
        self._questions = questions

    def commands(self) -> list[app_commands.ContextMenu]:
        """Build the entries, which everybody finds."""

        async def of_message(interaction: discord.Interaction, message: discord.Message) -> None:
            found = tuple(pictures_in(message))
            owner_id = owner_of(interaction, message)
            await self._open(interaction, FoundPictures(owner_id, found, message.id))

        async def of_user(
            interaction: discord.Interaction, user: discord.User | discord.Member
        ) -> None:
            owner_id = None if user.bot else user.id
            await self._open(interaction, FoundPictures(owner_id, tuple(avatar_of(user))))

        menus = [
            app_commands.ContextMenu(name="Animate this picture", callback=of_message),
            app_commands.ContextMenu(name="Animate avatar", callback=of_user),
        ]
        for menu in menus:
            menu.guild_only = True
            menu.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)
        return menus

    async def _open(self, interaction: discord.Interaction, found: FoundPictures) -> None:
        """Show the form, or refuse in private. Discord takes a form only as the first answer."""
        pictures = found.pictures
        usable = tuple(it for it in pictures if _is_usable(it))
        if not usable:
            # One that is there, and too large, says so itself.
            check_picture_size(pictures[0].size if pictures else 1)
            raise NoPictureError(is_avatar=not found.message_id)
        await check_posting(interaction)
        request = request_from(interaction, AnimateOptions(), usable[0].url, usable[0].size)
        # Whoever may start none here need not fill in a form first.
        await self._requests.check_again(request)
        usable_found = replace(found, pictures=usable)
        form = await self._consents.choose(request.member_key, usable_found)
        modal = picture_form(form.request_id, usable, form.settings)
        await open_modal(interaction, modal)

    def form_handler(self) -> ComponentHandler:
        """Build the handler of the form."""

        async def sent_in(interaction: discord.Interaction, arguments: list[str]) -> None:
            request_id, *_more = arguments
            member_key = MemberKey(guild_id_of(interaction), interaction.user.id)
            chosen = await self._consents.chosen(member_key, int(request_id))
            uploaded = uploaded_picture(interaction)
            picture = uploaded or picked_picture(interaction, chosen.pictures)
            check_picture_size(picture.size)
            options = typed_options(interaction)
            request = request_from(interaction, options, picture.url, picture.size)
            if uploaded is None and chosen.owner_id != interaction.user.id:
                if await self._consents.needs_question(chosen):
                    one = replace(chosen, pictures=(picture,))
                    await self._questions.ask(interaction, one, request)
                    return
                await self._questions.check_owner(interaction, chosen)
                request = replace(request, picture_request_id=chosen.id)
            await self._handler.handle(interaction, request)

        return sent_in


def _is_usable(picture: ChosenPicture) -> bool:
    try:
        check_picture_size(picture.size)
    except PictureError:
        return False
    return True
