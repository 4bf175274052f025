"""`/about`: which bot this is, who runs it, and where pictures and words go."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands

from bot import __version__
from cogs.interactions.place import is_direct
from cogs.texts.languages import N_, _, ngettext
from cogs.texts.providers import PIKA, PROVIDER_TEXTS
from cogs.texts.punctuation import sentences, with_note
from pika import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.owner.operator import Operator

_DOCUMENTS: Final = Path(__file__).parents[2]
PIKA_RULES: Final = "https://pika.art/acceptable-use-policy"

_GOES_TO_PIKA: Final = N_(
    "Your picture, without the camera's notes of place and time, and your words go to {provider}, "
    "which may keep and use them as its terms say."
)
_KEPT: Final = N_(
    "Here are kept: your Discord id, your words and options, what your clips cost, and what "
    "moderators decided. Moderators of this server can read that, and see the pictures."
)
_KEPT_DIRECTLY: Final = N_(
    "Here are kept: your Discord id, your words and options, and what your clips cost. Of what you "
    "do in direct messages no server's moderators learn; whoever runs this bot can read it."
)


def about_command(operator: Operator) -> app_commands.Command[Any, ..., None]:
    """Build the command, whose answer its member alone reads."""

    @app_commands.command(
        name="about", description="Who runs this bot, with which model, and where pictures go"
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def about(interaction: discord.Interaction) -> None:
        """Say which bot this is and who runs it."""
        await interaction.response.send_message(
            about_text(operator, directly=is_direct(interaction)),
            # From memory: discord.py closes no file that it opens.
            files=[discord.File(BytesIO(it.read_bytes()), it.name) for it in _files(operator)],
            ephemeral=True,
            suppress_embeds=True,
        )

    return about


def about_text(operator: Operator, *, directly: bool = False) -> str:
    """Word version, model, contact, privacy and terms; `directly` as in direct messages."""
    return "\n".join(_lines(operator, directly=directly))


def _files(operator: Operator) -> list[Path]:
    """The documents that come with the answer, where the operator has none of their own."""
    named = {"PRIVACY.md": operator.privacy_url, "TERMS.md": operator.terms_url}
    files = [_DOCUMENTS / name for name, url in named.items() if url is None]
    # An image or a copy of the program may come without them; the text says what matters.
    return [it for it in files if it.is_file()]


def _lines(operator: Operator, *, directly: bool) -> Iterator[str]:
    service, model = PROVIDER_TEXTS[operator.provider], PROVIDERS[operator.provider].MODEL
    through = service.link if service.is_between else ""
    yield f"### animate-bot {__version__}"
    if through:
        yield _("Clips are made by {model}, through {service}.", model=model, service=through)
    else:
        yield _("Clips are made by {model}, through Pika's own service.", model=model)
    yield f"### {_('Who runs it')}"
    if operator.contact or not directly:
        yield operator.contact or _(
            "Whoever runs this bot has not said how to reach them. "
            "Please ask this server's moderators."
        )
    else:
        yield _("Whoever runs this bot has not said how to reach them.")
    yield f"### {_('Privacy')}"
    if operator.privacy_url is not None:
        yield _("Privacy policy: {link}", link=operator.privacy_url)
    yield _(_GOES_TO_PIKA, provider=with_note("Pika", through) if through else "Pika")
    kept = _(_KEPT_DIRECTLY) if directly else _(_KEPT)
    yield sentences(kept, _pictures(operator.retention_days))
    yield f"### {_('Terms')}"
    yield _(
        "For each clip, Pika's terms hold: {terms} and {rules}", terms=PIKA.terms, rules=PIKA_RULES
    )
    if through:
        yield _("So do those of {service}.", service=through)
    if operator.terms_url is not None:
        yield _("Terms of this bot: {link}", link=operator.terms_url)
    if operator.source_url is not None:
        yield _("The source of this bot: {link}", link=operator.source_url)


def _pictures(days: int) -> str:
    if days == 0:
        return _(
            "Pictures are deleted when they are needed no more, and your words a day after their "
            "clip has ended."
        )
    return ngettext(
        "Pictures and your words are deleted {n} day after their clip has ended.",
        "Pictures and your words are deleted {n} days after their clip has ended.",
        days,
    )
