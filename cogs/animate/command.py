"""`/animate`: from a member's picture to an accepted job."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import discord
from discord import app_commands

from bot.base import RESOLUTIONS
from bot.jobs.animate_options import AnimateOptions
from bot.media.still import check_described, check_picture_size
from cogs.animate.from_interaction import request_from
from cogs.animate.own_suggestions import prompt_suggestions, seed_suggestions
from cogs.animate.prompt_option import PromptOption
from pika import MAX_SEED

if TYPE_CHECKING:
    from bot.requests.own_clips import OwnClips
    from cogs.animate.handler import AnimateHandler
    from pika import Resolution

Seed = app_commands.Range[int, 0, MAX_SEED]


_DESCRIPTIONS: Final = {
    "image": "The picture to animate",
    "prompt": "What should move, and how",
    "negative_prompt": "What to avoid; left out, what you chose by /defaults; `none` for nothing",
    "seed": "An earlier clip's number repeats its motion; left out, a new one is drawn",
    "resolution": "Short side of the video: 720p costs less; 1080p unless you or the server say",
    "duration": "Length of the video in seconds: 5 unless you or the server say",
    "spoiler": "True: blurred until somebody looks; left out, what you chose by /defaults",
}


def animate_command(
    handler: AnimateHandler, own_clips: OwnClips
) -> app_commands.Command[Any, ..., None]:
    """Build the command, which turns a picture into a video."""

    @app_commands.command(name="animate", description="Turn a picture into a short video")
    @app_commands.describe(**_DESCRIPTIONS)
    # No `Literal` of another order than `pika.Resolution`: `typing` gives out the first of two
    # equal optional types for both, and with it the order of the choices.
    @app_commands.choices(
        resolution=[app_commands.Choice(name=it, value=it) for it in reversed(RESOLUTIONS)]
    )
    @app_commands.autocomplete(prompt=prompt_suggestions(own_clips))
    @app_commands.autocomplete(seed=seed_suggestions(own_clips))
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def animate(
        interaction: discord.Interaction,
        image: discord.Attachment,
        prompt: app_commands.Transform[str, PromptOption("prompt")] = "",
        negative_prompt: app_commands.Transform[str, PromptOption("negative_prompt")] = "",
        seed: Seed | None = None,
        resolution: str | None = None,
        duration: Literal[5, 10] | None = None,
        *,
        spoiler: bool | None = None,
    ) -> None:
        """Refuse what the payload alone shows; the handler does the rest."""
        # Before anything is fetched or acknowledged: its member alone reads that refusal.
        check_picture_size(image.size)
        check_described(image.content_type, image.width, image.height)
        options = AnimateOptions(
            prompt=prompt,
            negative_prompt=negative_prompt,
            seed=seed,
            # `AnimateOptions` checks it: only Discord's own clients keep to the choices.
            resolution=cast("Resolution | None", resolution),
            duration=duration,
            spoiler=spoiler,
        )
        request = request_from(interaction, options, image.url, image.size)
        request = replace(request, uses_member_defaults=True)
        await handler.handle(interaction, request)

    animate.error(handler.log_command_refusal)
    return animate
