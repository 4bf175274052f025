"""Everything that can go wrong after acceptance: it costs nothing, and the member is told."""

from __future__ import annotations

import dataclasses
import logging
import math
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import Timeouts
from bot.config import SettingError
from playground.discord import Permission
from playground.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house import House

SUBMIT = "pika.submit"


@dataclass(frozen=True)
class Case:
    name: str
    break_it: Callable[[House], Any]
    words: str


def fault(operation: str, kind: Any = "reply", **how: Any) -> Callable[[House], None]:
    times = how.pop("times", None)
    where = operation.partition(".")[0]

    def add(house: House) -> None:
        getattr(house, where).faults.add(Fault(operation, kind, times=times, **how))

    return add


def outcome(code: str) -> Callable[[House], None]:
    return lambda house: setattr(house.pika.behaviour, "outcome", code)


def refused_at_submit(code: str) -> Callable[[House], None]:
    return lambda house: setattr(house.pika.behaviour, "refuse_at_submit", code)


def result(kind: str) -> Callable[[House], None]:
    return lambda house: setattr(house.pika.behaviour, "result", kind)


CASES = [
    Case("moderated job", outcome("content_moderation"), "content rules refused"),
    Case("moderated at submit", refused_at_submit("content_moderation"), "content rules refused"),
    Case("no credit for a job", outcome("insufficient_balance"), "run out of credit"),
    Case("suspended job", outcome("admission_suspended"), "bot's key"),
    Case("failed render", outcome("provider_error"), "failed to render"),
    Case("internal failure", outcome("internal"), "failed to render"),
    Case("render timed out", outcome("timed_out"), "did not finish your clip in time"),
    Case("bad input", outcome("invalid_input"), "did not accept these options"),
    Case("down at submit", refused_at_submit("provider_unavailable"), "failed to render"),
    Case("unprocessable", fault(SUBMIT, status=422, body={"message": "?"}), "these options"),
    Case(
        "key reused", fault(SUBMIT, status=409, body={"message": "?"}), "connection to Pika broke"
    ),
    Case("500 for ever", fault(SUBMIT, status=500), "connection to Pika broke"),
    Case("503 for ever", fault(SUBMIT, status=503), "could not be reached"),
    Case("429 for ever", fault(SUBMIT, status=429, body={"message": "slow"}), "too busy"),
    Case("submit dropped for ever", fault(SUBMIT, "drop_before"), "connection to Pika broke"),
    Case("upload down", fault("pika.upload", status=500), "could not be reached"),
    Case("upload refused", fault("pika.put", status=415), "could not use this picture"),
    Case("video gone", fault("pika.download", status=404), "did not hand it over"),
    Case("video half", fault("pika.download", "half_body"), "did not hand it over"),
    Case("garbage video", result("garbage"), "not a playable video"),
    Case("empty video", result("empty"), "not a playable video"),
    Case("endless video", result("huge"), "too large"),
    Case("413 for ever", lambda house: setattr(house.discord, "upload_limit", 1000), "too large"),
]


ONCE = {
    "moderated at submit": SUBMIT,
    "unprocessable": SUBMIT,
    "key reused": SUBMIT,
    "upload refused": "pika.put",
    "garbage video": "pika.download",
    "empty video": "pika.download",
}
"""What is final the first time; the patience of tests would not show that it is tried again."""
AGAIN = {
    "500 for ever": SUBMIT,
    "503 for ever": SUBMIT,
    "429 for ever": SUBMIT,
    "submit dropped for ever": SUBMIT,
    "upload down": "pika.upload",
    "video gone": "pika.download",
}
BILLED = {
    "video gone",
    "video half",
    "garbage video",
    "empty video",
    "endless video",
    "413 for ever",
}


IN_DOUBT = {"key reused", "500 for ever", "submit dropped for ever"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_failure_costs_nothing_and_is_told(
    house: House, case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    house.patience = dataclasses.replace(house.patience, pika=timedelta(seconds=0.7))
    async with house.bot():
        case.break_it(house)
        interaction = await house.animate(prompt="a kite in the wind")
        content = await house.failed(interaction, case.words)
        await house.settled()
        await house.swept()
    assert ("Nothing was charged" in content) is (case.name not in IN_DOUBT)
    assert ("this server goes on counting it" in content) is (case.name in IN_DOUBT)
    # What Pika has made it bills, and may bill what it has: the member gets it back, the server
    # counts it.
    counted = case.name in BILLED | IN_DOUBT
    ending = ["settle", "credit"] if counted else ["refund"]
    assert house.kinds() == ["reserve", *ending]
    assert house.spent() == (0, 0)
    assert house.paid() == ((1, 200_000) if counted else (0, 0))
    assert house.query("SELECT doubt FROM jobs") == [("open" if case.name in IN_DOUBT else None,)]
    ((reference,),) = house.query("SELECT reference FROM jobs")
    assert f"(reference {reference})" in content
    logged = [record.getMessage() for record in caplog.records if reference in record.getMessage()]
    assert logged
    assert all(house.pika.key not in line for line in caplog.text.splitlines())
    # Nobody else reads any of it, nor are the words repeated.
    assert interaction.original is not None
    assert interaction.original.deleted
    assert not any("kite" in it or "Pika" in it for it in [interaction.original.content])
    assert "kite" not in content
    assert list((house.data_dir / "clips").iterdir()) == []
    assert house.query("SELECT picture_file FROM jobs") == [(None,)]
    # It could still write in the channel for a quarter of an hour.
    assert house.query("SELECT state, token FROM jobs") == [("notified", None)]
    tries = Counter(exchange.operation for exchange in house.pika.exchanges)
    if case.name in ONCE:
        assert tries[ONCE[case.name]] == 1
    if case.name in AGAIN:
        assert tries[AGAIN[case.name]] > 1


async def test_a_silent_pika_times_out(house: House) -> None:
    house.pika.behaviour.render_seconds = 3600
    async with house.bot():
        interaction = await house.animate(prompt="a kite")
        await house.told(interaction.original, "Rendering")
        house.pass_time(minutes=31)
        content = await house.failed(interaction, "did not finish your clip in time")
        await house.settled()
    assert "You got it back; only this server goes on counting it" in content
    assert house.kinds() == ["reserve", "settle", "credit"]


@pytest.mark.parametrize(
    "operation",
    ["pika.upload", "pika.put", "pika.submit", "pika.check", "pika.download"],
)
@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "half_body", "reply"])
async def test_passing_trouble_at_pika_costs_one_clip_once(
    house: House, operation: str, kind: Any
) -> None:
    async with house.bot():
        house.pika.faults.add(Fault(operation, kind, times=2, status=503))
        await house.delivered(await house.animate())
        await house.settled()
    assert house.pika.paid_submits == 1
    assert house.kinds() == ["reserve", "settle"]


async def test_pika_busy_is_shown_and_waited_for(house: House) -> None:
    async with house.bot():
        house.pika.faults.add(
            Fault("pika.submit", "reply", status=429, headers={"Retry-After": "1"})
        )
        interaction = await house.animate()
        await house.told(interaction.original, "Pika is busy")
        await house.delivered(interaction)
    assert house.pika.paid_submits == 1


async def test_what_pika_refused_to_the_end_is_not_in_doubt(house: House) -> None:
    """Though its time ends while its member is shown that Pika is busy."""
    busy = Fault(SUBMIT, "reply", status=429, headers={"Retry-After": "1"})
    async with house.bot():
        house.pika.faults.add(dataclasses.replace(busy, times=2))
        interaction = await house.animate()
        await house.told(interaction.original, "Pika is busy")
        await house.until("SELECT 1 FROM jobs WHERE attempts = 1")
        house.discord.faults.add(Fault("discord.edit_followup", "hold"))
        await house.discord.faults.wait_taken("discord.edit_followup")
        house.pass_time(seconds=10)
        house.discord.faults.release("discord.edit_followup")
        await house.told(interaction.original, "too busy")
        await house.settled()
    assert house.kinds() == ["reserve", "refund"]
    assert house.query("SELECT doubt FROM jobs") == [(None,)]


async def test_pika_is_left_alone_as_long_as_it_says(house: House) -> None:
    house.patience = dataclasses.replace(house.patience, pika=timedelta(hours=1))
    async with house.bot():
        house.pika.faults.add(Fault(SUBMIT, "reply", status=429, headers={"Retry-After": "1800"}))
        interaction = await house.animate()
        await house.told(interaction.original, "Pika is busy")
        await house.until("SELECT 1 FROM jobs WHERE state = 'submitting' AND attempts = 1")
        ((due,),) = house.query("SELECT due_at FROM jobs")
        assert 1790 < due / 1000 - house.clock().timestamp() <= 1800
        house.pass_time(minutes=31)
        # Any other request wakes the worker, which sleeps by a clock that tests cannot move.
        await house.delivered(await house.animate(house.member("noah")))
        await house.delivered(interaction)
        await house.settled()
    assert house.pika.paid_submits == 2


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_passing_trouble_at_discord_loses_nothing(house: House, status: int) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, "Rendering")
        house.discord.faults.add(Fault("discord.edit_message", "reply", status=status))
        house.discord.faults.add(Fault("discord.edit_followup", "reply", status=status))
        house.discord.faults.add(Fault("discord.edit_original", "reply", status=status))
        house.pika.behaviour.render_seconds = 0
        await house.delivered(interaction)
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_a_deleted_channel_is_refunded_and_told_in_usage(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, "Rendering")
        house.discord.delete_channel(house.clips)
        house.pika.behaviour.render_seconds = 0
        await house.settled()
        general = next(iter(house.discord.world.guild.channels.values()))
        usage = await house.discord.invoke(house.mia, general, "usage")
        content = await house.told(usage.original, "channel is gone")
    assert "5 of 5 clips left" in content
    assert "Nothing was charged" in content
    assert house.kinds() == ["reserve", "settle", "credit"]


async def test_after_fifteen_minutes_the_bot_delivers_as_itself(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, "Rendering")
        house.pass_time(minutes=16)
        house.pika.behaviour.render_seconds = 0
        message = await house.delivered(interaction)
        await house.settled()
    assert message.attachments[0].filename.endswith(".mp4")
    assert house.kinds() == ["reserve", "settle"]


async def test_a_token_that_died_early_is_noticed(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, "Rendering")
        house.discord.expire_interaction(interaction)
        house.pika.behaviour.render_seconds = 0
        await house.delivered(interaction)


async def test_a_closed_channel_is_refunded_after_the_token_died(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, "Rendering")
        house.discord.remove_bot_permissions(house.clips, Permission.VIEW_CHANNEL)
        house.discord.expire_interaction(interaction)
        house.pika.behaviour.render_seconds = 0
        await house.settled()
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert house.query("SELECT failure FROM jobs") == [("no_place",)]


async def test_a_server_that_is_gone_ends_the_clip(house: House) -> None:
    """As it is once the bot was thrown out and the token has died."""
    gone: dict[str, Any] = {"status": 404, "body": {"message": "Unknown Guild", "code": 10004}}
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, "Rendering")
        for operation in ("discord.edit_message", "discord.create_message"):
            house.discord.faults.add(Fault(operation, "reply", times=None, **gone))
        house.discord.expire_interaction(interaction)
        house.pika.behaviour.render_seconds = 0
        await house.settled()
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert house.query("SELECT state, failure FROM jobs") == [("notified", "no_place")]


async def test_a_clip_that_is_deleted_at_once_is_told_of_all_the_same(house: House) -> None:
    """It goes away between being shown and the message that notifies its member."""
    async with house.bot():
        house.discord.faults.add(Fault("discord.create_message", "hold"))
        interaction = await house.animate()
        await house.discord.faults.wait_taken("discord.create_message")
        assert interaction.original is not None
        house.discord.delete_message(interaction.original)
        house.discord.faults.release("discord.create_message")
        await house.settled()
    assert [note.user.username for note in house.discord.notifications] == ["mia"]
    assert house.kinds() == ["reserve", "settle"]


async def test_without_the_right_to_write_the_notice_goes_by_token(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, "Rendering")
        house.discord.remove_bot_permissions(house.clips, Permission.SEND_MESSAGES)
        house.pika.behaviour.render_seconds = 0
        await house.delivered(interaction)
        await house.settled()
    assert [note.user.username for note in house.discord.notifications] == ["mia"]


async def test_a_clip_over_the_limit_is_made_smaller(house: House) -> None:
    house.pika.behaviour.result = "rendered"
    house.discord.advertised_upload_limit = house.discord.upload_limit = 120_000
    async with house.bot():
        message = await house.delivered(await house.animate())
        await house.settled()
    assert 20_000 < len(message.attachments[0].data) <= 120_000
    assert house.kinds() == ["reserve", "settle"]


async def test_a_real_bill_replaces_the_estimate(house: House) -> None:
    house.pika.behaviour.charge_micro_usd = 123_456
    async with house.bot():
        message = await house.delivered(await house.animate())
        await house.settled()
    assert "$0.123456" in message.content
    assert house.spent() == (1, 123_456)


async def test_an_unsettled_bill_is_charged_as_estimated(house: House) -> None:
    house.pika.behaviour.billing_state = "pending"
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
    assert house.spent() == (1, 200_000)


async def test_a_broken_step_is_tried_again_then_refunded(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("nobody foresaw this")

    monkeypatch.setattr("pika.client.Pika.prepare", broken)
    house.patience = dataclasses.replace(house.patience, pika=timedelta(milliseconds=200))
    async with house.bot(ZeroDivisionError):
        interaction = await house.animate()
        content = await house.told(interaction.original, "went wrong on my side")
        await house.settled()
    ((reference,),) = house.query("SELECT reference FROM jobs")
    assert reference in content
    assert any(r.exc_info and reference in r.getMessage() for r in caplog.records)
    assert house.kinds() == ["reserve", "refund"]
    assert "ZeroDivisionError" not in content


async def test_a_refused_key_ends_the_start_with_a_sentence(house: House) -> None:
    house.overrides["pika_api_key"] = "wrong"
    with pytest.raises(SettingError, match="PIKA_API_KEY was refused"):
        async with house.bot():
            pass


async def test_pika_down_at_the_start_does_not_stop_it(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.pika.faults.add(Fault("pika.check", "reply", times=3, status=503))
    caplog.set_level(logging.WARNING)
    async with house.bot():
        await house.delivered(await house.animate())


async def test_a_job_goes_on_though_discord_does_not_take_the_news(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Timeouts, "SHOW_SECONDS", 0.3)
    monkeypatch.setattr(Timeouts, "PROGRESS_SECONDS", 0.3)
    async with house.bot():
        house.discord.faults.add(Fault("discord.edit_original", "hang", times=2))
        await house.delivered(await house.animate())
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]
