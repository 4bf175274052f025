"""`/clips review`: whose clips are seen first, where, and who may say so."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from typing import TYPE_CHECKING

from playground.discord import Permission
from tests.decided import decide
from tests.reviewing import (
    answer,
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
    from tests.house import House


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


async def test_what_waits_still_needs_its_verdict_after_review_was_switched_off(
    house: House,
) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
        said = await review(house, "off")
        assert f"**1 clip** from before still waits for a decision in <#{board(house).id}>" in said
        await house.delivered(await house.animate(house.member("noah")))
        status = interaction.original
        assert status is not None
        assert not status.attachments
        await press(house, "helper", "Approve")
        await house.delivered(interaction)


async def test_all_that_waits_is_shown_by_one_press_once_review_is_off(house: House) -> None:
    helper = house.member("helper")
    await everyone_is_reviewed(house)
    async with house.bot():
        shown = [await waiting(house), await waiting(house, house.member("noah"))]
        own = await waiting(house, helper)
        house.pika.behaviour.render_seconds = math.inf
        shown.append(await house.animate())
        await house.told(shown[-1].original, "Rendering")
        answer_ = await house.ask(helper, "clips review", mode="off")
        assert "**4 clips** from before still wait" in answer_.content
        await review(house, "everyone")
        await house.discord.press(helper, answer_, buttons(answer_)["Show all 4"])
        await house.told(answer_, "I approved 0 clips. 4 clips I left")
        answer_ = await house.ask(helper, "clips review", mode="off")
    house.pika.behaviour.render_seconds = 0
    async with house.bot():
        await house.discord.press(helper, answer_, buttons(answer_)["Show all 4"])
        await house.told(answer_, "✅ I approved 3 clips. 1 clip I left for others to decide about")
        for interaction in shown:
            await house.delivered(interaction)
        assert own.original
        assert "Waiting for a moderator" in own.original.content
        answer_ = await house.ask(house.member("moderator"), "clips review", mode="off")
        late = await house.ask(helper, "clips review", mode="off")
        await house.discord.press(house.member("moderator"), answer_, buttons(answer_)["Show it"])
        await house.delivered(own)
        await house.discord.press(helper, late, buttons(late)["Show it"])
        await house.told(late, "No clip waits for a decision any more.")
        await house.settled()
        assert not (await house.ask(helper, "clips review", mode="off")).components
        told = (await house.ask(helper, "clips audit")).components[0]["content"]
        assert f"<@{helper.id}> approved 3 clips at once" in told
        found = await house.ask(
            house.member("moderator"), "quota audit", who=house.member("noah"), by=helper
        )
        assert "approved 3 clips at once" in found.components[0]["content"]
    asked_about = [it.content for it in board(house).messages.values()]
    assert sum("Approved by" in it for it in asked_about) == 3
    assert house.kinds().count("settle") == 4


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
    assert house.query("SELECT review, review_channel_id FROM guild_settings") == [
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
        said = await house.ask(
            house.member("helper"), "clips review", mode="everyone", channel=board(house)
        )
        assert "go to" in said.content
    assert deeds(house) == [("review", "guild", house.member("helper").id)]
