from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.requests.request import Place
from cogs.animate.from_interaction import place_of
from cogs.interactions.channel_rights import HIDDEN_NAME

GUILD, CHANNEL, CATEGORY, THREAD = 1, 2, 3, 4


@pytest.fixture
def guild() -> discord.Guild:
    client = discord.Client(intents=discord.Intents.none())
    data: Any = {"id": str(GUILD), "unavailable": True}
    return discord.Guild(data=data, state=client._connection)


def channel_of(guild: discord.Guild, kind: int = 0, **fields: Any) -> Any:
    data: Any = {"id": CHANNEL, "type": kind, "name": "c", "position": 0, "parent_id": CATEGORY}
    factory, _ = discord.channel._guild_channel_factory(kind)
    assert factory is not None
    more = {"bitrate": 64_000, "user_limit": 0, "available_tags": []}
    return factory(state=guild._state, guild=guild, data=data | more | fields)


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


TEXT, VOICE, NEWS, STAGE, FORUM = 0, 2, 5, 13, 15


@pytest.mark.parametrize("kind", [TEXT, VOICE, NEWS, STAGE, FORUM])
def test_a_channel_is_in_its_category(guild: discord.Guild, kind: int) -> None:
    assert place_of(channel_of(guild, kind)) == Place((CHANNEL, CATEGORY))
    restricted = channel_of(guild, kind, nsfw=True)
    assert place_of(restricted) == Place((CHANNEL, CATEGORY), is_age_restricted=True)


@pytest.mark.parametrize("kind", [TEXT, NEWS, FORUM])
def test_a_thread_is_in_its_channel_and_that_ones_category(guild: discord.Guild, kind: int) -> None:
    guild._add_channel(channel_of(guild, kind, nsfw=True))
    assert place_of(thread_of(guild)) == Place((THREAD, CHANNEL, CATEGORY), is_age_restricted=True)


def test_a_thread_of_a_channel_that_the_bot_was_not_shown_is_in_that(guild: discord.Guild) -> None:
    assert place_of(thread_of(guild)) == Place((THREAD, CHANNEL), is_age_restricted=None)


def test_of_a_hidden_channel_its_place_is_known_and_no_more(guild: discord.Guild) -> None:
    guild._add_channel(channel_of(guild, name=HIDDEN_NAME))
    assert place_of(guild.get_channel(CHANNEL)) == Place((CHANNEL, CATEGORY), None)
    assert place_of(thread_of(guild)) == Place((THREAD, CHANNEL, CATEGORY), None)


def test_there_may_be_no_channel() -> None:
    assert place_of(None) == Place((), is_age_restricted=None)
