"""`/defaults`: what a member wants where `/animate` is not told otherwise, and their language."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands

from bot.base import DURATIONS, RESOLUTIONS, Tell
from bot.guilds.guild_settings import default_size, largest_size
from bot.requests.errors import OptionAboveMaximumError
from bot.requests.member_defaults import NOTHING_TO_AVOID
from cogs.animate.prompt_option import PromptOption
from cogs.interactions.acknowledging import defer
from cogs.interactions.place import guild_id_of
from cogs.texts.languages import (
    LANGUAGES,
    N_,
    _,
    language_of,
    set_command_language,
    set_language,
)
from cogs.texts.markdown import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.guilds.guild_settings import GuildSettings
    from bot.requests.member_defaults import MemberDefaults
    from bot.services import Services

_OF_SERVER: Final = app_commands.Choice(name="as the server has it", value="server")
_RESOLUTIONS: Final = [
    *(app_commands.Choice(name=it, value=str(it)) for it in reversed(RESOLUTIONS)),
    _OF_SERVER,
]
_DURATIONS: Final = [
    *(app_commands.Choice(name=f"{it} seconds", value=str(it)) for it in DURATIONS),
    _OF_SERVER,
]
_TELL: Final = [
    app_commands.Choice(name="mention me, in a message that goes by itself", value="mention"),
    app_commands.Choice(name="a reaction under the clip", value="reaction"),
    app_commands.Choice(name="a direct message", value="dm"),
    app_commands.Choice(name="nothing", value="none"),
]
_TOLD: Final[dict[Tell, str]] = {
    Tell.MENTION: N_("A message calls you when a clip is there; it goes once you were here."),
    Tell.REACTION: N_("A reaction shows when a clip is there, and no message calls you."),
    Tell.DIRECT: N_("A direct message tells you when a clip is there or came to nothing."),
    Tell.NONE: N_("No message calls you: your clip just appears where you asked for it."),
}
_QUOTED: Final = 700
_OF_DISCORD: Final = app_commands.Choice(name="that of my Discord", value="discord")
_LANGUAGES: Final = [
    *(app_commands.Choice(name=it.name, value=code) for code, it in LANGUAGES.items()),
    _OF_DISCORD,
]


def defaults_command(services: Services) -> app_commands.Command[Any, ..., None]:
    """Build the command, whose answer its member alone reads."""

    @app_commands.command(
        name="defaults",
        description="See or choose your own size, length, what to avoid, calls and language",
    )
    @app_commands.describe(
        resolution="Of your clips, unless you say otherwise in /animate",
        duration="In seconds, likewise",
        negative_prompt="What to avoid in every clip, like: text, blur; `none` for nothing",
        spoiler="Whether your clips are blurred until somebody looks, unless you say otherwise",
        tell="How you are told that a clip is there",
        language="In which I answer you; what all can read is in the server's",
    )
    @app_commands.choices(
        resolution=_RESOLUTIONS, duration=_DURATIONS, tell=_TELL, language=_LANGUAGES
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def defaults(
        interaction: discord.Interaction,
        resolution: str | None = None,
        duration: str | None = None,
        negative_prompt: app_commands.Transform[str, PromptOption("negative_prompt")] | None = None,
        tell: str | None = None,
        language: str | None = None,
        *,
        spoiler: bool | None = None,
    ) -> None:
        """Change what is given, and show all, in the language that holds from now on."""
        await defer(interaction, ephemeral=True, thinking=True)
        guild_id = guild_id_of(interaction)
        settings = await services.settings.get(guild_id)
        change = _change(resolution, duration, negative_prompt, tell, language, spoiler=spoiler)
        after = await services.defaults.change(
            guild_id,
            interaction.user.id,
            lambda before: _checked(change(before), settings),
            tries_direct_again=tell == Tell.DIRECT,
        )
        of_discord = language_of(interaction.locale.value)
        set_language(after.language or of_discord)
        set_command_language(of_discord)
        await interaction.edit_original_response(content=defaults_text(after, settings))

    return defaults


def _change(
    resolution: str | None,
    duration: str | None,
    negative_prompt: str | None,
    tell: str | None,
    language: str | None,
    *,
    spoiler: bool | None,
) -> Callable[[MemberDefaults], MemberDefaults]:
    """Read the options: those left out change nothing."""
    changes: dict[str, Any] = {}
    if resolution is not None:
        changes["resolution"] = next((it for it in RESOLUTIONS if it == resolution), None)
    if duration is not None:
        changes["duration"] = next((it for it in DURATIONS if str(it) == duration), None)
    if negative_prompt is not None:
        is_none = negative_prompt.casefold() == NOTHING_TO_AVOID
        changes["negative_prompt"] = "" if is_none else negative_prompt
    if spoiler is not None:
        changes["spoiler"] = spoiler
    if tell is not None:
        # Any program can send any word.
        changes["tell"] = next((it for it in Tell if it == tell), Tell.MENTION)
    if language is not None:
        changes["language"] = language if language in LANGUAGES else None
    return lambda before: replace(before, **changes)


def _checked(defaults: MemberDefaults, settings: GuildSettings) -> MemberDefaults:
    highest, longest = largest_size(settings)
    resolution = defaults.resolution or highest
    if RESOLUTIONS.index(resolution) > RESOLUTIONS.index(highest):
        raise OptionAboveMaximumError(highest, longest)
    if (defaults.duration or longest) > longest:
        raise OptionAboveMaximumError(highest, longest)
    return defaults


def defaults_text(defaults: MemberDefaults, settings: GuildSettings) -> str:
    """Word all of a member's choices, and what holds where they made none."""
    return "\n".join(_lines(defaults, settings)).rstrip()


def _lines(defaults: MemberDefaults, settings: GuildSettings) -> Iterator[str]:
    resolution, duration = default_size(settings)
    yield f"### {_('Your defaults here')}"
    yield _("What `/animate` uses where you leave an option out:")
    yield f"- {_whose(defaults.resolution, resolution)}"
    own = None if defaults.duration is None else f"{defaults.duration} s"
    yield f"- {_whose(own, f'{duration} s')}"
    if defaults.spoiler:
        yield f"- {_('Your clips are blurred until somebody looks.')}"
    yield f"- {_(_TOLD[defaults.tell])}"
    if defaults.language is None:
        yield f"- {_('I answer you in the language of your Discord, if I speak it.')}"
    else:
        name = LANGUAGES[defaults.language].name
        yield f"- {_('I answer you in {language}, as you chose.', language=name)}"
    if defaults.negative_prompt:
        avoid = _("In every clip, avoid the following; `none` in `/animate` leaves it out once.")
        yield f"- {avoid}"
        yield quote(defaults.negative_prompt, _QUOTED)


def _whose(own: str | None, of_server: str) -> str:
    if own is None:
        return _("{value}, as the server has it", value=of_server)
    return _("{value}, as you chose", value=own)
