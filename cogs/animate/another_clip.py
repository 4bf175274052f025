"""The buttons *Again* and *Edit*: a new clip of the picture of one that is shown.

It is the presser's own: decided by `AnimateHandler` like one of `/animate`, on their quota.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord

from bot.base import DURATIONS, RESOLUTIONS
from bot.base.checked_text import MAX_CHARACTERS, check_text
from bot.base.errors import UnknownChoiceError
from bot.requests.clip_errors import ClipPressError, ClipPressProblem
from bot.requests.kept_address import kept_address
from cogs.animate.from_interaction import request_from
from cogs.animate.posting_rights import check_pressing
from cogs.delivery.clip_buttons import custom_id
from cogs.interactions.acknowledging import open_modal
from cogs.interactions.components import typed_texts
from cogs.interactions.routed_views import RoutedModal
from cogs.texts.languages import _
from pika import MAX_SEED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.jobs.animate_options import AnimateOptions
    from bot.jobs.job import Job
    from bot.requests.kept_pictures import KeptPictures
    from bot.requests.member_clips import ClipPress
    from cogs.animate.handler import AnimateHandler

EDITED: Final = "edited"
"""The action of the modal."""
_PROMPT, _NEGATIVE_PROMPT, _SEED = "prompt", "negative_prompt", "seed"
_RESOLUTION, _DURATION = "resolution", "duration"


class AnotherClip:
    """Starts clips of pictures that are kept."""

    def __init__(self, kept: KeptPictures, handler: AnimateHandler) -> None:
        self._kept, self._handler = kept, handler

    async def again(self, interaction: discord.Interaction, press: ClipPress) -> None:
        """Ask for the same clip with a new seed."""
        job = await self._kept.find(press)
        await self._start(interaction, job, job.options.model_copy(update={"seed": None}))

    async def edit(self, interaction: discord.Interaction, press: ClipPress) -> None:
        """Open the modal, filled in with what the clip was made with."""
        check_pressing(interaction)
        # Not deferred: Discord takes a modal only as the first answer.
        job = await self._kept.find(press)
        await open_modal(interaction, edit_modal(job))

    async def edited(self, interaction: discord.Interaction, press: ClipPress) -> None:
        """Ask for the clip of a modal that was sent in."""
        job = await self._kept.find(press)
        await self._start(interaction, job, edited_options(job.options, typed_texts(interaction)))

    async def _start(
        self, interaction: discord.Interaction, job: Job, options: AnimateOptions
    ) -> None:
        request = request_from(interaction, options, kept_address(job.reply_to.interaction_id), 0)
        await self._handler.handle(interaction, request)


def edit_modal(job: Job) -> RoutedModal:
    """Build the form, in the task's language, with the options of a clip filled in."""
    options = job.options
    seconds = [str(it) for it in DURATIONS]
    fields = [
        _text(_("Prompt"), _PROMPT, options.prompt),
        _text(_("Without (negative prompt)"), _NEGATIVE_PROMPT, options.negative_prompt),
        _label(
            _("Seed (empty: a new one)"),
            discord.ui.TextInput(
                custom_id=_SEED,
                default=str(options.seed),
                max_length=len(str(MAX_SEED)),
                required=False,
            ),
        ),
        _choice(_("Size"), _RESOLUTION, RESOLUTIONS, str(options.resolution)),
        _choice(_("Length in seconds"), _DURATION, seconds, str(options.duration)),
    ]
    return RoutedModal(_("A new clip of this picture"), custom_id(job, EDITED), fields)


def edited_options(before: AnimateOptions, typed: dict[str, str]) -> AnimateOptions:
    """Read the options of a form that was sent in; what it lacks stays as it was.

    Raises:
        TextError: A prompt is too long, or has characters that nobody can read.
        ClipPressError: The seed is none.
        UnknownChoiceError: Pika has no such size or length.
    """
    resolution, duration = typed.get(_RESOLUTION), typed.get(_DURATION)
    sizes = {it: it for it in RESOLUTIONS}
    lengths = {str(it): it for it in DURATIONS}
    if resolution not in sizes or duration not in lengths:
        raise UnknownChoiceError
    return before.model_copy(
        update={
            "prompt": check_text(_PROMPT, typed.get(_PROMPT, "")),
            "negative_prompt": check_text(_NEGATIVE_PROMPT, typed.get(_NEGATIVE_PROMPT, "")),
            "seed": _seed(typed.get(_SEED, "").strip()),
            "resolution": sizes[resolution],
            "duration": lengths[duration],
        }
    )


def _seed(typed: str) -> int | None:
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal()) or int(typed) > MAX_SEED:
        raise ClipPressError(ClipPressProblem.SEED)
    return int(typed)


def _text(label: str, name: str, now: str) -> discord.ui.Label[Any]:
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=name,
        style=discord.TextStyle.paragraph,
        default=now or None,
        max_length=MAX_CHARACTERS,
        required=False,
    )
    return _label(label, field)


def _choice(label: str, name: str, values: Iterable[str], now: str) -> discord.ui.Label[Any]:
    options = [discord.RadioGroupOption(label=it, value=it, default=it == now) for it in values]
    return _label(label, discord.ui.RadioGroup(custom_id=name, options=options))


def _label(text: str, field: discord.ui.Item[Any]) -> discord.ui.Label[Any]:
    return discord.ui.Label(text=text, component=field)
