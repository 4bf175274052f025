"""What the bot asks for is what `docs/discord.md` lists."""

from __future__ import annotations

import ast
import logging
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

import cogs
from cogs.client import INTENTS, PERMISSIONS
from playground.discord.state.default_world import INVITED_BOT
from playground.faults import Exchange
from tests import discord_access

if TYPE_CHECKING:
    from tests.house import House


def exchange(method: str, path: str) -> Exchange:
    return Exchange("any", method, f"/api/v10{path}", {}, {}, None, 0, 200, {}, None, 0, 0.0, 0.0)


def test_the_invite_asks_for_what_the_listed_routes_need_and_nothing_else() -> None:
    assert discord_access.invited_permissions() == PERMISSIONS


async def test_the_invite_link_of_a_start_asks_for_the_same(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "cogs.client"):
        async with house.bot():
            pass
    (link,) = (it.getMessage().split()[-1] for it in caplog.records if "invite" in it.getMessage())
    asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    assert asked["permissions"] == str(discord_access.invited_permissions().value)
    assert set(asked["scope"].split()) == {"bot", "applications.commands"}


def test_the_stand_in_gives_the_bot_what_the_invite_asks_for() -> None:
    assert PERMISSIONS.value == INVITED_BOT


def test_every_event_that_is_handled_is_listed_and_no_other() -> None:
    handled = {
        node.name.removeprefix("on_")
        for file in Path(cogs.__path__[0]).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("on_")
    }
    # Of the command tree, not of Discord.
    assert handled - {"error"} == discord_access.listed_events()


def test_intents_are_those_of_the_listed_events_and_none_is_privileged() -> None:
    assert discord_access.listed_intents() == INTENTS
    privileged = ("members", "presences", "message_content")
    assert not any(getattr(INTENTS, name) for name in privileged)


@pytest.mark.parametrize(
    ("method", "path", "is_listed"),
    [
        ("GET", "/channels/123/messages/456", True),
        ("GET", "/webhooks/1/***/messages/@original", True),
        ("PUT", "/channels/123/messages/456", False),
        ("GET", "/channels/123/messages/456/reactions", False),
        ("GET", "/guilds/123/bans", False),
    ],
)
def test_a_route_that_is_not_listed_is_found(method: str, path: str, is_listed: bool) -> None:  # noqa: FBT001 - a case's word
    assert bool(discord_access.unlisted_routes([exchange(method, path)])) is not is_listed
