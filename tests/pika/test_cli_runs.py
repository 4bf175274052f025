"""What the command line brings, and how scripts follow it and go on from a ticket."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest

from pika import Ticket
from pika.cli.exits import Exit
from pika.cli.tickets import decode_ticket, encode_ticket
from playground.faults import Fault
from tests.pika.cli_runner import CliRunner, ctrl_c, open_cli, picture_for, shorten_waits
from tests.pika.samples import names_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playground.pika import WireName


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shorten_waits(monkeypatch, tmp_path)


@pytest.fixture
async def cli(tmp_path: Path) -> AsyncIterator[CliRunner]:
    async with open_cli(tmp_path) as cli:
        yield cli


async def test_a_picture_becomes_a_video_beside_it(cli: CliRunner) -> None:
    ran = await cli.run("--prompt", "waves", "--negative-prompt", "blur", "--resolution", "720p")
    assert ran.code == 0
    (job,) = cli.stand_in.jobs.values()
    body = {name: job.body[name] for name in job.body if name != "image"}
    seed = body.pop("seed")
    assert body == {
        "prompt": "waves",
        "negative_prompt": "blur",
        "resolution": "720p",
        "duration_s": 5,
    }
    assert names_in(cli.folder) == ["photo.jpg", "photo.mp4"]
    price, accepted = ran.sentences[:2]
    assert price == f"Published price: $0.20 (pika, 720p, 5 s). Seed: {seed}."
    assert accepted.startswith("Accepted. To go on from here: python -m pika --resume ")
    size = (cli.folder / "photo.mp4").stat().st_size
    assert ran.out == f"photo.mp4: {size / 1000:.0f} kB, $0.20 billed, seed {seed}\n"


async def test_the_seed_is_drawn_anew_and_can_be_given(cli: CliRunner) -> None:
    for number, arguments in enumerate([(), (), ("--seed", "7"), ("--seed", "4294967295")]):
        assert (await cli.run(*arguments, "-o", f"{number}.mp4")).code == 0
    first, second, *given = [job.body["seed"] for job in cli.stand_in.jobs.values()]
    assert first != second
    assert given == [7, 4294967295]


async def test_price_is_told_before_anything_is_sent(cli: CliRunner) -> None:
    cli.stand_in.faults.add(Fault("pika.upload", "hang"))
    run = cli.begin("--json")
    await cli.stand_in.faults.wait_taken("pika.upload")
    ctrl_c()
    events = (await run).events
    assert [event["event"] for event in events] == ["price", "error"]
    assert events[0]["micro_usd"] == 450_000


async def test_scripts_read_json_lines_alone(cli: CliRunner) -> None:
    cli.stand_in.behaviour.queue_seconds = math.inf
    run = cli.begin("--json", "--seed", "5")
    await cli.stand_in.wait_requests("pika.check", 2)
    cli.stand_in.behaviour.queue_seconds = 0
    ran = await run
    kinds = [event.get("state") or event["event"] for event in ran.events]
    assert [kind for kind in kinds if kind != "rendering"] == [
        "price",
        "ticket",
        "queued",
        "rendered",
        "done",
    ]
    size = (cli.folder / "photo.mp4").stat().st_size
    assert ran.last == {
        "event": "done",
        "path": "photo.mp4",
        "size": size,
        "charge_micro_usd": 450_000,
        "seed": 5,
    }


async def test_a_ticket_brings_the_video_in_another_process(cli: CliRunner) -> None:
    cli.stand_in.behaviour.queue_seconds = math.inf
    process = await cli.program("photo.jpg", "--json")
    assert process.stdout is not None
    await process.stdout.readline()
    told = json.loads(await process.stdout.readline())
    process.kill()
    assert (await cli.ended(process)).code < 0
    cli.stand_in.behaviour.queue_seconds = 0
    (cli.folder / "ticket").write_text(told["ticket"] + "\n")
    ran = await cli.run("--resume", "@ticket", picture=None)
    assert ran.code == 0
    assert f"{told['id']}.mp4" in names_in(cli.folder)
    assert cli.stand_in.paid_submits == 1
    assert "usually" not in ran.err


def test_a_ticket_is_read_as_a_word_as_json_and_from_a_file(tmp_path: Path) -> None:
    ticket = Ticket(provider="fal", id="r 1", urls={"status": "/s?a=1"}, charge_micro_usd=5)
    word = encode_ticket(ticket)
    assert word.replace("-", "").replace("_", "").isalnum()
    (tmp_path / "ticket").write_text(f"{word}\n")
    for text in (word, ticket.model_dump_json(), f"@{tmp_path / 'ticket'}"):
        assert decode_ticket(text) == ticket


async def test_a_check_that_fails_right_after_the_order_ends_nothing(cli: CliRunner) -> None:
    cli.stand_in.faults.add(Fault("pika.check", "reply", status=404))
    assert (await cli.run()).code == 0
    assert cli.stand_in.paid_submits == 1


@pytest.mark.parametrize("wire", ["pika", "fal", "comfy", "comfy-proxy"])
async def test_the_printed_command_resumes_on_every_wire(tmp_path: Path, wire: WireName) -> None:
    async with open_cli(tmp_path, wire) as cli, picture_for(cli) as picture:
        cli.stand_in.behaviour.expire_outputs = True
        ran = await cli.run("-o", "a clip.mp4", picture=picture)
        assert ran.code == Exit.DOWNLOAD_FAILED
        cli.stand_in.behaviour.expire_outputs = False
        again = await cli.run(*ran.resume_arguments(), picture=None)
        assert (again.code, again.out.split(":")[0]) == (Exit.DONE, "a clip.mp4")
        assert cli.stand_in.paid_submits == 1
