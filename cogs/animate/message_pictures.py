"""The pictures in a message, and whose they are, as the interaction that names it says.

Only what Discord itself serves is taken: the addresses of its CDN, and those under which it shows
pictures of other sites. None of the other sites is ever asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord

from bot.media.still import MAX_BYTES
from bot.requests.picture_requests import ChosenPicture

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURES_SHOWN: Final = 25
"""The most pictures of one message; a menu has as many options."""
_AVATAR_SIDE: Final = 1024
_ENDINGS: Final = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".heic", ".heif", ".avif")


def pictures_in(message: discord.Message) -> list[ChosenPicture]:
    """List the pictures that a message shows, each once. Those of a forwarded one are not its."""
    by_url = {it.url: it for it in (*_attached(message), *_embedded(message), *_stickers(message))}
    return list(by_url.values())[:PICTURES_SHOWN]


def owner_of(interaction: discord.Interaction, message: discord.Message) -> int | None:
    """Who posted a message; `None` where that is no person who can be asked.

    An answer of this bot's own is of the member who used the command or pressed the button.
    """
    if message.author == interaction.client.user:
        cause = message.interaction_metadata
        return None if cause is None else cause.user.id
    is_person = not message.author.bot and message.webhook_id is None
    return message.author.id if is_person else None


def avatar_of(user: discord.User | discord.Member) -> list[ChosenPicture]:
    """The avatar that others see here, if it is one that the person has chosen."""
    own = getattr(user, "guild_avatar", None) or user.avatar
    if own is None:
        return []
    # Also of one that moves: its first frame is as good, and smaller.
    url = own.replace(size=_AVATAR_SIDE, format="png").url
    return [ChosenPicture(url, MAX_BYTES, "avatar.png")]


def _attached(message: discord.Message) -> Iterator[ChosenPicture]:
    for it in message.attachments:
        kind = it.content_type or ""
        if kind.startswith("image/") or (not kind and it.filename.lower().endswith(_ENDINGS)):
            yield ChosenPicture(it.url, it.size, it.filename)


def _embedded(message: discord.Message) -> Iterator[ChosenPicture]:
    for embed in message.embeds:
        for shown in (embed.image, embed.thumbnail):
            if shown.proxy_url:
                yield ChosenPicture(shown.proxy_url, MAX_BYTES, embed.title or "—")


def _stickers(message: discord.Message) -> Iterator[ChosenPicture]:
    for it in message.stickers:
        # Lottie is a drawing in JSON, which nothing here reads.
        if it.format is not discord.StickerFormatType.lottie:
            yield ChosenPicture(it.url, MAX_BYTES, it.name)
