"""`/metrics` says what happened, and what the database says, to Prometheus' own parser."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

from bot.base import Limit
from tests.watching import get, series, watch

if TYPE_CHECKING:
    from tests.house import House

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


async def scrape(house: House) -> Samples:
    status, text = await get(house, "/metrics")
    assert status == 200, text
    return {
        (
            sample.name.removeprefix("animate_bot_"),
            tuple(sorted(sample.labels.items())),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((name, tuple(sorted(labels.items()))))


async def test_a_scrape_says_what_happened(house: House) -> None:
    watch(house)
    house.overrides["owner_budget_usd_per_month"] = 25_000_000
    noah = house.member("noah")
    async with house.bot():
        before = await scrape(house)
        assert value(before, "requests_total", outcome="accepted") is None
        assert value(before, "month_ceiling_usd") == 25
        assert value(before, "month_spent_usd") == 0
        assert value(before, "check_ok", check="gateway") == 1
        await house.delivered(await house.animate())
        await house.settled()
        house.pika.behaviour.refuse_at_submit = "content_moderation"
        failing = await house.animate(noah)
        await house.told(failing.original, "content rules refused")
        await house.settled()
        house.pika.behaviour.refuse_at_submit = None
        house.pika.behaviour.render_seconds = math.inf
        waiting = await house.animate(noah)
        await house.told(waiting.original, "Rendering")
        after = await scrape(house)
        text = (await get(house, "/metrics"))[1]
    clip = {"provider": "pika", "model": "Pika 2.5", "resolution": "720p", "duration": "5"}
    assert value(after, "requests_total", outcome="accepted") == 3
    assert value(after, "clips_ended_total", state="delivered", **clip) == 1
    assert value(after, "clips_ended_total", state="failed", **clip) == 1
    assert value(after, "clip_failures_total", reason="moderated", provider="pika") == 1
    assert value(after, "open_clips", state="rendering", provider="pika") == 1
    assert value(after, "month_spent_usd") == 0.4
    assert value(after, "doubts") == 0
    for phase in ("queue", "render", "delivery", "total"):
        assert value(after, "phase_seconds_count", phase=phase, provider="pika") == 1
    told = {name for name, _ in after if not name.startswith(("process_", "python_"))}
    assert told <= {it.removeprefix("animate_bot_") for it in series()}
    in_all = {"phase": "total", "provider": "pika", "le": "+Inf"}
    assert value(after, "phase_seconds_bucket", **in_all) == 1
    assert (value(after, "discord_answers_total", status="200") or 0) > 3
    assert (value(after, "pika_answers_total", provider="pika", status="200") or 0) > 1
    assert value(after, "gateway_connections_total", session="begun") == 1
    for member in (house.mia, noah):
        assert str(member.id) not in text
        assert member.user.username not in text
    assert str(house.discord.world.guild.id) not in text


async def test_refusals_and_stopped_orders_are_told(house: House) -> None:
    watch(house)
    house.overrides["default_limit"] = Limit.parse("1 clip a day")
    house.pika.behaviour.refuse_at_submit = "insufficient_balance"
    async with house.bot():
        await house.animate()
        async with asyncio.timeout(60):
            while value(found := await scrape(house), "orders_stopped", **STOPPED) != 1:
                await asyncio.sleep(0.05)
        await house.refused(await house.animate(house.member("noah")), "takes no orders")
        found = await scrape(house)
    assert value(found, "requests_total", outcome="orders_stopped") == 1


STOPPED = {"provider": "pika", "reason": "credit"}
