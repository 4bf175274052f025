"""An order of which nobody knows whether Pika bills it, until the bill settles it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base.database import open_database
from bot.guilds import audit
from bot.guilds.audit import AuditAction, AuditFilter
from bot.quota.doubts import DoubtService
from bot.quota.errors import NoDoubtError
from playground.faults import Fault
from tests.house import House, open_house

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from playground.pika import WireName

SUBMITS = {"fal": "fal.submit", "comfy-proxy": "proxy.submit"}
OWNER = 7


@pytest.fixture(params=list(SUBMITS))
async def wired(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[House, None]:
    async with open_house(tmp_path / "data", request.param) as house:
        yield house


@asynccontextmanager
async def doubts_of(house: House) -> AsyncGenerator[DoubtService, None]:
    """The owner's service, on the file of a bot that has stopped."""
    async with open_database(house.data_dir / "animate-bot.sqlite3") as database:
        yield DoubtService(database, house.clock)


async def one_in_doubt(house: House, **how: object) -> str:
    """Ask for a clip whose paid request is not answered; return what its member reads."""
    wire: WireName = house.pika.wire
    house.pika.faults.add(Fault(SUBMITS[wire], **how))  # type: ignore[arg-type] # a fault's own
    interaction = await house.animate()
    content = await house.told(interaction.original, "connection to Pika broke")
    await house.settled()
    return content


async def test_one_error_while_ordering_is_told_as_it_is(wired: House) -> None:
    async with wired.bot():
        content = await one_in_doubt(wired, kind="reply", status=500)
        usage = await wired.ask(wired.mia, "usage")
    assert "Nothing was charged" not in content
    assert "I cannot tell whether Pika bills it. You got it back" in content
    assert "5 of 5 clips left" in usage.content
    assert wired.paid() == (1, 200_000), "the server counts it"


async def test_the_ceiling_counts_what_is_in_doubt(wired: House) -> None:
    wired.overrides["owner_budget_usd_per_month"] = 200_000
    async with wired.bot():
        await one_in_doubt(wired, kind="drop_after")
        refused = await wired.animate()
        await wired.told(refused.original, "budget")
    assert wired.pika.paid_submits == 1
    async with doubts_of(wired) as doubts:
        await doubts.settle_as_not_billed(OWNER, 1)
    async with wired.bot():
        await wired.delivered(await wired.animate())


async def test_a_doubt_is_listed_with_what_finds_it_on_the_bill(wired: House) -> None:
    async with wired.bot():
        await one_in_doubt(wired, kind="drop_after")
    async with doubts_of(wired) as doubts:
        (doubt,) = await doubts.list_open(10)
        assert await doubts.count() == 1
    ((key, reference),) = wired.query("SELECT idempotency_key, reference FROM jobs")
    assert (doubt.provider, doubt.ticket_id, doubt.idempotency_key) == (wired.pika.wire, None, key)
    assert (doubt.guild_id, doubt.micro_usd) == (wired.discord.world.guild.id, 200_000)
    assert doubt.reference == reference
    assert timedelta() < wired.clock() - doubt.sent_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("bill", "paid"), [(None, (0, 0)), (200_000, (1, 200_000)), (450_000, (1, 450_000))]
)
async def test_the_bill_settles_a_doubt_once(
    wired: House, bill: int | None, paid: tuple[int, int]
) -> None:
    async with wired.bot():
        await one_in_doubt(wired, kind="drop_after")
    async with doubts_of(wired) as doubts:
        if bill is None:
            await doubts.settle_as_not_billed(OWNER, 1, "not on the bill")
        else:
            await doubts.settle_as_billed(OWNER, 1, bill, "on the bill")
        for again in (doubts.settle_as_billed(OWNER, 1), doubts.settle_as_not_billed(OWNER, 1)):
            with pytest.raises(NoDoubtError):
                await again
        assert await doubts.list_open(10) == []
        guild = wired.discord.world.guild.id
        (entry,) = await doubts.database.read(
            lambda tx: audit.page(tx, guild, AuditFilter(action=AuditAction.DOUBT), size=5)
        )
    assert (entry.event.actor_id, entry.event.subject_id) == (OWNER, 1)
    assert entry.event.after == {"clips": paid[0], "micro_usd": paid[1]}
    assert wired.paid() == paid
    assert wired.spent() == (0, 0), "the member got it back for good"
    sums = wired.query(
        "SELECT clips, micro_usd FROM guild_totals WHERE guild_id = 0"
        " ORDER BY quarter_hour DESC LIMIT 1"
    )
    assert sums in ([paid], [] if bill is None else [paid]), "what the ceiling goes by"


async def test_a_report_tells_what_is_in_doubt_and_what_came_of_it(wired: House) -> None:
    moderator = wired.member("moderator")
    async with wired.bot():
        await one_in_doubt(wired, kind="drop_after")
        told = (await wired.ask(moderator, "quota report")).content
    assert "$0.20 charged" in told
    assert "$0.20 of that in doubt: Pika may not bill 1 clip" in told
    async with doubts_of(wired) as doubts:
        await doubts.settle_as_not_billed(OWNER, 1)
    async with wired.bot():
        told = (await wired.ask(moderator, "quota report")).content
    assert "$0.00 charged" in told
    assert "$0.20 refunded for 1 clip" in told
    assert "credited" not in told
    assert "in doubt" not in told


async def test_the_start_says_how_many_orders_are_in_doubt(
    wired: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with wired.bot():
        await one_in_doubt(wired, kind="drop_after")
    caplog.clear()
    async with wired.bot():
        pass
    assert "orders in doubt: 1, counted at $0.20" in caplog.text


async def test_a_failure_that_is_verified_after_the_clip_was_overdue(tmp_path: Path) -> None:
    """Swept as overdue, it is in doubt; that it has failed is then said once, and refunds once."""
    async with open_house(tmp_path / "data", "comfy-proxy") as house:
        house.pika.behaviour.queue_seconds = 3600
        async with house.bot():
            interaction = await house.animate()
            await house.told(interaction.original, "Rendering")
            house.pass_time(minutes=31)
            await house.failed(interaction, "did not finish your clip in time")
            await house.settled()
        assert house.paid() == (1, 200_000)
        async with doubts_of(house) as doubts:
            (doubt,) = await doubts.list_open(10)
            assert doubt.ticket_id in house.pika.jobs
            await doubts.settle_as_not_billed(OWNER, doubt.job_id)
        async with house.bot():
            pass
        assert house.kinds() == ["reserve", "settle", "credit", "correction"]
        assert (house.paid(), house.spent()) == ((0, 0), (0, 0))


async def test_a_success_after_the_polls_were_given_up(tmp_path: Path) -> None:
    """Pika finishes, and bills, a clip that was in doubt: it was counted all the while."""
    async with open_house(tmp_path / "data", "comfy-proxy") as house:
        house.pika.behaviour.render_seconds = 3600
        async with house.bot():
            interaction = await house.animate()
            await house.told(interaction.original, "Rendering")
            house.pass_time(minutes=31)
            await house.failed(interaction, "did not finish your clip in time")
            await house.settled()
            house.pika.behaviour.queue_seconds = house.pika.behaviour.render_seconds = 0
            (job,) = house.pika.jobs.values()
            await job.made()
            assert house.paid() == (1, job.charge_micro_usd)
        async with doubts_of(house) as doubts:
            await doubts.settle_as_billed(OWNER, 1, job.charge_micro_usd)
        assert house.paid() == (1, 200_000)
        assert house.spent() == (0, 0)


async def test_a_success_at_the_moment_of_giving_up_is_delivered(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", "fal") as house:
        house.pika.behaviour.render_seconds = 3600
        async with house.bot():
            interaction = await house.animate()
            await house.told(interaction.original, "Rendering")
            house.pika.faults.add(Fault("fal.cancel", "hold"))
            house.pass_time(minutes=31)
            await house.pika.faults.wait_taken("fal.cancel")
            house.pika.behaviour.render_seconds = 0
            (job,) = house.pika.jobs.values()
            await job.made()
            house.pika.faults.release("fal.cancel")
            await house.delivered(interaction)
            await house.settled()
        assert house.kinds() == ["reserve", "settle"]


async def test_an_error_after_the_settle_refunds_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("bot.jobs.video_files.VideoFiles.delete", broken)
    async with house.bot(OSError):
        interaction = await house.animate()
        await house.delivered(interaction)
        await house.settled()
        again = await house.animate()
        await house.delivered(again)
        await house.settled()
    assert house.kinds() == ["reserve", "settle"] * 2
    assert house.query("SELECT state, claim > 0 FROM jobs") == [("delivered", 1)] * 2
    assert interaction.original
    assert interaction.original.attachments
