"""Small things in which libraries trust: shapes of tokens and addresses, sizes, sums of rights."""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING

import discord
import pytest
from PIL import Image

from playground.discord import DiscordStandIn, Permission, Upload
from playground.discord.activity.picture_sizes import picture_size
from playground.discord.client.interaction_payloads import interaction_json
from playground.discord.payloads.state_payloads import guild_json

if TYPE_CHECKING:
    from tests.playground.conftest import Api, SmallBot


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, kind)
    return out.getvalue()


def decoded(part: str) -> str:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()


def test_tokens_hold_ids() -> None:
    stand_in = DiscordStandIn()
    first, *rest = stand_in.token.split(".")
    assert decoded(first) == str(stand_in.world.application_id)
    assert [len(part) for part in rest] == [6, 38]


async def test_the_token_of_an_interaction_holds_its_id(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    assert bot.user is not None
    guild = stand_in.world.guild
    asked = await stand_in.invoke(guild.member("mia"), guild.channel("clips"), "animate")
    assert decoded(asked.token).startswith(f"interaction:{asked.id}:")


async def test_a_picture_tells_its_size_and_lies_in_its_channel(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    guild = stand_in.world.guild
    clips = guild.channel("clips")
    got: list[discord.Attachment | None] = []

    async def answer(interaction: discord.Interaction, image: discord.Attachment | None) -> None:
        got.append(image)
        await interaction.response.send_message("ok")

    bot.answer = answer
    image = Upload("a.png", picture("PNG"), "image/png")
    await stand_in.invoke(guild.member("mia"), clips, "animate", {"image": image})
    (seen,) = got
    assert seen is not None
    assert (seen.width, seen.height) == (40, 30)
    assert f"/ephemeral-attachments/{clips.id}/{seen.id}/a.png?" in seen.url
    assert await seen.read() == image.data
    elsewhere = seen.url.replace(str(clips.id), str(guild.channel("general").id))
    with pytest.raises(discord.NotFound):
        await bot.http.get_from_cdn(elsewhere)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_pictures_of_each_kind_have_a_size(kind: str) -> None:
    assert picture_size(Upload("a", picture(kind))) == (40, 30)


@pytest.mark.parametrize("data", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF"])
def test_what_is_no_picture_has_none(data: bytes) -> None:
    assert picture_size(Upload("a.png", data)) is None


async def test_sounds_that_every_server_has(stand_in: DiscordStandIn, api: Api) -> None:
    status, sounds = await api("GET", "/soundboard-default-sounds")
    assert status == 200
    assert re.fullmatch(r"\w+", sounds[0]["name"])
    assert stand_in.unknown_routes == []


async def test_the_rights_of_members_come_from_their_roles(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    """Apart from overwrites: in a channel without any, the roles' rights are those told."""
    assert bot.user is not None
    guild = stand_in.world.guild
    general = guild.channel("general")
    for member in guild.members.values():
        if member.user.bot or member.id == guild.owner_id:
            continue
        asked = await stand_in.invoke(member, general, "animate")
        told = interaction_json(asked, stand_in.world, {}, 0)["member"]
        rights = {role["id"]: int(role["permissions"]) for role in guild_json(guild)["roles"]}
        summed = rights[str(guild.id)]
        for role_id in told["roles"]:
            summed |= rights[role_id]
        assert int(told["permissions"]) == summed
    assert guild.member("helper").may(general, Permission.MANAGE_MESSAGES)
