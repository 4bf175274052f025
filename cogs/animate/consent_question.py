"""Asking the owner of a picture in the channel, and what their answer starts."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import discord

from bot.base import Timeouts
from bot.base.errors import DeliveryError
from bot.quota.ledger import MemberKey
from bot.requests.consents import Answer
from bot.requests.errors import (
    ConsentGoneError,
    MemberUnknownError,
    NotAskedError,
    OwnerNotAskableError,
    QuestionNotShownError,
)
from cogs.animate import consent_texts
from cogs.animate.from_interaction import request_from, requester_of
from cogs.animate.posting_rights import check_posting
from cogs.delivery.discord_errors import convert_discord_errors
from cogs.delivery.repeating import repeat
from cogs.interactions.acknowledging import defer
from cogs.interactions.components import OUTDATED_TEXT, reply_privately
from cogs.interactions.routed_views import RoutedView
from cogs.texts.languages import _, pgettext, publicly

if TYPE_CHECKING:
    from bot.jobs.animate_options import AnimateOptions
    from bot.requests.consent_service import ConsentService
    from bot.requests.picture_requests import PictureRequest
    from bot.requests.request import AnimateRequest
    from bot.requests.service import RequestService
    from cogs.animate.handler import AnimateHandler

log = logging.getLogger(__name__)

CUSTOM_ID_PREFIX: Final = "consent"
"""Of the custom ids of the buttons under a question."""
USABLE_IF_CLOSED: Final = frozenset(f"{CUSTOM_ID_PREFIX}:{it}" for it in (Answer.NO, Answer.NEVER))
"""The answers that an owner may give in closed guilds too. A yes would start a clip there."""
_START: Final = "start"
_GREY, _GREEN, _RED = (
    discord.ButtonStyle.secondary,
    discord.ButtonStyle.success,
    discord.ButtonStyle.danger,
)


class ConsentQuestions:
    """Asks owners, and hands on what they allow to the same door as every other request."""

    def __init__(
        self, requests: RequestService, consents: ConsentService, handler: AnimateHandler
    ) -> None:
        self._requests = requests
        self._consents = consents
        self._handler = handler

    async def ask(
        self, interaction: discord.Interaction, chosen: PictureRequest, request: AnimateRequest
    ) -> None:
        """Ask the owner of a picture in the channel; the member alone reads that they were asked.

        `chosen` has the one picture. Whoever may not start such a clip now is refused as by a
        command, and nobody is asked.
        """
        await defer(interaction, ephemeral=True, thinking=True)
        with self._requests.open_requests.slot(request.member_key):
            await check_posting(interaction)
            # Kept out of the offers, whose buttons ask nobody.
            precheck = replace(request, picture_request_id=chosen.id)
            priced = (await self._requests.precheck(precheck)).priced
            await self.check_owner(interaction, chosen)
            channel_id = interaction.channel_id or 0
            await self._consents.ask(replace(chosen, options=request.options), channel_id)
            options = priced.options if priced else request.options
            await self._post(interaction, chosen, options)
        until = interaction.created_at + Timeouts.CONSENT_LIFE
        text = consent_texts.asked_text(chosen.owner_id, until)
        await interaction.edit_original_response(content=text)

    async def check_owner(self, interaction: discord.Interaction, chosen: PictureRequest) -> None:
        """Check that the owner of a picture is in the guild, and can take a yes back there.

        Raises:
            OwnerNotAskableError: They are not.
            MemberUnknownError: Discord does not say.
        """
        if await _member(interaction, chosen.owner_id) is None:
            raise OwnerNotAskableError

    async def _post(
        self, interaction: discord.Interaction, chosen: PictureRequest, options: AnimateOptions
    ) -> None:
        until = interaction.created_at + Timeouts.CONSENT_LIFE
        channel_id, provider = interaction.channel_id or 0, self._requests.pika.provider
        with publicly():
            text = consent_texts.question_text(chosen, options, channel_id, provider, until)
            view = _answer_buttons(chosen.id)
        channel = interaction.client.get_partial_messageable(
            channel_id, guild_id=interaction.guild_id
        )
        owner = discord.AllowedMentions(
            everyone=False, roles=False, users=[discord.Object(chosen.owner_id)]
        )
        send = partial(
            channel.send,
            text,
            view=view,
            nonce=f"{chosen.id}-consent",
            allowed_mentions=owner,
        )

        async def post() -> None:
            with convert_discord_errors():
                await send()

        try:
            await repeat(post)
        except DeliveryError as error:
            log.warning("question %d was not shown: %r", chosen.id, error)
            await self._consents.withdraw(chosen.id)
            raise QuestionNotShownError from error

    async def pressed(self, interaction: discord.Interaction, arguments: list[str]) -> None:
        """Handle a button under a question: an answer, or the start after one."""
        match arguments:
            case ["start", number]:
                await self._start(interaction, int(number))
            case [said, number] if said in set(Answer):
                await self._answer(interaction, Answer(said), int(number))
            case _:
                await reply_privately(interaction, _(OUTDATED_TEXT))

    async def _answer(
        self, interaction: discord.Interaction, answer: Answer, request_id: int
    ) -> None:
        guild_id, owner_key = interaction.guild_id or 0, _key(interaction)
        if answer in {Answer.NO, Answer.NEVER}:
            asked = await self._consents.answer(owner_key, request_id, answer)
            text = _answered_text(asked, answer)
            await interaction.response.edit_message(content=text, view=None)
            return
        asked = await self._consents.question(guild_id, request_id)
        if asked.owner_id != owner_key.member_id:
            raise NotAskedError(asked.owner_id)
        member = await _member(interaction, asked.member_id)
        if member is None:
            # Before anything is written down: a yes for good would hold if they came back.
            raise ConsentGoneError
        await self._consents.answer(owner_key, request_id, answer)
        request = replace(_request(interaction, asked), who=requester_of(guild_id, member))
        text = _answered_text(asked, answer)
        # Raised only after the yes has a button again: those under the question are gone.
        ended = await asyncio.gather(
            self._handler.handle(interaction, request),
            _show(interaction, text, None),
            return_exceptions=True,
        )
        await self._offer_start(interaction, asked, answer)
        for error in ended:
            if error is not None:
                raise error

    async def _offer_start(
        self, interaction: discord.Interaction, asked: PictureRequest, answer: Answer
    ) -> None:
        """Show *Start* where a yes was not used."""
        if await self._consents.is_granted(asked.id):
            with publicly():
                text = consent_texts.unused_text(asked, answer)
                start = _button(_START, pgettext("button", "Start"), _GREEN, asked.id)
            await _show(interaction, text, RoutedView([start]))

    async def _start(self, interaction: discord.Interaction, request_id: int) -> None:
        """Start a clip that was allowed, for the member who asked."""
        asked = await self._consents.question(interaction.guild_id or 0, request_id)
        if asked.member_id != interaction.user.id:
            raise NotAskedError(asked.member_id)
        await self._handler.handle(interaction, _request(interaction, asked))
        if not await self._consents.is_granted(request_id):
            text = _answered_text(asked, Answer.ONCE)
            await _show(interaction, text, None)


def _answered_text(asked: PictureRequest, answer: Answer) -> str:
    with publicly():
        return consent_texts.answered_text(asked, answer)


def _request(interaction: discord.Interaction, asked: PictureRequest) -> AnimateRequest:
    """The request as it was asked for. The yes to it is checked when it is used."""
    if asked.options is None:
        raise ConsentGoneError
    picture = asked.pictures[0]
    request = request_from(interaction, asked.options, picture.url, picture.size)
    return replace(request, picture_request_id=asked.id)


def _key(interaction: discord.Interaction) -> MemberKey:
    return MemberKey(interaction.guild_id or 0, interaction.user.id)


async def _member(interaction: discord.Interaction, user_id: int) -> discord.Member | None:
    """Ask Discord for a member of the guild; `None` for somebody who is not.

    Raises:
        MemberUnknownError: Discord does not say.
    """
    if interaction.guild is None:
        return None
    try:
        async with asyncio.timeout(Timeouts.FIRST_LOOK_SECONDS):
            return await interaction.guild.fetch_member(user_id)
    except discord.NotFound:
        return None
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise MemberUnknownError from error


async def _show(interaction: discord.Interaction, text: str, view: RoutedView | None) -> None:
    """Edit the question as the bot. It may be gone, and what was decided stays so."""
    if interaction.message is None:
        return
    try:
        async with asyncio.timeout(Timeouts.SHOW_SECONDS):
            await interaction.message.edit(content=text, view=view)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.warning("interaction %d: its question was not edited: %r", interaction.id, error)


def _answer_buttons(request_id: int) -> RoutedView:
    buttons = (
        (Answer.ONCE, _("Yes, this once"), _GREEN),
        (Answer.ALWAYS, _("Always, for them"), _GREY),
        (Answer.NO, pgettext("button", "No"), _GREY),
        (Answer.NEVER, _("Never, for anybody"), _RED),
    )
    return RoutedView(_button(*it, request_id) for it in buttons)


def _button(
    what: str, label: str, style: discord.ButtonStyle, request_id: int
) -> discord.ui.Button[Any]:
    custom_id = f"{CUSTOM_ID_PREFIX}:{what}:{request_id}"
    return discord.ui.Button(label=label, style=style, custom_id=custom_id)
