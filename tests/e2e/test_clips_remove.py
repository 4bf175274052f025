"""Clips that were shown: who made them, and taking them down, by command and by menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from discord.utils import snowflake_time

from playground.discord import ClientRefusal, Permission
from playground.faults import Fault
from tests.e2e.clips_play import audit, clips, morgan, on_message, read, rendering

if TYPE_CHECKING:
    from playground.discord import Interaction, Message
    from tests.house import House

REMOVED = "I removed clip **#1**"


async def shown(house: House, **options: Any) -> Message:
    """A clip of Mia's, with its notice, at the end of its life."""
    message = await house.delivered(await house.animate(**options))
    await house.settled()
    return message


def notice(house: House) -> Message:
    (found,) = [m for m in house.clips.messages.values() if "your clip is ready" in m.content]
    return found


def said_to(house: House, name: str) -> list[str]:
    """The direct messages of the bot to a member."""
    channel = house.discord.world.direct_channel(house.member(name).user)
    return [message.content for message in channel.messages.values()]


def link(message: Message) -> str:
    guild_id, channel_id = message.channel.guild.id, message.channel.id
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message.id}"


async def send(house: House, form: Interaction, **values: str) -> str:
    return await read(house, await house.discord.submit_modal(form, values))


@pytest.mark.parametrize(
    ("pointed_at", "refund"), [("number", True), ("hash", False), ("link", True), ("id", False)]
)
async def test_a_clip_is_taken_down_and_its_record_kept(
    house: House, pointed_at: str, *, refund: bool
) -> None:
    async with house.bot():
        message = await shown(house)
        called = notice(house)
        names = {"number": "1", "hash": "#1", "link": link(message), "id": str(message.id)}
        told = await clips(
            house, "remove", clip=names[pointed_at], refund=refund, reason="not ours"
        )
        usage = await house.ask(house.mia, "usage")
    assert REMOVED in told
    assert ("They have back" in told) is refund
    assert message.deleted
    assert called.deleted
    assert ("5 of 5" if refund else "4 of 5") in usage.content
    assert f"A moderator removed your clip in <#{house.clips.id}>: not ours." in usage.content
    (word,) = said_to(house, "mia")
    assert ("You have back what it cost: $0.20" if refund else "still counts") in word
    assert "removed your clip" in word
    assert ": not ours." in word
    assert house.kinds() == ["reserve", "settle", *["credit"] * refund]
    assert house.paid() == (1, 200_000)
    assert audit(house) == [("remove", "job", 1, morgan(house).id, "not ours")]
    assert house.query("SELECT state, removed_by FROM jobs") == [("delivered", morgan(house).id)]


async def test_twice_is_told_and_refunds_nothing(house: House) -> None:
    async with house.bot():
        await shown(house)
        await clips(house, "remove", clip="1")
        again = await clips(house, "remove", clip="1", refund=True)
    assert again == "That clip was removed already. Nothing was changed."
    assert house.kinds() == ["reserve", "settle"]
    assert len(audit(house)) == 1


@pytest.mark.parametrize("on_notice", [False, True])
async def test_the_menu_asks_about_the_refund_even_after_a_restart(
    house: House, *, on_notice: bool
) -> None:
    async with house.bot():
        message = await shown(house)
        form = await on_message(house, "Remove clip", notice(house) if on_notice else message)
        assert form.modal is not None
        assert form.modal["title"] == "Remove clip #1"
    async with house.bot():
        told = await send(house, form, refund="yes", remember="no", reason="a mistake")
    assert REMOVED in told
    assert message.deleted
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert audit(house) == [("remove", "job", 1, morgan(house).id, "a mistake")]


async def test_the_menu_refunds_nothing_unless_told(house: House) -> None:
    async with house.bot():
        message = await shown(house)
        form = await on_message(house, "Remove clip", message)
        assert REMOVED in await send(house, form, refund="no", remember="no")
        # A second moderator had the form open all the while.
        assert "removed already" in await send(house, form, refund="yes", remember="no")
    assert house.kinds() == ["reserve", "settle"]


async def test_what_somebody_deleted_can_still_be_refunded(house: House) -> None:
    async with house.bot():
        message = await shown(house)
        house.discord.delete_message(message)
        assert REMOVED in await clips(house, "remove", clip="1", refund=True)
    assert house.kinds() == ["reserve", "settle", "credit"]


async def test_in_a_deleted_channel_nothing_is_left_to_delete(house: House) -> None:
    async with house.bot():
        await shown(house)
        general = house.discord.world.guild.channel("general")
        house.discord.delete_channel(house.clips)
        asked = await house.discord.invoke(morgan(house), general, "clips remove", {"clip": "1"})
        assert REMOVED in await read(house, asked)


async def test_a_clip_out_of_reach_is_not_called_removed(house: House) -> None:
    async with house.bot():
        message = await shown(house)
        house.discord.remove_bot_permissions(house.clips, Permission.VIEW_CHANNEL)
        told = await clips(house, "remove", clip="1", refund=True)
    assert "I do not see it any more" in told
    assert not message.deleted
    assert house.kinds() == ["reserve", "settle"]
    assert audit(house) == []


REFUSED: dict[str, Any] = {"message": "Missing Access", "code": 50001}


async def test_what_is_no_clip_is_told_apart(house: House) -> None:
    async with house.bot():
        house.pika.behaviour.outcome = "provider_error"
        # Its message stays where its member cannot be told alone.
        house.discord.faults.add(Fault("discord.followup", "reply", status=403, body=REFUSED))
        failed = await house.animate()
        await house.told(failed.original, "There is no clip")
        await house.settled()
        house.pika.behaviour.outcome = "completed"
        house.pika.behaviour.render_seconds = 3600
        running = await rendering(house)
        assert failed.original
        assert running.original
        chat = house.discord.say(house.mia, house.clips, "hello")
        expected = {
            chat: "not a clip of mine",
            failed.original: "ended without a clip",
            running.original: "still being made",
        }
        for message, words in expected.items():
            assert words in await read(house, await on_message(house, "Remove clip", message))
            assert words in await clips(house, "remove", clip=link(message))
        assert "know no clip by that" in await clips(house, "remove", clip="whatever")
        told = await read(house, await on_message(house, "Who made this?", chat))
        assert "not a clip of mine" in told


async def test_who_made_it_tells_all_that_is_behind_a_clip(house: House) -> None:
    async with house.bot():
        message = await shown(house, prompt="a *kite* <@1>", negative_prompt="rain", seed=7)
        told = await read(house, await on_message(house, "Who made this?", message))
        by_notice = await read(house, await on_message(house, "Who made this?", notice(house)))
        await clips(house, "remove", clip="1", refund=True)
        after = await clips(house, "who", clip="1")
    account = int(snowflake_time(house.mia.id).timestamp())
    joined = int(house.mia.joined_at.timestamp())
    ((reference, created),) = house.query("SELECT reference, created_at / 1000 FROM jobs")
    assert told.splitlines() == [
        f"**Clip #1** · delivered · reference {reference}",
        f"Asked for by <@{house.mia.id}> <t:{created}:f>",
        f"From a picture that they attached or chose: {link(message)}",
        "Pika 2.5 · 720p · 5 s · seed 7",
        "Cost $0.20",
        "> a \\*kite\\* \\<\\@1\\>",
        "> without\\: rain",
        f"-# Account made <t:{account}:D>, in this server since <t:{joined}:D>",
        "-# Earlier clips here: 0 clips shown",
        "-# Its picture is not kept any more, or too large for Discord here.",
    ]
    assert by_notice == told
    assert after.splitlines()[0] == f"**Clip #1** · removed · reference {reference}"
    assert "Cost $0.20, which the member has back" in after
    assert f"Removed by <@{morgan(house).id}> <t:" in after


async def test_the_longest_words_fit(house: House) -> None:
    async with house.bot():
        message = await shown(house, prompt="*" * 1500, negative_prompt="_" * 1500)
        told = await read(house, await on_message(house, "Who made this?", message))
    assert len(told) <= 2000
    assert "…" in told


async def test_suggestions_are_the_latest_clips(house: House) -> None:
    async with house.bot():
        for _ in range(2):
            await shown(house)
        await clips(house, "remove", clip="1")
        asked = await house.discord.autocomplete(
            morgan(house), house.clips, "clips remove", {"clip": "mia"}, "clip"
        )
    assert asked.choices == [{"name": "#2 · Mia · delivered · 0 min · $0.20", "value": "2"}]


async def test_members_to_whom_a_server_shows_the_menus_are_refused(house: House) -> None:
    guild = house.discord.world.guild
    async with house.bot():
        message = await shown(house)
        form = await on_message(house, "Remove clip", message)
        for name in ("Remove clip", "Who made this?"):
            with pytest.raises(ClientRefusal):
                await on_message(house, name, message, house.mia)
            guild.command_grants[name] = {house.mia.id: True}
            told = await read(house, await on_message(house, name, message, house.mia))
            assert "needs the permission **Manage Messages**" in told
        house.discord.set_roles(morgan(house), [])
        assert "needs the permission" in await send(house, form, refund="yes", remember="no")
        guild.command_grants["clips"] = {house.mia.id: True}
        told = (await house.ask(house.mia, "clips remove", clip="1")).content
        assert "needs the permission" in told
    assert not message.deleted
    assert house.kinds() == ["reserve", "settle"]


async def test_a_clip_in_an_archived_thread_is_taken_down(house: House) -> None:
    """Also after its token; who opens it again for that says nothing in it."""
    async with house.bot():
        thread = house.discord.add_thread("t", house.clips, house.mia)
        message = await shown(house, channel=thread)
        house.discord.set_thread(thread, archived=True)
        assert REMOVED in await clips(house, "remove", clip=link(message), refund=True)
        assert all(it.deleted for it in thread.messages.values())
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert (house.spent(), house.paid()) == ((0, 0), (1, 200_000))


async def test_a_clip_in_a_locked_thread_is_left_and_said_to_be(house: House) -> None:
    async with house.bot():
        thread = house.discord.add_thread("t", house.clips, house.mia)
        message = await shown(house, channel=thread)
        house.discord.set_thread(thread, archived=True, locked=True)
        told = await clips(house, "remove", clip=link(message), refund=True)
        assert "or it is a locked thread" in told
        assert "Nothing was changed" in told
        assert house.kinds() == ["reserve", "settle"]
        assert not message.deleted
        # As the sentence says.
        house.discord.set_thread(thread, locked=False)
        assert REMOVED in await clips(house, "remove", clip=link(message))
