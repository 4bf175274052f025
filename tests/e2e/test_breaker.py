"""A provider that takes no orders from this account: one refusal, and nobody orders any more."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.base import Limit, Timeouts
from playground.faults import Fault
from tests.e2e.test_quota_offers import custom_id
from tests.house import open_house, open_pika, shows_clip

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from playground.discord import Interaction, Member, Message
    from tests.house import House

WIRES = ["pika", "fal", "comfy", "comfy-proxy"]
PREFIX = {"pika": "pika", "fal": "fal", "comfy": "comfy", "comfy-proxy": "proxy"}
CHECK = {"pika": "check", "fal": "status", "comfy": "status", "comfy-proxy": "check"}
"""The operation of a check, which is also that of the free call."""
STOPPED = "takes no orders from this bot now"
PAGE = b"<html><title>Attention Required!</title></html>"
HOURS = Timeouts.ORDER_WAIT.total_seconds() / 3600


@pytest.fixture(params=WIRES)
async def wired(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[House, None]:
    async with open_house(tmp_path / "data", request.param) as house:
        yield house


def operation(house: House, name: str) -> str:
    return f"{PREFIX[house.pika.wire]}.{name}"


def probe_every(house: House, seconds: float) -> None:
    """The tests' own waiting times have five minutes, in which no test probes."""
    house.patience = replace(house.patience, probe=timedelta(seconds=seconds))


def page(name: str, times: int | None) -> Fault:
    """A page in front of the provider."""
    return Fault(name, "reply", times, 403, {"Content-Type": "text/html"}, PAGE)


def revoke_key(house: House) -> None:
    """Refuse the key at every operation, until the faults are cleared."""
    for name in ("submit", "upload", "initiate", CHECK[house.pika.wire]):
        refusal = Fault(operation(house, name), "reply", None, 401, body={"message": "no such key"})
        house.pika.faults.add(refusal)


def submits(house: House) -> int:
    wanted = operation(house, "submit")
    return sum(exchange.operation == wanted for exchange in house.pika.exchanges)


def orders_and_uploads(house: House) -> Counter[str]:
    free_call = operation(house, CHECK[house.pika.wire])
    return Counter(it.operation for it in house.pika.exchanges if it.operation != free_call)


async def is_taken(house: House, interaction: Interaction) -> bool:
    """Whether the clip is shown in the end, and its member was not refused."""
    original = interaction.original
    assert original is not None

    def refusals() -> list[Message]:
        said = [original, *interaction.followups]
        return [it for it in said if it.viewer is not None and STOPPED in it.content]

    await house.discord.wait_for(lambda: shows_clip(original) or refusals())
    return not refusals()


async def waits(house: House, interaction: Interaction) -> None:
    """The clip is back in line, where nobody claims it."""
    content = await house.told(interaction.original, STOPPED)
    assert "its owner has been told" in content
    assert "I keep your clip in line" in content
    await house.until("SELECT 1 FROM jobs WHERE state = 'queued' AND claim > 0")


async def is_refused(house: House, member: Member) -> None:
    """A request is refused for its member's eyes alone, and costs nothing anywhere."""
    at_pika, kinds = orders_and_uploads(house), house.kinds()
    at_discord = len(house.discord.exchanges)
    public = len(house.discord.visible(house.clips, house.member("moderator")))
    message = (await house.animate(member)).original
    assert message is not None
    assert message.viewer is member.user
    assert STOPPED in message.content
    assert "Please try again in an hour. Nothing was charged." in message.content
    assert len(house.discord.visible(house.clips, house.member("moderator"))) == public
    assert orders_and_uploads(house) == at_pika
    asked = [exchange.operation for exchange in house.discord.exchanges][at_discord:]
    assert "discord.cdn" not in asked, "no picture was fetched"
    assert house.kinds() == kinds


async def test_one_refusal_for_want_of_credit_stops_all_and_a_restart_tries_one(
    wired: House, caplog: pytest.LogCaptureFixture
) -> None:
    wired.pika.behaviour.refuse_at_submit = "insufficient_balance"
    noah = wired.member("noah")
    async with wired.bot():
        interaction = await wired.animate()
        await waits(wired, interaction)
        await is_refused(wired, noah)
        await is_refused(wired, wired.mia)
        usage = await wired.ask(noah, "usage")
        assert usage.content.startswith("Pika takes no orders from this bot now.")
        told = await wired.owner_told("takes no orders: your account there has no credit left")
        assert wired.pika.wire in told.replace("\\", "")
    assert submits(wired) == 1
    assert wired.kinds() == ["reserve"]
    assert caplog.text.count("takes no orders from this account (credit)") == 1

    # The credit is still gone: one clip finds out, and everybody else waits on.
    async with wired.bot():
        await wired.pika.wait_requests(operation(wired, "submit"), 2)
        await wired.until("SELECT 1 FROM jobs WHERE idempotency_key LIKE '%.2'")
        await is_refused(wired, noah)
        assert len(wired.told_to_owner()) == 1, "once, not at each start"
    wired.pika.behaviour.refuse_at_submit = None
    async with wired.bot():
        await wired.delivered(interaction)
        await wired.delivered(await wired.animate(noah))
        await wired.settled()
    assert wired.pika.paid_submits == 2
    assert wired.kinds() == ["reserve", "settle", "reserve", "settle"]
    assert wired.query("SELECT value FROM key_values WHERE name = 'order_stops'") == [("{}",)]
    assert caplog.text.count("takes no orders from this account") == 1
    assert caplog.text.count("takes orders again") == 1


async def test_a_clip_that_waits_finds_out_that_there_is_credit_again(wired: House) -> None:
    probe_every(wired, 0.2)
    wired.pika.behaviour.refuse_at_submit = "insufficient_balance"
    async with wired.bot():
        interaction = await wired.animate()
        await wired.pika.wait_requests(operation(wired, "submit"), 3)
        assert wired.pika.paid_submits == 0
        wired.pika.behaviour.refuse_at_submit = None
        await wired.delivered(interaction)
        await wired.delivered(await wired.animate(wired.member("noah")))
        await wired.settled()
    assert wired.kinds() == ["reserve", "settle", "reserve", "settle"]


async def test_a_clip_that_the_rest_of_the_credit_does_not_cover_keeps_no_cheaper_one_out(
    house: House,
) -> None:
    probe_every(house, 0.4)
    house.pika.balance_micro_usd = 300_000
    noah = house.member("noah")
    async with house.bot():
        dear = await house.animate(resolution="1080p", duration=10)
        await waits(house, dear)
        async with asyncio.timeout(60):
            cheap = await house.animate(noah)
            while not await is_taken(house, cheap):
                cheap = await house.animate(noah)
        await house.delivered(cheap)
        await waits(house, dear)
        house.pika.balance_micro_usd = 10_000_000
        await house.delivered(dear)
        await house.settled()
    assert house.kinds() == ["reserve", "reserve", "settle", "settle"]


async def test_a_spent_cycle_is_told_from_an_empty_balance(house: House) -> None:
    house.pika.behaviour.refuse_at_submit = "cycle_limit_exceeded"
    async with house.bot():
        await waits(house, await house.animate())
        await is_refused(house, house.member("noah"))
        await house.owner_told("the spending limit of your account there is reached")


async def test_a_revoked_key_stops_all_until_a_free_call_is_answered(wired: House) -> None:
    probe_every(wired, 0.2)
    async with wired.bot():
        revoke_key(wired)
        interaction = await wired.animate()
        await waits(wired, interaction)
        free_call = operation(wired, CHECK[wired.pika.wire])
        before = sum(it.operation == free_call for it in wired.pika.exchanges)
        await wired.pika.wait_requests(free_call, before + 3)
        orders = submits(wired)
        assert orders <= 1, "no clip is sent while the free call is refused"
        assert len(wired.query("SELECT 1 FROM jobs WHERE state = 'queued'")) == 1
        wired.pika.faults.clear()
        await wired.delivered(interaction)
        await wired.delivered(await wired.animate(wired.member("noah")))
        await wired.settled()
    assert wired.pika.paid_submits == 2
    assert wired.kinds() == ["reserve", "settle", "reserve", "settle"]


async def test_a_page_in_front_of_the_provider_answers_no_probe(wired: House) -> None:
    """Neither as good news nor as bad: the credit is still gone for all that is known."""
    probe_every(wired, 0.2)
    free_call = operation(wired, CHECK[wired.pika.wire])
    async with wired.bot():
        wired.pika.behaviour.refuse_at_submit = "insufficient_balance"
        wired.pika.faults.add(page(free_call, None))
        interaction = await wired.animate()
        await waits(wired, interaction)
        await wired.pika.faults.wait_taken(free_call, 4)
        assert submits(wired) == 1
        await is_stopped(wired)
        wired.pika.behaviour.refuse_at_submit = None
        wired.pika.faults.clear()
        await wired.delivered(interaction)
        await wired.settled()
    assert wired.pika.paid_submits == 1


async def is_stopped(house: House) -> None:
    usage = await house.ask(house.mia, "usage")
    assert STOPPED in usage.content


async def test_a_page_in_front_of_the_provider_stops_nothing(wired: House) -> None:
    async with wired.bot():
        wired.pika.faults.add(page(operation(wired, "submit"), 1))
        interaction = await wired.animate()
        await wired.told(interaction.original, "Pika is down or cannot be reached")
        usage = await wired.ask(wired.mia, "usage")
        assert STOPPED not in usage.content
        await wired.delivered(await wired.animate(wired.member("noah")))
        await wired.delivered(interaction)


async def test_what_waits_in_line_is_not_sent_one_by_one(house: House) -> None:
    probe_every(house, 0.3)
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        first = await house.animate()
        await house.told(first.original, "Rendering")
        waiting = [await house.animate(house.member(name)) for name in ("noah", "mia", "noah")]
        for interaction in waiting:
            await house.told(interaction.original, "in line")
        house.pika.behaviour.refuse_at_submit = "insufficient_balance"
        house.pika.behaviour.render_seconds = 0
        await house.delivered(first)
        await house.pika.wait_requests("pika.submit", 4)
        await is_stopped(house)
        await house.until("SELECT 1 WHERE (SELECT count(*) FROM jobs WHERE state = 'queued') = 3")
        for interaction in waiting:
            await house.told(interaction.original, STOPPED)
        house.pika.behaviour.refuse_at_submit = None
        for interaction in waiting:
            await house.delivered(interaction)
        await house.settled()
    assert house.pika.paid_submits == 4
    assert house.kinds().count("refund") == 0


async def test_orders_sent_at_once_are_stopped_once(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """And a request whose picture is still being fetched is refused before anything is sent."""
    noah, late = house.member("noah"), house.member("moderator")
    async with house.bot():
        house.pika.behaviour.refuse_at_submit = "insufficient_balance"
        house.pika.faults.add(Fault("pika.submit", "hold", 2))
        sent = await asyncio.gather(house.animate(), house.animate(noah))
        await house.pika.faults.wait_taken("pika.submit", 2)
        house.discord.faults.add(Fault("discord.cdn", "hold"))
        third = await house.animate(late)
        house.pika.faults.release("pika.submit")
        for interaction in sent:
            await house.told(interaction.original, STOPPED)
        house.discord.faults.release("discord.cdn")
        content = (await house.refused(third, STOPPED)).content
        await house.until("SELECT 1 WHERE (SELECT count(*) FROM jobs WHERE state = 'queued') = 2")
    assert "Nothing was charged." in content
    assert house.kinds() == ["reserve", "reserve"]
    uploads = Counter(exchange.operation for exchange in house.pika.exchanges)
    assert (uploads["pika.upload"], uploads["pika.submit"]) == (2, 2)
    assert caplog.text.count("takes no orders from this account") == 1


async def test_a_check_that_is_refused_the_key_stops_orders_and_loses_no_clip(
    wired: House,
) -> None:
    probe_every(wired, 0.2)
    wired.pika.behaviour.render_seconds = math.inf
    async with wired.bot():
        interaction = await wired.animate()
        await wired.told(interaction.original, "Rendering")
        revoke_key(wired)
        await wired.owner_told("it refuses your key")
        orders = submits(wired)
        await is_stopped(wired)
        wired.pika.behaviour.render_seconds = 0
        wired.pika.faults.clear()
        await wired.delivered(interaction)
        await wired.settled()
    assert submits(wired) == orders == 1
    assert wired.kinds() == ["reserve", "settle"]


async def test_where_nobody_waits_one_new_request_finds_out(house: House) -> None:
    """Of two at once, one is let in."""
    probe_every(house, 0.3)
    house.pika.behaviour.outcome = "insufficient_balance"
    async with house.bot():
        failed = await house.animate()
        content = await house.told(failed.original, "run out of credit")
        assert "Nothing was charged" in content
        await house.settled()
        await is_stopped(house)
        house.pika.behaviour.outcome = "completed"
        house.pika.behaviour.render_seconds = math.inf
        # The first probe comes right after the refusal, and the second lets one through; the next
        # would let the other one through.
        checks = sum(it.operation == "pika.check" for it in house.pika.exchanges)
        await house.pika.wait_requests("pika.check", checks + 2)
        house.pika.faults.add(Fault("pika.check", "hold", None))
        # Both are decided before Pika takes the order of the one.
        house.pika.faults.add(Fault("pika.submit", "hold"))
        both = await asyncio.gather(house.animate(), house.animate(house.member("noah")))
        messages = [it.original for it in both]
        await house.discord.wait_for(
            lambda: [it for it in messages if it and (it.deleted or STOPPED in it.content)]
        )
        house.pika.faults.release("pika.submit")
        endings = await asyncio.gather(*(ending(house, it) for it in both))
        assert sorted(endings) == ["let in", "refused"]
        house.pika.faults.release("pika.check")
    assert house.pika.paid_submits == 2
    assert house.kinds() == ["reserve", "refund", "reserve"]


async def test_a_clock_that_is_moved_back_puts_no_probe_off(house: House) -> None:
    probe_every(house, 0.3)
    house.pika.behaviour.outcome = "insufficient_balance"
    house.ahead += timedelta(days=1)
    async with house.bot():
        await house.told((await house.animate()).original, "here is no clip this time")
        await house.settled()
        await is_stopped(house)
        house.pika.behaviour.outcome = "completed"
        house.ahead -= timedelta(days=1)
        checks = sum(it.operation == "pika.check" for it in house.pika.exchanges)
        await house.pika.wait_requests("pika.check", checks + 2)
        noah = house.member("noah")
        async with asyncio.timeout(60):
            while STOPPED in (await house.ask(noah, "usage")).content:
                await house.animate(noah)
                await asyncio.sleep(0.2)


async def ending(house: House, interaction: Interaction) -> str:
    message = interaction.original
    assert message is not None
    await house.discord.wait_for(
        lambda: "Rendering" in message.content or message.deleted or STOPPED in message.content
    )
    if "Rendering" in message.content:
        return "let in"
    await house.refused(interaction, STOPPED)
    return "refused"


async def test_what_waits_too_long_ends_and_costs_nothing(house: House) -> None:
    probe_every(house, 0.2)
    house.pika.behaviour.refuse_at_submit = "insufficient_balance"
    async with house.bot():
        interaction = await house.animate(prompt="a kite")
        await waits(house, interaction)
        house.pass_time(hours=HOURS, minutes=-5)
        await house.pika.wait_requests("pika.submit", submits(house) + 2)
        await waits(house, interaction)
        house.pass_time(minutes=6)
        content = await house.failed(interaction, "run out of credit")
        await house.settled()
        assert "Please tell whoever runs the bot, and try again later." in content
        await house.swept()
        assert "Nothing was charged." in content
        assert "a kite" in content
    assert house.kinds() == ["reserve", "refund"]
    assert house.spent() == house.paid() == (0, 0)


async def test_what_was_refused_is_in_no_doubt_whatever_comes_later(house: House) -> None:
    probe_every(house, 0.2)
    house.pika.behaviour.refuse_at_submit = "insufficient_balance"
    async with house.bot():
        interaction = await house.animate()
        await waits(house, interaction)
        house.pika.faults.add(Fault("pika.put", "reply", status=415))
        content = await house.told(interaction.original, "could not use this picture")
        await house.settled()
    assert "Nothing was charged." in content
    assert house.kinds() == ["reserve", "refund"]


async def test_a_clip_that_waits_can_be_cancelled(house: House) -> None:
    house.pika.behaviour.refuse_at_submit = "insufficient_balance"
    async with house.bot():
        interaction = await house.animate()
        await waits(house, interaction)
        await house.ask(house.member("moderator"), "clips cancel", job="1")
        await house.told(interaction.original, "moderator cancelled")
        await house.settled()
        await is_refused(house, house.member("noah"))
    assert house.kinds() == ["reserve", "refund"]


async def test_who_is_cancelled_meanwhile_is_not_told_that_the_clip_waits(house: House) -> None:
    house.overrides["renders_at_once"] = 1
    # No message is edited but for what the test is about.
    house.patience = replace(house.patience, line_look=timedelta(days=1))
    house.pika.behaviour.render_seconds = math.inf
    moderator = house.member("moderator")
    async with house.bot():
        first = await house.animate()
        await house.told(first.original, "Rendering")
        waiting = []
        for name in ("noah", "mia", "noah"):
            waiting.append(await house.animate(house.member(name)))
            await house.told(waiting[-1].original, "in line")
        house.pika.behaviour.refuse_at_submit = "insufficient_balance"
        # One of those that wait finds out; then the others are told, one after another.
        house.pika.faults.add(Fault("pika.submit", "hold"))
        house.pika.behaviour.render_seconds = 0
        await house.delivered(first)
        await house.pika.faults.wait_taken("pika.submit")
        checks = sum(it.operation == "pika.check" for it in house.pika.exchanges)
        house.discord.faults.add(Fault("discord.edit_followup", "hold", 2))
        house.pika.faults.release("pika.submit")
        await house.discord.faults.wait_taken("discord.edit_followup", 2)
        await house.ask(moderator, "clips cancel", job="4")
        await house.told(waiting[2].original, "moderator cancelled")
        house.discord.faults.release("discord.edit_followup")
        await house.told(waiting[1].original, STOPPED)
        # The probe comes once all have been told.
        await house.pika.wait_requests("pika.check", checks + 1)
        message = waiting[2].original
        assert message is not None
        assert "here is no clip this time" in message.content


async def test_clips_of_another_provider_go_on(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", "fal") as house:
        first = house.pika
        first.behaviour.render_seconds = math.inf
        async with house.bot():
            earlier = await house.animate()
            await house.told(earlier.original, "Rendering")
        async with open_pika("pika", house.discord) as second:
            house.pika = second
            house.overrides |= {
                "pika_api_keys": {"fal": SecretStr(first.key)},
                "pika_api_bases": {"fal": first.origin},
            }
            second.behaviour.refuse_at_submit = "insufficient_balance"
            async with house.bot():
                await waits(house, await house.animate())
                first.behaviour.render_seconds = 0
                await house.delivered(earlier)
                await house.until("SELECT 1 FROM jobs WHERE state = 'delivered'")
                await is_refused(house, house.member("noah"))


async def test_an_offer_is_refused_as_well(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("$0.50 a day")
    async with house.bot():
        offer = await house.animate(resolution="1080p", duration=10)
        message = offer.original
        assert message is not None
        assert "This fits now:" in message.content
        house.pika.behaviour.refuse_at_submit = "insufficient_balance"
        await waits(house, await house.animate(house.member("noah")))
        pressed = await house.discord.press(house.mia, message, custom_id(message, "720p, 5 s"))
        assert pressed.original is not None
        assert pressed.original.viewer is house.mia.user
        assert STOPPED in pressed.original.content
    assert house.kinds() == ["reserve"]
