from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.base import DURATIONS, RESOLUTIONS
from bot.base.errors import UnknownChoiceError
from bot.guilds.errors import SettingAboveMaximumError, SettingRangeError, UnknownTimeZoneError
from bot.guilds.guild_settings import MEMBER_AT_ONCE, GuildSettings
from bot.guilds.languages import GuildLanguages
from bot.guilds.settings_service import HIGHEST, Setting, SettingsService
from bot.guilds.time_zones import find_time_zone
from bot.jobs.animate_options import AnimateOptions
from bot.requests.admission import fill_in_defaults
from tests.bot.rows import GUILD, MIA, NOON, rows

if TYPE_CHECKING:
    from bot.base.database import Database

pytestmark = pytest.mark.usefixtures("bystanders")
KEPT = "{}"


@pytest.fixture
def server(database: Database) -> SettingsService:
    return SettingsService(
        database, lambda: NOON, GuildLanguages({}), lambda: None, lambda *_: KEPT
    )


async def recorded(database: Database) -> list[tuple[Any, Any]]:
    found = await rows(database, "SELECT * FROM audit ORDER BY id")
    assert {(row["guild_id"], row["actor_id"], row["action"]) for row in found} <= {
        (GUILD, MIA, "settings")
    }
    return [(json.loads(row["before_json"]), json.loads(row["after_json"])) for row in found]


EACH: dict[Setting, Any] = {
    Setting.DEFAULT_RESOLUTION: "720p",
    Setting.DEFAULT_DURATION: 10,
    Setting.HIGHEST_RESOLUTION: "720p",
    Setting.LONGEST_DURATION: 5,
    Setting.TIME_ZONE: "Asia/Tokyo",
    Setting.LANGUAGE: "de",
    Setting.LOG_CHANNEL: 77,
    Setting.LOG_ACTS: 0,
    Setting.ALERT_ROLE: 78,
    Setting.MEMBER_AT_ONCE: 1,
    Setting.GUILD_AT_ONCE: 100,
    Setting.QUEUE_LENGTH: 1000,
    Setting.OTHERS_PICTURES: "never",
}


@pytest.mark.parametrize("setting", Setting)
async def test_each_setting_is_kept_recorded_and_brought_back(
    database: Database, server: SettingsService, setting: Setting
) -> None:
    default = getattr(GuildSettings(), setting)
    changed = await server.change(GUILD, MIA, {setting: EACH[setting]})
    kept = getattr(await server.get(GUILD), setting)
    assert getattr(kept, "key", kept) == EACH[setting]
    assert (changed.before, changed.after) == ({setting: default}, {setting: EACH[setting]})

    await server.change(GUILD, MIA, {setting: EACH[setting]})
    await server.change(GUILD, MIA, {setting: None})
    kept_windows = KEPT if setting is Setting.TIME_ZONE else None
    assert await server.get(GUILD) == GuildSettings(kept_windows=kept_windows)
    assert await recorded(database) == [
        ({setting: default}, {setting: EACH[setting]}),
        ({setting: EACH[setting]}, {setting: default}),
    ]


async def test_what_is_set_to_its_default_is_no_change(
    database: Database, server: SettingsService
) -> None:
    changed = await server.change(GUILD, MIA, {Setting.MEMBER_AT_ONCE: MEMBER_AT_ONCE})
    assert (changed.before, changed.after) == ({}, {})
    assert await recorded(database) == []


async def test_guilds_do_not_see_each_other(server: SettingsService) -> None:
    await server.change(GUILD + 1, MIA, {Setting.QUEUE_LENGTH: 1})
    assert await server.get(GUILD) == GuildSettings()


@pytest.mark.parametrize("setting", HIGHEST)
@pytest.mark.parametrize("value", [0, -1, 10_000, "5"])
async def test_numbers_have_bounds(
    database: Database, server: SettingsService, setting: Setting, value: int | str
) -> None:
    with pytest.raises(SettingRangeError) as refused:
        await server.change(GUILD, MIA, {Setting.LANGUAGE: "de", setting: value})
    assert (refused.value.name, refused.value.highest) == (setting, HIGHEST[setting])
    assert await server.get(GUILD) == GuildSettings()
    assert await recorded(database) == []


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        (Setting.DEFAULT_RESOLUTION, "4320p"),
        (Setting.HIGHEST_RESOLUTION, 720),
        (Setting.DEFAULT_DURATION, 7),
        (Setting.LONGEST_DURATION, "5"),
    ],
)
async def test_what_nobody_offers_is_refused(
    server: SettingsService, setting: Setting, value: int | str
) -> None:
    with pytest.raises(UnknownChoiceError):
        await server.change(GUILD, MIA, {setting: value})


async def test_a_default_follows_a_ceiling_and_may_not_pass_it(
    database: Database, server: SettingsService
) -> None:
    await server.change(
        GUILD, MIA, {Setting.DEFAULT_RESOLUTION: "1080p", Setting.DEFAULT_DURATION: 10}
    )
    changed = await server.change(GUILD, MIA, {Setting.HIGHEST_RESOLUTION: "720p"})
    assert changed.after == {
        Setting.DEFAULT_RESOLUTION: "720p",
        Setting.HIGHEST_RESOLUTION: "720p",
    }
    for wanted in (
        {Setting.DEFAULT_RESOLUTION: "1080p"},
        {Setting.LONGEST_DURATION: 5, Setting.DEFAULT_DURATION: 10},
    ):
        with pytest.raises(SettingAboveMaximumError):
            await server.change(GUILD, MIA, wanted)
    assert (await server.get(GUILD)).default_duration == 10
    assert len(await recorded(database)) == 2


async def test_both_at_once_are_weighed_together(server: SettingsService) -> None:
    await server.change(GUILD, MIA, {Setting.HIGHEST_RESOLUTION: "720p"})
    changed = await server.change(
        GUILD, MIA, {Setting.DEFAULT_RESOLUTION: "1080p", Setting.HIGHEST_RESOLUTION: None}
    )
    assert changed.settings.default_resolution == "1080p"


@given(
    highest=st.sampled_from([None, *RESOLUTIONS]),
    longest=st.sampled_from([None, *DURATIONS]),
    default=st.sampled_from([None, *RESOLUTIONS]),
    usual=st.sampled_from([None, *DURATIONS]),
)
def test_whatever_is_set_a_request_without_a_wish_is_let_in(
    highest: Any, longest: Any, default: Any, usual: Any
) -> None:
    settings = GuildSettings(
        default_resolution=default,
        default_duration=usual,
        highest_resolution=highest,
        longest_duration=longest,
    )
    options = fill_in_defaults(settings, AnimateOptions())
    assert options.resolution is not None
    assert options.duration is not None
    assert RESOLUTIONS.index(options.resolution) <= RESOLUTIONS.index(highest or "1080p")
    assert options.duration <= (longest or 10)


ZONES = {
    "Europe/Berlin": "Europe/Berlin",
    "europe/berlin": "Europe/Berlin",
    "  Berlin ": "Europe/Berlin",
    "new york": "America/New_York",
    "Los_Angeles": "America/Los_Angeles",
    "UTC": "UTC",
    "utc": "UTC",
}


@pytest.mark.parametrize(("typed", "name"), ZONES.items())
def test_a_zone_is_found_by_its_name_or_its_city(typed: str, name: str) -> None:
    assert find_time_zone(typed).key == name


MISTYPED = {
    "Berln": "Europe/Berlin",
    "Europ/Berln": "Europe/Berlin",
    "Sydny": "Australia/Sydney",
    "buenos aires": "America/Argentina/Buenos_Aires",
}


@pytest.mark.parametrize(("typed", "near"), MISTYPED.items())
def test_a_mistyped_zone_brings_the_near_ones(typed: str, near: str) -> None:
    with pytest.raises(UnknownTimeZoneError) as refused:
        find_time_zone(typed)
    assert refused.value.near[0] == near
    assert len(refused.value.near) <= 3
    assert refused.value.typed == typed


@given(st.one_of(st.text(max_size=40), st.sampled_from(["../UTC", "/etc/passwd", "\0", "Europe/"])))
def test_no_name_breaks_it(typed: str) -> None:
    with suppress(UnknownTimeZoneError):
        find_time_zone(typed)
