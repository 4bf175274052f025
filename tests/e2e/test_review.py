"""Clips that moderators see first: nothing is shown before somebody approves, and once."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import jobs
from bot.calling_off import call_off
from bot.storage import open_database
from playground.discord.permissions import Permission
from playground.faults import Fault
from tests.decided import decide

if TYPE_CHECKING:
    import pytest

    from playground.discord.interactions import Interaction
    from playground.discord.messages import Message
    from playground.discord.world import Channel, Member
    from tests.house import House

NOT_APPROVED = "The moderators did not approve your clip"


def board(house: House) -> Channel:
    return house.discord.world.guild.channel("mod-review")


def questions(channel: Channel) -> list[Message]:
    return [message for message in channel.messages.values() if not message.deleted]


def buttons(message: Message) -> dict[str, str]:
    """The custom ids by label."""
    return {
        button["label"]: button["custom_id"]
        for row in message.components
        for button in row["components"]
    }


async def press(house: House, who: str, label: str, message: Message | None = None) -> Interaction:
    message = message or questions(board(house))[0]
    return await house.discord.press(house.member(who), message, buttons(message)[label])


async def answer(house: House, interaction: Interaction) -> str:
    """What the presser alone reads."""

    def told() -> list[Message]:
        said = [*interaction.followups, interaction.original]
        return [m for m in said if m is not None and m.viewer is interaction.member.user]

    (message,) = await house.discord.wait_for(told)
    return message.content


async def asked(house: House, channel: Channel | None = None) -> Message:
    """The question in the moderators' channel, with its video."""
    where = channel or board(house)
    await house.discord.wait_for(lambda: questions(where))
    return questions(where)[-1]


async def review(house: House, mode: str, who: str = "moderator", **options: object) -> str:
    """`/clips review`; what its user alone reads."""
    interaction = await house.discord.invoke(
        house.member(who), house.clips, "clips review", {"mode": mode, **options}
    )
    message = interaction.original
    assert message is not None
    await house.discord.wait_for(lambda: not message.loading)
    assert message.viewer is house.member(who).user
    return message.content


async def everyone_is_reviewed(house: House) -> None:
    await decide(house, review="everyone", review_channel_id=board(house).id)


async def waiting(house: House, member: Member | None = None, **options: object) -> Interaction:
    """A request whose clip waits for a moderator."""
    interaction = await house.animate(member, **options)
    await house.told(interaction.original, "Waiting for a moderator")
    await asked(house)
    async with asyncio.timeout(5):
        while not house.query("SELECT 1 FROM reviews"):
            await asyncio.sleep(0.01)
    return interaction


def deeds(house: House) -> list[tuple[str, str, int]]:
    return [
        (action, scope, actor)
        for action, scope, actor in house.query("SELECT action, scope, actor_id FROM audit")
    ]


async def test_an_approved_clip_is_shown_once_and_paid(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await house.animate(prompt="*a kite* @everyone")
        status = interaction.original
        assert status is not None
        await house.told(status, "A moderator looks at your clip before it is shown")
        message = await asked(house)
        assert [file.filename for file in message.attachments] == ["animate-1.mp4"]
        assert list(buttons(message)) == ["Approve", "Refuse and refund", "Refuse and block"]
        assert f"<@{house.mia.id}> asked for it in <#{house.clips.id}>" in message.content
        assert r"\*a kite\* \@everyone" in message.content
        assert "720p · 5 s" in message.content
        await house.told(status, "Waiting for a moderator")
        assert not status.attachments
        assert house.kinds() == ["reserve"]

        await press(house, "helper", "Approve")
        await house.delivered(interaction)
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]
    assert "AI-generated" in status.content
    shown = [m for m in house.clips.messages.values() if m.attachments]
    assert shown == [status]
    helper = house.member("helper")
    assert f"Approved by <@{helper.id}>" in message.content
    assert message.components == []
    assert message.attachments == ()
    assert deeds(house) == [("approve", "job", helper.id)]
    assert [seen.user.username for seen in house.discord.notifications] == ["mia"]
    assert list((house.data_dir / "clips").iterdir()) == []


async def test_a_refused_clip_is_given_back_and_never_shown(house: House) -> None:
    await everyone_is_reviewed(house)
    await decide(house, log_channel_id=house.discord.world.guild.channel("mod-log").id)
    async with house.bot():
        interaction = await waiting(house)
        await press(house, "helper", "Refuse and refund")
        content = await house.told(interaction.original, NOT_APPROVED)
        await house.settled()
        assert "Nothing was charged" in content
        again = await house.animate()
        await house.told(again.original, "Accepted")
    assert house.kinds()[:3] == ["reserve", "settle", "credit"]
    assert house.paid() == (2, 400_000)
    assert house.spent() == (1, 200_000)
    message = questions(board(house))[0]
    assert f"Refused by <@{house.member('helper').id}>" in message.content
    assert "they were not charged" in message.content
    assert message.attachments == ()
    assert message.components == []
    assert all(not m.attachments for m in house.clips.messages.values())
    assert deeds(house) == [("refuse", "job", house.member("helper").id)]
    # Those who refused it know that Pika made it.
    assert house.query("SELECT * FROM notices") == []


async def test_refuse_and_block_does_both_in_one_press(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
        pressed = await press(house, "moderator", "Refuse and block")
        assert f"<@{house.mia.id}> is blocked" in await answer(house, pressed)
        await house.told(interaction.original, NOT_APPROVED)
        await house.settled()
        again = await house.animate()
        await house.told(again.original, "refused one of your clips")
        other = await house.animate(house.member("noah"))
        await house.told(other.original, "Accepted")
    moderator = house.member("moderator").id
    assert deeds(house) == [("refuse", "job", moderator), ("block", "member", moderator)]
    ((after, reason),) = house.query("SELECT after_json, reason FROM audit WHERE action = 'block'")
    assert "until" in json.loads(after)
    assert reason == "The moderators refused one of your clips."


async def test_nobody_blocks_themselves_and_then_nothing_is_decided(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        await waiting(house, house.member("helper"))
        pressed = await press(house, "helper", "Refuse and block")
        assert "yourself" in await answer(house, pressed)
        assert house.query("SELECT verdict FROM reviews") == [(None,)]
        assert house.query("SELECT * FROM blocks") == []
        await press(house, "helper", "Refuse and refund")
        await house.settled()
    assert deeds(house) == [("refuse", "job", house.member("helper").id)]


async def test_nothing_private_is_in_the_audit_log(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        await waiting(house, prompt="a secret garden")
        await press(house, "helper", "Approve")
        await house.settled()
    ((facts,),) = house.query("SELECT after_json FROM audit")
    ((reference,),) = house.query("SELECT reference FROM jobs")
    assert json.loads(facts) == {"member": house.mia.id, "reference": reference}


async def test_a_press_without_the_right_changes_nothing(house: House) -> None:
    await everyone_is_reviewed(house)
    for member in ("noah", "mia"):
        house.discord.world.guild.channel("mod-review").overwrites[house.member(member).id] = (
            house.discord.world.guild.channel("mod-review").overwrites[
                house.discord.world.guild.role("Helper").id
            ]
        )
    async with house.bot():
        await waiting(house)
        for member in ("noah", "mia"):
            for label in buttons(questions(board(house))[0]):
                pressed = await press(house, member, label)
                assert "Manage Messages" in await answer(house, pressed)
        assert house.query("SELECT verdict FROM reviews") == [(None,)]
        assert house.query("SELECT state FROM jobs") == [("rendered",)]
        assert deeds(house) == []


async def test_of_two_moderators_the_first_decides(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
        message = questions(board(house))[0]
        ids = buttons(message)
        first, second = await asyncio.gather(
            house.discord.press(house.member("helper"), message, ids["Approve"]),
            house.discord.press(house.member("moderator"), message, ids["Refuse and block"]),
        )
        await house.discord.wait_for(lambda: first.followups or second.followups)
        await house.settled()
    loser = first if first.followups else second
    winner = second if first.followups else first
    assert winner.followups == [] or "blocked" in winner.followups[0].content
    assert f"<@{winner.member.id}>" in loser.followups[0].content
    assert "already" in loser.followups[0].content
    ((verdict, actor),) = house.query("SELECT verdict, actor_id FROM reviews")
    assert actor == winner.member.id
    assert len(house.kinds()) == (2 if verdict == "approved" else 3)
    shown = [m for m in house.clips.messages.values() if m.attachments]
    assert shown == ([interaction.original] if verdict == "approved" else [])


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
    execute(house, "UPDATE reviews SET verdict = 'refused', actor_id = 1, decided_at = 2")
    async with house.bot():
        await house.settled()
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert questions(board(house))[0].components == []


def execute(house: House, sql: str) -> None:
    with closing(sqlite3.connect(house.data_dir / "animate-bot.sqlite3")) as db:
        db.execute(sql)
        db.commit()


async def test_dying_between_the_question_and_its_row_asks_once(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
    execute(house, "DELETE FROM reviews")
    async with house.bot():
        async with asyncio.timeout(5):
            while not house.query("SELECT 1 FROM reviews"):
                await asyncio.sleep(0.01)
        assert len(questions(board(house))) == 1
    execute(house, "DELETE FROM reviews")
    house.discord.faults.add(Fault("discord.create_message", "delay", seconds=0.2))
    async with house.bot():
        # A press that comes before the row is written counts too.
        await press(house, "helper", "Approve")
        await house.delivered(interaction)
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]
    assert len([m for m in house.clips.messages.values() if m.attachments]) == 1


async def test_newcomers_alone_are_reviewed(house: House) -> None:
    guild = house.discord.world.guild
    await decide(house, review="newcomers", review_channel_id=board(house).id)
    joined_late = house.discord.world.new_user("late", "Late", timedelta(days=400))
    late = house.discord.world.join(guild, joined_late)
    async with house.bot():
        for member in (house.member("newcomer"), late):
            interaction = await house.animate(member)
            await house.told(interaction.original, "Waiting for a moderator")
        interaction = await house.animate()
        await house.delivered(interaction)
    assert house.query("SELECT needs_review FROM jobs ORDER BY id") == [(1,), (1,), (0,)]
    assert len(questions(board(house))) == 2


async def test_the_age_of_newcomers_is_the_moderators_choice(house: House) -> None:
    async with house.bot():
        said = await review(house, "newcomers", channel=board(house), newcomer_days=1)
        assert "younger than 1 day" in said
        newcomer = house.member("newcomer")
        newcomer.joined_at -= timedelta(days=2)
        await house.delivered(await house.animate(newcomer))
        said = await review(house, "newcomers", newcomer_days=365)
        assert f"younger than 365 days) go to <#{board(house).id}>" in said
        await waiting(house)


async def test_nobody_decides(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
    house.pass_time(days=6, hours=23)
    async with house.bot():
        await asyncio.sleep(0.1)
        assert house.query("SELECT state FROM jobs") == [("rendered",)]
    house.pass_time(hours=1)
    async with house.bot():
        content = await house.told(
            interaction.original, "No moderator decided on your clip in time"
        )
        await house.settled()
    assert "Nothing was charged" in content
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert house.spent() == (0, 0)
    assert house.query("SELECT failure FROM jobs") == [("not_reviewed",)]
    (message,) = questions(board(house))
    assert "Nobody decided in time" in message.content
    assert message.components == []
    assert message.attachments == ()


async def test_what_waits_still_needs_its_verdict_after_review_was_switched_off(
    house: House,
) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
        assert "still wait for a decision" in await review(house, "off")
        await house.delivered(await house.animate(house.member("noah")))
        status = interaction.original
        assert status is not None
        assert not status.attachments
        await press(house, "helper", "Approve")
        await house.delivered(interaction)


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
        async with asyncio.timeout(5):
            while not house.query(f"SELECT 1 FROM reviews WHERE asked_at > {0}"):
                await asyncio.sleep(0.01)
        await press(house, "helper", "Approve")
        await house.delivered(interaction)
    assert len(questions(board(house))) == 1


async def test_a_closed_channel_is_refused_by_name_of_what_is_missing(house: House) -> None:
    guild = house.discord.world.guild
    async with house.bot():
        assert "Please name a `channel`" in await review(house, "everyone")
        hidden = await review(house, "everyone", channel=guild.channel("mods"))
        assert "**View Channel**" in hidden
        house.discord.remove_bot_permissions(board(house), Permission.ATTACH_FILES)
        mute = await review(house, "newcomers", channel=board(house))
        assert "I need **Attach Files**" in mute
        open_to_all = await review(house, "everyone", channel=guild.channel("general"))
        assert "Everyone can see that channel" in open_to_all
    assert house.query("SELECT review, review_channel_id FROM guilds") == [
        ("everyone", guild.channel("general").id)
    ]
    ((before, after),) = house.query("SELECT before_json, after_json FROM audit")
    assert json.loads(before) == {"mode": "off", "newcomer_days": 7, "channel": None}
    assert json.loads(after)["mode"] == "everyone"


async def test_the_command_is_for_those_who_manage_messages(house: House) -> None:
    guild = house.discord.world.guild
    guild.command_grants["clips"] = {house.mia.id: True}
    async with house.bot():
        interaction = await house.discord.invoke(
            house.mia, house.clips, "clips review", {"mode": "off"}
        )
        assert "Manage Messages" in await answer(house, interaction)
        assert "go to" in await review(house, "everyone", who="helper", channel=board(house))
    assert deeds(house) == [("review", "guild", house.member("helper").id)]


async def test_a_clip_too_large_for_the_channel_is_made_smaller(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbox.UPLOAD_STEPS", (120_000,))
    await everyone_is_reviewed(house)
    house.pika.behaviour.result = "rendered"
    house.discord.upload_limit = 120_000
    async with house.bot():
        interaction = await waiting(house)
        (file,) = questions(board(house))[0].attachments
        assert len(file.data) <= house.discord.upload_limit
        await press(house, "helper", "Approve")
        await house.delivered(interaction)


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
        async with (
            open_database(house.data_dir / "animate-bot.sqlite3") as database,
            database.transaction() as tx,
        ):
            (job,) = await jobs.live_of_guild(tx, house.discord.world.guild.id)
            await call_off(tx, job, house.member("moderator").id, "not here", house.clock())
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
