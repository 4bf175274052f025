"""`/clips channels`: where clips may be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from playground.discord import ChannelKind, Overwrite, Permission
from tests import reviewing

if TYPE_CHECKING:
    from playground.discord import Channel, Interaction, Member, Message
    from tests.house import House


async def answer(house: House, command: str, who: Member | None = None, **options: Any) -> Message:
    return await house.ask(who or house.member("helper"), f"clips channels {command}", **options)


async def channels(house: House, command: str, who: Member | None = None, **options: Any) -> str:
    return (await answer(house, command, who, **options)).content


def place(house: House, name: str) -> Channel:
    return house.discord.world.guild.channel(name)


async def refused(house: House, channel: Channel) -> str:
    interaction = await house.animate(channel=channel)
    return (await house.refused(interaction, "Nothing was charged")).content


async def makes(house: House, channel: Channel) -> None:
    await house.delivered(await house.animate(channel=channel))


def recorded(house: House) -> list[tuple[Any, ...]]:
    helper = house.member("helper").id
    rows = house.query(
        "SELECT actor_id, action, subject_kind, subject_id, before_json, after_json FROM audit"
        " ORDER BY id"
    )
    assert all(row[:2] == (helper, "channels") for row in rows)
    return [row[2:] for row in rows]


ALLOWED, FORBIDDEN = '{"allowed": true}', '{"allowed": false}'


async def test_the_first_allowed_channel_closes_all_others_at_once(house: House) -> None:
    general, clips = place(house, "general"), place(house, "clips")
    async with house.bot():
        assert "in every channel" in await channels(house, "list")
        await makes(house, general)
        told = await channels(house, "allow", channel=clips)
        assert f"only where it is allowed:\n- <#{clips.id}>: allowed\n" in told
        assert f"Please go to <#{clips.id}>" in await refused(house, general)
        await makes(house, clips)
    async with house.bot():
        await refused(house, general)
        await channels(house, "allow", channel=general)
        await makes(house, general)
        listed = await channels(house, "list")
        assert f"- <#{general.id}>: allowed\n- <#{clips.id}>: allowed" in listed

        told = await channels(house, "remove", channel=str(clips.id))
        assert told.startswith(f"<#{clips.id}>: nothing is set for it any more.")
        await refused(house, clips)

        told = await channels(house, "everywhere")
        assert "Clips may be asked for in every channel." in told
        await makes(house, clips)
    assert recorded(house) == [
        ("channel", clips.id, None, ALLOWED),
        ("channel", general.id, None, ALLOWED),
        ("channel", clips.id, ALLOWED, None),
        ("guild", 0, f'{{"allowed": "{general.id}"}}', None),
    ]


async def test_a_forbidden_channel_closes_nothing_else(house: House) -> None:
    general, clips = place(house, "general"), place(house, "clips")
    async with house.bot():
        told = await channels(house, "forbid", channel=general)
        assert told.startswith(f"<#{general.id}>: **forbidden**.")
        assert f"every channel where it is not forbidden:\n- <#{general.id}>: forbidden" in told
        assert "Please go to another one" in await refused(house, general)
        await makes(house, clips)
    async with house.bot():
        await refused(house, general)
        told = await channels(house, "allow", house.member("moderator"), channel=general)
        assert "Clips may be asked for in every channel." in told
        await makes(house, general)


@pytest.mark.parametrize(
    ("kind", "thread"),
    [
        (ChannelKind.TEXT, ChannelKind.PUBLIC_THREAD),
        (ChannelKind.ANNOUNCEMENT, ChannelKind.ANNOUNCEMENT_THREAD),
        (ChannelKind.FORUM, ChannelKind.PUBLIC_THREAD),
        (ChannelKind.MEDIA, ChannelKind.PUBLIC_THREAD),
        (ChannelKind.VOICE, None),
        (ChannelKind.STAGE, None),
    ],
)
async def test_every_kind_of_channel_counts_as_its_category(
    house: House, kind: ChannelKind, thread: ChannelKind | None
) -> None:
    category = house.discord.add_channel("Category", kind=ChannelKind.CATEGORY)
    channel = house.discord.add_channel("place", kind=kind, parent=category)
    spot = house.discord.add_channel("post", kind=thread, parent=channel) if thread else channel
    clips = place(house, "clips")
    async with house.bot():
        await channels(house, "forbid", channel=category)
        await refused(house, spot)
        await makes(house, clips)
        told = await channels(house, "allow", channel=channel)
        assert f"- <#{channel.id}>: allowed, though its category is not" in told
        assert f"- <#{category.id}> (category): forbidden" in told
        await makes(house, spot)
        await makes(house, clips)
    async with house.bot():
        await channels(house, "everywhere")
        await channels(house, "allow", channel=category)
        await makes(house, spot)
        await refused(house, clips)
        await channels(house, "forbid", channel=channel)
        await refused(house, spot)


async def test_a_thread_that_is_made_later_counts_too(house: House) -> None:
    clips = place(house, "clips")
    async with house.bot():
        await channels(house, "forbid", channel=clips)
        thread = house.discord.add_channel("t", kind=ChannelKind.PUBLIC_THREAD, parent=clips)
        await refused(house, thread)


@pytest.mark.parametrize("mode", ["only", "never"])
async def test_the_age_restriction_holds_in_threads_too(house: House, mode: str) -> None:
    clips = place(house, "clips")
    aged = house.discord.add_channel("aged", nsfw=True)
    thread = house.discord.add_channel("t", kind=ChannelKind.PUBLIC_THREAD, parent=aged)
    media = house.discord.add_channel("pictures", kind=ChannelKind.MEDIA, nsfw=True)
    post = house.discord.add_channel("p", kind=ChannelKind.PUBLIC_THREAD, parent=media)
    within = [aged, thread, post]
    open_, closed = (within, [clips]) if mode == "only" else ([clips], within)
    async with house.bot():
        told = await channels(house, "age_restricted", mode=mode)
        assert f"And {mode} in age-restricted channels." in told
        for channel in closed:
            assert "age" in await refused(house, channel)
    async with house.bot():
        for channel in open_:
            await makes(house, channel)
        assert f"And {mode} in age-restricted channels." in await channels(house, "list")
        await channels(house, "age_restricted", mode="any")
        for channel in closed:
            await makes(house, channel)
    values = f'{{"age_restricted": "{mode}"}}', '{"age_restricted": "any"}'
    assert recorded(house) == [
        ("guild", 0, values[1], values[0]),
        ("guild", 0, values[0], values[1]),
    ]


async def test_what_changes_nothing_is_told_and_not_recorded(house: House) -> None:
    general, clips = place(house, "general"), place(house, "clips")
    async with house.bot():
        assert "Nothing was changed" in await channels(house, "everywhere")
        told = await channels(house, "remove", channel=f"<#{clips.id}>")
        assert f"<#{clips.id}> is neither allowed nor forbidden by itself" in told
        assert "Nothing was changed" in told
        await channels(house, "allow", channel=clips)
        await channels(house, "allow", channel=clips)
        told = await channels(house, "remove", channel="the other one")
        assert "That is neither allowed nor forbidden" in told
        told = await channels(house, "forbid", channel=clips)
        assert "the only one that is allowed" in told
        assert "Nothing was changed" in told
        await refused(house, general)
    assert len(recorded(house)) == 1


async def test_a_deleted_channel_is_shown_as_such_and_can_be_removed(house: House) -> None:
    helper = house.member("helper")
    gone, clips = house.discord.add_channel("gone"), place(house, "clips")

    async def suggested(typed: str) -> Interaction:
        return await house.discord.autocomplete(
            helper, house.clips, "clips channels remove", {"channel": typed}, "channel"
        )

    async with house.bot():
        await channels(house, "forbid", channel=gone)
        await channels(house, "allow", channel=clips)
        house.discord.delete_channel(gone)
        listed = await channels(house, "list")
        assert f"- <#{gone.id}> (deleted or hidden from me: `{gone.id}`): forbidden" in listed
        asked = await suggested("DELETED")
        assert [it["value"] for it in asked.choices or ()] == [str(gone.id)]
        told = await channels(house, "remove", channel=str(gone.id))
        assert f"only where it is allowed:\n- <#{clips.id}>: allowed\n" in told
        asked = await suggested("")
        assert [it["name"] for it in asked.choices or ()] == ["#clips"]


async def test_what_the_bot_lacks_in_an_allowed_channel_is_said(house: House) -> None:
    async with house.bot():
        told = await channels(house, "allow", channel=place(house, "mods"))
        assert "I need **View Channel**, **Send Messages** and **Attach Files** there" in told
        assert "I need" not in await channels(house, "allow", channel=place(house, "clips"))


async def test_a_long_list_has_pages_that_outlive_a_restart(house: House) -> None:
    made = [house.discord.add_channel(f"number-{number}") for number in range(40)]
    helper = house.member("helper")
    async with house.bot():
        for channel in made:
            await channels(house, "allow", channel=channel)
        shown = await answer(house, "list")
        assert "1 to 15 of 40" in shown.content
    seen = {it.id for it in made if f"<#{it.id}>" in shown.content}
    async with house.bot():
        for page in (1, 2):
            await house.discord.press(helper, shown, f"channels:{page}")
            await house.told(shown, f"{page * 15 + 1} to {min(40, page * 15 + 15)} of 40")
            assert len(shown.content) <= 2000
            seen |= {it.id for it in made if f"<#{it.id}>" in shown.content}
        house.discord.set_roles(helper, [])
        pressed = await house.discord.press(helper, shown, "channels:1")
        assert "**Manage Messages**" in await reviewing.answer(house, pressed)
    assert seen == {it.id for it in made}


async def test_what_a_category_forbids_is_closed_to_a_member_who_manages_a_channel(
    house: House,
) -> None:
    noah, clips = house.member("noah"), place(house, "clips")
    allow = Permission.VIEW_CHANNEL | Permission.MANAGE_MESSAGES
    clips.overwrites[noah.id] = Overwrite("member", allow=allow)
    async with house.bot():
        await channels(house, "forbid", channel=clips)
        for command, options in (
            ("allow", {"channel": clips}),
            ("remove", {"channel": str(clips.id)}),
            ("age_restricted", {"mode": "only"}),
        ):
            assert "in this channel alone" in await channels(house, command, noah, **options)
        await refused(house, clips)
    assert len(recorded(house)) == 1


async def test_members_are_refused_where_the_command_is_shown_to_them(house: House) -> None:
    clips = place(house, "clips")
    house.discord.world.guild.command_grants["clips"] = {house.mia.id: True}
    async with house.bot():
        for command, options in (
            ("allow", {"channel": clips}),
            ("forbid", {"channel": clips}),
            ("remove", {"channel": str(clips.id)}),
            ("age_restricted", {"mode": "only"}),
            ("everywhere", {}),
            ("list", {}),
        ):
            told = await channels(house, command, house.mia, **options)
            assert "**Manage Messages**" in told
    assert house.query("SELECT * FROM channel_rules") == []
