import io
from typing import Any

import discord
import pytest

from playground.discord import DiscordStandIn, Permission, rate_limited
from playground.discord.rest.ratelimit import Limit
from playground.faults import Fault
from tests.playground.conftest import Api, SmallBot

ROW = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Again", "custom_id": "again"}]}
V2 = 1 << 15


def path(stand_in: DiscordStandIn, channel: str = "clips") -> str:
    return f"/channels/{stand_in.world.guild.channel(channel).id}/messages"


async def test_a_nonce_is_sent_once(stand_in: DiscordStandIn, bot: SmallBot) -> None:
    clips = stand_in.world.guild.channel("clips")
    channel = bot.get_channel(clips.id)
    assert isinstance(channel, discord.TextChannel)
    first = await channel.send("clip", nonce="job-1")
    again = await channel.send("clip", nonce="job-1")
    other = await channel.send("clip", nonce="job-2")
    assert first.id == again.id != other.id
    stand_in.clock.advance(3600)
    assert (await channel.send("clip", nonce="job-1")).id != first.id
    assert len(clips.messages) == 3


async def test_messages_are_told_read_edited_and_deleted(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    guild = stand_in.world.guild
    clips = guild.channel("clips")
    channel = bot.get_channel(clips.id)
    assert isinstance(channel, discord.TextChannel)
    told = [bot.wait_for(event) for event in ("message", "message_edit", "message_delete")]
    message = await channel.send("one", files=[discord.File(io.BytesIO(b"a"), "a.png")])
    kept = message.attachments
    new = discord.File(io.BytesIO(b"b"), "b.png")
    await message.edit(content="two", attachments=[*kept, new])
    fetched = await channel.fetch_message(message.id)
    assert [a.filename for a in fetched.attachments] == ["a.png", "b.png"]
    assert fetched.edited_at is not None
    assert [m.id async for m in channel.history(limit=5)] == [message.id]
    await message.edit(attachments=[])
    await message.delete()
    for waiting in told:
        await waiting
    (stored,) = clips.messages.values()
    assert [len(revision.attachments) for revision in stored.revisions] == [1, 2, 0]
    assert stored.deleted
    assert stand_in.visible(clips, guild.member("mia")) == []


async def test_history_is_read_from_a_message_on(stand_in: DiscordStandIn, bot: SmallBot) -> None:
    channel = bot.get_channel(stand_in.world.guild.channel("clips").id)
    assert isinstance(channel, discord.TextChannel)
    sent = [await channel.send(str(number)) for number in range(4)]
    assert [m.content async for m in channel.history(limit=2, after=sent[0])] == ["1", "2"]
    assert [m.content async for m in channel.history(limit=2)] == ["3", "2"]


async def test_history_from_nothing_is_refused(stand_in: DiscordStandIn, api: Api) -> None:
    status, told = await api("GET", f"{path(stand_in)}?after=yesterday")
    assert status == 400
    assert "after" in told["errors"]


@pytest.mark.parametrize(
    ("denied", "files", "status", "code"),
    [
        (Permission.VIEW_CHANNEL, (), 403, 50001),
        (Permission.SEND_MESSAGES, (), 403, 50013),
        (Permission.ATTACH_FILES, (b"x",), 403, 50013),
        (Permission.ATTACH_FILES, (), 200, None),
    ],
)
async def test_the_bot_needs_its_permissions(
    stand_in: DiscordStandIn,
    api: Api,
    denied: Permission,
    files: tuple[bytes, ...],
    status: int,
    code: int | None,
) -> None:
    stand_in.remove_bot_permissions(stand_in.world.guild.channel("clips"), denied)
    got, answer = await api("POST", path(stand_in), {"content": "x"}, files)
    assert (got, answer.get("code")) == (status, code)


async def test_the_bot_is_not_let_into_the_moderators_channel(
    stand_in: DiscordStandIn, api: Api
) -> None:
    status, problem = await api("POST", path(stand_in, "mods"), {"content": "x"})
    assert (status, problem["code"]) == (403, 50001)
    stand_in.grant_bot_permissions(stand_in.world.guild.channel("mods"), Permission.VIEW_CHANNEL)
    status, _ = await api("POST", path(stand_in, "mods"), {"content": "x"})
    assert status == 200


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"content": "x" * 2001}, 50035, "content"),
        ({"content": ""}, 50006, None),
        ({"content": "x", "nonce": "n" * 26}, 50035, "nonce"),
        ({"embeds": [{"title": "x" * 257}]}, 50035, "embeds"),
        ({"embeds": [{"description": "x" * 4096}, {"description": "x" * 1905}]}, 50035, "embeds"),
        ({"embeds": [{"title": "x"}] * 11}, 50035, "embeds"),
        ({"content": "x", "components": [ROW] * 6}, 50035, "components"),
        ({"content": "x", "components": [ROW, ROW]}, 50035, "components"),
        ({"content": "x", "components": [{"type": 10, "content": "x"}]}, 50035, "components"),
        ({"content": "x", "flags": V2, "components": [ROW]}, 50035, "content"),
        ({"flags": V2, "components": [{"type": 10, "content": "x" * 4001}]}, 50035, "components"),
        (
            {
                "flags": V2,
                "components": [{"type": 12, "items": [{"media": {"url": "attachment://a"}}]}],
            },
            50035,
            "components",
        ),
        ({"content": "x", "attachments": [{"id": 0, "filename": "a.png"}]}, 50035, "attachments"),
        ({"content": "x", "message_reference": {"message_id": "1"}}, 50035, "message_reference"),
        ({"content": 5}, 50035, "content"),
        ({"content": "x", "flags": "many"}, 50035, "flags"),
        ({"embeds": [{"title": "x", "image": {"height": 1}}]}, 50035, "embeds"),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            50035,
            "allowed_mentions",
        ),
    ],
)
async def test_malformed_messages_are_refused(
    stand_in: DiscordStandIn, api: Api, body: dict[str, Any], code: int, field: str | None
) -> None:
    status, problem = await api("POST", path(stand_in), body)
    assert (status, problem["code"]) == (400, code)
    if field is not None:
        assert field in problem["errors"]
    assert stand_in.world.guild.channel("clips").messages == {}


async def test_long_custom_ids_are_refused(stand_in: DiscordStandIn, api: Api) -> None:
    button = {"type": 2, "style": 1, "label": "x", "custom_id": "x" * 101}
    body = {"content": "x", "components": [{"type": 1, "components": [button]}]}
    status, problem = await api("POST", path(stand_in), body)
    where = problem["errors"]["components"]["0"]["components"]["0"]["custom_id"]
    assert (status, where["_errors"][0]["code"]) == (400, "BASE_TYPE_BAD_LENGTH")
    button["custom_id"] = "x" * 100
    status, _ = await api("POST", path(stand_in), body)
    assert status == 200


async def test_components_v2_show_an_uploaded_video(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    clips = stand_in.world.guild.channel("clips")
    channel = bot.get_channel(clips.id)
    assert isinstance(channel, discord.TextChannel)
    view = discord.ui.LayoutView()
    media = discord.MediaGalleryItem("attachment://clip.mp4")
    text: discord.ui.TextDisplay[Any] = discord.ui.TextDisplay("AI-generated")
    view.add_item(discord.ui.Container(text, discord.ui.MediaGallery(media)))
    message = await channel.send(view=view, file=discord.File(io.BytesIO(b"v"), "clip.mp4"))
    (stored,) = clips.messages.values()
    gallery = stored.components[0]["components"][1]
    assert gallery["items"][0]["media"]["url"].startswith(stand_in.api_base[:20])
    assert message.flags.components_v2


async def test_only_its_author_edits_a_message(stand_in: DiscordStandIn, api: Api) -> None:
    guild = stand_in.world.guild
    message = stand_in.say(guild.member("mia"), guild.channel("clips"), "mine")
    status, problem = await api("PATCH", f"{path(stand_in)}/{message.id}", {"content": "yours"})
    assert (status, problem["code"]) == (403, 50005)
    status, problem = await api("DELETE", f"{path(stand_in)}/{message.id}")
    assert (status, problem["code"]) == (403, 50013)
    assert message.content == "mine"


@pytest.mark.parametrize("size", [1000, 1001])
async def test_files_over_the_upload_limit_are_refused(
    stand_in: DiscordStandIn, api: Api, size: int
) -> None:
    stand_in.upload_limit = 1000
    status, answer = await api("POST", path(stand_in), {"content": "x"}, (b"x" * size, b"y"))
    assert (status, answer.get("code")) == ((200, None) if size == 1000 else (413, 40005))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"mia"}),
        ({"allowed_mentions": {"parse": []}}, set()),
        ({"allowed_mentions": {"parse": ["roles"]}}, set()),
        ({"allowed_mentions": {"parse": ["users"]}}, {"mia"}),
        ({"allowed_mentions": {"users": ["{mia_id}"]}}, {"mia"}),
        ({"allowed_mentions": {"users": ["1"]}}, set()),
        ({"flags": 1 << 12}, set()),
    ],
)
async def test_allowed_mentions_decide_who_is_pinged(
    stand_in: DiscordStandIn, api: Api, body: dict[str, Any], expected: set[str]
) -> None:
    guild = stand_in.world.guild
    mia, moderators = guild.member("mia"), guild.role("Moderator")
    content = f"{mia.user.mention} <@&{moderators.id}> @everyone"
    allowed = body.get("allowed_mentions", {})
    if "users" in allowed:
        body = {"allowed_mentions": {"users": [u.format(mia_id=mia.id) for u in allowed["users"]]}}
    await api("POST", path(stand_in), {"content": content, **body})
    assert {n.user.username for n in stand_in.notifications} == expected


async def test_mentionable_roles_and_permitted_everyone_ping(
    stand_in: DiscordStandIn, api: Api
) -> None:
    guild = stand_in.world.guild
    moderators = guild.role("Moderator")
    moderators.mentionable = True
    await api("POST", path(stand_in), {"content": f"<@&{moderators.id}>"})
    assert [n.user.username for n in stand_in.notifications] == ["moderator"]
    stand_in.notifications.clear()
    stand_in.grant_bot_permissions(guild.channel("clips"), Permission.MENTION_EVERYONE)
    await api("POST", path(stand_in), {"content": "@here"})
    others = {m.user.username for m in guild.members.values()} - {"animate"}
    assert {n.user.username for n in stand_in.notifications} == others


async def test_edits_ping_nobody_and_replies_ping_the_author(
    stand_in: DiscordStandIn, api: Api
) -> None:
    guild = stand_in.world.guild
    clips, mia = guild.channel("clips"), guild.member("mia")
    asked = stand_in.say(mia, clips, "please")
    _, sent = await api("POST", path(stand_in), {"content": "working"})
    await api("PATCH", f"{path(stand_in)}/{sent['id']}", {"content": mia.user.mention})
    assert stand_in.notifications == []
    reply = {"content": "done", "message_reference": {"message_id": str(asked.id)}}
    quiet = reply | {"allowed_mentions": {"parse": ["users"]}}
    await api("POST", path(stand_in), quiet)
    assert stand_in.notifications == []
    await api("POST", path(stand_in), reply)
    assert [n.user for n in stand_in.notifications] == [mia.user]


async def test_replying_to_a_deleted_message_can_be_allowed(
    stand_in: DiscordStandIn, api: Api
) -> None:
    guild = stand_in.world.guild
    asked = stand_in.say(guild.member("mia"), guild.channel("clips"), "please")
    stand_in.delete_message(asked)
    reference = {"message_id": str(asked.id), "fail_if_not_exists": False}
    status, sent = await api(
        "POST", path(stand_in), {"content": "done", "message_reference": reference}
    )
    assert status == 200
    assert "message_reference" not in sent


async def test_discord_py_waits_out_a_rate_limit(stand_in: DiscordStandIn, bot: SmallBot) -> None:
    channel = bot.get_channel(stand_in.world.guild.channel("clips").id)
    assert isinstance(channel, discord.TextChannel)
    stand_in.faults.add(rate_limited("discord.create_message", 0.05))
    await channel.send("patience")
    statuses = [e.status for e in stand_in.exchanges if e.operation == "discord.create_message"]
    assert statuses == [429, 200]


async def test_a_full_bucket_answers_429(stand_in: DiscordStandIn, api: Api) -> None:
    stand_in.limits.set("discord.create_message", Limit(2, 60.0))
    statuses = [(await api("POST", path(stand_in), {"content": "x"}))[0] for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert stand_in.exchanges[-1].response_headers["Via"]
    assert stand_in.exchanges[0].response_headers["X-RateLimit-Remaining"] == "1"
    stand_in.clock.advance(61)
    assert (await api("POST", path(stand_in), {"content": "x"}))[0] == 200


async def test_an_answer_can_be_lost_after_the_deed(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    clips = stand_in.world.guild.channel("clips")
    channel = bot.get_channel(clips.id)
    assert isinstance(channel, discord.TextChannel)
    stand_in.faults.add(Fault("discord.create_message", "drop_after"))
    with pytest.raises(Exception, match=r"Server disconnected|Connection reset"):
        await channel.send("clip", nonce="job-1")
    await channel.send("clip", nonce="job-1")
    assert len(clips.messages) == 1


async def test_a_wrong_token_and_an_unknown_route_are_noticed(
    stand_in: DiscordStandIn, api: Api
) -> None:
    status, problem = await api("GET", "/guilds/1/emojis-of-doom")
    assert (status, problem) == (404, {"message": "404: Not Found", "code": 0})
    assert stand_in.unknown_routes == ["GET /api/v10/guilds/1/emojis-of-doom"]
    stand_in.exchanges.clear()
    api.headers["Authorization"] = "Bot wrong"
    status, problem = await api("GET", "/users/@me")
    assert (status, problem) == (401, {"message": "401: Unauthorized", "code": 0})
    assert "wrong" not in str(stand_in.exchanges[0].request_headers)
