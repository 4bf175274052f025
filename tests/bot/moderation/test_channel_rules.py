from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.guilds import guild_settings
from bot.guilds.guild_settings import AgeRestriction
from bot.jobs.animate_options import AnimateOptions
from bot.moderation import channel_rules
from bot.moderation.channel_rules import Verdict
from bot.moderation.channel_service import MAX_CHANNEL_RULES, ChannelService
from bot.moderation.errors import ChannelRuleError, ChannelRuleProblem
from bot.requests import admission
from bot.requests.errors import AgeRestrictionError, ChannelNotAllowedError
from bot.requests.request import Place
from tests.bot.rows import GUILD, MIA, NOON, request, rows

if TYPE_CHECKING:
    from bot.base.database import Database, Transaction

pytestmark = pytest.mark.usefixtures("bystanders")

CHANNEL, OTHER, CATEGORY, THREAD = 30, 31, 32, 99
ALLOW, EXCEPT, FORBID = Verdict.ALLOW, Verdict.EXCEPT, Verdict.FORBID
OPTIONS = AnimateOptions()


@pytest.fixture
def places(database: Database) -> ChannelService:
    return ChannelService(database, lambda: NOON)


async def is_let_in(database: Database, *within: int, aged: bool | None = False) -> bool:
    """Whether a request from a place is let in; its ids are from the nearest to the widest."""
    asked = replace(request(OPTIONS), place=Place(within, is_age_restricted=aged))

    def passes(tx: Transaction) -> bool:
        try:
            admission.check_access(tx, guild_settings.get(tx, GUILD), asked, NOON)
        except (ChannelNotAllowedError, AgeRestrictionError):
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
    assert (await places.rules(GUILD)).verdicts == {}
    for aged in (True, False, None):
        assert await is_let_in(database, CHANNEL, aged=aged)


async def test_a_channel_a_thread_in_it_and_a_category_are_let_in(
    database: Database, places: ChannelService
) -> None:
    await places.allow(GUILD, MIA, CHANNEL)
    assert await is_let_in(database, CHANNEL)
    assert await is_let_in(database, THREAD, CHANNEL)
    assert not await is_let_in(database, OTHER, CATEGORY)
    await places.allow(GUILD, MIA, CATEGORY)
    assert await is_let_in(database, OTHER, CATEGORY)
    assert await is_let_in(database, THREAD, OTHER, CATEGORY)
    assert not await is_let_in(database, THREAD, OTHER)


async def test_what_is_forbidden_closes_nothing_else(
    database: Database, places: ChannelService
) -> None:
    await places.forbid(GUILD, MIA, CHANNEL)
    assert not await is_let_in(database, CHANNEL, CATEGORY)
    assert not await is_let_in(database, THREAD, CHANNEL, CATEGORY)
    assert await is_let_in(database, OTHER, CATEGORY)


async def test_a_channel_goes_before_its_category(
    database: Database, places: ChannelService
) -> None:
    await places.allow(GUILD, MIA, CATEGORY)
    await places.forbid(GUILD, MIA, CHANNEL)
    assert not await is_let_in(database, CHANNEL, CATEGORY)
    assert not await is_let_in(database, THREAD, CHANNEL, CATEGORY)
    assert await is_let_in(database, OTHER, CATEGORY)
    assert not await is_let_in(database, 7)


async def test_an_exception_to_a_forbidden_category_closes_nothing(
    database: Database, places: ChannelService
) -> None:
    await places.forbid(GUILD, MIA, CATEGORY)
    rules = await places.allow(GUILD, MIA, CHANNEL, CATEGORY)
    assert rules.verdicts == {CHANNEL: EXCEPT, CATEGORY: FORBID}
    assert await is_let_in(database, THREAD, CHANNEL, CATEGORY)
    assert not await is_let_in(database, OTHER, CATEGORY)
    assert await is_let_in(database, 7)
    # Nor once the category is open again.
    await places.remove(GUILD, MIA, CATEGORY)
    assert await is_let_in(database, OTHER, CATEGORY)


async def test_what_was_forbidden_alone_is_only_opened_again(
    database: Database, places: ChannelService
) -> None:
    await places.forbid(GUILD, MIA, CHANNEL)
    assert (await places.allow(GUILD, MIA, CHANNEL)).verdicts == {}
    await places.forbid(GUILD, MIA, CHANNEL)
    await places.allow(GUILD, MIA, OTHER)
    rules = await places.allow(GUILD, MIA, CHANNEL)
    assert rules.verdicts == {CHANNEL: ALLOW, OTHER: ALLOW}
    assert not await is_let_in(database, 7)


@pytest.mark.parametrize(
    ("restriction", "passing"),
    [
        (AgeRestriction.ANY, {True, False, None}),
        (AgeRestriction.ONLY, {True}),
        (AgeRestriction.NEVER, {False}),
    ],
)
async def test_the_age_restriction_decides_beside_the_channels(
    database: Database, places: ChannelService, restriction: AgeRestriction, passing: set[object]
) -> None:
    rules = await places.restrict_by_age(GUILD, MIA, restriction)
    assert rules.age_restriction is restriction
    for aged in (True, False, None):
        assert await is_let_in(database, CHANNEL, aged=aged) is (aged in passing)
    await places.allow(GUILD, MIA, OTHER)
    assert not await is_let_in(database, CHANNEL, aged=True)
    assert not await is_let_in(database, CHANNEL, aged=False)


async def test_the_refusal_names_where_it_is_allowed(
    database: Database, places: ChannelService
) -> None:
    await places.allow(GUILD, MIA, OTHER)
    await places.allow(GUILD, MIA, CATEGORY)
    await places.forbid(GUILD, MIA, CHANNEL)
    settings = guild_settings.GuildSettings()
    with pytest.raises(ChannelNotAllowedError) as refused:
        await database.read(lambda tx: admission.check_access(tx, settings, request(OPTIONS), NOON))
    assert refused.value.allowed == {OTHER, CATEGORY}


async def test_each_change_is_recorded_and_no_change_is_not(
    database: Database, places: ChannelService
) -> None:
    allowed, forbidden = {"allowed": True}, {"allowed": False}
    for _ in range(2):
        assert (await places.allow(GUILD, MIA, CHANNEL)).verdicts == {CHANNEL: ALLOW}
    await places.allow(GUILD, MIA, OTHER)
    for _ in range(2):
        await places.forbid(GUILD, MIA, CHANNEL)
    await places.allow(GUILD, MIA, CHANNEL)
    await places.remove(GUILD, MIA, CHANNEL)
    await places.forbid(GUILD, MIA, CATEGORY)
    for restriction in (AgeRestriction.ONLY, AgeRestriction.ONLY, AgeRestriction.ANY):
        await places.restrict_by_age(GUILD, MIA, restriction)
    before = {OTHER: ALLOW, CATEGORY: FORBID}
    assert (await places.allow_everywhere(GUILD, MIA)).verdicts == before
    assert (await places.allow_everywhere(GUILD, MIA)).verdicts == {}
    assert await recorded(database) == [
        ("channel", CHANNEL, None, allowed),
        ("channel", OTHER, None, allowed),
        ("channel", CHANNEL, allowed, forbidden),
        ("channel", CHANNEL, forbidden, allowed),
        ("channel", CHANNEL, allowed, None),
        ("channel", CATEGORY, None, forbidden),
        ("guild", 0, {"age_restricted": "any"}, {"age_restricted": "only"}),
        ("guild", 0, {"age_restricted": "only"}, {"age_restricted": "any"}),
        ("guild", 0, {"allowed": str(OTHER), "forbidden": str(CATEGORY)}, None),
    ]


async def test_guilds_do_not_see_each_other(database: Database, places: ChannelService) -> None:
    await places.allow(GUILD + 1, MIA, OTHER)
    await places.restrict_by_age(GUILD + 1, MIA, AgeRestriction.ONLY)
    assert await is_let_in(database, CHANNEL)
    await places.allow(GUILD, MIA, CHANNEL)
    await places.forbid(GUILD, MIA, OTHER)
    await places.allow_everywhere(GUILD, MIA)
    assert (await places.rules(GUILD + 1)).verdicts == {OTHER: ALLOW}


async def test_the_last_that_is_allowed_is_not_forbidden_and_can_be_removed(
    database: Database, places: ChannelService
) -> None:
    await places.allow(GUILD, MIA, CHANNEL)
    await places.forbid(GUILD, MIA, OTHER)
    with pytest.raises(ChannelRuleError) as refused:
        await places.forbid(GUILD, MIA, CHANNEL)
    assert (refused.value.problem, refused.value.channel_id) == (ChannelRuleProblem.LAST, CHANNEL)
    assert (await places.remove(GUILD, MIA, CHANNEL)).verdicts == {OTHER: FORBID}
    assert await is_let_in(database, CHANNEL)
    with pytest.raises(ChannelRuleError) as refused:
        await places.remove(GUILD, MIA, CHANNEL)
    assert refused.value.problem is ChannelRuleProblem.NO_RULE


async def test_there_are_no_more_than_so_many(database: Database, places: ChannelService) -> None:
    def fill(tx: Transaction) -> None:
        for channel_id in range(100, 100 + MAX_CHANNEL_RULES):
            channel_rules.put(tx, GUILD, channel_id, ALLOW)

    await database.write(fill)
    for change in (places.allow, places.forbid):
        with pytest.raises(ChannelRuleError) as refused:
            await change(GUILD, MIA, CHANNEL)
        assert refused.value.problem is ChannelRuleProblem.TOO_MANY
    await places.forbid(GUILD, MIA, 100)
    assert len((await places.rules(GUILD)).verdicts) == MAX_CHANNEL_RULES
