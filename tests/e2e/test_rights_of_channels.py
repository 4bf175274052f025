"""*Manage Messages* in one channel: single clips there, and nothing that reaches the server."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from playground.discord import Overwrite, Permission, Upload
from tests.e2e.clips_play import audit, clips, morgan, on_message, read, rendering
from tests.reviewing import answer, board, everyone_is_reviewed, press, waiting

if TYPE_CHECKING:
    from playground.discord import Channel, Member
    from tests.house import House

HERE_ALONE = "You have the permission **Manage Messages** in this channel alone"
SERVER_WIDE: dict[str, dict[str, Any]] = {
    "status": {},
    "queue": {},
    "block": {},
    "unblock": {},
    "blocks": {},
    "pause": {},
    "resume": {},
    "review": {"mode": "everyone"},
    "words add": {"words": "bad"},
    "words remove": {"words": "bad"},
    "words list": {},
    "words hits": {},
    "words import": {},
    "words export": {},
    "words test": {"text": "bad"},
    "channels allow": {},
    "channels forbid": {},
    "channels remove": {"channel": "1"},
    "channels age_restricted": {"mode": "only"},
    "channels everywhere": {},
    "channels list": {},
    "pictures list": {},
    "pictures refuse": {"clip": "1"},
    "pictures forget": {"clip": "1"},
    "settings": {},
}
"""What of `/clips` needs the right in the whole server; people and channels are filled in."""
HERE_IS_ENOUGH = {"cancel", "remove", "who", "audit"}


def let_manage(channel: Channel, member: Member) -> Member:
    """Give *Manage Messages* in one channel to somebody who has it nowhere else."""
    allow = Permission.VIEW_CHANNEL | Permission.MANAGE_MESSAGES
    channel.overwrites[member.id] = Overwrite("member", allow=allow)
    return member


async def test_what_reaches_the_server_is_refused(house: House) -> None:
    noah = let_manage(house.clips, house.member("noah"))
    filled: dict[str, dict[str, Any]] = {
        "block": {"who": house.mia},
        "unblock": {"who": house.mia},
        "review": {"mode": "everyone", "channel": house.clips},
        "words import": {"file": Upload("words.txt", b"bad", "text/plain")},
        "channels allow": {"channel": house.clips},
        "channels forbid": {"channel": house.clips},
    }
    async with house.bot():
        known = {
            f"{group['name']} {sub['name']}".replace("clips ", "", 1)
            for command in house.discord.offered(noah, house.clips)
            if command["name"] == "clips"
            for sub in command["options"]
            for group in [command]
            if sub["type"] == 1
        }
        assert known == {it for it in SERVER_WIDE if " " not in it} | {*HERE_IS_ENOUGH}
        for command, options in (SERVER_WIDE | filled).items():
            told = await house.ask(noah, f"clips {command}", **options)
            assert HERE_ALONE in told.content, command
            assert "Nothing was changed" in told.content
            assert told.components == []
        for command, option in (("channels remove", "channel"), ("words remove", "words")):
            typed = await house.discord.autocomplete(
                noah, house.clips, f"clips {command}", {option: ""}, option
            )
            assert typed.choices == []
    assert audit(house) == []
    assert house.query("SELECT * FROM guild_settings") == []


async def test_the_panel_refuses_too(house: House) -> None:
    helper = house.member("helper")
    async with house.bot():
        panel = await house.ask(helper, "clips settings")
        house.discord.set_roles(helper, [])
        let_manage(house.clips, helper)
        pressed = await house.discord.choose(
            helper, panel, "settings:pick:default_resolution", ["720p"]
        )
        assert HERE_ALONE in await answer(house, pressed)
    assert audit(house) == []


async def test_single_clips_of_that_channel_are_theirs(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    noah = let_manage(house.clips, house.member("noah"))
    general = house.discord.world.guild.channel("general")
    async with house.bot():
        await rendering(house)
        await rendering(house, channel=general)
        typed = await house.discord.autocomplete(
            noah, house.clips, "clips cancel", {"job": ""}, "job"
        )
        assert typed.choices is not None
        assert [it["value"] for it in typed.choices] == ["1"]
        elsewhere = await house.ask(noah, "clips cancel", job="2")
        assert "That clip is in another channel" in elsewhere.content
        assert (
            "I am cancelling clip **#1**"
            in (await house.ask(noah, "clips cancel", job="1")).content
        )
        refused = await house.discord.invoke(morgan(house), general, "clips cancel", {"job": "2"})
        assert "I am cancelling clip **#2**" in await read(house, refused)
    assert [(deed[0], deed[2], deed[3]) for deed in audit(house)] == [
        ("cancel", 1, noah.id),
        ("cancel", 2, morgan(house).id),
    ]


async def test_a_clip_elsewhere_is_neither_removed_nor_suggested(house: House) -> None:
    noah = let_manage(house.clips, house.member("noah"))
    general = house.discord.world.guild.channel("general")
    async with house.bot():
        here = await house.delivered(await house.animate())
        there = await house.delivered(await house.animate(channel=general))
        await house.settled()
        typed = await house.discord.autocomplete(
            noah, house.clips, "clips remove", {"clip": ""}, "clip"
        )
        assert typed.choices is not None
        assert [it["value"] for it in typed.choices] == ["1"]
        told = await house.ask(noah, "clips remove", clip=str(there.id), refund=True)
        assert "That clip is in another channel" in told.content
        assert not there.deleted
        form = await on_message(house, "Remove clip", here, noah)
        sent = await house.discord.submit_modal(form, {"refund": "yes"})
        assert "I removed clip **#1**" in await read(house, sent)
    assert here.deleted
    assert [(deed[0], deed[2], deed[3]) for deed in audit(house)] == [("remove", 1, noah.id)]


async def test_a_form_opened_with_the_right_needs_it_when_it_is_sent(house: House) -> None:
    helper = house.member("helper")
    async with house.bot():
        message = await house.delivered(await house.animate())
        await house.settled()
        form = await on_message(house, "Remove clip", message, helper)
        house.discord.set_roles(helper, [])
        sent = await house.discord.submit_modal(form, {"refund": "yes", "remember": "no"})
        assert "needs the permission **Manage Messages**" in await answer(house, sent)
    assert not message.deleted
    assert audit(house) == []


async def test_in_the_review_channel_they_decide_but_block_nobody(house: House) -> None:
    await everyone_is_reviewed(house)
    let_manage(board(house), house.member("noah"))
    async with house.bot():
        interaction = await waiting(house)
        pressed = await press(house, "noah", "Refuse and block")
        assert HERE_ALONE in await answer(house, pressed)
        assert house.query("SELECT verdict FROM reviews") == [(None,)]
        await press(house, "noah", "Approve")
        await house.delivered(interaction)
    assert [deed[0] for deed in audit(house)] == ["approve"]
    assert house.query("SELECT * FROM blocks") == []


async def test_a_right_by_role_holds_where_an_overwrite_takes_it(house: House) -> None:
    helper = house.member("helper")
    house.clips.overwrites[helper.id] = Overwrite("member", deny=Permission.MANAGE_MESSAGES)
    house.discord.world.guild.command_grants["clips"] = {helper.id: True}
    async with house.bot():
        assert "Nobody may start" in (await house.ask(helper, "clips pause")).content
    assert [deed[0] for deed in audit(house)] == ["pause"]


async def test_the_owner_needs_no_role(house: House) -> None:
    owner = house.member("owner")
    assert owner.roles == []
    async with house.bot():
        assert "Nobody may start" in (await house.ask(owner, "clips pause")).content


@pytest.mark.parametrize("name", ["owner", "moderator"])
async def test_where_the_roles_are_not_known_nothing_is_allowed(house: House, name: str) -> None:
    guild = house.discord.world.guild
    member = house.member(name)
    async with house.bot():
        # Gone from what the gateway told, as before the guild's first event; its people act.
        house.discord.gateway.publish("GUILD_DELETE", {"id": str(guild.id)}, guild)
        for command in ("clips pause", "quota show"):
            told = await house.ask(member, command)
            assert "not shown me this server's roles" in told.content
        house.discord.gateway.announce_guild(guild)
        assert "Nobody may start" in await clips(house, "pause")
    assert [deed[0] for deed in audit(house)] == ["pause"]


async def test_a_forward_tells_nothing_of_a_clip_in_another_channel(house: House) -> None:
    general = house.discord.world.guild.channel("general")
    noah = let_manage(general, house.member("noah"))
    async with house.bot():
        clip = await house.delivered(await house.animate(prompt="a kite"))
        await house.settled()
        forward = house.discord.forward(house.mia, general, clip)
        for name in ("Who made this?", "Remove clip"):
            asked = await house.discord.invoke_menu(noah, general, name, forward)
            assert "not a clip of mine" in await read(house, asked)
