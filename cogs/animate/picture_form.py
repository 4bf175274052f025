"""The form in which members say what is to become of a picture that they chose from a menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord

from bot.base import DURATIONS, RESOLUTIONS
from bot.base.checked_text import MAX_CHARACTERS, check_text
from bot.guilds.guild_settings import default_size, largest_size
from bot.jobs.animate_options import AnimateOptions
from bot.media.still import check_described
from bot.requests.errors import PictureRequestGoneError
from bot.requests.picture_requests import ChosenPicture
from cogs.interactions.components import picked_values, typed_texts, uploaded_files
from cogs.interactions.routed_views import RoutedModal
from cogs.texts.languages import _
from cogs.texts.markdown import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.guilds.guild_settings import GuildSettings

CUSTOM_ID_PREFIX: Final = "animate"
"""Of the custom id of the form."""
_PICTURE, _PROMPT, _SIZE, _LENGTH, _UPLOAD = "picture", "prompt", "size", "length", "upload"
# Characters. Discord refuses the form if the name of an option is longer.
_LONGEST_NAME: Final = 100


def picture_form(
    request_id: int, pictures: Sequence[ChosenPicture], settings: GuildSettings
) -> RoutedModal:
    """Build the form for some pictures, with the sizes and lengths that the guild allows."""
    resolution, duration = default_size(settings)
    highest, longest = largest_size(settings)
    sizes: dict[str, str] = {it: it for it in RESOLUTIONS[: RESOLUTIONS.index(highest) + 1]}
    lengths = {str(it): _("{n} seconds", n=it) for it in DURATIONS if it <= longest}
    prompt: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=_PROMPT,
        style=discord.TextStyle.paragraph,
        max_length=MAX_CHARACTERS,
        required=False,
    )
    upload: discord.ui.FileUpload[Any] = discord.ui.FileUpload(custom_id=_UPLOAD, required=False)
    fields: list[discord.ui.Item[Any]] = [
        _label(_("What should move, and how?"), prompt),
        _label(_("Short side of the video"), _menu(_SIZE, sizes, resolution)),
        _label(_("Length of the video"), _menu(_LENGTH, lengths, str(duration))),
        _label(_("Or a picture of your own instead"), upload),
    ]
    if len(pictures) > 1:
        names = {str(n): shorten(f"{n}. {it.name}", _LONGEST_NAME) for n, it in _counted(pictures)}
        fields.insert(0, _label(_("Which picture?"), _menu(_PICTURE, names, "1")))
    return RoutedModal(_("Animate a picture"), f"{CUSTOM_ID_PREFIX}:{request_id}", fields)


def typed_options(interaction: discord.Interaction) -> AnimateOptions:
    """Read the options of a form that was sent in.

    Raises:
        TextError: The prompt is too long, or has characters that nobody sees.
    """
    picked = picked_values(interaction)
    # Only Discord's own clients keep to the menus. A size that the guild does not allow is refused
    # like that of a command.
    resolution = next((it for it in RESOLUTIONS if [it] == picked.get(_SIZE)), None)
    duration = next((it for it in DURATIONS if [str(it)] == picked.get(_LENGTH)), None)
    prompt = check_text(_PROMPT, typed_texts(interaction).get(_PROMPT, ""))
    return AnimateOptions(prompt=prompt, resolution=resolution, duration=duration)


def uploaded_picture(interaction: discord.Interaction) -> ChosenPicture | None:
    """The file of the member's own that was added to a form instead.

    Raises:
        PictureError: It is none that can be used, as Discord describes it.
    """
    for file in uploaded_files(interaction):
        check_described(file.media_type, file.width, file.height)
        return ChosenPicture(file.url, file.size, file.filename)
    return None


def picked_picture(
    interaction: discord.Interaction, pictures: Sequence[ChosenPicture]
) -> ChosenPicture:
    """The picture that was picked in a form; the only one where there was no menu.

    Raises:
        PictureRequestGoneError: It names none of them.
    """
    (picked,) = picked_values(interaction).get(_PICTURE) or ["1"]
    found = next((it for n, it in _counted(pictures) if str(n) == picked), None)
    if found is None:
        raise PictureRequestGoneError
    return found


def _counted(pictures: Sequence[ChosenPicture]) -> enumerate[ChosenPicture]:
    return enumerate(pictures, 1)


def _label(text: str, item: discord.ui.Item[Any]) -> discord.ui.Label[Any]:
    return discord.ui.Label(text=text, component=item)


def _menu(custom_id: str, labels: Mapping[str, str], now: str) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(label=label, value=value, default=value == now)
        for value, label in labels.items()
    ]
    return discord.ui.Select(custom_id=custom_id, options=options)
