"""`/owner`: as the owner, as a member of the team, as a moderator and as a stranger."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import Limit
from playground.discord import Permission
from playground.faults import Fault

if TYPE_CHECKING:
    from playground.discord import Channel, Guild, Interaction, Member, Message
    from tests.house import House

PRICE = 200_000
REFUSED = "This is for whoever runs this bot. Nothing was changed."
CLOSED = "This server is not open to me yet"


def owner(house: House) -> Member:
    return house.discord.world.guild.members[house.discord.world.application_owner.id]


async def answered(house: House, asked: Interaction, who: Member) -> Message:
    message = asked.original
    assert message is not None, "no answer"
    await house.discord.wait_for(lambda: not message.loading)
    assert message.viewer is who.user, "others read it"
    return message


async def ask(
    house: House,
    command: str,
    who: Member | None = None,
    where: Channel | None = None,
    **given: Any,
) -> Message:
    who = who or owner(house)
    channel = where or house.clips
    asked = await house.discord.invoke(who, channel, f"owner {command}", given)
    return await answered(house, asked, who)


async def press(house: House, message: Message, who: Member | None = None) -> str:
    """Press the one button that confirms; what the message says then."""
    (row,) = message.components
    (button,) = row["components"]
    before = message.content
    await house.discord.press(who or owner(house), message, button["custom_id"])
    await house.discord.wait_for(lambda: message.content != before)
    return message.content


def direct(house: House, member: Member) -> tuple[Member, Channel]:
    channel = house.discord.world.direct_channel(member.user)
    return channel.guild.members[member.id], channel


@pytest.fixture
def foreign(house: House) -> Guild:
    return house.discord.add_guild("Foreign", house.discord.world.new_user("stranger"))


COMMANDS: dict[str, dict[str, Any]] = {
    "status": {},
    "pause": {"reason": "because"},
    "resume": {},
    "budget": {"amount": "999"},
    "servers list": {},
    "servers open": {"server": "1"},
    "servers close": {"server": "1"},
    "servers undo": {"server": "1"},
    "servers leave": {"server": "1"},
    "doubts list": {},
    "doubts settle": {"order": "1", "verdict": "billed"},
}


async def test_nobody_else_reads_more_than_a_refusal(house: House, foreign: Guild) -> None:
    admin = house.discord.add_role("Admin")
    admin.permissions = Permission.ADMINISTRATOR
    house.discord.set_roles(house.mia, [admin])
    boss = foreign.members[foreign.owner_id]
    people = [
        (house.mia, house.clips),
        (boss, foreign.channel("general")),
        direct(house, house.member("noah")),
    ]
    async with house.bot():
        for who, where in people:
            for command, options in COMMANDS.items():
                assert (await ask(house, command, who, where, **options)).content == REFUSED
            for command, option in (("servers close", "server"), ("doubts settle", "order")):
                typing = (who, where, f"owner {command}", {option: ""}, option)
                assert (await house.discord.autocomplete(*typing)).choices == []
    assert house.query("SELECT * FROM audit") == []
    assert house.query("SELECT own_ceiling FROM owner_state") == [(0,)]


async def test_members_do_not_find_it(house: House) -> None:
    async with house.bot():
        for who in (house.mia, house.member("moderator")):
            assert "owner" not in {it["name"] for it in house.discord.offered(who, house.clips)}
        assert "owner" in {it["name"] for it in house.discord.offered(owner(house), house.clips)}


async def test_a_refusal_is_in_the_language_of_whoever_asks(house: House) -> None:
    house.discord.world.guild.command_grants["owner"] = {house.mia.id: True}
    async with house.bot():
        assert (await ask(house, "status", house.mia)).content == REFUSED
    house.mia.user.locale = "de"
    async with house.bot():
        assert "den Betreiber dieses Bots" in (await ask(house, "status", house.mia)).content
        assert "5 clips a day" in (await ask(house, "servers list")).content
        owner(house).user.locale = "de"
        listed = (await ask(house, "servers list")).content
        assert "**1 Server**, Seite 1 von 1" in listed
        assert "0,00\u00a0$ diesen Monat verbraucht · 5 Clips pro Tag für alle" in listed
        assert ", 8 Mitglieder\\)**: " in listed


async def test_each_accepted_member_of_the_team_may_use_it_until_removed(house: House) -> None:
    world = house.discord.world
    mia, noah = house.mia.user, house.member("noah").user
    world.application_team = {world.application_owner: True, mia: True, noah: False}
    who, where = direct(house, house.mia)
    async with house.bot():
        listed = await ask(house, "servers leave", who, where, server=str(world.guild.id))
        assert "Leave" in listed.content
        invited, there = direct(house, house.member("noah"))
        assert (await ask(house, "status", invited, there)).content == REFUSED
        del world.application_team[mia]
        async with asyncio.timeout(60):
            while (await ask(house, "status", who, where)).content != REFUSED:
                await asyncio.sleep(0.2)
        # The button of before is theirs no more either.
        (row,) = listed.components
        pressed = await house.discord.press(who, listed, row["components"][0]["custom_id"])
        answer = await answered(house, pressed, who)
        assert answer.content == REFUSED
    assert world.bot.id in world.guild.members


async def test_who_may_only_look_at_the_application_is_no_owner(house: House) -> None:
    world = house.discord.world
    world.application_team = {world.application_owner: True, house.mia.user: True}
    # The team's owner is one whatever role Discord tells.
    world.team_readers = set(world.application_team)
    async with house.bot():
        assert (await ask(house, "status", *direct(house, house.mia))).content == REFUSED
        assert "animate-bot" in (await ask(house, "status", *direct(house, owner(house)))).content


async def test_it_works_in_a_closed_server_and_in_direct_messages(
    house: House, foreign: Guild
) -> None:
    stranger = foreign.members[foreign.owner_id]
    me = house.discord.world.join(foreign, house.discord.world.application_owner)
    foreign.command_grants["owner"] = {me.id: True}
    general = foreign.channel("general")
    who, dm = direct(house, owner(house))
    async with house.bot():
        assert "animate-bot" in (await ask(house, "status", me, general)).content
        assert "animate-bot" in (await ask(house, "status", who, dm)).content
        lift = await ask(house, "budget", me, general, amount="none")
        await press(house, lift, me)
        assert house.query("SELECT own_ceiling FROM owner_state") == [(1,)]
        opened = await ask(house, "servers open", who, dm, server=str(foreign.id))
        assert "open by your word" in opened.content
        asked = await house.animate(stranger, channel=general)
        await house.delivered(asked)
        await ask(house, "servers close", who, dm, server=str(foreign.id))
        closed = await house.discord.invoke(stranger, general, "usage", {})
        assert CLOSED in (await answered(house, closed, stranger)).content


async def test_status_says_everything(house: House, foreign: Guild) -> None:
    house.overrides["owner_budget_usd_per_month"] = 10 * PRICE
    house.pika.behaviour.render_seconds = 60
    async with house.bot():
        await house.told((await house.animate()).original, "Rendering")
        text = (await ask(house, "status")).content
        assert "Ceiling: $0.20 of $2.00 used this month**, $1.80 left" in text
        assert "From OWNER_BUDGET_USD_PER_MONTH" in text
        assert "1 rendering" in text
        assert "No order is in doubt." in text
        assert "nothing is paused" in text
        assert f"• $0.20: 'Playground' \\(id {house.discord.world.guild.id}, 8 members" in text
        assert "running since <t:" in text
        assert str(foreign.id) not in text


async def test_a_pause_stops_all_servers_and_survives_a_restart(house: House) -> None:
    there = house.add_managed_guild(house.mia.user)
    house.pika.behaviour.queue_seconds = 0.5
    async with house.bot():
        running = await house.animate()
        await house.told(running.original, "Accepted")
        assert "no new clips" in (await ask(house, "pause", reason="*moving* house")).content
        await house.delivered(running)
        assert "paused already" in (await ask(house, "pause", reason="*moving* house")).content
    calls = len(house.pika.exchanges)
    waiting = Fault("discord.cdn", "drop_before")
    house.discord.faults.add(waiting)
    async with house.bot():
        assert "All servers are paused" in (await ask(house, "status")).content
        for member, channel in (
            (house.mia, house.clips),
            (there.members[house.mia.id], there.channel("general")),
        ):
            asked = await house.animate(member, channel=channel)
            refused = await answered(house, asked, member)
            assert "The bot's owner has paused new clips: \\*moving\\* house" in refused.content
            assert "Nothing was charged" in refused.content
        assert house.discord.faults.take("discord.cdn") is waiting
        assert "pika.submit" not in {it.operation for it in list(house.pika.exchanges)[calls:]}
        assert "I take clips again" in (await ask(house, "resume")).content
        assert "not paused" in (await ask(house, "resume")).content
        await house.delivered(await house.animate())
    done = house.query("SELECT guild_id, actor_id, action FROM audit ORDER BY id")
    me = owner(house).id
    assert done == [(0, me, "pause"), (0, me, "pause"), (0, me, "resume")]


async def test_an_offer_of_before_is_refused_in_a_pause(house: House) -> None:
    house.overrides["owner_budget_usd_per_month"] = 300_000
    async with house.bot():
        asked = await house.animate(resolution="1080p")
        await house.told(asked.original, "This fits now")
        assert asked.original
        (row,) = asked.original.components
        await ask(house, "pause")
        pressed = await house.discord.press(
            house.mia, asked.original, row["components"][0]["custom_id"]
        )
        refused = await answered(house, pressed, house.mia)
        assert "The bot's owner has paused new clips." in refused.content
    assert house.kinds() == []


async def test_a_pause_of_all_leaves_that_of_a_server_alone(house: House) -> None:
    async with house.bot():
        await house.ask(house.member("moderator"), "clips pause")
        await ask(house, "pause")
        await ask(house, "resume")
        asked = await house.animate()
        assert "The moderators have paused" in (await answered(house, asked, house.mia)).content


async def test_a_budget_by_command_holds_instead_of_the_setting(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    house.overrides["owner_budget_usd_per_month"] = 50 * PRICE
    async with house.bot():
        assert "$0.00 of $10.00 used" in (await ask(house, "budget")).content
        set_ = await ask(house, "budget", amount="0.2")
        assert "The ceiling is $0.20 a month (set by command)" in set_.content
        assert "OWNER_BUDGET_USD_PER_MONTH" in set_.content
        await house.delivered(await house.animate())
        await house.settled()
        refused = await house.animate()
        await house.told(refused.original, "budget that the bot's owner has set")
    assert house.paid() == (1, PRICE)
    caplog.clear()
    async with house.bot():
        held = "the ceiling is $0.20 a month, set by /owner budget; OWNER_BUDGET_USD_PER_MONTH is"
        assert held in caplog.text
        assert "which is $10.00, is not used" in (await ask(house, "status")).content
        back = await ask(house, "budget", amount="setting")
        assert "The ceiling is $10.00 a month (from OWNER_BUDGET_USD_PER_MONTH)" in back.content
        await house.delivered(await house.animate())
    acts = house.query("SELECT guild_id, actor_id, action, before_json, after_json FROM audit")
    high, low = '{"micro_usd": 10000000}', '{"micro_usd": 200000}'
    me = owner(house).id
    assert acts == [(0, me, "budget", high, low), (0, me, "budget", low, high)]


async def test_a_budget_below_what_is_used_takes_effect_at_once(house: House) -> None:
    async with house.bot():
        await house.delivered(await house.animate())
        lower = await ask(house, "budget", amount="0.1")
        assert "nothing new is taken until it renews" in lower.content
        refused = await house.animate()
        await house.told(refused.original, "budget that the bot's owner has set")
        await house.owner_told("$0.20 of $0.10 a month")
        for wrong in ("-1", "many", "nan", "1e9", "0.0000001", "1,000", "1,000.50", "1.000,50"):
            assert "Nothing was changed" in (await ask(house, "budget", amount=wrong)).content
        assert "as before" not in (await ask(house, "budget", amount="0.1")).content
    assert house.query("SELECT ceiling_micro_usd FROM owner_state") == [(100_000,)]


async def test_to_lift_the_ceiling_takes_a_second_press_also_after_a_restart(
    house: House,
) -> None:
    house.overrides["owner_budget_usd_per_month"] = PRICE // 2
    async with house.bot():
        asked = await ask(house, "budget", amount="none")
        assert "Nothing was changed yet" in asked.content
        assert house.query("SELECT own_ceiling FROM owner_state") == [(0,)]
    async with house.bot():
        assert "The ceiling is none (set by command)" in await press(house, asked)
        assert "There is no ceiling" in (await ask(house, "status")).content
        await house.delivered(await house.animate())
    async with house.bot():
        assert "There is no ceiling" in (await ask(house, "budget")).content


async def test_servers_are_listed_with_spending_and_limits(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("5 clips a day")
    for number in range(6):
        house.discord.add_guild(f"@everyone **{number}**", house.discord.world.new_user("other"))
    async with house.bot():
        await house.delivered(await house.animate())
        last = max(house.discord.world.guilds)
        await house.until(f"SELECT 1 FROM known_guilds WHERE guild_id = {last} AND was_open = 0")
        first = await ask(house, "servers list")
        assert "**7 servers**, page 1 of 2" in first.content
        assert "open" in first.content
        assert "$0.20 used this month · 5 clips a day for everyone" in first.content
        assert "closed" in first.content
        assert "\\@everyone \\*\\*0" in first.content
        (row,) = first.components
        _, forward = row["components"]
        await house.discord.press(owner(house), first, forward["custom_id"])
        await house.discord.wait_for(lambda: "page 2 of 2" in first.content)


async def test_what_the_owner_decides_goes_before_settings_and_lookup(house: House) -> None:
    there = house.add_managed_guild(house.mia.user)
    house.overrides["allowed_guilds"] = frozenset({house.discord.world.guild.id})
    mia, general = there.members[house.mia.id], there.channel("general")

    async def usage() -> str:
        asked = await house.discord.invoke(mia, general, "usage", {})
        return (await answered(house, asked, mia)).content

    async with house.bot():
        assert CLOSED in await usage()
        typing = (owner(house), house.clips, "owner servers open", {"server": "else"}, "server")
        (choice,) = (await house.discord.autocomplete(*typing)).choices or [{}]
        assert choice["value"] == str(there.id)
        await ask(house, "servers open", server=choice["value"])
        assert "left today" in await usage()
    house.patience = replace(house.patience, guild_look=timedelta(milliseconds=100))
    async with house.bot():
        assert "left today" in await usage()
        home = str(house.discord.world.guild.id)
        closed = await ask(house, "servers close", server=home)
        assert "is finished" in closed.content
        assert "closed, closed by command" in (await ask(house, "servers list")).content
        mine = await house.discord.invoke(house.mia, house.clips, "usage", {})
        assert CLOSED in (await answered(house, mine, house.mia)).content
        undone = await ask(house, "servers undo", server=home)
        assert "the settings decide again. It is open now" in undone.content
        again = await ask(house, "servers undo", server=home)
        assert "as before" in again.content
    subjects = house.query("SELECT subject_id, after_json FROM audit WHERE guild_id = 0")
    assert [it for it, _ in subjects] == [there.id, *[house.discord.world.guild.id] * 3]
    assert str(subjects[1][1]) == '{"open": false}'


async def test_what_is_in_the_making_in_a_server_that_is_closed_is_finished(house: House) -> None:
    house.pika.behaviour.render_seconds = 1
    async with house.bot():
        asked = await house.animate()
        await house.told(asked.original, "Rendering")
        await ask(house, "servers close", server=str(house.discord.world.guild.id))
        await house.delivered(asked)


async def test_a_server_can_be_opened_before_the_bot_is_in_it(house: House) -> None:
    async with house.bot():
        for wrong in ("x", "0", "", "1" * 21, "9" * 20, "-1", "1 2"):
            answer = await house.discord.invoke(
                owner(house),
                house.clips,
                "owner servers open",
                {"server": wrong},
                client_checks=False,
            )
            said = await answered(house, answer, owner(house))
            assert "choose a server from the list" in said.content
        assert "I am not in that server" in (await ask(house, "servers open", server="77")).content
        assert "I am not in it, opened by command" in (await ask(house, "servers list")).content
        gone = await ask(house, "servers leave", server="77")
        assert "I am in no server with the id 77" in gone.content
        assert house.told_to_owner() == []


async def test_to_leave_a_server_takes_a_second_press_also_after_a_restart(
    house: House, foreign: Guild
) -> None:
    async with house.bot():
        asked = await ask(house, "servers leave", server=str(foreign.id))
        assert "Leave 'Foreign'" in asked.content
        await house.until(f"SELECT 1 FROM known_guilds WHERE guild_id = {foreign.id}")
    async with house.bot():
        (row,) = asked.components
        (button,) = row["components"]
        both = await asyncio.gather(
            *(house.discord.press(owner(house), asked, button["custom_id"]) for _ in range(2)),
            return_exceptions=True,
        )
        assert len(both) == 2
        await house.discord.wait_for(lambda: house.discord.world.bot.id not in foreign.members)
        await house.owner_told("no longer in a server")
        assert str(foreign.id) not in (await ask(house, "servers list")).content
    acts = house.query("SELECT actor_id, subject_id FROM audit WHERE guild_id = 0")
    assert set(acts) == {(owner(house).id, foreign.id)}


async def in_doubt(house: House) -> None:
    house.pika.faults.add(Fault("pika.submit", "drop_after", times=None))
    await house.told((await house.animate()).original, "cannot tell whether Pika bills it")
    house.pika.faults.clear("pika.submit")
    await house.settled()


async def test_doubts_are_listed_with_what_finds_them_and_settled_once(house: House) -> None:
    house.patience = replace(house.patience, pika=timedelta(seconds=0.7))
    async with house.bot():
        assert (await ask(house, "doubts list")).content == "No order is in doubt."
        await in_doubt(house)
        await in_doubt(house)
        listed = (await ask(house, "doubts list")).content
        ((key, reference),) = house.query("SELECT idempotency_key, reference FROM jobs LIMIT 1")
        for part in (
            "**2 orders in doubt**",
            "#1: $0.20, pika",
            key,
            reference,
            "no job id",
            f"member {house.mia.id}",
            str(house.discord.world.guild.id),
            "sent <t:",
        ):
            assert part in listed
        assert "2 orders in doubt, counted at $0.40" in (await ask(house, "status")).content
        owner(house).user.locale = "de"
        in_german = (await ask(house, "doubts list")).content
        assert "**2 fragliche Aufträge**, Seite 1 von 1" in in_german
        assert "es kam keine Antwort, also keine Job-ID" in in_german
        owner(house).user.locale = "en-US"
        typing = (owner(house), house.clips, "owner doubts settle", {"order": ""}, "order")
        choices = (await house.discord.autocomplete(*typing)).choices or ()
        assert [it["value"] for it in choices] == ["1", "2"]
        house.discord.world.guild.command_grants["owner"] = {house.mia.id: True}
        theirs = await house.discord.autocomplete(house.mia, *typing[1:])
        assert theirs.choices == []
        wrong = await ask(house, "doubts settle", order="1", verdict="not billed", charge=1.0)
        assert "A charge goes with `billed` alone" in wrong.content
        billed = await ask(house, "doubts settle", order="1", verdict="billed", charge=0.45)
        assert "count $0.45. 1 order left in doubt" in billed.content
        both = await asyncio.gather(
            *(ask(house, "doubts settle", order="2", verdict="not billed") for _ in range(2))
        )
        said = sorted(it.content for it in both)
        assert "Order 2 is not in doubt, or no more" in said[0]
        assert "have $0.20 back. No order is in doubt now." in said[1]
        for order in ("1", "nine", "99", "9" * 20, "9" * 6000):
            again = await ask(house, "doubts settle", order=order, verdict="billed")
            assert "is not in doubt" in again.content
    assert house.paid() == (1, 450_000)
    acts = house.query("SELECT guild_id, actor_id, subject_id FROM audit WHERE action = 'doubt'")
    guild, me = house.discord.world.guild.id, owner(house).id
    assert acts == [(guild, me, 1), (guild, me, 2)]


@pytest.mark.parametrize("name", ["*" * 100, "\N{ZERO WIDTH SPACE}" * 100])
async def test_pages_of_doubts(house: House, name: str) -> None:
    house.discord.world.guild.name = name
    house.patience = replace(house.patience, pika=timedelta(seconds=0.7))
    house.overrides["default_limit"] = Limit.parse("20 clips a day")
    async with house.bot():
        await in_doubt(house)
    unique = {"id", "interaction_id", "idempotency_key", "job_id", "resolution", "duration"}
    for number in range(2, 8):
        for table, added in (
            ("jobs", {"id": number, "interaction_id": number, "idempotency_key": number}),
            ("ledger", {"job_id": number}),
        ):
            columns = house.query(f"SELECT name FROM pragma_table_info('{table}')")
            names = ", ".join(it for (it,) in columns if it not in unique)
            house.execute(
                f"INSERT INTO {table} ({', '.join(added)}, {names})"
                f" SELECT {', '.join(map(str, added.values()))}, {names} FROM {table}"
                f" WHERE {'id' if table == 'jobs' else 'job_id'} = 1"
            )
    async with house.bot():
        first = await ask(house, "doubts list")
        assert "**7 orders in doubt**, page 1 of 2" in first.content
        assert "#5" in first.content
        assert "more" not in first.content, "nothing is left out that no page shows"
        assert len(first.content) < 2000
        (row,) = first.components
        await house.discord.press(owner(house), first, row["components"][1]["custom_id"])
        await house.discord.wait_for(lambda: "page 2 of 2" in first.content)
        assert "#7" in first.content
        assert "#5" not in first.content
        assert "more" not in first.content


async def test_status_names_a_provider_that_takes_no_orders(house: House) -> None:
    house.pika.behaviour.refuse_at_submit = "insufficient_balance"
    async with house.bot():
        await house.animate()
        await house.owner_told("takes no orders")
        status = (await ask(house, "status")).content
        assert "pika takes no orders: your account there has no credit left" in status
