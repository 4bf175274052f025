"""Files that messages show: their words for those who cannot see them, and their spoiler.

Discord takes `is_spoiler` beside a file, and for one that a message has already, without a new
upload (since 24 June 2026). discord.py 2.7 knows neither; it only marks a file by its name, which
stays.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import discord
from discord.http import Route

from bot.base import value
from cogs.delivery.discord_errors import convert_discord_errors
from cogs.texts.languages import _
from cogs.texts.markdown import shorten

if TYPE_CHECKING:
    from pathlib import Path

    from bot.jobs.job import Job
    from cogs.interactions.routed_views import RoutedView

# Discord takes 1,024 in all, in any language.
_PROMPT_READ: Final = 900


@value
class NewAttachment:
    """A file to attach, by its path or bytes, and the name that members see.

    Attributes:
        alt_text: What a screen reader says in its place, at most 1,024 characters.
    """

    content: Path | bytes
    name: str
    alt_text: str | None = None
    is_spoiler: bool = False

    def open(self) -> discord.File:
        """Build the file for one attempt: discord.py closes it after that."""
        content = self.content
        source = io.BytesIO(content) if isinstance(content, bytes) else content
        kind = _SpoilerFile if self.is_spoiler else discord.File
        return kind(source, self.name, description=self.alt_text)


class _SpoilerFile(discord.File):
    def to_dict(self, index: int) -> dict[str, Any]:
        return {**super().to_dict(index), "is_spoiler": True}


def alt_text(job: Job) -> str:
    """Word a clip for those who cannot see it, in the task's language: what was asked for."""
    prompt = shorten(job.options.prompt, _PROMPT_READ)
    if not prompt:
        return _("AI-generated video, made without words.")
    return _("AI-generated video: {prompt}", prompt=prompt)


async def set_spoiler(
    interaction: discord.Interaction,
    attachment: discord.Attachment,
    view: RoutedView,
    *,
    is_spoiler: bool,
) -> None:
    """Blur the only attachment of the message of a press, or show it again, with other buttons.

    Raises:
        DeliveryError: And its kinds, as Discord refuses or cannot be reached.
    """
    # By the token of the press, which works also where the bot itself may not speak.
    route = Route(
        "PATCH",
        "/webhooks/{webhook_id}/{webhook_token}/messages/@original",
        webhook_id=interaction.application_id,
        webhook_token=interaction.token,
    )
    kept: dict[str, Any] = {"id": str(attachment.id), "is_spoiler": is_spoiler}
    if attachment.description:
        kept["description"] = attachment.description
    with convert_discord_errors():
        await interaction.client.http.request(
            route, json={"attachments": [kept], "components": view.to_components()}
        )
