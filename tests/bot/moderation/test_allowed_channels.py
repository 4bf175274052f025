from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.guilds.guild_settings import GuildSettings
from bot.jobs.animate_options import AnimateOptions
from bot.moderation import allowed_channels
from bot.moderation.channel_service import MAX_ALLOWED_CHANNELS, ChannelService
from bot.moderation.errors import AllowedChannelError, AllowedChannelProblem
from bot.requests import admission
from bot.requests.errors import ChannelNotAllowedError
from tests.bot.rows import GUILD, MIA, NOON, request, rows

if TYPE_CHECKING:
    from bot.base.database import Database, Transaction

pytestmark = pytest.mark.usefixtures("bystanders")

CHANNEL, OTHER, CATEGORY = 30, 31, 32
WISH = AnimateOptions()


@pytest.fixture
def places(database: Database) -> ChannelService:
    return ChannelService(database, lambda: NOON)


async def is_let_in(database: Database, *within: int) -> bool:
    """Whether a request from places that are within one another is let in."""
    asked = replace(request(WISH), channel_ids=frozenset(within))

    def passes(tx: Transaction) -> bool:
        try:
            admission.check_access(tx, GuildSettings(), asked, NOON)
        except ChannelNotAllowedError:
            return False
        return True

    return await database.read(passes)


async def recorded(database: Database) -> list[tuple[str, int, object, object]]:
    found = await rows(database, "SELECT * FROM audit ORDER BY id")
    assert {(row["guild_id"], row["actor_id"], row["action"]) for row in found} <= {
        (GUILD, MIA, "channels")
    }
    return [
        (
            row["subject_kind"],
            row["subject_id"],
            json.loads(row["before_json"] or "null"),
            json.loads(row["after_json"] or "null"),
        )
        for row in found
    ]


async def test_without_a_word_it_is_everywhere(database: Database, places: ChannelService) -> None:
    assert await places.allowed(GUILD) == frozenset()
    assert await is_let_in(database, CHANNEL)


async def test_a_channel_a_thread_in_it_and_a_category_are_let_in(
    database: Database, places: ChannelService
) -> None:
    await places.allow(GUILD, MIA, CHANNEL)
    assert await is_let_in(database, CHANNEL)
    assert await is_let_in(database, 99, CHANNEL)
    assert not await is_let_in(database, OTHER, CATEGORY)
    await places.allow(GUILD, MIA, CATEGORY)
    assert await is_let_in(database, OTHER, CATEGORY)
    assert await is_let_in(database, 99, OTHER, CATEGORY)
    assert not await is_let_in(database, 99, OTHER)


async def test_the_refusal_names_where_it_is_allowed(
    database: Database, places: ChannelService
) -> None:
    await places.allow(GUILD, MIA, OTHER)
    await places.allow(GUILD, MIA, CATEGORY)

    with pytest.raises(ChannelNotAllowedError) as refused:
        await database.read(
            lambda tx: admission.check_access(tx, GuildSettings(), request(WISH), NOON)
        )
    assert refused.value.allowed == {OTHER, CATEGORY}


async def test_each_change_is_recorded_and_no_change_is_not(
    database: Database, places: ChannelService
) -> None:
    allowed = {"allowed": True}
    assert await places.allow(GUILD, MIA, CHANNEL) == {CHANNEL}
    assert await places.allow(GUILD, MIA, CHANNEL) == {CHANNEL}
    assert await places.allow(GUILD, MIA, OTHER) == {CHANNEL, OTHER}
    assert await places.forbid(GUILD, MIA, CHANNEL) == {OTHER}
    assert await places.allow_everywhere(GUILD, MIA) == {OTHER}
    assert await places.allow_everywhere(GUILD, MIA) == frozenset()
    assert await places.allowed(GUILD) == frozenset()
    assert await recorded(database) == [
        ("channel", CHANNEL, None, allowed),
        ("channel", OTHER, None, allowed),
        ("channel", CHANNEL, allowed, None),
        ("guild", 0, {"allowed": str(OTHER)}, None),
    ]


async def test_guilds_do_not_see_each_other(database: Database, places: ChannelService) -> None:
    await places.allow(GUILD + 1, MIA, OTHER)
    assert await is_let_in(database, CHANNEL)
    await places.allow(GUILD, MIA, CHANNEL)
    await places.allow_everywhere(GUILD, MIA)
    assert await places.allowed(GUILD + 1) == {OTHER}


@pytest.mark.parametrize(
    ("allowed", "within", "problem"),
    [
        ([], [], AllowedChannelProblem.EVERYWHERE),
        ([CHANNEL], [], AllowedChannelProblem.LAST),
        ([OTHER], [], AllowedChannelProblem.NOT_ALLOWED),
        ([OTHER], [CATEGORY], AllowedChannelProblem.NOT_ALLOWED),
        ([CATEGORY], [CATEGORY], AllowedChannelProblem.BY_CATEGORY),
    ],
)
async def test_what_cannot_be_forbidden_stays(
    database: Database,
    places: ChannelService,
    allowed: list[int],
    within: list[int],
    problem: AllowedChannelProblem,
) -> None:
    for channel in allowed:
        await places.allow(GUILD, MIA, channel)
    with pytest.raises(AllowedChannelError) as refused:
        await places.forbid(GUILD, MIA, CHANNEL, within)
    assert (refused.value.problem, refused.value.channel_id) == (problem, CHANNEL)
    assert await places.allowed(GUILD) == set(allowed)
    assert len(await recorded(database)) == len(allowed)


async def test_there_are_no_more_than_so_many(database: Database, places: ChannelService) -> None:
    await database.write(
        lambda tx: allowed_channels.replace(tx, GUILD, range(100, 100 + MAX_ALLOWED_CHANNELS))
    )
    with pytest.raises(AllowedChannelError) as refused:
        await places.allow(GUILD, MIA, CHANNEL)
    assert refused.value.problem is AllowedChannelProblem.TOO_MANY
    assert len(await places.allowed(GUILD)) == MAX_ALLOWED_CHANNELS
