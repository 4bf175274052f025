"""`/clips settings`: one panel, each of whose menus and forms takes effect at once."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.base import Limit
from cogs.texts import languages
from playground.discord import Permission, Upload
from tests.house import photo

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from playground.discord import Interaction, Member, Message
    from tests.house import House

PICK, ASK = "settings:pick:", "settings:ask:"


def parts(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from parts(component.get("components", []))


def part(panel: Message, custom_id: str) -> dict[str, Any]:
    (found,) = [it for it in parts(panel.components) if it.get("custom_id") == custom_id]
    return found


def now(panel: Message, menu: str) -> str:
    """The option that a menu shows."""
    (found,) = [it for it in part(panel, PICK + menu)["options"] if it.get("default")]
    return str(found["value"])


def words(panel: Message) -> str:
    return "\n".join(it["content"] for it in parts(panel.components) if "content" in it)


async def opened(house: House, who: Member | None = None) -> Message:
    return await house.ask(who or house.member("moderator"), "clips settings")


async def pick(
    house: House, panel: Message, menu: str, *values: Any, who: Member | None = None
) -> Interaction:
    """Choose in a menu; returns once the panel was shown anew or the chooser was told off."""
    before = panel.edited_at
    member = who or house.member("moderator")
    pressed = await house.discord.choose(member, panel, PICK + menu, values)
    await house.discord.wait_for(lambda: panel.edited_at != before or pressed.followups)
    return pressed


async def fill(
    house: House, panel: Message, form: str, values: dict[str, str], who: Member | None = None
) -> Interaction:
    member = who or house.member("moderator")
    asked = await house.discord.press(member, panel, ASK + form)
    before = panel.edited_at
    sent = await house.discord.submit_modal(asked, values)
    await house.discord.wait_for(lambda: panel.edited_at != before or sent.followups)
    return sent


async def told_off(house: House, interaction: Interaction) -> str:
    await house.discord.wait_for(lambda: interaction.followups)
    (message,) = interaction.followups
    assert message.viewer is interaction.member.user
    return message.content


def recorded(house: House) -> list[tuple[Any, Any]]:
    """What changed from what to what, in order."""
    rows = house.query("SELECT before_json, after_json, actor_id, action, subject_kind FROM audit")
    moderator = house.member("moderator").id
    assert all(row[2:] == (moderator, "settings", "guild") for row in rows)
    return [(json.loads(before), json.loads(after)) for before, after, *_ in rows]


def sizes(house: House) -> list[tuple[str, int]]:
    return [(a, b) for a, b in house.query("SELECT resolution, duration FROM jobs ORDER BY id")]


async def bare(house: House, who: Member | None = None) -> Interaction:
    """`/animate` without a word about its size."""
    image = Upload("photo.jpg", photo(), "image/jpeg")
    return await house.discord.invoke(who or house.mia, house.clips, "animate", {"image": image})


async def clip(house: House) -> None:
    await house.delivered(await bare(house))
    await house.settled()


async def test_a_default_is_what_the_next_request_gets(house: House) -> None:
    async with house.bot():
        panel = await opened(house)
        assert (now(panel, "default_resolution"), now(panel, "default_duration")) == ("1080p", "5")
        await clip(house)
        await pick(house, panel, "default_resolution", "720p")
        assert now(panel, "default_resolution") == "720p"
        await pick(house, panel, "default_duration", "10")
        assert now(panel, "default_duration") == "10"
        await clip(house)
    assert sizes(house) == [("1080p", 5), ("720p", 10)]
    assert recorded(house) == [
        ({"default_resolution": None}, {"default_resolution": "720p"}),
        ({"default_duration": None}, {"default_duration": 10}),
    ]


async def test_a_ceiling_refuses_what_is_above_and_takes_the_default_along(house: House) -> None:
    async with house.bot():
        panel = await opened(house)
        await pick(house, panel, "default_resolution", "1080p")
        await pick(house, panel, "highest_resolution", "720p")
        assert (now(panel, "default_resolution"), now(panel, "highest_resolution")) == ("720p",) * 2
        await pick(house, panel, "longest_duration", "5")
        for option in ({"resolution": "1080p"}, {"duration": 10}):
            refused = await house.animate(**option)
            sentence = await house.told(refused.original, "at most 720p and 5 seconds")
            assert "Nothing was charged" in sentence
        await clip(house)
    assert sizes(house) == [("720p", 5)]
    assert recorded(house)[1] == (
        {"default_resolution": "1080p", "highest_resolution": None},
        {"default_resolution": "720p", "highest_resolution": "720p"},
    )


async def test_a_default_above_the_ceiling_is_refused_and_the_panel_says_so(house: House) -> None:
    async with house.bot():
        old, new = await opened(house), await opened(house)
        await pick(house, new, "highest_resolution", "720p")
        pressed = await pick(house, old, "default_resolution", "1080p")
        assert "at most 720p" in await told_off(house, pressed)
        assert (now(old, "default_resolution"), now(old, "highest_resolution")) == ("720p",) * 2
        longest = await pick(house, new, "longest_duration", "5")
        assert not longest.followups
        pressed = await pick(house, old, "default_duration", "10")
        assert "at most 5 seconds" in await told_off(house, pressed)
    assert len(recorded(house)) == 2


async def renewal(house: House) -> datetime:
    usage = await house.ask(house.mia, "usage")
    found = re.search(r"renews <t:(\d+):R>", usage.content)
    assert found is not None
    return datetime.fromtimestamp(int(found[1]), UTC)


async def test_the_time_zone_moves_the_renewal_after_the_next(house: House) -> None:
    async with house.bot():
        panel = await opened(house)
        assert "**Time zone**: UTC (the bot owner's)" in words(panel)
        promised = await renewal(house)
        await fill(house, panel, "time_zone", {"time_zone": " auckland "})
        assert r"Pacific\/Auckland." in words(panel)
        assert await renewal(house) == promised
        house.pass_time(seconds=(promised - house.clock()).total_seconds() + 1)
        moved = await renewal(house)
        midnight = moved.astimezone(ZoneInfo("Pacific/Auckland"))
        assert (midnight.hour, midnight.minute) == (0, 0)
        assert moved.hour != 0
        assert timedelta(hours=12) <= moved - promised < timedelta(hours=36)
        panel = await opened(house)
        await fill(house, panel, "time_zone", {})
        assert "UTC (the bot owner's)" in words(panel)
    assert recorded(house) == [
        ({"time_zone": None}, {"time_zone": "Pacific/Auckland"}),
        ({"time_zone": "Pacific/Auckland"}, {"time_zone": None}),
    ]


async def test_a_mistyped_time_zone_brings_the_near_ones(house: House) -> None:
    async with house.bot():
        panel = await opened(house)
        sent = await fill(house, panel, "time_zone", {"time_zone": "Europ/Berln"})
        sentence = await told_off(house, sent)
        assert r"Did you mean **Europe\/Berlin**" in sentence
        assert "Nothing was changed" in sentence
        sent = await fill(house, panel, "time_zone", {"time_zone": "Q*"})
        assert r"no time zone Q\*. Please name it like" in await told_off(house, sent)
    assert recorded(house) == []


async def test_the_log_channel_is_one_that_the_bot_may_write_in(house: House) -> None:
    channels = house.discord.world.guild.channel
    async with house.bot():
        panel = await opened(house)
        pressed = await pick(house, panel, "log_channel_id", channels("mods"))
        sentence = await told_off(house, pressed)
        assert f"I cannot write in <#{channels('mods').id}>" in sentence
        assert "**View Channel**" in sentence
        house.discord.remove_bot_permissions(channels("general"), Permission.SEND_MESSAGES)
        pressed = await pick(house, panel, "log_channel_id", channels("general"))
        assert "give me **Send Messages** there" in await told_off(house, pressed)
        assert recorded(house) == []

        log = channels("mod-log")
        await pick(house, panel, "log_channel_id", log)
        chosen = part(panel, PICK + "log_channel_id")["default_values"]
        assert [it["id"] for it in chosen] == [str(log.id)]
        await pick(house, panel, "log_channel_id")
        assert not part(panel, PICK + "log_channel_id").get("default_values")
        assert house.query("SELECT log_channel_id FROM guild_settings") == [(None,)]
        await pick(house, panel, "log_channel_id", log)
        house.discord.delete_channel(log)
        assert "deleted or hidden from me" in words(await opened(house))
    ident = log.id
    assert recorded(house) == [
        ({"log_channel_id": None}, {"log_channel_id": ident}),
        ({"log_channel_id": ident}, {"log_channel_id": None}),
        ({"log_channel_id": None}, {"log_channel_id": ident}),
    ]


async def test_a_member_has_no_more_in_the_making_than_is_set(house: House) -> None:
    house.pika.behaviour.render_seconds = 60
    async with house.bot():
        panel = await opened(house)
        await fill(house, panel, "line", {"member_at_once": "1", "queue_length": "200"})
        assert "1 clip of a member in the making" in words(panel)
        first = await bare(house)
        await house.told(first.original, "Rendering")
        refused = await bare(house)
        sentence = await house.told(refused.original, "You have 1 clip in the making already")
        assert "Nothing was charged" in sentence
        other = await bare(house, house.member("noah"))
        await house.told(other.original, "Rendering")
        await fill(house, panel, "line", {"queue_length": "200"})
        assert "5 clips of a member" in words(panel)
        house.pika.behaviour.render_seconds = 0
        await house.delivered(await bare(house))
    assert recorded(house) == [
        ({"member_at_once": 5}, {"member_at_once": 1}),
        ({"member_at_once": 1}, {"member_at_once": 5}),
    ]


async def test_a_server_renders_and_lets_wait_no_more_than_is_set(house: House) -> None:
    house.pika.behaviour.render_seconds = 60
    async with house.bot():
        panel = await opened(house)
        assert "4 clips of the server rendering (as many as the bot renders)" in words(panel)
        await fill(house, panel, "line", {"guild_at_once": "1", "queue_length": "1"})
        assert "1 clip of the server rendering, 1 clip of the server waiting" in words(panel)
        first = await bare(house)
        await house.told(first.original, "Rendering")
        second = await bare(house)
        await house.told(second.original, "<@")
        refused = await bare(house, house.member("noah"))
        await house.told(refused.original, "1 clip is waiting in this server already")
        states = house.query("SELECT state FROM jobs ORDER BY id")
        assert states == [("rendering",), ("queued",)]
        await fill(house, panel, "line", {"guild_at_once": "2", "queue_length": "1"})
        await house.told(second.original, "Rendering")
        house.pika.behaviour.render_seconds = 0
        await house.delivered(first)
        await house.delivered(second)


async def test_numbers_have_bounds(house: House) -> None:
    async with house.bot():
        panel = await opened(house)
        for name, typed, bound in (
            ("member_at_once", "0", "1 to 100"),
            ("guild_at_once", "101", "1 to 100"),
            ("queue_length", "1001", "1 to 1000"),
            ("queue_length", "many", "1 to 1000"),
            ("member_at_once", "-1", "1 to 100"),
            ("member_at_once", "\u0663", "1 to 100"),
        ):
            sent = await fill(house, panel, "line", {name: typed})
            sentence = await told_off(house, sent)
            assert f"whole number from {bound}" in sentence
            assert "Nothing was changed" in sentence
    assert recorded(house) == []


async def test_the_language_is_what_members_are_spoken_to_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.bot():
        panel = await opened(house)
        offered = part(panel, PICK + "language")["options"]
        assert {it["value"]: it["label"].removeprefix("Public messages in ") for it in offered} == {
            code: it.name for code, it in languages.LANGUAGES.items()
        }
        assert now(panel, "language") == "en"
        await clip(house)
        await pick(house, panel, "language", "de")
        assert now(panel, "language") == "de"
        await clip(house)
        monkeypatch.delitem(languages.LANGUAGES, "de")
        gone = await pick(house, panel, "language", "de")
        assert "I could not read these options" in await told_off(house, gone)
    assert house.query("SELECT language FROM jobs ORDER BY id") == [("en",), ("de",)]


async def test_the_same_again_changes_and_records_nothing(house: House) -> None:
    async with house.bot():
        panel = await opened(house)
        await pick(house, panel, "highest_resolution", "720p")
        await pick(house, panel, "highest_resolution", "720p")
    assert len(recorded(house)) == 1


async def test_a_panel_and_a_form_work_after_a_restart(house: House) -> None:
    moderator = house.member("moderator")
    async with house.bot():
        panel = await opened(house)
        asked = await house.discord.press(moderator, panel, ASK + "line")
    async with house.bot():
        await pick(house, panel, "default_resolution", "720p")
        before = panel.edited_at
        await house.discord.submit_modal(asked, {"member_at_once": "2"})
        await house.discord.wait_for(lambda: panel.edited_at != before)
        await fill(house, panel, "time_zone", {"time_zone": "Europe/Berlin"})
    assert "2 clips of a member" in words(panel)
    assert len(recorded(house)) == 3


async def test_those_without_the_right_are_refused_at_each_press(house: House) -> None:
    moderator = house.member("moderator")
    async with house.bot():
        panel = await opened(house)
        asked = await house.discord.press(moderator, panel, ASK + "line")
        house.discord.set_roles(moderator, [])
        presses = {
            await house.discord.choose(
                moderator, panel, PICK + "default_resolution", ["720p"]
            ): "**Manage Messages**",
            await house.discord.press(moderator, panel, ASK + "time_zone"): "**Manage Server**",
            await house.discord.submit_modal(asked, {"member_at_once": "2"}): "**Manage Server**",
        }
        for pressed, right in presses.items():
            assert pressed.original is not None
            assert right in pressed.original.content
            assert pressed.modal is None
            assert pressed.original.viewer is moderator.user
    assert recorded(house) == []
    assert house.query("SELECT * FROM guild_settings") == []


async def test_members_are_refused_where_the_command_is_shown_to_them(house: House) -> None:
    house.discord.world.guild.command_grants["clips"] = {house.mia.id: True}
    async with house.bot():
        told = await opened(house, house.mia)
        assert "**Manage Messages**" in told.content
        assert told.components == []


async def test_a_helper_changes_what_is_no_money_and_reads_what_needs_more(house: House) -> None:
    helper = house.member("helper")
    async with house.bot():
        panel = await opened(house, helper)
        assert "These two need the permission **Manage Server**" in words(panel)
        assert all(part(panel, ASK + form)["disabled"] for form in ("time_zone", "line"))
        await pick(house, panel, "highest_resolution", "720p", who=helper)
        assert "These two need the permission **Manage Server**" in words(panel)
        assert not part(await opened(house), ASK + "line").get("disabled")
    assert house.query("SELECT actor_id FROM audit") == [(helper.id,)]


async def test_a_form_that_a_helper_opened_before_is_refused(house: House) -> None:
    """A moderator became a helper while a form was open, and while a panel was."""
    guild, moderator = house.discord.world.guild, house.member("moderator")
    async with house.bot():
        panel = await opened(house)
        forms = [
            await house.discord.press(moderator, panel, ASK + it) for it in ("time_zone", "line")
        ]
        house.discord.set_roles(moderator, [guild.role("Helper")])
        typed = ({"time_zone": "Asia/Tokyo"}, {"queue_length": "1000", "member_at_once": "100"})
        for form, values in zip(forms, typed, strict=True):
            sent = await house.discord.submit_modal(form, values)
            assert sent.original is not None
            assert "needs the permission **Manage Server**" in sent.original.content
        for name in ("time_zone", "line"):
            pressed = await house.discord.press(moderator, panel, ASK + name)
            assert pressed.modal is None
    assert recorded(house) == []
    assert house.query("SELECT * FROM guild_settings") == []


async def test_a_change_of_the_time_zone_never_renews_what_is_used_up(house: House) -> None:
    """Where it is almost midnight; an hour later the new day is not theirs yet."""
    house.overrides["default_limit"] = Limit.parse("1 clip a day")
    house.pass_time(seconds=(24 + 12 - house.clock().hour) % 24 * 3600)
    async with house.bot():
        await clip(house)
        promised = await renewal(house)
        assert (promised - house.clock()) > timedelta(hours=10)
        panel = await opened(house)
        # Twelve at night is an hour away, there and then.
        zone = f"Etc/GMT-{23 - house.clock().hour}"
        await fill(house, panel, "time_zone", {"time_zone": zone})
        house.pass_time(hours=1)
        assert house.clock().astimezone(ZoneInfo(zone)).hour == 0
        await house.told((await bare(house)).original, "Nothing was charged")
        await fill(house, await opened(house), "time_zone", {"time_zone": "Pacific/Kiritimati"})
        await house.told((await bare(house)).original, "Nothing was charged")
        assert await renewal(house) == promised
        house.pass_time(seconds=(promised - house.clock()).total_seconds() + 1)
        await clip(house)
        assert await renewal(house) - promised >= timedelta(hours=12)
    assert sizes(house) == [("1080p", 5)] * 2
