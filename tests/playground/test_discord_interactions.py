import asyncio
import io
import json

import aiohttp
import discord
import pytest

from playground.discord import DiscordStandIn, Interaction, Overwrite, Permission, Upload
from tests.playground.conftest import Api, SmallBot

PICTURE = Upload("cat.jpg", b"\xff\xd8" + b"cat" * 1000, "image/jpeg")


def file(data: bytes = b"video") -> discord.File:
    return discord.File(io.BytesIO(data), "clip.mp4")


async def test_the_bot_reads_the_picture_and_delivers_a_file(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    async def answer(interaction: discord.Interaction, image: discord.Attachment | None) -> None:
        await interaction.response.defer()
        assert image is not None
        data = await image.read()
        await interaction.edit_original_response(content="Done", attachments=[file(data)])

    bot.answer = answer
    guild = stand_in.world.guild
    mia, clips = guild.member("mia"), guild.channel("clips")
    interaction = await stand_in.invoke(mia, clips, "animate", {"image": PICTURE, "prompt": "hi"})
    message = interaction.original
    assert message is not None
    await stand_in.wait_for(lambda: message.attachments)
    assert interaction.acknowledged_after is not None
    assert message.content == "Done"
    (clip,) = message.attachments
    assert (clip.filename, clip.data, clip.content_type) == ("clip.mp4", PICTURE.data, "video/mp4")
    assert [revision.content for revision in message.revisions] == ["", "Done"]
    assert message.revisions[0].attachments == ()
    assert stand_in.visible(clips, guild.member("noah")) == [message]
    assert stand_in.notifications == []
    assert bot.failures == []


async def test_people_at_once_are_each_answered_with_their_own_picture(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    async def answer(interaction: discord.Interaction, image: discord.Attachment | None) -> None:
        await interaction.response.defer()
        assert image is not None
        await interaction.edit_original_response(attachments=[file(await image.read())])

    bot.answer = answer
    clips = stand_in.world.guild.channel("clips")
    # Larger than the buffers of a socket, so that the transfers really overlap.
    pictures = [bytes([number]) * 3_000_000 for number in range(5)]
    asked = await asyncio.gather(
        *(
            stand_in.invoke(
                stand_in.add_member(f"person{number}"),
                clips,
                "animate",
                {"image": Upload("photo.jpg", data, "image/jpeg")},
            )
            for number, data in enumerate(pictures)
        )
    )
    await stand_in.wait_for(lambda: all(i.original and i.original.attachments for i in asked), 60)
    found = [i.original.attachments[0].data for i in asked if i.original is not None]
    assert found == pictures
    assert all(i.acknowledged_after is not None for i in asked)
    assert bot.failures == []


async def test_attachments_are_served_in_ranges_until_their_url_expires(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    async def answer(interaction: discord.Interaction, _: discord.Attachment | None) -> None:
        await interaction.response.send_message(file=file(b"0123456789"))

    bot.answer = answer
    guild = stand_in.world.guild
    interaction = await stand_in.invoke(guild.member("mia"), guild.channel("clips"), "animate")
    assert interaction.original is not None
    url = interaction.original.attachments[0].url
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as whole:
            assert (whole.status, await whole.read()) == (200, b"0123456789")
            assert whole.content_type == "video/mp4"
        async with session.get(url, headers={"Range": "bytes=2-4"}) as part:
            assert (part.status, await part.read()) == (206, b"234")
            assert part.headers["Content-Range"] == "bytes 2-4/10"
        async with session.get(url, headers={"Range": "bytes=20-"}) as beyond:
            assert beyond.status == 416
        async with session.get(url.replace("hm=", "hm=0")) as forged:
            assert forged.status == 404
        stand_in.clock.advance(24 * 3600 + 1)
        async with session.get(url) as late:
            assert late.status == 404


async def test_an_answer_after_three_seconds_is_too_late(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    async def answer(interaction: discord.Interaction, _: discord.Attachment | None) -> None:
        stand_in.clock.advance(3.1)
        await interaction.response.defer()

    bot.answer = answer
    guild = stand_in.world.guild
    interaction = await stand_in.invoke(guild.member("mia"), guild.channel("clips"), "animate")
    await bot.answered.wait()
    assert interaction.failed
    assert interaction.acknowledged_after is None
    (failure,) = bot.failures
    assert isinstance(failure, discord.NotFound)
    assert failure.code == 10062


async def test_without_a_bot_the_interaction_fails(stand_in: DiscordStandIn, bot: SmallBot) -> None:
    await bot.close()
    await stand_in.wait_for(lambda: not stand_in.gateway.connected)
    guild = stand_in.world.guild
    asking = asyncio.create_task(
        stand_in.invoke(guild.member("mia"), guild.channel("clips"), "animate")
    )
    await stand_in.wait_for(lambda: stand_in.interactions)
    assert not stand_in.interactions[0].failed
    stand_in.clock.advance(3)
    assert (await asking).failed


async def test_a_second_acknowledgement_is_refused(
    stand_in: DiscordStandIn, deferred: Interaction, api: Api
) -> None:
    path = f"/interactions/{deferred.id}/{deferred.token}/callback"
    status, problem = await api("POST", path, {"type": 5})
    assert (status, problem["code"]) == (400, 40060)
    status, problem = await api("POST", f"/interactions/{deferred.id}/other/callback", {"type": 5})
    assert (status, problem["code"]) == (404, 10062)
    assert len(stand_in.visible(deferred.channel, deferred.member)) == 1


async def test_after_fifteen_minutes_only_the_bot_token_helps(
    stand_in: DiscordStandIn, bot: SmallBot, deferred: Interaction, api: Api
) -> None:
    original = deferred.original
    assert original is not None
    stand_in.clock.advance(15 * 60)
    path = f"/webhooks/{stand_in.world.application_id}/{deferred.token}"
    for method, route in (("PATCH", path + "/messages/@original"), ("POST", path)):
        status, problem = await api(method, route, {"content": "late"})
        assert (status, problem["code"]) == (401, 50027)
    channel = bot.get_channel(original.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.get_partial_message(original.id).edit(content="late", attachments=[file()])
    assert (original.content, original.attachments[0].data) == ("late", b"video")


async def test_a_single_interaction_can_be_expired(
    stand_in: DiscordStandIn, deferred: Interaction, api: Api
) -> None:
    stand_in.expire_interaction(deferred)
    path = f"/webhooks/{stand_in.world.application_id}/{deferred.token}/messages/@original"
    status, problem = await api("GET", path)
    assert (status, problem["code"]) == (401, 50027)


@pytest.mark.parametrize("ephemeral", [True, False])
async def test_the_first_follow_up_takes_the_place_of_thinking(
    stand_in: DiscordStandIn, bot: SmallBot, *, ephemeral: bool
) -> None:
    async def answer(interaction: discord.Interaction, _: discord.Attachment | None) -> None:
        await interaction.response.defer(ephemeral=ephemeral)
        first = await interaction.followup.send("first", ephemeral=not ephemeral, wait=True)
        second = await interaction.followup.send("second", wait=True)
        assert first.id == (await interaction.original_response()).id
        await second.edit(content="second, edited")
        await second.delete()

    bot.answer = answer
    guild = stand_in.world.guild
    mia, clips = guild.member("mia"), guild.channel("clips")
    interaction = await stand_in.invoke(mia, clips, "animate")
    await stand_in.wait_for(lambda: len(interaction.followups) == 2)
    first, second = interaction.followups
    await stand_in.wait_for(lambda: second.deleted)
    assert bot.failures == []
    assert first is interaction.original
    assert first.ephemeral is ephemeral
    assert not first.loading
    assert second.reference is first
    assert [revision.content for revision in second.revisions] == ["second", "second, edited"]
    assert stand_in.visible(clips, mia) == [first]
    assert stand_in.visible(clips, guild.member("noah")) == ([] if ephemeral else [first])


async def test_the_bot_token_does_not_reach_ephemeral_messages(
    stand_in: DiscordStandIn, bot: SmallBot, api: Api
) -> None:
    async def answer(interaction: discord.Interaction, _: discord.Attachment | None) -> None:
        await interaction.response.send_message("secret", ephemeral=True)

    bot.answer = answer
    guild = stand_in.world.guild
    interaction = await stand_in.invoke(guild.member("mia"), guild.channel("clips"), "animate")
    message = interaction.original
    assert message is not None
    for method in ("GET", "PATCH", "DELETE"):
        body = {"content": "x"} if method == "PATCH" else None
        status, problem = await api(
            method, f"/channels/{message.channel.id}/messages/{message.id}", body
        )
        assert (status, problem["code"]) == (404, 10008)


async def test_a_deleted_answer_and_a_deleted_channel_are_gone(
    stand_in: DiscordStandIn, deferred: Interaction, api: Api
) -> None:
    assert deferred.original is not None
    stand_in.delete_message(deferred.original)
    base = f"/webhooks/{stand_in.world.application_id}/{deferred.token}"
    status, problem = await api("PATCH", base + "/messages/@original", {"content": "x"})
    assert (status, problem["code"]) == (404, 10008)
    stand_in.delete_channel(deferred.channel)
    status, problem = await api("POST", base, {"content": "x"})
    assert (status, problem["code"]) == (404, 10003)
    path = f"/channels/{deferred.channel.id}/messages"
    status, problem = await api("POST", path, {"content": "x"})
    assert (status, problem["code"]) == (404, 10003)


async def test_follow_ups_need_an_acknowledged_interaction(
    stand_in: DiscordStandIn, bot: SmallBot, api: Api
) -> None:
    status, problem = await api(
        "POST", f"/webhooks/{stand_in.world.application_id}/nonsense", {"content": "x"}
    )
    assert (status, problem["code"]) == (404, 10015)
    assert bot.failures == []


async def test_the_bot_is_told_who_asks_and_what_they_may(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    stand_in.advertised_upload_limit = 123_456_789
    seen: list[discord.Interaction] = []

    async def answer(interaction: discord.Interaction, _: discord.Attachment | None) -> None:
        seen.append(interaction)
        await interaction.response.send_message("ok")

    bot.answer = answer
    guild = stand_in.world.guild
    await stand_in.invoke(guild.member("moderator"), guild.channel("clips"), "animate")
    (interaction,) = seen
    assert interaction.filesize_limit == 123_456_789
    assert interaction.permissions.manage_guild
    assert interaction.permissions.send_messages
    assert interaction.app_permissions.attach_files
    assert not interaction.app_permissions.manage_messages
    assert isinstance(interaction.user, discord.Member)
    assert [role.name for role in interaction.user.roles] == ["@everyone", "Moderator"]
    assert interaction.is_guild_integration()


async def test_permissions_are_those_of_the_channel_with_its_overwrites(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    """As Discord's are: what a role permits in the server is for the bot to find out."""
    seen: list[discord.Interaction] = []

    async def answer(interaction: discord.Interaction, _: discord.Attachment | None) -> None:
        seen.append(interaction)
        await interaction.response.send_message("ok")

    bot.answer = answer
    guild = stand_in.world.guild
    channel, helper = guild.channel("clips"), guild.member("helper")
    allow, deny = Permission.MANAGE_MESSAGES, Permission.MANAGE_MESSAGES
    channel.overwrites[guild.member("mia").id] = Overwrite("member", allow=allow)
    channel.overwrites[helper.id] = Overwrite("member", deny=deny)
    for name in ("mia", "helper"):
        await stand_in.invoke(guild.member(name), channel, "animate")
    given, taken = seen
    assert isinstance(given.user, discord.Member)
    assert isinstance(taken.user, discord.Member)
    assert given.permissions.manage_messages
    assert not given.user.guild_permissions.manage_messages
    assert not taken.permissions.manage_messages
    assert taken.user.guild_permissions.manage_messages


async def test_a_first_answer_may_come_as_a_form_and_tells_no_rate_limit(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    held = asyncio.Event()

    async def wait(_interaction: discord.Interaction, _image: discord.Attachment | None) -> None:
        await held.wait()

    bot.answer = wait
    guild = stand_in.world.guild
    invoking = asyncio.create_task(
        stand_in.invoke(guild.member("mia"), guild.channel("clips"), "animate")
    )
    await stand_in.wait_for(lambda: stand_in.interactions)
    (asked,) = stand_in.interactions
    url = f"{stand_in.api_base}/interactions/{asked.id}/{asked.token}/callback"
    answer = {"payload_json": json.dumps({"type": 4, "data": {"content": "as a form"}})}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=answer) as response,
    ):
        assert response.status == 204
        assert not [name for name in response.headers if "ratelimit" in name.lower()]
    assert (await invoking).original is not None
    assert asked.original is not None
    assert asked.original.content == "as a form"
    held.set()
