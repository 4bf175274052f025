"""Bots of seven libraries in the stand-in's guild: what works there must work here for each."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import pytest

from playground.discord import DiscordStandIn, Upload
from tests.contracts import discord_violations
from tests.house import photo
from tests.libraries.programs import play_beside, program

if TYPE_CHECKING:
    from pathlib import Path

    from playground.discord import Interaction, Message

LIBRARIES: Final = (
    "discordjs",
    "discordpy",
    "discordpy314",
    "disnake",
    "hikari",
    "interactions",
    "nextcord",
    "pycord",
)
COMMANDS: Final = {"animate", "Who made this?", "Block"}


# The first run on a machine installs the library.
@pytest.mark.timeout(300)
@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_bot_of_another_library_does_everything(library: str, tmp_path: Path) -> None:
    command = program(library, tmp_path)
    async with DiscordStandIn() as discord:
        settings = {
            "API": discord.api_base, "GATEWAY": discord.gateway_url, "TOKEN": discord.token
        }  # fmt: skip
        await play_beside(command, tmp_path, Play(discord).everything(), **settings)
        if "CONTRACTS_DIR" in os.environ:
            assert discord_violations(discord.exchanges) == []
        assert discord.unknown_routes == []


class Play:
    """What people do with a bot as those in `bots/` are."""

    def __init__(self, discord: DiscordStandIn) -> None:
        self._discord = discord
        self._guild = discord.world.guild
        self._mia = self._guild.member("mia")
        self._clips = self._guild.channel("clips")

    async def everything(self) -> None:
        await self._registered()
        await self._suggestions()
        message = await self._clip("rain", photo())
        await self._components(message)
        await self._menus(message)
        await self._resume()
        assert (await self._clip("snow", photo(64, 64))) is not message

    async def _registered(self) -> None:
        await self._discord.wait_ready()
        known = self._discord.commands
        await self._discord.wait_for(
            lambda: {command["name"] for command in known.in_guild(self._guild.id)} >= COMMANDS
        )

    async def _suggestions(self) -> None:
        asked = await self._discord.autocomplete(
            self._mia, self._clips, "animate", {"prompt": "rain"}, "prompt"
        )
        assert asked.choices is not None
        assert [choice["name"] for choice in asked.choices] == ["rain slowly", "rain fast"]

    async def _clip(self, prompt: str, picture: bytes) -> Message:
        """A picture goes up, a file comes down, the answer is edited and followed up."""
        asked = await self._discord.invoke(
            self._mia,
            self._clips,
            "animate",
            {"image": Upload("a.jpg", picture, "image/jpeg"), "prompt": prompt},
        )
        assert asked.acknowledged
        await self._discord.wait_for(lambda: asked.followups)
        message = asked.original
        assert message is not None
        assert message.content == f"{prompt}: {len(picture)} bytes"
        (file,) = message.attachments
        assert (file.filename, file.data) == ("clip.mp4", picture[::-1])
        assert [it.content for it in asked.followups] == ["followed up"]
        return message

    async def _components(self, message: Message) -> None:
        await self._discord.press(self._mia, message, "again")
        assert message.content == "again"
        asked = await self._discord.press(self._mia, message, "form")
        assert asked.modal is not None
        (field,) = _text_inputs(asked.modal["components"])
        filled = await self._discord.submit_modal(asked, {field: "it rained"})
        self._told(filled, "because it rained")
        chosen = await self._discord.choose(self._mia, message, "size", ["1080p"])
        self._told(chosen, "size 1080p")

    async def _menus(self, message: Message) -> None:
        asked = await self._discord.invoke_menu(self._mia, self._clips, "Who made this?", message)
        self._told(asked, f"message {message.id}")
        noah = self._guild.member("noah")
        asked = await self._discord.invoke_menu(self._mia, self._clips, "Block", noah)
        self._told(asked, "user noah")

    def _told(self, asked: Interaction, words: str) -> None:
        assert asked.original is not None
        assert asked.original.content == words
        assert asked.original.viewer is self._mia.user

    async def _resume(self) -> None:
        gateway = self._discord.gateway
        identified = gateway.identify_count
        await self._discord.drop_gateway()
        await self._discord.wait_for(lambda: gateway.resume_count == 1)
        assert gateway.identify_count == identified


def _text_inputs(components: list[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    for component in components:
        if component["type"] == 4:
            found.append(component["custom_id"])
        inner = component.get("components") or [component.get("component")]
        found += _text_inputs([it for it in inner if it])
    return found
