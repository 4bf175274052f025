"""`/clips words`: what prompts may not contain."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.base.checked_text import MAX_CHARACTERS
from bot.moderation.blocked_words import MAX_LENGTH, MAX_WORDS, BlockedWord
from bot.moderation.errors import BlockedWordRuleError, BlockedWordRuleProblem, UnknownWordError
from cogs.interactions.moderator_group import ModeratorGroup
from cogs.interactions.rights import suggest_only_to
from cogs.interactions.suggestions import Choices, matching_choices
from cogs.texts.error_texts import UNCHANGED, error_text
from cogs.texts.markdown import CONTENT_LIMIT, escape, plural, quote, shorten

if TYPE_CHECKING:
    from bot.moderation.word_service import BlockedWordService, WordTestResult

# Characters. A quoted text may be twice as long once it is escaped, and is shown up to twice.
_QUOTED: Final = 300
_NAMED: Final = 600
_DETAIL: Final = 120

_NONE: Final = "No words are blocked here. Add some with `/clips words add`."

Word = app_commands.Range[str, 1, MAX_LENGTH]
Text = app_commands.Range[str, 1, MAX_CHARACTERS]


class WordsGroup(
    ModeratorGroup, name="words", description="Words and patterns that prompts may not contain"
):
    """`/clips words`."""

    def __init__(self, words: BlockedWordService) -> None:
        super().__init__("manage_messages")
        self._words = words

    @app_commands.command(description="Block a word or a pattern")
    @app_commands.describe(
        word="Found as a whole word, in look-alike letters and spaced out too",
        pattern="True: it is an RE2 pattern, found anywhere",
    )
    async def add(
        self, interaction: discord.Interaction, word: Word, *, pattern: bool = False
    ) -> None:
        """Block a word, or with `pattern` whatever it matches."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        stored, is_new = await self._words.add(guild_id, actor_id, BlockedWord(word, pattern))
        await interaction.edit_original_response(content=_added(stored, is_new=is_new))

    @app_commands.command(description="Allow a blocked word or pattern again")
    @app_commands.describe(word="The word, or the /pattern/ between slashes")
    async def remove(self, interaction: discord.Interaction, word: str) -> None:
        """Take a word or a pattern off the list."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        stored = await self._words.remove(guild_id, actor_id, _named(word))
        await interaction.edit_original_response(content=f"{_shown(stored)} is allowed again.")

    @remove.autocomplete("word")
    @suggest_only_to("manage_messages")
    async def suggest(self, interaction: discord.Interaction, typed: str) -> Choices:
        """Suggest the blocked words and patterns."""
        names = map(_name, await self._words.all(interaction.guild_id or 0))
        return matching_choices(((name, name) for name in names), typed)

    @app_commands.command(description="Which blocked words does a text contain?")
    @app_commands.describe(text="As a member might write it")
    async def test(self, interaction: discord.Interaction, text: Text) -> None:
        """Show what a text is read as, and which words are found in it."""
        tested = await self._words.test(interaction.guild_id or 0, text)
        await interaction.edit_original_response(content=_verdict(tested))

    @app_commands.command(name="list", description="Show the blocked words and patterns")
    async def show(self, interaction: discord.Interaction) -> None:
        """Show the list, as a file where it is too long for a message."""
        found = await self._words.all(interaction.guild_id or 0)
        content = "\n".join((f"{_counted(found)}:", *map(_shown, found))) if found else _NONE
        if len(content) <= CONTENT_LIMIT:
            await interaction.edit_original_response(content=content)
            return
        listed = io.BytesIO("\n".join(map(_name, found)).encode())
        await interaction.edit_original_response(
            content=f"{_counted(found)}, in the file.",
            attachments=[discord.File(listed, "blocked-words.txt")],
        )


def _name(word: BlockedWord) -> str:
    return f"/{word.text}/" if word.is_pattern else word.text


def _named(name: str) -> BlockedWord:
    if len(name) > 1 and name.startswith("/") and name.endswith("/"):
        return BlockedWord(name[1:-1], is_pattern=True)
    return BlockedWord(name)


def _shown(word: BlockedWord) -> str:
    return escape(_name(word))


def _counted(words: list[BlockedWord]) -> str:
    patterns = sum(word.is_pattern for word in words)
    parts = ((len(words) - patterns, "word"), (patterns, "pattern"))
    kinds = " and ".join(plural(count, noun) for count, noun in parts if count)
    return f"**{kinds}** blocked here"


def _added(word: BlockedWord, *, is_new: bool) -> str:
    if not is_new:
        return f"{_shown(word)} was blocked already. {UNCHANGED}"
    how = "wherever it matches" if word.is_pattern else "however it is spelt"
    return (
        f"{_shown(word)} is blocked from the next request on, {how}. "
        "`/clips words test` shows what a text is read as."
    )


def _verdict(tested: WordTestResult) -> str:
    normalized = tested.normalized
    read = quote(normalized.without_accents, _QUOTED)
    if normalized.look_alike_latin != normalized.without_accents:
        read += f"or, in Latin letters:\n{quote(normalized.look_alike_latin, _QUOTED)}"
    if not tested.found:
        many = f"none of the {tested.tried} blocked words"
        of = many if tested.tried > 1 else "no blocked word"
        return f"**Allowed**: it contains {of}. I read it as:\n{read}"
    found = shorten(", ".join(map(_shown, tested.found)), _NAMED)
    return f"**Refused**: it contains {found}. I read it as:\n{read}"


_PROBLEMS: Final = {
    BlockedWordRuleProblem.LENGTH: f"A blocked word or pattern has 1 to {MAX_LENGTH} characters.",
    BlockedWordRuleProblem.EMPTY: "There is no letter, digit or symbol in that word to look for.",
    BlockedWordRuleProblem.EVERYTHING: (
        "That would refuse every prompt. Please write a narrower pattern, such as `\\bword\\w*`."
    ),
    BlockedWordRuleProblem.SLOW: (
        "That pattern would be slow to search for. Please make its repetitions smaller, "
        "or split it in two."
    ),
    BlockedWordRuleProblem.TOO_MANY: (
        f"This server has {MAX_WORDS} blocked words and patterns, and cannot have more. "
        "Please remove one first, or put several into one pattern."
    ),
    BlockedWordRuleProblem.TOO_LARGE: (
        "This server's patterns are too large together. Please remove or shorten one first."
    ),
}


@error_text.register
def _unfit(error: BlockedWordRuleError) -> str:
    if error.problem is BlockedWordRuleProblem.BAD:
        detail = escape(shorten(error.detail, _DETAIL))
        return (
            f"That is not a pattern that I can read: {detail}. "
            f"Patterns are in RE2 syntax, without look-arounds and back-references. {UNCHANGED}"
        )
    return f"{_PROBLEMS[error.problem]} {UNCHANGED}"


@error_text.register
def _unknown(error: UnknownWordError) -> str:
    return (
        f"{escape(shorten(error.word, MAX_LENGTH))} is not blocked here. "
        f"`/clips words list` shows what is. {UNCHANGED}"
    )
