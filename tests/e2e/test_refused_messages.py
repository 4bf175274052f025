"""What Discord never takes is not tried for a day: it is sent in another way, or the clip ends."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import TYPE_CHECKING

import pytest

from playground.discord import ChannelKind
from playground.discord.rules import errors
from playground.faults import Fault
from tests.decided import decide
from tests.e2e.test_process import process
from tests.house import open_house

if TYPE_CHECKING:
    from pathlib import Path

    from playground.discord import Channel, Interaction
    from playground.discord.rules.errors import ApiError
    from tests.house import House

EDITS = ("discord.edit_followup", "discord.edit_message")
"""Those of a status message by what delivers clips; the answer of a command is `edit_original`."""
LINK = "https://harm.example"


def a_thread(house: House) -> Channel:
    return house.discord.add_channel("t", kind=ChannelKind.PUBLIC_THREAD, parent=house.clips)


async def rendering(house: House, channel: Channel, prompt: str = "") -> Interaction:
    house.pika.behaviour.render_seconds = math.inf
    interaction = await house.animate(channel=channel, prompt=prompt)
    await house.told(interaction.original, "Rendering")
    return interaction


async def finished(house: House) -> None:
    house.pika.behaviour.render_seconds = 0
    await house.settled()


def refuse(house: House, error: ApiError, *operations: str, times: int | None = None) -> None:
    for operation in operations:
        house.discord.faults.add(errors.refusal(operation, error, times))


def sent(house: House, *operations: str) -> int:
    return sum(it.operation in operations for it in house.discord.exchanges)


def pings(house: House) -> list[str]:
    return [note.user.username for note in house.discord.notifications]


async def records(house: House) -> Channel:
    channel = house.discord.add_channel("records")
    await decide(house, log_channel_id=channel.id)
    return channel


async def logged(house: House, channel: Channel) -> str:
    await house.discord.wait_for(lambda: channel.messages)
    return next(reversed(channel.messages.values())).content


def failure(house: House) -> str:
    return str(house.query("SELECT failure FROM jobs ORDER BY id DESC")[0][0])


@pytest.mark.parametrize("expired", [False, True], ids=["by token", "as the bot"])
async def test_a_clip_opens_a_thread_that_was_archived_meanwhile(
    house: House, *, expired: bool
) -> None:
    async with house.bot():
        thread = a_thread(house)
        interaction = await rendering(house, thread)
        house.discord.set_thread(thread, archived=True)
        if expired:
            house.discord.expire_interaction(interaction)
        await finished(house)
        await house.delivered(interaction)
    assert not thread.archived
    assert pings(house) == ["mia"]
    shown = [it.content for it in thread.messages.values()]
    assert len(shown) == 2
    assert "your clip is ready" in shown[1]
    assert house.kinds() == ["reserve", "settle"]
    assert house.spent() == (1, 200_000)


async def test_a_failure_opens_an_archived_thread_too(house: House) -> None:
    house.pika.behaviour.outcome = "content_moderation"
    async with house.bot():
        thread = a_thread(house)
        interaction = await rendering(house, thread)
        house.discord.set_thread(thread, archived=True)
        await finished(house)
        await house.failed(interaction, "content rules refused")
        await house.settled()
    assert not thread.archived
    assert interaction.original is not None
    assert interaction.original.deleted
    assert house.kinds() == ["reserve", "refund"]


@pytest.mark.parametrize("archived", [False, True], ids=["locked", "archived and locked"])
async def test_a_locked_thread_ends_the_clip_at_once(house: House, *, archived: bool) -> None:
    channel = await records(house)
    async with house.bot():
        thread = a_thread(house)
        interaction = await rendering(house, thread)
        before = sent(house, *EDITS)
        house.discord.set_thread(thread, archived=archived, locked=True)
        await finished(house)
        assert "Reason: channel gone or closed." in await logged(house, channel)
        usage = await house.ask(house.mia, "usage")
        assert "its channel is gone or closed to me" in usage.content
        assert interaction.original is not None
        assert "Rendering" in interaction.original.content
    assert sent(house, *EDITS) - before <= 4
    assert failure(house) == "no_place"
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert (house.spent(), house.paid()) == ((0, 0), (1, 200_000))


async def test_a_harmful_link_is_left_out_of_every_message(house: House) -> None:
    house.discord.filters.harmful_links.add(LINK)
    async with house.bot():
        interaction = await rendering(house, house.clips, f"as in {LINK}")
        await finished(house)
        message = await house.delivered(interaction)
    assert "Discord does not let me repeat these words" in message.content
    assert "AI-generated" in message.content
    assert [it.content for it in message.revisions if "Accepted" in it.content]
    assert not [it for it in house.clips.messages.values() if LINK in it.content.replace("\\", "")]
    assert pings(house) == ["mia"]
    assert house.kinds() == ["reserve", "settle"]


async def test_a_failure_is_told_without_its_words(house: House) -> None:
    house.discord.filters.harmful_links.add(LINK)
    house.pika.behaviour.outcome = "content_moderation"
    async with house.bot():
        interaction = await house.animate(prompt=f"as in {LINK}")
        await house.told(interaction.original, "content rules refused")
        await house.settled()
    assert house.kinds() == ["reserve", "refund"]


async def test_an_explicit_clip_ends_and_the_second_of_a_day_counts(house: House) -> None:
    channel = await records(house)
    house.discord.filters.explicit_types.add("video/mp4")
    async with house.bot():
        first = await house.animate()
        text = await house.told(first.original, "Discord's filters refused")
        await house.settled()
        assert "if that happens twice within a day, it counts. Nothing was charged." in text
        assert "Reason: refused by Discord's filters." in await logged(house, channel)
        assert house.kinds() == ["reserve", "settle", "credit"]
        assert house.spent() == (0, 0)
        second = await house.animate()
        text = await house.told(second.original, "so it is not shown and counts")
        await house.settled()
        assert "Nothing was charged" not in text
        await house.discord.wait_for(lambda: len(channel.messages) == 2)
        assert "It counts for its member" in await logged(house, channel)
        house.discord.filters.explicit_types.clear()
        await house.delivered(await house.animate())
        await house.settled()
    assert failure(house) == "None"
    assert sent(house, "discord.create_message") <= 8
    assert house.spent() == (2, 400_000)
    assert house.paid() == (3, 600_000)


NEVER = {
    "explicit content": (errors.explicit_content(), "blocked_by_filter"),
    "AutoMod": (errors.blocked_by_automod(), "blocked_by_filter"),
    "harmful link": (errors.harmful_link(), "blocked_by_filter"),
    "invalid form": (errors.invalid_form({"content": ("BASE_TYPE_BAD", "?")}), "undelivered"),
    "wrong channel type": (errors.wrong_channel_type(), "no_place"),
    "a code of tomorrow": (errors.ApiError(400, 50999, "?"), "undelivered"),
}


@pytest.mark.parametrize("name", NEVER)
async def test_what_is_refused_in_every_way_ends_the_clip_at_once(house: House, name: str) -> None:
    error, expected = NEVER[name]
    channel = await records(house)
    async with house.bot():
        interaction = await rendering(house, house.clips, "a kite")
        before = sent(house, *EDITS)
        refuse(house, error, *EDITS)
        await finished(house)
        assert failure(house) == expected
        assert "ended without a video, and Pika may bill $0.20" in await logged(house, channel)
        usage = await house.ask(house.mia, "usage")
        assert "5 of 5 clips left today" in usage.content
        assert "Nothing was charged" in usage.content
    # The clip with its words and without, and the same of the reason.
    assert sent(house, *EDITS) - before <= 4
    # Where the channel takes messages, the member alone reads the reason in one of its own.
    assert interaction.original is not None
    assert bool(house.told_alone(interaction.original)) is (expected != "no_place")
    assert pings(house) == []
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert house.paid() == (1, 200_000)


@pytest.mark.parametrize(
    "error",
    [
        errors.no_history(),
        errors.reference_without_history(),
        errors.reference_age_restricted(),
    ],
    ids=lambda it: str(it.body["code"]),
)
async def test_a_reference_that_is_refused_is_left_out(house: House, error: ApiError) -> None:
    async with house.bot():
        refuse(house, error, "discord.create_message", times=1)
        interaction = await house.animate()
        await house.delivered(interaction)
        await house.settled()
    (notice,) = (it for it in house.clips.messages.values() if it is not interaction.original)
    assert notice.reference is None
    assert pings(house) == ["mia"]
    assert house.kinds() == ["reserve", "settle"]


async def test_in_slow_mode_members_are_notified_by_token(house: House) -> None:
    """discord.py would sleep for an hour inside the call."""
    refuse(house, errors.slow_mode(3600), "discord.create_message")
    async with house.bot():
        for _ in range(2):
            await house.delivered(await house.animate())
            await house.settled()
        usage = await house.ask(house.mia, "usage")
    assert "3 of 5 clips left today" in usage.content
    assert pings(house) == ["mia", "mia"]
    assert sent(house, "discord.followup") == 2
    assert house.kinds() == ["reserve", "settle"] * 2


async def test_progress_that_is_refused_delays_nothing(house: House) -> None:
    async with house.bot():
        for error in (errors.thread_archived(), errors.thread_archived()):
            refuse(house, error, "discord.edit_followup", times=1)
        await house.delivered(await house.animate())
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_an_explicit_picture_is_not_ordered(tmp_path: Path) -> None:
    """On a wire that fetches the picture from the status message."""
    async with open_house(tmp_path / "data", "comfy") as house:
        house.discord.filters.explicit_types.add("image/jpeg")
        async with house.bot():
            interaction = await house.animate()
            text = await house.told(interaction.original, "Discord's filters refused your picture")
            await house.settled()
        assert "Nothing was charged" in text
        assert house.pika.paid_submits == 0
        assert house.kinds() == ["reserve", "refund"]


async def test_an_apology_opens_an_archived_thread(house: House) -> None:
    """That for a request which a kill interrupted."""
    thread = a_thread(house)
    house.discord.faults.add(Fault("discord.cdn", "hang"))
    async with process(house) as first:
        await house.animate(channel=thread)
        await house.discord.faults.wait_taken("discord.cdn")
        first.kill()
        await first.wait()
    house.discord.set_thread(thread, archived=True)
    async with house.bot():
        await house.all_answered()
    assert not thread.archived
    last = next(reversed(thread.messages.values()))
    assert "interrupted me before I had decided" in last.content
    assert house.kinds() == []


async def test_a_request_in_a_locked_thread_has_no_answer_and_no_job(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Who manages threads may use commands there, and Discord takes no answer."""
    async with house.bot():
        thread = a_thread(house)
        house.discord.set_thread(thread, archived=True, locked=True)
        asked = asyncio.create_task(house.animate(house.member("owner"), channel=thread))
        await house.discord.wait_for(lambda: sent(house, "discord.callback"))
        await house.discord.wait_for(lambda: "got no answer" in caplog.text)
        house.discord.clock.advance(4)
        assert (await asked).failed
    assert house.kinds() == []
    assert not [it for it in caplog.records if it.levelno >= logging.ERROR]
