import asyncio

import discord

from playground.discord import DiscordStandIn, Upload
from tests.playground.conftest import SmallBot

PHOTO = b"\xff\xd8" + bytes(8 * 1024 * 1024)


async def test_a_hundred_people_at_once_with_big_photos(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    sizes: list[int] = []

    async def answer(interaction: discord.Interaction, image: discord.Attachment | None) -> None:
        await interaction.response.defer()
        assert image is not None
        sizes.append(len(await image.read()))
        await interaction.edit_original_response(content="Done")

    bot.answer = answer
    clips = stand_in.world.guild.channel("clips")
    people = [stand_in.add_member(f"person{n}") for n in range(100)]
    picture = Upload("photo.jpg", PHOTO, "image/jpeg")
    asked = await asyncio.gather(
        *(stand_in.invoke(person, clips, "animate", {"image": picture}) for person in people)
    )
    await stand_in.wait_for(
        lambda: all(i.original and i.original.content == "Done" for i in asked), timeout=60
    )
    assert bot.failures == []
    assert sizes == [len(PHOTO)] * 100
    waits = sorted(i.acknowledged_after for i in asked if i.acknowledged_after is not None)
    assert len(waits) == 100
    assert waits[98] < 1
