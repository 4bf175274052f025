"""Time zones by the names that people type."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from bot.guilds.errors import UnknownTimeZoneError

_NEAR: Final = 3


def find_time_zone(typed: str) -> ZoneInfo:
    """Return the zone of that name, or of the only place of that name; case does not matter.

    The first call reads the names of all zones from disk, for some tens of milliseconds.

    Raises:
        UnknownTimeZoneError: There is none; the error has the nearest names.
    """
    words = _folded(typed)
    names = _names()
    if words in names:
        return ZoneInfo(names[words])
    places = _places()
    if len(places.get(words, ())) == 1:
        return ZoneInfo(places[words][0])
    close = get_close_matches(words, [*names, *places], n=2 * _NEAR, cutoff=0.6)
    near = [*places.get(words, ())]
    for word in close:
        near += [names[word]] if word in names else places[word]
    raise UnknownTimeZoneError(typed, tuple(dict.fromkeys(near))[:_NEAR])


def _folded(name: str) -> str:
    return "_".join(name.split()).casefold()


@cache
def _names() -> dict[str, str]:
    return {_folded(name): name for name in sorted(available_timezones())}


@cache
def _places() -> dict[str, list[str]]:
    """Return the zones of each place, without the names that are kept for old programs."""
    found: dict[str, list[str]] = {}
    for name in _names().values():
        region, _, place = name.partition("/")
        if place and region not in {"Etc", "SystemV", "US", "posix", "right"}:
            found.setdefault(_folded(place.rpartition("/")[2]), []).append(name)
    return found
