"""*Report* under a clip: what the reporter is told, and what moderators read and press."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.decided import decide
from tests.e2e.buttons_play import labels, press, private, shown
from tests.e2e.test_notices import log_channel

if TYPE_CHECKING:
    import pytest

    from playground.discord import Interaction, Member, Message
    from tests.house import House


async def report(house: House, clip: Message, member: Member) -> Interaction:
    """The answer to the button."""
    details = await private(house, await press(house, clip, "More", member))
    return await press(house, details, "Report", member)


async def test_a_report_reaches_moderators_once_who_remove_the_clip_by_a_press(
    house: House,
) -> None:
    noah, morgan, there = house.member("noah"), house.member("moderator"), log_channel(house)
    async with house.bot():
        clip = await shown(house)
        told = await private(house, await report(house, clip, noah))
        assert "named no channel for reports" in told.content
    await decide(house, log_channel_id=there.id)
    async with house.bot():
        form = await report(house, clip, noah)
        sent = await house.discord.submit_modal(form, {"reason": "that is *me*"})
        assert "the moderators have your report" in (await private(house, sent)).content
        twice = await house.discord.submit_modal(form, {"reason": "again"})
        assert "reported this clip already" in (await private(house, twice)).content
        found = await house.discord.wait_for(
            lambda: [m for m in there.messages.values() if "reports a clip" in m.content]
        )
        (message,) = found
        assert (
            f"<@{noah.id}> reports a clip of <@{house.mia.id}>:** that is \\*me\\*"
            in message.content
        )
        assert f"{clip.channel.guild.id}/{clip.channel.id}/{clip.id}" in message.content
        assert labels(message) == ["Remove clip"]
        opened = await press(house, message, "Remove clip", morgan)
        removed = await house.discord.submit_modal(
            opened, {"refund": "no", "remember": "no", "reason": "reported"}
        )
        assert "I removed clip **#1**" in (await private(house, removed)).content
        assert clip.deleted
    assert house.query("SELECT removed_by FROM jobs") == [(morgan.id,)]


async def test_nobody_floods_the_moderators(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.guilds.clip_reports.MOST_A_DAY", 1)
    await decide(house, log_channel_id=log_channel(house).id)
    noah = house.member("noah")
    async with house.bot():
        first, second = [await shown(house) for _ in range(2)]
        form = await report(house, first, noah)
        await house.discord.submit_modal(form, {"reason": "rude"})
        refused = await private(house, await report(house, second, noah))
        assert "many clips today" in refused.content
        house.pass_time(days=1, seconds=1)
        assert (await report(house, second, noah)).modal is not None
