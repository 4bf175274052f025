"""A house whose bot answers whoever watches it, at a port of its own."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING, Any

import aiohttp

from bot.monitoring import metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house import House


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def watch(house: House) -> None:
    """Have the bots of a house answer."""
    house.overrides["health_address"] = f"127.0.0.1:{free_port()}"


def series() -> dict[str, set[str]]:
    """The names of all series that the bot tells, each with its labels."""
    gauges = [it for it in vars(metrics).values() if isinstance(it, metrics.Definition)]
    found = {it.name: set(it.labels) for it in (*gauges, *metrics.FACTS.values())}
    for it in metrics.COUNTERS.values():
        found[f"{it.name}_total"] = set(it.labels)
    for it in metrics.HISTOGRAMS.values():
        for ending, more in (("bucket", {"le"}), ("sum", set()), ("count", set())):
            found[f"{it.name}_{ending}"] = {*it.labels, *more}
    return {metrics.PREFIX + name: labels for name, labels in found.items()}


async def get(house: House, path: str) -> tuple[int, str]:
    """The status and the text of a page."""
    address = house.settings().health_address
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{address}{path}") as response,
    ):
        return response.status, await response.text()


async def health(house: House) -> tuple[int, dict[str, Any]]:
    """The status of `/healthz` and what it says."""
    status, text = await get(house, "/healthz")
    return status, json.loads(text)


async def is_well(house: House, failing: str | None = None) -> dict[str, Any]:
    """Wait until all checks are passed, or just the one that is named is not; return them."""

    def is_so(status: int, checks: dict[str, Any]) -> bool:
        wrong = [name for name, check in checks.items() if not check["ok"]]
        return (status, wrong) == ((200, []) if failing is None else (503, [failing]))

    return await _until(house, is_so)


async def _until(house: House, is_so: Callable[[int, dict[str, Any]], bool]) -> dict[str, Any]:
    told: object = None
    try:
        async with asyncio.timeout(60):
            while True:
                told = status, found = await health(house)
                if is_so(status, found["checks"]):
                    return dict(found["checks"])
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"never so, at last: {told}") from None
