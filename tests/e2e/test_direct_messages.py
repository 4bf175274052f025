"""`/animate` in direct messages with the bot, which its owner's setting opens."""

from __future__ import annotations

import asyncio
import io
import math
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import DIRECT_MESSAGES
from playground.discord import Upload
from playground.faults import Fault
from tests.e2e.buttons_play import labels, press, private
from tests.house import photo, shows_clip

if TYPE_CHECKING:
    from playground.discord import Channel, Interaction, Member, Message
    from tests.house import House

OPEN = "2 clips a day"
PRICE = 200_000
MEMBERS = {"animate", "usage", "help", "about", "my-clips", "defaults", "mydata"}
MENUS = {"Animate this picture", "Animate avatar"}


def direct(house: House, name: str = "mia") -> tuple[Member, Channel]:
    """Somebody in their direct messages with the bot."""
    user = house.member(name).user
    channel = house.discord.world.direct_channel(user)
    return channel.guild.members[user.id], channel


async def animate(house: House, name: str = "mia", **options: Any) -> Interaction:
    who, channel = direct(house, name)
    return await house.animate(who, channel=channel, **options)


async def ask(house: House, command: str, name: str = "mia", **options: Any) -> Message:
    """A command whose answer is for its member alone, once it is there."""
    who, channel = direct(house, name)
    return await private(house, await house.discord.invoke(who, channel, command, options))


def offered(house: House) -> set[str]:
    return {str(it["name"]) for it in house.discord.offered(*direct(house))}


@pytest.fixture
def opened(house: House) -> House:
    house.overrides["direct_messages"] = OPEN
    return house


async def test_they_are_closed_until_the_owner_opens_them(house: House) -> None:
    async with house.bot():
        assert offered(house) == {"owner"}
    house.overrides["direct_messages"] = OPEN
    async with house.bot():
        assert offered(house) == {"owner", *MEMBERS, *MENUS}
    house.overrides["direct_messages"] = "off"
    async with house.bot():
        assert offered(house) == {"owner"}


async def test_a_clip_comes_into_them_and_counts_there_alone(opened: House) -> None:
    house = opened
    async with house.bot():
        asked = await animate(house, prompt="waves")
        message = await house.delivered(asked)
        await house.settled()
        (guild_id,) = house.query("SELECT guild_id FROM jobs")[0]
        assert guild_id == DIRECT_MESSAGES
        _, channel = direct(house)
        called = [it for it in channel.messages.values() if "your clip is ready" in it.content]
        assert len(called) == 1
        assert "1 of 2 clips left today" in (await ask(house, "usage")).content
        there = await house.ask(house.mia, "usage")
        assert "5 of 5 clips left today" in there.content
        assert "for each person in direct messages" in (await ask(house, "usage")).content
    assert shows_clip(message)


async def test_two_at_once_and_the_limit_of_each_person(opened: House) -> None:
    house = opened
    async with house.bot():
        clips = await asyncio.gather(animate(house), animate(house))
        for clip in clips:
            await house.delivered(clip)
        await house.settled()
        refused = await private(house, await animate(house))
        assert "of the limit of 2 clips a day for each person in direct messages" in refused.content
        other = await animate(house, "noah")
        await house.delivered(other)
        await house.settled()
    assert house.query("SELECT count(*) FROM jobs") == [(3,)]


async def test_twice_at_once_for_the_last_one_makes_one(house: House) -> None:
    house.overrides["direct_messages"] = "1 clip a day"
    async with house.bot():
        first, second = await asyncio.gather(animate(house), animate(house))
        await house.discord.wait_for(
            lambda: any(it.original and shows_clip(it.original) for it in (first, second))
        )
        await house.settled()
    assert house.spent() == (1, PRICE)
    assert house.query("SELECT count(*) FROM jobs") == [(1,)]


async def test_the_total_of_all_ends_it_for_all_and_servers_go_on(opened: House) -> None:
    house = opened
    house.overrides["direct_messages_budget_usd_per_month"] = 2 * PRICE
    async with house.bot():
        for name in ("mia", "noah"):
            await house.delivered(await animate(house, name))
        await house.settled()
        refused = await private(house, await animate(house))
        assert "the budget that the bot's owner has set for direct messages" in refused.content
        assert "$0.40" not in refused.content, "how much it is, is the owner's to tell"
        usage = (await ask(house, "usage")).content
        assert "The budget for direct messages is used up" in usage
        assert "$" not in usage
        await house.delivered(await house.animate())
        await house.owner_told("budget of direct messages is used up")


async def test_the_ceiling_of_all_servers_holds_here_too(opened: House) -> None:
    house = opened
    house.overrides["owner_budget_usd_per_month"] = PRICE
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
        refused = await private(house, await animate(house))
        assert "the budget that the bot's owner has set" in refused.content
        assert "direct messages" not in refused.content


async def test_the_owner_pauses_and_blocks(opened: House) -> None:
    house = opened
    owner = house.discord.world.application_owner
    channel = house.discord.world.direct_channel(owner)
    me = channel.guild.members[owner.id]

    async def command(name: str, **options: Any) -> str:
        asked = await house.discord.invoke(me, channel, f"owner {name}", options)
        return (await private(house, asked)).content

    async with house.bot():
        await command("pause", reason="holidays")
        assert "holidays" in (await private(house, await animate(house))).content
        await command("resume")
        mia = house.mia.user
        assert "until `unblock`" in await command(
            "direct-messages block", who=mia, reason="too rude"
        )
    async with house.bot():
        refused = (await private(house, await animate(house))).content
        assert "Whoever runs this bot takes no clips from you" in refused
        assert "too rude" in refused
        assert refused.startswith("Whoever") or "⛔" in (await ask(house, "help")).content
        await house.delivered(await house.animate())
        await house.delivered(await animate(house, "noah"))
        assert "again" in await command("direct-messages unblock", who=mia)
        assert "is not blocked" in await command("direct-messages unblock", who=mia)
        await house.delivered(await animate(house))
        await house.settled()
        assert "direct messages" in await command("status")


async def test_a_restart_loses_nothing_and_the_buttons_work(opened: House) -> None:
    house = opened
    house.overrides["retention_days"] = 30
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        asked = await animate(house, prompt="waves")
        await house.told(asked.original, "Rendering")
    house.pika.behaviour.render_seconds = 0.02
    house.pass_time(minutes=20)
    async with house.bot():
        clip = await house.delivered(asked)
        await house.settled()
        who, _ = direct(house)
        await house.delivered(await press(house, clip, "Again", who))
        await press(house, clip, "Hide", who)
        await house.discord.wait_for(lambda: "Show" in labels(clip))
        more = await private(house, await press(house, clip, "More", who))
        assert labels(more) == ["Delete"], "nobody else is there to report it"
        sure = await private(house, await press(house, more, "Delete", who))
        await press(house, sure, labels(sure)[0], who)
        await house.told(sure, "I deleted your clip")
        assert clip.deleted
    assert house.spent() == (2, 2 * PRICE)


async def test_a_clip_is_cancelled(opened: House) -> None:
    house = opened
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        await house.told((await house.animate(house.member("noah"))).original, "Rendering")
        waiting = await animate(house)
        who, _ = direct(house)
        question = await private(house, await press(house, waiting.original, "Cancel", who))
        await press(house, question, "Cancel it", who)
        await house.told(question, "Nothing was charged")
        await house.until("SELECT 1 FROM ledger WHERE kind = 'refund'")


async def test_what_is_shown_there_is_of_direct_messages_alone(opened: House) -> None:
    house = opened
    async with house.bot():
        await house.delivered(await house.animate(prompt="in the server"))
        clip = await house.delivered(await animate(house, prompt="between us"))
        await house.settled()
        here, there = await ask(house, "my-clips"), await house.ask(house.mia, "my-clips")
        link = f"https://discord.com/channels/@me/{clip.channel.id}/{clip.id}"
        assert "between us" in repr(here.components)
        assert link in repr(here.components)
        assert "in the server" not in repr(here.components)
        assert "between us" not in repr(there.components)
        helped = (await ask(house, "help")).content
        assert "Rules of direct messages" in helped
        assert "server" not in helped.partition("### Rules")[2]
        assert "no server's moderators learn" in (await ask(house, "about")).content
        await ask(house, "defaults", tell="dm")
        await house.delivered(await animate(house))
        await house.settled()
        said = [it.content for it in direct(house)[1].messages.values()]
    assert not any("Your clip in <#" in it for it in said)


async def test_only_ones_own_pictures(opened: House) -> None:
    house = opened
    who, channel = direct(house)
    async with house.bot():
        post = house.discord.say(who, channel, "", [Upload("mine.jpg", photo(), "image/jpeg")])
        form = await house.discord.invoke_menu(who, channel, "Animate this picture", post)
        sent = {"size": "720p", "length": "5", "prompt": "it blinks"}
        await house.delivered(await house.discord.submit_modal(form, sent))
        await house.settled()
        bot = channel.guild.members[house.discord.world.bot.id]
        house.discord.set_avatar(bot.user, "bot", Upload("bot.png", photo(kind="PNG"), "image/png"))
        refused = await house.discord.invoke_menu(who, channel, "Animate avatar", bot)
        assert "your own pictures alone" in (await private(house, refused)).content


async def test_closed_again_what_waits_is_finished_and_nothing_new_is_taken(opened: House) -> None:
    house = opened
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        asked = await animate(house)
        await house.told(asked.original, "Rendering")
        # Discord's clients may show the commands for a while after they are gone.
        known = house.discord.offered(*direct(house))
    house.overrides["direct_messages"] = "off"
    house.pika.behaviour.render_seconds = 0.02
    async with house.bot():
        clip = await house.delivered(asked)
        await house.settled()
        who, _ = direct(house)
        again = await private(house, await press(house, clip, "Again", who))
        assert again.content == "I make no clips in direct messages. Please use me in a server."
    assert "animate" in {it["name"] for it in known}
    assert house.spent() == (1, PRICE)


async def test_who_closes_them_meanwhile_loses_nothing(opened: House) -> None:
    house = opened
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        asked = await animate(house)
        await house.told(asked.original, "Rendering")
        house.mia.user.takes_direct_messages = False
        house.discord.expire_interaction(asked)
        closed = {"message": "Cannot send messages to this user", "code": 50007}
        house.discord.faults.add(
            Fault("discord.edit_message", "reply", times=None, status=403, body=closed)
        )
        house.pika.behaviour.render_seconds = 0
        await house.settled()
        assert house.query("SELECT failure FROM jobs") == [("no_place",)]
        assert house.spent() == (0, 0)
        usage = (await ask(house, "usage")).content
        assert "2 of 2 clips left today" in usage
        assert "its channel is gone or closed to me" in usage


async def test_a_person_in_another_language_reads_their_own(opened: House) -> None:
    house = opened
    house.mia.user.locale = "de"
    async with house.bot():
        clip = await house.delivered(await animate(house))
        await house.settled()
        assert "KI" in clip.content
        assert "Regeln für Direktnachrichten" in (await ask(house, "help")).content


async def test_my_data_has_them_and_deletes_them(opened: House) -> None:
    house = opened
    async with house.bot():
        await house.delivered(await animate(house, "noah", prompt="a heron named Gwendolyn"))
        await house.settled()
        exported = await ask(house, "mydata export", "noah")
        (attached,) = exported.attachments
        with zipfile.ZipFile(io.BytesIO(attached.data)) as archive:
            data = archive.read("data.json").decode()
        assert "Gwendolyn" in data
        assert "https://discord.com/channels/@me/" in data
        who, _ = direct(house, "noah")
        question = await ask(house, "mydata delete", "noah")
        await press(house, question, "Delete my data", who)
        await house.discord.wait_for(lambda: not question.components)
    assert "Gwendolyn" not in repr(house.query("SELECT * FROM jobs"))
