"""`/clips words`: what prompts may not contain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.base.checked_text import MAX_CHARACTERS
from bot.moderation.blocked_words import stored_form
from bot.moderation.word_hits import KEPT_DAYS
from cogs.clips import word_texts
from cogs.clips.automod import AutomodCommand, broken_lines
from cogs.clips.word_file import read_attachment, text_file, words_file
from cogs.interactions.moderator_group import ModeratorGroup
from cogs.interactions.rights import suggest_only_to
from cogs.interactions.suggestions import Choices, matching_choices
from cogs.texts.languages import _
from cogs.texts.markdown import CONTENT_LIMIT, escape, fit_lines, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bot.moderation.automod_service import AutomodService
    from bot.moderation.word_service import BlockedWordService

# Characters of a line of a long answer, and of the sentence that points to its file.
_LINE: Final = 600
_RESERVED: Final = 100
_TRIED: Final = 50
"""So many removed words are held against those that stay."""

Text = app_commands.Range[str, 1, MAX_CHARACTERS]


class WordsGroup(
    ModeratorGroup, name="words", description="Words and patterns that prompts may not contain"
):
    """`/clips words`."""

    def __init__(self, words: BlockedWordService, automod: AutomodService) -> None:
        super().__init__("manage_messages", [AutomodCommand(automod)])
        self._words = words
        self._automod = automod

    @app_commands.command(description="Block words and patterns")
    @app_commands.describe(
        words="bad, bad dog, gun*, *gun*, /pattern/ with commas between them",
        anyway="Also what would refuse many everyday prompts",
    )
    async def add(
        self, interaction: discord.Interaction, words: str, *, anyway: bool = False
    ) -> None:
        """Block a list of words and patterns."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        added = await self._words.add(guild_id, actor_id, words, anyway=anyway)
        await _answer(interaction, lambda write: word_texts.added_lines(added, write))

    @app_commands.command(description="Allow blocked words and patterns again")
    @app_commands.describe(
        words="As they were added, with commas between them",
        file="All that are in this file, as to undo an import",
    )
    async def remove(
        self,
        interaction: discord.Interaction,
        words: str = "",
        file: discord.Attachment | None = None,
    ) -> None:
        """Take words and patterns off the list."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        text = words if file is None else f"{words}\n{await read_attachment(file)}"
        is_file = file is not None
        removed = await self._words.remove(guild_id, actor_id, text, is_file=is_file)
        # A word may be allowed again by its name, and refused for another.
        rest = ", ".join(it.text for it in removed.removed[:_TRIED] if not it.is_pattern)
        still = (await self._words.test(guild_id, rest)).found
        await _answer(interaction, lambda write: word_texts.removed_lines(removed, still, write))

    @remove.autocomplete("words")
    @suggest_only_to("manage_messages")
    async def suggest(self, interaction: discord.Interaction, typed: str) -> Choices:
        """Suggest the blocked words and patterns, also by what they were typed as."""
        wanted, form = typed.strip().casefold(), stored_form(typed)
        names = (it.name for it in await self._words.all(interaction.guild_id or 0))
        found = (it for it in names if wanted in it.casefold() or form in it)
        return matching_choices(((name, name) for name in found), "")

    @app_commands.command(description="Which blocked words does a text contain?")
    @app_commands.describe(text="As a member might write it")
    async def test(self, interaction: discord.Interaction, text: Text) -> None:
        """Show what a text is read as, and which words are found in it."""
        guild_id = interaction.guild_id or 0
        tested = await self._words.test(guild_id, text)
        broken = await self._automod.broken_by(guild_id, text)
        lines = [word_texts.verdict(tested), *broken_lines(broken)]
        await interaction.edit_original_response(content=fit_lines(lines))

    @app_commands.command(name="list", description="Show the blocked words and patterns")
    async def show(self, interaction: discord.Interaction) -> None:
        """Show the list, as a file where it is too long for a message."""
        found = await self._words.all(interaction.guild_id or 0)
        head = _("{words} blocked here:", words=word_texts.counted(found))
        lines = (head, *(escape(it.name) for it in found))
        content = "\n".join(lines) if found else _(word_texts.NO_WORDS)
        if len(content) <= CONTENT_LIMIT:
            await interaction.edit_original_response(content=content)
        else:
            content = _("{words} blocked here, in the file.", words=word_texts.counted(found))
            await interaction.edit_original_response(
                content=content, attachments=[words_file(found)]
            )

    @app_commands.command(description="Which blocked words were in prompts, whose, how often?")
    async def hits(self, interaction: discord.Interaction) -> None:
        """Show what was refused lately, with all of it in a file where that is long."""
        guild_id = interaction.guild_id or 0
        hits = await self._words.hits(guild_id)
        if not hits:
            await interaction.edit_original_response(content=_(word_texts.NO_HITS, days=KEPT_DAYS))
            return
        lines = list(word_texts.hits_lines(hits, set(await self._words.all(guild_id))))
        content = fit_lines(lines, _("- and {n} more, in the file", n="{n}"))
        file = text_file("word-hits.csv", word_texts.hits_csv(hits))
        await interaction.edit_original_response(content=content, attachments=[file])

    @app_commands.command(name="import", description="Block the words and patterns of a file")
    @app_commands.describe(
        file="Plain text (UTF-8), one a line; lines that begin with # and a blank are left out",
        anyway="Also what would refuse many everyday prompts",
    )
    async def import_file(
        self, interaction: discord.Interaction, file: discord.Attachment, *, anyway: bool = False
    ) -> None:
        """Block what a file lists; `/clips words remove` with what was added undoes it."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        text = await read_attachment(file)
        added = await self._words.add(guild_id, actor_id, text, anyway=anyway, is_file=True)
        # To remove the file's words would also remove those that were blocked before.
        is_mixed = added.added and added.present
        files = [words_file(added.added, "added-words.txt")] if is_mixed else []
        await _answer(interaction, lambda write: word_texts.added_lines(added, write), files)

    @app_commands.command(description="Get the blocked words and patterns as a file to import")
    async def export(self, interaction: discord.Interaction) -> None:
        """Send the list as a file, whatever its length."""
        found = await self._words.all(interaction.guild_id or 0)
        await interaction.edit_original_response(
            content=_("{words} blocked here.", words=word_texts.counted(found))
            if found
            else _(word_texts.NO_WORDS),
            attachments=[words_file(found)] if found else [],
        )


async def _answer(
    interaction: discord.Interaction,
    lines: Callable[[Callable[[str], str]], Iterable[str]],
    files: Sequence[discord.File] = (),
) -> None:
    """Show lines about what was typed; those that are too long or too many, in a file too."""
    whole = list(lines(escape))
    if files:
        whole.insert(0, _(word_texts.TO_UNDO))
    content = "\n".join(whole)
    if len(content) <= CONTENT_LIMIT:
        await interaction.edit_original_response(content=content, attachments=files)
        return
    short = fit_lines((shorten(it, _LINE) for it in whole), most=CONTENT_LIMIT - _RESERVED)
    file = text_file("answer.txt", "\n".join(lines(str)))
    await interaction.edit_original_response(
        content=_("{short}\nAll of it is in the file.", short=short), attachments=[file, *files]
    )
