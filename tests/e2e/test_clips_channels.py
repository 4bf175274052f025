"""`/clips channels`: where clips may be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playground.discord import Channel, Member
    from tests.house import House


async def channels(house: House, command: str, who: Member | None = None, **options: Any) -> str:
    message = await house.ask(who or house.member("helper"), f"clips channels {command}", **options)
    return message.content


def place(house: House, name: str) -> Channel:
    return house.discord.world.guild.channel(name)


async def refused(house: House, channel: Channel) -> str:
    interaction = await house.animate(channel=channel)
    return await house.told(interaction.original, "Nothing was charged")


def recorded(house: House) -> list[tuple[Any, ...]]:
    helper = house.member("helper").id
    rows = house.query(
        "SELECT actor_id, action, subject_kind, subject_id, before_json, after_json FROM audit"
        " ORDER BY id"
    )
    assert all(row[:2] == (helper, "channels") for row in rows)
    return [row[2:] for row in rows]


ALLOWED = '{"allowed": true}'


async def test_the_first_allowed_channel_forbids_all_others_at_once(house: House) -> None:
    general, clips = place(house, "general"), place(house, "clips")
    async with house.bot():
        assert "in every channel" in await channels(house, "list")
        await house.delivered(await house.animate(channel=general))
        told = await channels(house, "allow", channel=clips)
        assert told.endswith(f"only in:\n- <#{clips.id}>")
        sentence = await refused(house, general)
        assert f"Please go to <#{clips.id}>" in sentence
        await house.delivered(await house.animate(channel=clips))
    async with house.bot():
        await refused(house, general)
        await channels(house, "allow", channel=general)
        await house.delivered(await house.animate(channel=general))
        listed = await channels(house, "list")
        assert f"- <#{general.id}>\n- <#{clips.id}>" in listed

        told = await channels(house, "forbid", channel=str(clips.id))
        assert f"<#{clips.id}> is no longer allowed" in told
        await refused(house, clips)

        assert "in every channel from now on" in await channels(house, "everywhere")
        await house.delivered(await house.animate(channel=clips))
    assert recorded(house) == [
        ("channel", clips.id, None, ALLOWED),
        ("channel", general.id, None, ALLOWED),
        ("channel", clips.id, ALLOWED, None),
        ("guild", 0, f'{{"allowed": "{general.id}"}}', None),
    ]


async def test_what_changes_nothing_is_told_and_not_recorded(house: House) -> None:
    general, clips = place(house, "general"), place(house, "clips")
    async with house.bot():
        assert "already" in await channels(house, "everywhere")
        told = await channels(house, "forbid", channel=f"<#{clips.id}>")
        assert "allowed in every channel now" in told
        assert "Nothing was changed" in told
        await channels(house, "allow", channel=clips)
        await channels(house, "allow", channel=clips)
        told = await channels(house, "forbid", channel=str(general.id))
        assert f"<#{general.id}> is not among the channels" in told
        told = await channels(house, "forbid", channel="the other one")
        assert "That is not among the channels" in told
        told = await channels(house, "forbid", channel=str(clips.id))
        assert "the only one that is allowed" in told
        assert "Nothing was changed" in told
        await refused(house, general)
    assert len(recorded(house)) == 1


async def test_a_deleted_channel_is_shown_as_such_and_can_be_forbidden(house: House) -> None:
    helper = house.member("helper")
    gone, clips = house.discord.add_channel("gone"), place(house, "clips")
    async with house.bot():
        await channels(house, "allow", channel=gone)
        await channels(house, "allow", channel=clips)
        house.discord.delete_channel(gone)
        listed = await channels(house, "list")
        assert f"- <#{gone.id}> (deleted or hidden from me: `{gone.id}`)" in listed
        asked = await house.discord.autocomplete(
            helper, house.clips, "clips channels forbid", {"channel": "DELETED"}, "channel"
        )
        assert [it["value"] for it in asked.choices or ()] == [str(gone.id)]
        told = await channels(house, "forbid", channel=str(gone.id))
        assert told.endswith(f"only in:\n- <#{clips.id}>")
        asked = await house.discord.autocomplete(
            helper, house.clips, "clips channels forbid", {"channel": ""}, "channel"
        )
        assert [it["name"] for it in asked.choices or ()] == ["#clips"]


async def test_what_the_bot_lacks_in_an_allowed_channel_is_said(house: House) -> None:
    async with house.bot():
        told = await channels(house, "allow", channel=place(house, "mods"))
        assert "I need **View Channel**, **Send Messages** and **Attach Files** there" in told
        assert "I need" not in await channels(house, "allow", channel=place(house, "clips"))


async def test_a_long_list_is_cut_and_counted(house: House) -> None:
    made = [house.discord.add_channel(f"number-{number}") for number in range(100)]
    async with house.bot():
        for channel in made:
            await channels(house, "allow", channel=channel)
        told = await channels(house, "list")
        assert len(told) <= 2000
        assert told.splitlines()[-1].startswith("- and ")
        full = await channels(house, "allow", channel=place(house, "clips"))
        assert "100 are allowed already" in full
    assert len(recorded(house)) == 100


async def test_members_are_refused_where_the_command_is_shown_to_them(house: House) -> None:
    clips = place(house, "clips")
    house.discord.world.guild.command_grants["clips"] = {house.mia.id: True}
    async with house.bot():
        for command, options in (
            ("allow", {"channel": clips}),
            ("forbid", {"channel": str(clips.id)}),
            ("everywhere", {}),
            ("list", {}),
        ):
            told = await channels(house, command, house.mia, **options)
            assert "**Manage Messages**" in told
    assert house.query("SELECT * FROM allowed_channels") == []
