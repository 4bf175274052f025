"""`/my-clips`, as its member reads it and turns its pages."""

from __future__ import annotations

import asyncio
import io
import json
import math
import re
from typing import TYPE_CHECKING, Any

from PIL import Image

from bot.base import Limit
from playground.faults import Fault
from tests.decided import decide
from tests.e2e.buttons_play import labels, press, private, shown
from tests.e2e.clips_play import clips

if TYPE_CHECKING:
    from playground.discord import Interaction, Member, Message
    from tests.house import House

CHOOSE = "mine:choose"
ROW, SECTION = 1, 9


def text_of(message: Message) -> str:
    """All its texts, those beside posters too, in their order."""
    sections = [it.get("components", [it]) for it in message.components if it["type"] != ROW]
    return "\n".join(str(it["content"]) for texts in sections for it in texts)


def posters(message: Message) -> dict[str, bytes]:
    """The pictures beside the lines, by the words of the line."""
    files = {it.url: it.data for it in message.attachments}
    shown = [it for it in message.components if it["type"] == SECTION]
    assert len(files) == len(shown)
    return {it["components"][0]["content"]: files[it["accessory"]["media"]["url"]] for it in shown}


def choices(message: Message) -> dict[str, str]:
    """The menu's entries by the clip's number."""
    for row in message.components:
        for it in row.get("components", ()):
            if it.get("custom_id") == CHOOSE:
                return {option["value"]: option["label"] for option in it["options"]}
    return {}


async def my_clips(house: House, member: Member | None = None) -> Message:
    who = member or house.mia
    message = await house.ask(who, "my-clips")
    for name in {"mia", "noah", "moderator"} - {who.user.username}:
        assert message not in house.discord.visible(house.clips, house.member(name))
    return message


async def chosen(house: House, message: Message, clip: int, member: Member | None = None) -> Any:
    """What is answered to who chooses a clip of the menu."""
    who = member or house.mia
    asked = await house.discord.choose(who, message, CHOOSE, [str(clip)])
    answer = asked.original
    assert answer is not None
    await house.discord.wait_for(lambda: not answer.loading)
    assert answer.viewer is who.user
    return answer


def links(message: Message) -> dict[str, str]:
    buttons = [it for row in message.components for it in row["components"]]
    return {it["label"]: it["url"] for it in buttons if "url" in it}


def url_of(house: House, asked: Interaction) -> str:
    assert asked.original is not None
    place = house.discord.world.guild.id, asked.original.channel.id, asked.original.id
    return "https://discord.com/channels/" + "/".join(map(str, place))


async def test_a_member_sees_their_own_clips_with_links_and_states(house: House) -> None:
    async with house.bot():
        empty = await my_clips(house)
        assert text_of(empty) == "You have no clips here yet. Type `/animate` to make one."
        assert not choices(empty)

        shown = await house.animate(prompt="*waves*\nroll in")
        await house.delivered(shown)
        await house.delivered(await house.animate(house.member("noah"), prompt="not mine"))
        await house.settled()
        house.pika.behaviour.outcome = "content_moderation"
        failed = await house.animate(prompt="a fight")
        await house.told(failed.original, "content rules")
        await house.settled()
        house.pika.behaviour.outcome = "completed"
        house.pika.behaviour.render_seconds = 3600
        running = await house.animate(prompt="clouds")
        await house.told(running.original, "Rendering")

        message = await my_clips(house)
        lines = text_of(message).splitlines()
        assert lines[0] == "### Your clips here"
        assert re.fullmatch(r"\*\*<t:\d+:D>\*\*", lines[1])
        for line, state, asked, cost, words in zip(
            lines[2:],
            ("rendering", "no clip", "shown"),
            (running, failed, shown),
            ("$0.20", "$0.20, given back", "$0.20"),
            ("clouds", "a fight", r"\*waves\* roll in"),
            strict=True,
        ):
            assert f"[{state}]({url_of(house, asked)})" in line
            assert line.endswith(f"· 720p, 5 s · {cost} · {words}")
        assert list(choices(message)) == ["4", "3", "1"]
        assert choices(message)["4"] == "#4 · rendering · 720p, 5 s · clouds"
        assert "not mine" not in json.dumps(message.components)

        others = await my_clips(house, house.member("noah"))
        assert list(choices(others)) == ["2"]


async def test_one_clip_has_its_words_its_reason_and_its_file(house: House) -> None:
    async with house.bot():
        shown = await house.animate(prompt="waves", seed=7)
        clip = await house.delivered(shown)
        await house.settled()
        house.pika.behaviour.outcome = "content_moderation"
        failed = await house.animate(prompt="a fight")
        await house.told(failed.original, "content rules")
        await house.settled()
        list_of_clips = await my_clips(house)

    # A restart later, from the same message.
    house.pika.behaviour.outcome = "completed"
    async with house.bot():
        one = await chosen(house, list_of_clips, 1)
        assert one.content.startswith("**#1** · shown · <t:")
        assert "> waves" in one.content
        assert "720p · 5 s · seed 7 · $0.20" in one.content
        (file,) = clip.attachments
        found = links(one)
        assert labels(one) == ["Again", "Delete", "Go to it", "Download"]
        assert found["Go to it"] == url_of(house, shown)
        assert file.filename in found["Download"]

        why = await chosen(house, list_of_clips, 2)
        assert "content rules" in why.content
        assert "$0.20, given back" in why.content
        assert list(links(why)) == ["Go to it"]

        house.discord.delete_message(clip)
        gone = await chosen(house, list_of_clips, 1)
        assert "I cannot read its message any more" in gone.content
        assert list(links(gone)) == ["Go to it"]


async def test_nobody_chooses_the_clip_of_another(house: House) -> None:
    noah = house.member("noah")
    async with house.bot():
        await house.delivered(await house.animate(prompt="private words"))
        await house.delivered(await house.animate(noah))
        await house.settled()
        message = await my_clips(house, noah)
        # What no client of Discord's offers: a program that answers with another number.
        menu = next(
            it for row in message.components if row["type"] == ROW for it in row["components"]
        )
        menu["options"][0]["value"] = "1"
        asked = await house.discord.choose(noah, message, CHOOSE, ["1"])
        refused = await house.refused(asked, "That clip is not yours")
        assert "private words" not in refused.content


async def test_pages_are_turned_and_days_have_headings(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("50 clips a day")
    await decide(house, time_zone="Asia/Tokyo")
    async with house.bot():
        for number in range(10):
            if number == 5:
                house.pass_time(days=1)
            await house.delivered(await house.animate(prompt=f"clip {number}"))
        await house.settled()
        message = await my_clips(house)
        assert text_of(message).startswith("### Your clips here, page 1 of 2\n")
        assert len(re.findall(r"\*\*<t:\d+:D>\*\*", text_of(message))) == 2
        assert len(choices(message)) == 8
        await house.discord.press(house.mia, message, "mine:1")
        await house.discord.wait_for(lambda: "page 2 of 2" in text_of(message))
        assert list(choices(message)) == ["2", "1"]
        assert text_of(message).endswith("· clip 0")


async def test_clips_have_posters_which_go_with_them(house: House) -> None:
    house.overrides["retention_days"] = 30
    async with house.bot():
        first = await shown(house, prompt="waves")
        await shown(house, prompt="hidden waves", spoiler=True)
        await shown(house, house.member("noah"), prompt="not mine")
        message = await my_clips(house)
        lines = posters(message)
        assert ["hidden waves" in it for it in lines] == [True, False]
        hidden, plain = [it["accessory"] for it in message.components if it["type"] == SECTION]
        assert (hidden["spoiler"], plain["spoiler"]) == (True, False)
        assert "waves" in plain["description"]
        for still in lines.values():
            with Image.open(io.BytesIO(still)) as picture:
                assert (picture.format, max(picture.size)) == ("JPEG", 160)
            assert len(still) < 16_000
        body = {"code": 20009, "message": "Explicit content cannot be sent"}
        house.discord.faults.add(Fault("discord.edit_original", "reply", status=400, body=body))
        without = await my_clips(house)
        assert not posters(without)
        assert list(choices(without)) == ["2", "1"]
        # One file of the picture, and one of the still, which are the same of all three.
        await on_disk(house, 2)

        for number in (1, 2, 3):
            assert len(posters(await my_clips(house))) == max(0, 3 - number)
            await clips(house, "remove", clip=str(number))
        assert first.deleted
        await on_disk(house, 1)
        await shown(house)
        await on_disk(house, 2)
        own = await chosen(house, await my_clips(house), 4)
        await press(house, await private(house, await press(house, own, "Delete")), "Delete it")
        await on_disk(house, 1)
        await shown(house)
        await on_disk(house, 2)
    house.pass_time(days=31)
    async with house.bot():
        await house.swept()
        assert house.query("SELECT count(poster_file) FROM jobs") == [(0,)]
        assert not posters(await my_clips(house))


async def on_disk(house: House, files: int) -> None:
    """Wait until so many pictures and posters are kept."""
    async with asyncio.timeout(60):
        while len(house.pictures()) != files:
            await asyncio.sleep(0.02)


async def test_own_clips_are_cancelled_and_made_again_from_the_list(house: House) -> None:
    house.overrides |= {"retention_days": 30, "renders_at_once": 1}
    async with house.bot():
        await shown(house, prompt="waves")
        house.pika.behaviour.render_seconds = math.inf
        running = await house.animate(house.member("noah"))
        await house.told(running.original, "Rendering")
        waiting = await house.animate(prompt="clouds")
        await house.told(waiting.original, "in line")
        message = await my_clips(house)
    async with house.bot():
        one = await chosen(house, message, 3)
        assert labels(one) == ["Cancel", "Go to it"]
        question = await private(house, await press(house, one, "Cancel"))
        twice = [press(house, question, "Cancel it") for _ in range(2)]
        await asyncio.gather(*twice)
        await house.told(waiting.original, "You cancelled this clip.")
        # What was shown before that still has its button.
        late = await private(house, await press(house, one, "Cancel"))
        assert "already" in late.content
        assert labels(await chosen(house, message, 3)) == ["Go to it"]

        done = await chosen(house, message, 1)
        assert labels(done) == ["Again", "Delete", "Go to it", "Download"]
        again = await press(house, done, "Again")
        await house.told(again.original, "in line")
        house.pika.behaviour.render_seconds = 0
        await house.delivered(again)
        await house.settled()
    assert house.query("SELECT count(*) FROM jobs WHERE state = 'delivered'") == [(3,)]
    assert house.kinds().count("reserve") == 4
