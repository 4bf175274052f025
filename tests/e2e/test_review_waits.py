"""Clips that wait for moderators: through restarts, for days, in channels that go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import Timeouts
from bot.base.database import open_database
from bot.jobs import job_store
from bot.jobs.cancel_step import cancel_job
from playground.discord import Permission
from playground.faults import Fault
from tests.decided import decide
from tests.reviewing import (
    answer,
    asked,
    board,
    buttons,
    deeds,
    everyone_is_reviewed,
    press,
    questions,
    review,
    waiting,
)

if TYPE_CHECKING:
    from bot.base.database import Transaction
    from tests.house import House


async def test_a_question_survives_restarts_and_the_tokens_death(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
    for _ in range(2):
        house.pass_time(minutes=20)
        async with house.bot():
            pass
    assert len(questions(board(house))) == 1
    assert [file.suffix for file in (house.data_dir / "clips").iterdir()] == [".mp4"]
    paid = house.pika.paid_submits
    async with house.bot():
        await press(house, "helper", "Approve")
        await house.delivered(interaction)
        await house.settled()
    assert interaction.token_expired
    assert house.pika.paid_submits == paid == 1
    assert house.kinds() == ["reserve", "settle"]


async def test_a_verdict_is_carried_out_by_the_next_process(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        await waiting(house)
    # As if it had died right after writing the verdict down.
    house.execute("UPDATE reviews SET verdict = 'rejected', actor_id = 1, decided_at = 2")
    async with house.bot():
        await house.settled()
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert questions(board(house))[0].components == []


async def test_dying_between_the_question_and_its_row_asks_once(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
    house.execute("DELETE FROM reviews")
    async with house.bot():
        await house.until("SELECT 1 FROM reviews")
        assert len(questions(board(house))) == 1
    house.execute("DELETE FROM reviews")
    house.discord.faults.add(Fault("discord.create_message", "delay", seconds=0.2))
    async with house.bot():
        # A press that comes before the row is written counts too.
        await press(house, "helper", "Approve")
        await house.delivered(interaction)
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]
    assert len([m for m in house.clips.messages.values() if m.attachments]) == 1


async def test_nobody_decides(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
    house.pass_time(days=6, hours=23)
    async with house.bot():
        # It was looked at, and sleeps until the last moment.
        week = 7 * 24 * 60 * 60 * 1000
        await house.until(f"SELECT 1 FROM jobs WHERE due_at = created_at + {week}")
        assert house.query("SELECT state FROM jobs") == [("rendered",)]
    house.pass_time(hours=1)
    async with house.bot():
        content = await house.failed(interaction, "No moderator decided on your clip in time")
        await house.settled()
    assert "Nothing was charged" in content
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert house.spent() == (0, 0)
    assert house.query("SELECT failure FROM jobs") == [("not_reviewed",)]
    (message,) = questions(board(house))
    assert "Nobody decided in time" in message.content
    assert message.components == []
    assert message.attachments == ()


async def test_a_review_channel_that_is_gone_is_told_of_and_replaced(house: House) -> None:
    guild = house.discord.world.guild
    await everyone_is_reviewed(house)
    await decide(house, log_channel_id=guild.channel("mod-log").id)
    gone = board(house)
    async with house.bot():
        first = await waiting(house)
        house.discord.delete_channel(gone)
        second = await house.animate(house.member("noah"))
        await house.told(second.original, "Waiting for a moderator")
        await house.discord.wait_for(lambda: guild.channel("mod-log").messages)
        (told,) = guild.channel("mod-log").messages.values()
        assert f"I cannot post them in <#{gone.id}>" in told.content
        assert "after 7 days is refused" in told.content

        said = await review(house, "everyone", channel=guild.channel("mods"))
        assert "View Channel" in said
        await review(house, "everyone", channel=guild.channel("mod-log"))
        log = guild.channel("mod-log")
        await house.discord.wait_for(lambda: len(questions(log)) == 3)
        for message in questions(log)[1:]:
            await press(house, "helper", "Approve", message)
        await house.delivered(first)
        await house.delivered(second)
        await house.settled()
    assert house.kinds() == ["reserve", "reserve", "settle", "settle"]


async def test_a_closed_review_channel_is_tried_once_an_hour(house: House) -> None:
    await everyone_is_reviewed(house)
    house.discord.remove_bot_permissions(board(house), Permission.SEND_MESSAGES)
    async with house.bot():
        first = await house.animate()
        await house.told(first.original, "Waiting for a moderator")
        await house.until("SELECT 1 FROM log_messages")
        ((due,),) = house.query("SELECT due_at FROM jobs")
        pause = due / 1000 - house.clock().timestamp()
        assert -10 < pause - Timeouts.CLOSED_REVIEW_CHANNEL.total_seconds() <= 0
        house.discord.grant_bot_permissions(board(house), Permission.SEND_MESSAGES)
        house.pass_time(hours=1)
        # Any other request wakes the worker, which sleeps by a clock that tests cannot move.
        second = await house.animate(house.member("noah"))
        await house.discord.wait_for(lambda: len(questions(board(house))) == 2)
        for message in questions(board(house)):
            await press(house, "helper", "Approve", message)
        await house.delivered(first)
        await house.delivered(second)
        await house.settled()
    posts = [
        it.status
        for it in house.discord.exchanges
        if it.operation == "discord.create_message" and str(board(house).id) in it.path
    ]
    assert posts == [403, 200, 200]


async def test_a_new_channel_takes_the_questions_of_the_old_one(house: House) -> None:
    guild = house.discord.world.guild
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
        (old,) = questions(board(house))
        old_id = buttons(old)["Approve"]
        await review(house, "everyone", channel=guild.channel("mod-log"))
        new = await asked(house, guild.channel("mod-log"))
        await house.discord.wait_for(lambda: not old.components)
        assert f"decided on in <#{guild.channel('mod-log').id}>" in old.content
        assert old.attachments == ()
        assert buttons(new)["Approve"] == old_id
        await press(house, "moderator", "Approve", new)
        await house.delivered(interaction)
        assert len(questions(guild.channel("mod-log"))) == 1


async def test_a_question_that_was_deleted_is_asked_again_a_day_later(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
    house.discord.delete_message(questions(board(house))[0])
    house.pass_time(days=1, minutes=1)
    async with house.bot():
        await asked(house)
        await press(house, "helper", "Approve")
        await house.delivered(interaction)
    assert len(questions(board(house))) == 1


async def test_a_clip_that_waits_can_be_cancelled(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
        (message,) = questions(board(house))
        await house.discord.invoke(
            house.member("helper"), house.clips, "clips cancel", {"job": "1"}
        )
        await house.discord.wait_for(lambda: not message.components)
        await house.settled()
    assert "Ended before anybody decided" in message.content
    assert message.attachments == ()
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert interaction.original is not None
    assert interaction.original.attachments == ()


async def test_a_clip_that_was_called_off_is_not_to_be_decided_on(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
        message = questions(board(house))[0]
        moderator, now = house.member("moderator").id, house.clock()

        def cancel(tx: Transaction) -> None:
            job = job_store.get(tx, 1)
            cancel_job(tx, job, moderator, "not here", now)

        async with open_database(house.data_dir / "animate-bot.sqlite3") as database:
            await database.write(cancel)
        for label in ("Approve", "Refuse and block"):
            pressed = await press(house, "helper", label, message)
            assert "ended in another way" in await answer(house, pressed)
    assert deeds(house) == []
    async with house.bot():
        await house.told(interaction.original, "not here")
        await house.settled()
    assert "Ended before anybody decided" in message.content
    assert message.components == []
    assert message.attachments == ()
    assert house.kinds() == ["reserve", "settle", "credit"]
