"""`/setup`: each check failing and mended, and each first setting by one panel."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cogs.texts.languages import LANGUAGES
from playground.discord import Permission
from playground.faults import Fault
from tests.e2e.test_clips_settings import parts, told_off, words

if TYPE_CHECKING:
    from playground.discord import Channel, Guild, Interaction, Member, Message
    from tests.house import House

PICK = "setup:pick:"
READY = "✅ Pika is ready to take orders."
CLOCK = "✅ My clock agrees with Discord's."


def channel(house: House, name: str, guild: Guild | None = None) -> Channel:
    channels = (guild or house.discord.world.guild).channels.values()
    return next(it for it in channels if it.name == name)


def role(house: House, name: str) -> Any:
    return next(it for it in house.discord.world.guild.roles.values() if it.name == name)


def owner(house: House) -> Member:
    guild = house.discord.world.guild
    return guild.members[guild.owner_id]


async def opened(house: House, who: Member | None = None) -> Message:
    return await house.ask(who or house.member("moderator"), "setup")


async def acted(house: House, panel: Message, act: Any) -> Interaction:
    """Returns once the panel was shown anew and, if it was so, the member was told off."""
    before = panel.edited_at
    done: Interaction = await act
    await house.discord.wait_for(lambda: panel.edited_at != before or done.followups)
    return done


async def pick(
    house: House, panel: Message, menu: str, *values: Any, who: Member | None = None
) -> Interaction:
    member = who or house.member("moderator")
    return await acted(house, panel, house.discord.choose(member, panel, PICK + menu, values))


async def check(house: House, panel: Message, who: Member | None = None) -> str:
    press = house.discord.press(who or house.member("moderator"), panel, "setup:check")
    await acted(house, panel, press)
    return words(panel)


async def fill(house: House, panel: Message, amount: str, unit: str, window: str) -> Interaction:
    asked = await house.discord.press(house.member("moderator"), panel, "setup:ask:limit")
    values = {"amount": amount, "unit": [unit], "window": [window]}
    return await acted(house, panel, house.discord.submit_modal(asked, values))


def shown(panel: Message, menu: str) -> list[str]:
    """The values that a menu shows as chosen."""
    (found,) = [it for it in parts(panel.components) if it.get("custom_id") == PICK + menu]
    if "options" in found:
        return [it["value"] for it in found["options"] if it.get("default")]
    return [it["id"] for it in found.get("default_values", ())]


def acts(house: House) -> list[tuple[str, Any, Any]]:
    rows = house.query("SELECT action, before_json, after_json FROM audit ORDER BY id")
    return [(action, *(json.loads(it) if it else None for it in sides)) for action, *sides in rows]


def rules(house: House) -> set[tuple[Any, ...]]:
    return set(house.query("SELECT scope, target_id, unit, time_window, amount FROM rules"))


async def test_a_sound_server_has_nothing_to_mend(house: House) -> None:
    async with house.bot():
        panel = await opened(house)
        said = words(panel)
        assert "⚠️" not in said
        assert READY in said
        assert CLOCK in said
        assert "✅ Discord has all my commands." in said
        assert "✅ Connected to Discord" in said
        assert "have all that I need" in said
        assert "✅ Files of up to" in said
        # The owner's alone.
        assert "disk" not in said
        assert "ceiling" not in said
        assert "on my disk" in words(await opened(house, owner(house)))


async def test_what_it_costs_in_requests_is_a_handful(house: House) -> None:
    async with house.bot():
        panel = await opened(house)
        began = len(house.discord.exchanges)
        for _ in range(3):
            await check(house, panel)
        asked = [it.operation for it in list(house.discord.exchanges)[began:]]
        # Three presses, each acknowledged and its panel edited; the owner is asked for once.
        assert len(asked) <= 7, asked
        assert "discord.list_commands" not in asked


async def test_permissions_are_named_until_they_are_given(house: House) -> None:
    clips = house.clips
    async with house.bot():
        house.discord.remove_bot_permissions(clips, Permission.ATTACH_FILES)
        panel = await opened(house)
        assert f"⚠️ <#{clips.id}>: give my role **Attach Files** there" in words(panel)
        house.discord.grant_bot_permissions(clips, Permission.ATTACH_FILES)
        assert "⚠️" not in await check(house, panel)


async def test_channels_that_lack_the_same_share_a_line_and_one_is_left_out(house: House) -> None:
    lacking = Permission.READ_MESSAGE_HISTORY | Permission.SEND_MESSAGES_IN_THREADS
    named = [house.clips, channel(house, "general")]
    async with house.bot():
        for one in named:
            house.discord.remove_bot_permissions(one, lacking)
        panel = await opened(house)
        ids = ", ".join(f"<#{it}>" for it in sorted(it.id for it in named))
        assert (
            f"⚠️ {ids}: give my role **Read Message History** and **Send Messages in Threads** "
            in words(panel)
        )
        # Where nobody may ask for clips nothing is needed.
        await pick(house, panel, "channels", channel(house, "general"))
        assert f"<#{house.clips.id}>: give" not in words(panel)
        assert f"⚠️ <#{named[1].id}>: give my role" in words(panel)


async def test_a_hidden_channel_is_named_and_needed_only_where_it_is_allowed(house: House) -> None:
    general = channel(house, "general")
    async with house.bot():
        house.discord.hide_from_bot(general)
        panel = await opened(house)
        assert f"⚪ Hidden from me: <#{general.id}>" in words(panel)
        await pick(house, panel, "channels", general)
        assert f"⚠️ <#{general.id}>: give my role **View Channel** there" in words(panel)
        house.discord.hide_from_bot(general, hidden=False)
        assert "⚠️" not in await check(house, panel)


async def test_the_clock_is_compared(house: House) -> None:
    house.set_by = timedelta(minutes=10)
    async with house.bot():
        panel = await opened(house)
        said = words(panel)
        assert "⚠️ My clock is 600 seconds off" in said
        assert "tell the bot's owner" in said
        mine = await opened(house, owner(house))
        assert "set that of my machine" in words(mine)
    house.set_by = timedelta()
    async with house.bot():
        assert CLOCK in await check(house, panel)


async def test_credit_that_is_gone_is_the_owners_to_know(house: House) -> None:
    house.patience = replace(house.patience, probe=timedelta(milliseconds=200))
    house.pika.behaviour.refuse_at_submit = "insufficient_balance"
    async with house.bot():
        interaction = await house.animate()
        await house.owner_told("no credit left")
        panel, mine = await opened(house), await opened(house, owner(house))
        told = words(panel)
        assert "⚠️ Pika takes no orders from me now. The bot's owner has been told" in told
        assert "credit" not in told
        assert "no credit left" in words(mine)
        house.pika.behaviour.refuse_at_submit = None
        await house.delivered(interaction)
        assert READY in await check(house, panel)
        assert READY in await check(house, mine, owner(house))


async def test_pauses_and_an_empty_ceiling_are_told(house: House) -> None:
    async with house.bot():
        panel = await opened(house)
        await house.ask(house.member("moderator"), "clips pause")
        assert "⚠️ Clips are paused here: `/clips resume`" in await check(house, panel)
        await house.ask(house.member("moderator"), "clips resume")
        await house.ask(owner(house), "owner pause")
        assert "⚠️ The bot's owner has paused me everywhere" in await check(house, panel)
        await house.ask(owner(house), "owner resume")
        await house.ask(owner(house), "owner budget", amount="0")
        assert "⚠️ The budget of the bot's owner is used up" in await check(house, panel)
        await house.ask(owner(house), "owner budget", amount="80")
        assert READY in await check(house, panel)
        mine = await opened(house, owner(house))
        assert "Your ceiling for all servers: $0.00 / $80.00" in words(mine)


async def test_a_full_disk_is_told_to_the_owner_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.bot():
        mine = await opened(house, owner(house))
        with monkeypatch.context() as patched:
            patched.setattr("cogs.setup.checks.LEAST_FREE_BYTES", 1 << 60)
            assert "free on my disk: make room" in await check(house, mine, owner(house))
            assert "disk" not in words(await opened(house))
        assert "✅ Free on my disk" in await check(house, mine, owner(house))


async def test_commands_that_were_taken_away_are_synced_again(house: House) -> None:
    async with house.bot():
        usage = next(it for it in house.discord.commands.listed(None) if it["name"] == "usage")
        house.discord.commands.delete(None, int(usage["id"]))
        panel = await opened(house)
        assert "⚠️ Discord lacked some of my commands, and has them now" in words(panel)
        assert (await house.ask(house.mia, "usage")).content
        house.discord.commands.replace(None, house.discord.commands.listed(None)[:1])
    # A start finds that out too, for then nobody may find this command either.
    syncs = house.discord.sync_count
    async with house.bot():
        assert house.discord.sync_count == syncs + 1
        assert "✅ Discord has all my commands." in await check(house, panel)
    async with house.bot():
        assert house.discord.sync_count == syncs + 1


async def test_a_discord_that_does_not_say_which_it_has_is_no_error(house: House) -> None:
    refusal = {"message": "Missing Access", "code": 50001}
    house.discord.faults.add(Fault("discord.list_commands", "reply", 9, 403, body=refusal))
    async with house.bot():
        assert "Discord did not say which of my commands it has" in words(await opened(house))


async def test_log_and_review_channels_are_set_checked_and_unset(house: House) -> None:
    log, review = channel(house, "mod-log"), channel(house, "mod-review")
    async with house.bot():
        panel = await opened(house)
        assert "⚪ No log channel is set" in words(panel)
        assert "⚪ Clips are shown without a review" in words(panel)
        await pick(house, panel, "log", log)
        assert f"✅ Log channel: <#{log.id}>" in words(panel)
        assert shown(panel, "log") == [str(log.id)]
        refused = await pick(house, panel, "review", "newcomers")
        assert "name a `channel`" in await told_off(house, refused)
        assert shown(panel, "review") == ["off"]
        await pick(house, panel, "review_channel", review)
        assert shown(panel, "review") == ["off"]
        await pick(house, panel, "review", "newcomers")
        assert (shown(panel, "review"), shown(panel, "review_channel")) == (
            ["newcomers"],
            [str(review.id)],
        )
        assert f"✅ Review channel: <#{review.id}>" in words(panel)
        for one, what in ((log, "Send Messages"), (review, "Attach Files")):
            house.discord.remove_bot_permissions(one, Permission[what.upper().replace(" ", "_")])
        said = await check(house, panel)
        assert f"⚠️ Log channel <#{log.id}>: give my role **Send Messages** there" in said
        assert f"⚠️ Review channel <#{review.id}>: give my role **Attach Files** there" in said
        # As the commands do: what could not be written to is not set.
        refused = await pick(house, panel, "review", "everyone")
        assert "Attach Files" in await told_off(house, refused)
        for one in (log, review):
            house.discord.delete_channel(one)
        said = await check(house, panel)
        assert said.count("it is deleted or hidden from me") == 2
        await pick(house, panel, "log")
        await pick(house, panel, "review", "off")
        assert "⚠️" not in words(panel)
    assert [action for action, *_ in acts(house)] == [
        *("settings", "review", "review", "settings", "review"),
    ]
    assert acts(house)[3][2] == {"log_channel_id": None}


async def test_automod_that_cannot_be_read_any_more_is_named(house: House) -> None:
    guild = house.discord.world.guild
    bot_role = next(it for it in guild.members[house.discord.world.bot.id].roles)
    invited = bot_role.permissions
    house.discord.set_role_permissions(bot_role, invited | Permission.MANAGE_GUILD, guild)
    house.discord.add_automod_rule("Words", trigger_metadata={"keyword_filter": ["foo"]})
    async with house.bot():
        panel = await opened(house)
        assert "⚪ AutoMod's rules do not hold" in words(panel)
        await house.ask(house.member("moderator"), "clips words automod", rules="on")
        assert "✅ 1 AutoMod rule holds for prompts." in await check(house, panel)
        house.discord.set_role_permissions(bot_role, invited, guild)
        assert "⚠️ AutoMod: I cannot read its rules any more" in await check(house, panel)


async def test_how_much_is_set_and_undone_and_holds(house: House) -> None:
    async with house.bot():
        panel = await opened(house)
        assert "everyone, 5 clips a day each" in words(panel)
        assert shown(panel, "limit") == ["5 clips day"]
        await pick(house, panel, "limit", "1 clips day")
        assert "everyone, 1 clip a day each" in words(panel)
        assert rules(house) == {("everyone", 0, "clips", "day", 1)}
        await house.delivered(await house.animate())
        await house.refused(await house.animate(), "1 clip a day")
        await fill(house, panel, "$2,50", "usd", "week")
        assert rules(house) == {("everyone", 0, "usd", "week", 2_500_000)}
        assert shown(panel, "limit") == ["2500000 usd week"]
        await house.delivered(await house.animate())
        await pick(house, panel, "limit", "none")
        assert (rules(house), shown(panel, "limit")) == (set(), ["none"])
        await pick(house, panel, "limit", "5 clips day")
        assert rules(house) == {("everyone", 0, "clips", "day", 5)}
    five, one = ({"amount": it, "unit": "clips", "window": "day"} for it in (5, 1))
    dollars = {"amount": 2_500_000, "unit": "usd", "window": "week"}
    assert acts(house) == [
        ("limit", five, one),
        ("unlimit", one, None),
        ("limit", None, dollars),
        ("unlimit", dollars, None),
        ("limit", None, five),
    ]


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "more than 0"),
        ("-1", "more than 0"),
        ("many", "more than 0"),
        ("nan", "more than 0"),
        ("1e9", "too large"),
        ("0.5", "whole"),
    ],
)
async def test_an_amount_that_is_none_changes_nothing(house: House, amount: str, said: str) -> None:
    async with house.bot():
        panel = await opened(house)
        refused = await fill(house, panel, amount, "clips", "day")
        assert said in await told_off(house, refused)
        assert "everyone, 5 clips a day each" in words(panel)
    assert acts(house) == []


async def test_who_may_is_a_role_or_everyone(house: House) -> None:
    vip, vera = role(house, "VIP"), house.member("vera")
    async with house.bot():
        panel = await opened(house)
        await pick(house, panel, "roles", vip)
        assert f"only <@&{vip.id}>: 5 clips a day each" in words(panel)
        assert shown(panel, "roles") == [str(vip.id)]
        await house.refused(await house.animate(), "")
        await house.delivered(await house.animate(vera))
        # In another unit everyone else is still shut out.
        await pick(house, panel, "limit", "1000000 usd day")
        assert f"only <@&{vip.id}>: $1.00 a day each" in words(panel)
        await house.refused(await house.animate(), "")
        await house.delivered(await house.animate(vera))
        await pick(house, panel, "limit", "none")
        assert f"<@&{vip.id}>: no limit" in words(panel)
        await house.refused(await house.animate(), "")
        await house.delivered(await house.animate(vera))
        await pick(house, panel, "limit", "3 clips day")
        await pick(house, panel, "roles", house.discord.world.guild.roles[house.clips.guild.id])
        assert "everyone, 3 clips a day each" in words(panel)
        assert shown(panel, "roles") == []
        await house.delivered(await house.animate())
    assert rules(house) == {("everyone", 0, "clips", "day", 3)}


async def test_roles_with_limits_of_their_own_keep_them(house: House) -> None:
    vip, member = role(house, "VIP"), role(house, "Member")
    moderator = house.member("moderator")
    async with house.bot():
        await house.ask(moderator, "quota limit", amount=9, unit="clips", window="day", who=vip)
        panel = await opened(house)
        assert "everyone, 5 clips a day each" in words(panel)
        await pick(house, panel, "roles", member)
        assert sorted(shown(panel, "roles")) == sorted([str(vip.id), str(member.id)])
        assert f"<@&{vip.id}>: 9 clips a day" in words(panel)
        await pick(house, panel, "limit", "3 clips day")
        assert f"only <@&{member.id}>: 3 clips a day each; <@&{vip.id}>: 9 clips" in words(panel)
        await pick(house, panel, "roles")
        assert rules(house) == {
            ("everyone", 0, "clips", "day", 3),
            ("role", vip.id, "clips", "day", 9),
        }


async def test_where_is_a_few_channels_or_all(house: House) -> None:
    general = channel(house, "general")
    async with house.bot():
        panel = await opened(house)
        assert "in every channel" in words(panel)
        await pick(house, panel, "channels", general, house.clips)
        assert "in 2 channels and categories alone" in words(panel)
        await pick(house, panel, "channels", general)
        assert shown(panel, "channels") == [str(general.id)]
        await house.refused(await house.animate(), f"<#{general.id}>")
        await house.ask(house.member("moderator"), "clips channels forbid", channel=house.clips)
        await pick(house, panel, "channels")
        assert "1 is forbidden: `/clips channels list`" in words(panel)
        await house.refused(await house.animate(), "")
        await house.delivered(await house.animate(channel=general))
    assert [action for action, *_ in acts(house)] == ["channels"] * 5


async def test_two_moderators_at_once_read_what_the_other_has_set(house: House) -> None:
    moderator, second = house.member("moderator"), owner(house)
    async with house.bot():
        first_panel, second_panel = await opened(house), await opened(house, second)
        one = pick(house, first_panel, "limit", "3 clips day")
        other = pick(house, second_panel, "log", channel(house, "mod-log"), who=second)
        await asyncio.gather(one, other)
        for panel, who in ((first_panel, moderator), (second_panel, second)):
            await check(house, panel, who)
            assert shown(panel, "limit") == ["3 clips day"]
            assert shown(panel, "log") == [str(channel(house, "mod-log").id)]
        # The same at once: one of both is recorded.
        again = [
            pick(house, panel, "limit", "1 clips day", who=who)
            for panel, who in ((first_panel, moderator), (second_panel, second))
        ]
        await asyncio.gather(*again)
    assert sorted(action for action, *_ in acts(house)) == ["limit", "limit", "settings"]


async def test_whoever_may_not_manage_the_server_changes_nothing(house: House) -> None:
    helper, moderator = house.member("helper"), house.member("moderator")
    house.discord.world.guild.command_grants["setup"] = {helper.id: True}
    async with house.bot():
        panel = await opened(house)
        told = await house.ask(helper, "setup")
        assert "**Manage Server**" in told.content
        house.discord.set_roles(moderator, [role(house, "Helper")])
        for act in (
            house.discord.choose(moderator, panel, PICK + "limit", ["1 clips day"]),
            house.discord.press(moderator, panel, "setup:check"),
            house.discord.press(moderator, panel, "setup:ask:limit"),
        ):
            assert "**Manage Server**" in (await house.refused(await act, "Manage")).content
    assert acts(house) == []


async def test_a_panel_outlives_a_restart_and_opens_in_a_thread(house: House) -> None:
    thread = house.discord.add_thread("talk", house.clips, house.member("moderator"))
    async with house.bot():
        asked = await house.discord.invoke(house.member("moderator"), thread, "setup")
        panel = asked.original
        assert panel is not None
        await house.discord.wait_for(lambda: not panel.loading)
        assert "⚠️" not in words(panel)
    async with house.bot():
        await pick(house, panel, "limit", "3 clips day")
        await fill(house, panel, "7", "clips", "week")
        assert shown(panel, "limit") == ["7 clips week"]
        assert "⚠️" not in await check(house, panel)


async def test_a_closed_server_is_told_so(house: House) -> None:
    stranger = house.discord.world.new_user("stranger")
    foreign = house.discord.add_guild("Foreign", stranger)
    boss = foreign.members[stranger.id]
    place = next(iter(foreign.channels.values()))
    async with house.bot():
        await house.discord.wait_for(lambda: house.discord.commands.in_guild(foreign.id))
        asked = await house.discord.invoke(boss, place, "setup")
        await house.refused(asked, "This server is not open to me yet")
    assert acts(house) == []


async def test_what_other_programs_send_is_no_choice(house: House) -> None:
    async with house.bot():
        panel = await opened(house)
        for menu, value, said in (
            ("limit", "9 suns day", "I could not read these options"),
            ("limit", "0 clips day", "more than 0"),
            ("review", "all", "I could not read these options"),
        ):
            (found,) = [it for it in parts(panel.components) if it.get("custom_id") == PICK + menu]
            found["options"].append({"label": "odd", "value": value})
            refused = await pick(house, panel, menu, value)
            assert said in await told_off(house, refused)
    assert acts(house) == []


async def test_help_points_to_it_until_something_is_decided(house: House) -> None:
    moderator = house.member("moderator")
    async with house.bot():
        assert "`/setup`" in (await house.ask(moderator, "help")).content
        assert "`/setup`" not in (await house.ask(house.mia, "help")).content
        panel = await opened(house)
        await pick(house, panel, "log", channel(house, "mod-log"))
        assert "`/setup`" not in (await house.ask(moderator, "help")).content


async def test_panel_and_form_fit_and_are_said_in_every_language(house: House) -> None:
    moderator = house.member("moderator")
    headings = set()
    async with house.bot():
        for language in LANGUAGES:
            moderator.user.locale = language
            panel = await opened(house)
            headings.add(words(panel).splitlines()[0])
            # The stand-in refuses what is too long, as Discord does.
            asked = await house.discord.press(moderator, panel, "setup:ask:limit")
            assert asked.modal
    assert len(headings) >= len(LANGUAGES) - 1, "both Spanish ones may read the same"


async def test_a_slow_gateway_is_told_with_what_to_do(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.discord.gateway.heartbeat_milliseconds = 50
    async with house.bot():
        panel = await opened(house)
        while "✅ Connected to Discord, which answers in " not in await check(house, panel):
            await asyncio.sleep(0.05)
        monkeypatch.setattr("cogs.setup.checks._SLOW_SECONDS", 0.0)
        assert "so commands may fail: try again later." in await check(house, panel)
        panel = await opened(house, owner(house))
        assert "so commands may fail: look at my machine's network." in words(panel)
