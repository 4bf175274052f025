from __future__ import annotations

from typing import Any

import discord
import pytest

from cogs.animate.from_interaction import channel_ids_of

GUILD, CHANNEL, CATEGORY, THREAD = 1, 2, 3, 4


@pytest.fixture
def guild() -> discord.Guild:
    client = discord.Client(intents=discord.Intents.none())
    data: Any = {"id": str(GUILD), "unavailable": True}
    return discord.Guild(data=data, state=client._connection)


def channel_of(guild: discord.Guild) -> discord.TextChannel:
    data: Any = {"id": CHANNEL, "type": 0, "name": "c", "position": 0, "parent_id": CATEGORY}
    return discord.TextChannel(state=guild._state, guild=guild, data=data)


def thread_of(guild: discord.Guild) -> discord.Thread:
    data: Any = {
        "id": THREAD,
        "type": 11,
        "name": "t",
        "parent_id": CHANNEL,
        "owner_id": 9,
        "message_count": 0,
        "member_count": 1,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 60,
            "archive_timestamp": "2026-11-22T12:00:00+00:00",
        },
    }
    return discord.Thread(state=guild._state, guild=guild, data=data)


def test_a_channel_is_in_its_category(guild: discord.Guild) -> None:
    assert channel_ids_of(channel_of(guild)) == {CHANNEL, CATEGORY}


def test_a_thread_is_in_its_channel_and_that_ones_category(guild: discord.Guild) -> None:
    guild._add_channel(channel_of(guild))
    assert channel_ids_of(thread_of(guild)) == {THREAD, CHANNEL, CATEGORY}


def test_a_thread_of_a_channel_that_the_bot_was_not_shown_is_in_that(guild: discord.Guild) -> None:
    assert channel_ids_of(thread_of(guild)) == {THREAD, CHANNEL}


def test_there_may_be_no_channel() -> None:
    assert channel_ids_of(None) == frozenset()
