"""Discord is told how commands, options and choices are called in each language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cogs.texts.catalogs import read_catalog
from playground.discord.rules.command_rules import is_slash_name
from tests.command_texts import localised_commands
from tools.command_texts import is_spoken

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tests.house import House

LOCALES = {"de", "es-ES", "es-419", "fr", "pt-BR", "ja"}
OF_MODERATORS = {"quota", "clips", "owner", "setup"}
LOAN_WORDS = {"prompt", "seed", "spoiler", "clips", "image", "Exemption"}
"""What one language or another calls by the English word, so that nothing is sent for it."""


@pytest.fixture(autouse=True)
def in_all_languages() -> Generator[None, None, None]:
    with localised_commands():
        yield


def parts(command: dict[str, Any], root: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """A command with all its subcommands and options, by the name of the whole."""
    yield root or command["name"], command
    for option in command.get("options", ()):
        yield from parts(option, root or command["name"])


async def test_all_that_discord_shows_is_localised(house: House) -> None:
    async with house.bot():
        commands = house.discord.offered(house.member("moderator"), house.clips)
    assert len(commands) > 10
    for root, part in [it for command in commands for it in parts(command)]:
        where = root, part["name"]
        if part.get("description"):
            assert set(part["description_localizations"]) == LOCALES, where
        names = part.get("name_localizations") or {}
        if root in OF_MODERATORS:
            assert not names, where
        elif part["name"] not in LOAN_WORDS:
            assert set(names) == LOCALES, where
        if part.get("description"):
            assert all(is_slash_name(name) for name in names.values()), where
        for choice in part.get("choices", ()):
            if is_spoken(choice["name"]) and choice["name"] not in LOAN_WORDS:
                assert set(choice["name_localizations"]) == LOCALES, (where, choice["name"])


async def test_names_differ_in_each_language(house: House) -> None:
    async with house.bot():
        commands = house.discord.offered(house.member("moderator"), house.clips)
    for locale in LOCALES:
        for siblings in (commands, *(command.get("options", []) for command in commands)):
            named = [(it.get("name_localizations") or {}, it["name"]) for it in siblings]
            names = [localised.get(locale, name) for localised, name in named]
            assert len(set(names)) == len(names), locale


async def test_a_start_without_a_change_syncs_nothing_and_reads_no_catalogue(
    house: House,
) -> None:
    async with house.bot():
        pass
    assert house.discord.sync_count == 1
    before = {id(it) for it in house.discord.exchanges}
    read_catalog.cache_clear()
    async with house.bot():
        pass
    asked = [it for it in house.discord.exchanges if "/commands" in it.path]
    assert [it.method for it in asked if id(it) not in before] == ["GET"]
    assert read_catalog.cache_info().currsize == 0
