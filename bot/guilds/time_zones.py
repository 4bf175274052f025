"""Time zones, found by the names that people type."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from bot.guilds.errors import UnknownTimeZoneError

_MAX_SUGGESTIONS: Final = 3


def find_time_zone(typed: str) -> ZoneInfo:
    """The zone of that name, or of the only city of that name; case does not matter.

    The first call reads the names of all zones from disk, for some tens of milliseconds.

    Raises:
        UnknownTimeZoneError: There is none; the error has the nearest names.
    """
    name = _folded(typed)
    zones, cities = _zones(), _zones_by_city()
    if name in zones:
        return ZoneInfo(zones[name])
    if len(cities.get(name, ())) == 1:
        return ZoneInfo(cities[name][0])
    near = [*cities.get(name, ())]
    # Twice as many, since a zone and its city often both come close.
    for close in get_close_matches(name, [*zones, *cities], n=2 * _MAX_SUGGESTIONS, cutoff=0.6):
        near += [zones[close]] if close in zones else cities[close]
    raise UnknownTimeZoneError(typed, tuple(dict.fromkeys(near))[:_MAX_SUGGESTIONS])


def _folded(name: str) -> str:
    return "_".join(name.split()).casefold()


@cache
def _zones() -> dict[str, str]:
    return {_folded(name): name for name in sorted(available_timezones())}


@cache
def _zones_by_city() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in _zones().values():
        region, _, city = name.partition("/")
        # Names in these regions are kept for old programs, and would make a city ambiguous.
        if city and region not in {"Etc", "SystemV", "US", "posix", "right"}:
            found.setdefault(_folded(city.rpartition("/")[2]), []).append(name)
    return found
