"""The texts of commands, which Discord shows by itself: names, descriptions, options, choices."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import MagicMock

import discord
from discord import app_commands

from cogs.register import register_all
from cogs.texts.command_translator import is_for_members
from cogs.texts.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

_GROUP_OR_SUBCOMMAND: Final = {1, 2}
_MENUS: Final = {2, 3}
_UNSPOKEN: Final = {it.name for it in LANGUAGES.values()}


def command_tree() -> app_commands.CommandTree[Any]:
    """Build all commands, without anything that they would work with."""
    tree = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    client: Any = SimpleNamespace(
        tree=tree,
        languages=None,
        access=MagicMock(),
        lookup=MagicMock(),
        event=lambda it: it,
        sync_commands=None,
    )
    register_all(client, MagicMock(), MagicMock(), MagicMock(), MagicMock())
    return tree


def command_texts() -> Iterator[tuple[str, str, str]]:
    """List each text with the context of its translations, and a note for translators."""
    tree = command_tree()
    for command in tree.get_commands():
        data: Any = command.to_dict(tree)
        if data["type"] in _MENUS:
            note = "In the menu of a message or a person: at most 32 characters."
            yield "menu", data["name"], note
        else:
            yield from _texts(data, f"/{data['name']}", with_names=is_for_members(command))


def _texts(data: dict[str, Any], where: str, *, with_names: bool) -> Iterator[tuple[str, str, str]]:
    if with_names:
        is_command = data["type"] in _GROUP_OR_SUBCOMMAND or " " not in where
        kind = "command" if is_command else "option"
        yield kind, data["name"], f"A name, in small letters without blanks: {where}"
    if data.get("description"):
        yield "description", data["description"], f"At most 100 characters: {where}"
    for choice in data.get("choices", ()):
        if is_spoken(choice["name"]):
            yield "choice", choice["name"], f"A choice of {where}"
    for option in data.get("options", ()):
        yield from _texts(option, f"{where} {option['name']}", with_names=with_names)


def is_spoken(text: str) -> bool:
    """Whether a choice has words: a size such as `720p` is the same in every language."""
    return text not in _UNSPOKEN and re.search("[A-Za-z]{2}", text) is not None
