"""The buttons under a clip that is shown, by whoever presses them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.base import Limit
from playground.discord import ChannelKind, Overwrite, Permission
from tests.decided import decide
from tests.e2e.buttons_play import labels, press, private, shown
from tests.e2e.clips_play import audit, clips

if TYPE_CHECKING:
    from playground.discord import Message
    from tests.house import House

pytestmark = pytest.mark.usefixtures("kept_pictures")

GONE = "I do not have the picture of that clip any more."


def seeds(house: House) -> list[int]:
    return [
        seed
        for (seed,) in house.query(
            "SELECT json_extract(options_json, '$.seed') FROM jobs ORDER BY id"
        )
    ]


async def test_again_makes_the_same_with_a_new_seed_weeks_and_a_restart_later(
    house: House,
) -> None:
    async with house.bot():
        first = await shown(house, prompt="waves", negative_prompt="rain", seed=7)
        assert labels(first) == ["Again", "Edit", "Hide", "More"]
    house.pass_time(days=20)
    async with house.bot():
        noah = house.member("noah")
        second = await house.delivered(await press(house, first, "Again", noah))
        await house.settled()
        assert f"<@{noah.id}>" in second.content
        assert "> waves" in second.content
        assert "rain" in second.content
    assert house.query("SELECT member_id, json_extract(options_json, '$.prompt') FROM jobs") == [
        (house.mia.id, "waves"),
        (noah.id, "waves"),
    ]
    assert seeds(house)[0] == 7 != seeds(house)[1]
    # One file for both, which the second goes on needing.
    ((poster,),) = house.query("SELECT DISTINCT poster_file FROM jobs")
    assert len(set(house.pictures()) - {poster}) == 1
    assert house.query(
        "SELECT count(DISTINCT picture_file), count(DISTINCT picture_hash) FROM jobs"
    ) == [(1, 1)]
    assert house.query("SELECT DISTINCT member_id FROM ledger WHERE job_id = 2") == [(noah.id,)]


async def test_again_goes_through_the_one_door(house: House) -> None:
    async with house.bot():
        first = await shown(house, prompt="waves")
        await clips(house, "pause")
        assert "paused" in (await private(house, await press(house, first, "Again"))).content
        await clips(house, "resume")
        await clips(house, "words add", words="waves")
        assert "word" in (await private(house, await press(house, first, "Again"))).content
        await clips(house, "words remove", words="waves")
        await clips(house, "pictures refuse", clip="1")
        refused = await press(house, first, "Again")
        await house.refused(refused, "do not allow this picture")
    assert house.kinds() == ["reserve", "settle"]


async def test_pressed_twice_at_once_it_is_decided_twice(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("2 clips a day")
    async with house.bot():
        first = await shown(house)
        pressed = await asyncio.gather(*(press(house, first, "Again") for _ in range(2)))

        def said() -> list[str]:
            answers = [m for p in pressed for m in [*p.followups, p.original] if m is not None]
            return [
                m.content
                for m in answers
                if "your own limit" in m.content or "limit of" in m.content
            ]

        assert len(await house.discord.wait_for(said)) == 1
        await house.settled()
    assert house.kinds() == ["reserve", "settle"] * 2
    assert house.spent() == (2, 400_000)


async def test_where_the_bot_may_not_speak_no_clip_is_started_and_the_rest_works(
    house: House,
) -> None:
    async with house.bot():
        first = await shown(house)
        bot = house.discord.world.bot
        house.clips.overwrites[bot.id] = Overwrite("member", deny=Permission.SEND_MESSAGES)
        house.pass_time(minutes=20)
        again = await private(house, await press(house, first, "Again"))
        assert "Send Messages" in again.content
        details = await private(house, await press(house, first, "More"))
        assert "**Clip #1**" in details.content
    assert house.spent() == (1, 200_000)


@pytest.mark.parametrize("label", ["Again", "Edit"])
@pytest.mark.parametrize("right", [Permission.SEND_MESSAGES, Permission.USE_APPLICATION_COMMANDS])
async def test_who_could_not_ask_by_a_command_starts_no_clip(
    house: House, label: str, right: Permission
) -> None:
    noah = house.member("noah")
    async with house.bot():
        first = await shown(house)
        house.clips.overwrites[noah.id] = Overwrite("member", deny=right)
        pressed = await press(house, first, label, member=noah)
        refusal = await private(house, pressed)
        assert "You may not write in this channel" in refusal.content
        assert pressed.modal is None
        # Whoever may, may still.
        await house.delivered(await press(house, first, "Again"))
        await house.settled()
    assert house.kinds() == ["reserve", "settle"] * 2
    assert house.query("SELECT DISTINCT member_id FROM jobs") == [(house.mia.id,)]


async def test_again_beyond_the_limit_offers_what_fits_of_the_same_picture(house: House) -> None:
    async with house.bot():
        moderator = house.member("moderator")
        await house.ask(moderator, "quota budget", amount=0.85, unit="usd", window="month")
        first = await shown(house, prompt="waves", resolution="1080p", duration=5)
        refusal = await private(house, await press(house, first, "Again"))
        assert labels(refusal) == ["720p, 10 s for $0.40", "720p, 5 s for $0.20"]
        smaller = await house.delivered(await press(house, refusal, "720p, 5 s for $0.20"))
        await house.settled()
        assert "720p · 5 s" in smaller.content
    assert house.query("SELECT count(DISTINCT picture_file) FROM jobs") == [(1,)]


@pytest.mark.parametrize("label", ["Again", "Edit"])
async def test_without_its_picture_there_is_no_other_clip(house: House, label: str) -> None:
    async with house.bot():
        first = await shown(house)
        house.pass_time(days=31)
        await shown(house, house.member("noah"))
        await house.until("SELECT 1 FROM jobs WHERE id = 1 AND picture_file IS NULL")
        told = await private(house, await press(house, first, label))
        assert GONE in told.content
    assert house.query("SELECT count(*) FROM jobs") == [(2,)]


async def test_edit_is_filled_in_and_what_is_sent_in_is_made(house: House) -> None:
    async with house.bot():
        first = await shown(house, prompt="waves", negative_prompt="rain", seed=7)
        noah = house.member("noah")
        form = await press(house, first, "Edit", noah)
        assert form.modal is not None
        given = {it["component"]["custom_id"]: it["component"] for it in form.modal["components"]}
        assert given["prompt"]["value"] == "waves"
        assert given["negative_prompt"]["value"] == "rain"
        assert given["seed"]["value"] == "7"
        chosen = [
            it["value"]
            for name in ("resolution", "duration")
            for it in given[name]["options"]
            if it.get("default")
        ]
        assert chosen == ["720p", "5"]
        values = {
            "prompt": "slower *waves*",
            "negative_prompt": "",
            "seed": "8",
            "resolution": "1080p",
            "duration": "10",
        }
        bad = await house.discord.submit_modal(form, {**values, "seed": "blue"})
        assert "whole number from 0 to" in (await private(house, bad)).content
    async with house.bot():
        second = await house.delivered(await house.discord.submit_modal(form, values))
        await house.settled()
        assert "slower \\*waves\\*" in second.content
        assert "rain" not in second.content
        assert "1080p · 10 s · seed 8" in second.content
    assert house.query("SELECT member_id FROM jobs ORDER BY id") == [(house.mia.id,), (noah.id,)]


async def test_details_are_private_and_have_the_receipt(house: House) -> None:
    async with house.bot():
        first = await shown(house, seed=7)
        own = await private(house, await press(house, first, "More"))
        for words in (
            "**Clip #1**",
            "seed 7",
            "Made with Pika 2.5, by Pika.",
            "made in ",
            "Set aside $0.20, paid $0.20.",
            "Counts against your limits: 1 clip and $0.20.",
        ):
            assert words in own.content
        assert labels(own) == ["Delete"]
        others = await private(house, await press(house, first, "More", house.member("noah")))
        assert "Cost $0.20." in others.content
        assert "limits" not in others.content
        assert labels(others) == ["Report"]


async def deleting(house: House, message: Message) -> Message:
    """The question about a clip of Mia's."""
    details = await private(house, await press(house, message, "More"))
    await press(house, details, "Delete")
    await house.told(details, "Delete your clip?")
    return details


async def test_a_member_deletes_their_own_clip_and_has_nothing_back(house: House) -> None:
    async with house.bot():
        first = await shown(house)
        question = await deleting(house, first)
        other = await deleting(house, first)
        assert "not refunded: $0.20 still counts" in question.content
    async with house.bot():
        await press(house, question, "Delete it")
        await house.told(question, "I deleted your clip. It still counts.")
        assert first.deleted
        assert not [m for m in house.clips.messages.values() if not m.deleted and not m.viewer]
        late = await press(house, other, "Delete it")
        (refusal,) = await house.discord.wait_for(lambda: late.followups)
        assert "no such clip" in refusal.content
        usage = await house.ask(house.mia, "usage")
        assert "4 of 5 clips left" in usage.content
        assert "removed" not in usage.content
    assert house.kinds() == ["reserve", "settle"]
    assert audit(house) == []
    assert house.query("SELECT removed_by FROM jobs") == [(house.mia.id,)]


async def test_a_moderator_is_asked_as_by_the_menu(house: House) -> None:
    async with house.bot():
        first = await shown(house)
        morgan = house.member("moderator")
        details = await private(house, await press(house, first, "More", morgan))
        form = await press(house, details, "Delete", morgan)
        assert form.modal is not None
        assert form.modal["title"] == "Remove clip #1"
        sent = await house.discord.submit_modal(
            form, {"refund": "yes", "remember": "no", "reason": "rude"}
        )
        assert "I removed clip **#1**" in (await private(house, sent)).content
        assert first.deleted
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert audit(house) == [("remove", "job", 1, morgan.id, "rude")]


async def test_what_was_deleted_by_hand_can_still_be_deleted_here(house: House) -> None:
    async with house.bot():
        first = await shown(house)
        question = await deleting(house, first)
        house.discord.delete_message(first)
        await press(house, question, "Delete it")
        await house.told(question, "I deleted your clip.")
    assert house.query("SELECT removed_by FROM jobs") == [(house.mia.id,)]


async def test_nobody_reaches_a_clip_from_another_channel(house: House) -> None:
    """Its number, sent by a program from a channel that it was not asked for in."""
    async with house.bot():
        first = await shown(house)
        await shown(house, house.member("noah"))
        lobby = next(c for c in house.discord.world.guild.channels.values() if c is not house.clips)
        there = await house.delivered(await house.animate(house.member("noah"), channel=lobby), 60)
        await house.settled()
        number = next(it["custom_id"] for row in first.components for it in row["components"])
        row = there.components[0]["components"]
        row[0]["custom_id"] = number
        told = await private(house, await press(house, there, "Again", house.member("noah")))
        assert "no such clip" in told.content
    assert house.query("SELECT count(*) FROM jobs") == [(3,)]


@pytest.mark.parametrize(
    ("kind", "thread"),
    [
        (ChannelKind.TEXT, ChannelKind.PUBLIC_THREAD),
        (ChannelKind.FORUM, ChannelKind.PUBLIC_THREAD),
        (ChannelKind.VOICE, None),
    ],
)
async def test_in_every_kind_of_channel_in_the_servers_language(
    house: House, kind: ChannelKind, thread: ChannelKind | None
) -> None:
    await decide(house, language="de")
    house.mia.user.locale = "de"
    channel = house.discord.add_channel("place", kind=kind)
    spot = house.discord.add_channel("post", kind=thread, parent=channel) if thread else channel
    async with house.bot():
        first = await house.delivered(await house.animate(channel=spot, prompt="waves"))
        await house.settled()
        assert labels(first) == ["Noch einmal", "Ändern", "Verbergen", "Mehr"]
        again = await house.delivered(
            await press(house, first, "Noch einmal", house.member("noah"))
        )
        await house.settled()
        assert again.channel is spot
        form = await press(house, first, "Ändern")
        assert form.modal is not None
        assert form.modal["title"] == "Ein neuer Clip von diesem Bild"
        await press(house, first, "Verbergen")
        await house.discord.wait_for(lambda: first.attachments[0].spoiler)
        details = await private(house, await press(house, first, "Mehr"))
        await press(house, details, "Löschen")
        await house.told(details, "Deinen Clip löschen?")
        await press(house, details, "Ja, löschen")
        await house.told(details, "Er zählt weiter.")
        assert first.deleted
    assert house.kinds() == ["reserve", "settle"] * 2


async def test_the_clip_of_who_has_left_can_be_made_again_by_others(house: House) -> None:
    async with house.bot():
        noah = house.member("noah")
        first = await shown(house, noah, prompt="waves")
        house.discord.remove_member(noah)
        again = await house.delivered(await press(house, first, "Again"))
        await house.settled()
        assert f"<@{house.mia.id}>" in again.content
