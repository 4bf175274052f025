"""What the command line brings, and how scripts follow it and go on from a ticket."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest

from pika.cli.exits import Exit
from playground.faults import Fault
from tests.pika.bench import names_in
from tests.pika.shell import Shell, a_picture, a_shell, ctrl_c, impatient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playground.pika import WireName


@pytest.fixture(autouse=True)
def _impatience(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    impatient(monkeypatch, tmp_path)


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    async with a_shell(tmp_path) as shell:
        yield shell


async def test_a_picture_becomes_a_video_beside_it(shell: Shell) -> None:
    ran = await shell.run("--prompt", "waves", "--negative-prompt", "blur", "--resolution", "720p")
    assert ran.code == 0
    (job,) = shell.stand_in.jobs.values()
    body = {name: job.body[name] for name in job.body if name != "image"}
    seed = body.pop("seed")
    assert body == {
        "prompt": "waves",
        "negative_prompt": "blur",
        "resolution": "720p",
        "duration_s": 5,
    }
    assert names_in(shell.folder) == ["photo.jpg", "photo.mp4"]
    price, accepted = ran.sentences[:2]
    assert price == f"Published price: $0.20 (pika, 720p, 5 s). Seed: {seed}."
    assert accepted.startswith("Accepted. To go on from here: python -m pika --resume ")
    size = (shell.folder / "photo.mp4").stat().st_size
    assert ran.out == f"photo.mp4: {size / 1000:.0f} kB, $0.20 billed, seed {seed}\n"


async def test_the_seed_is_drawn_anew_and_can_be_given(shell: Shell) -> None:
    for number, arguments in enumerate([(), (), ("--seed", "7"), ("--seed", "4294967295")]):
        assert (await shell.run(*arguments, "-o", f"{number}.mp4")).code == 0
    first, second, *given = [job.body["seed"] for job in shell.stand_in.jobs.values()]
    assert first != second
    assert given == [7, 4294967295]


async def test_price_is_told_before_anything_is_sent(shell: Shell) -> None:
    shell.stand_in.faults.add(Fault("pika.upload", "hang"))
    run = shell.begin("--json")
    await shell.stand_in.faults.wait_taken("pika.upload")
    ctrl_c()
    events = (await run).events
    assert [event["event"] for event in events] == ["price", "error"]
    assert events[0]["micro_usd"] == 450_000


async def test_scripts_read_json_lines_alone(shell: Shell) -> None:
    shell.stand_in.behaviour.queue_seconds = math.inf
    run = shell.begin("--json", "--seed", "5")
    await shell.stand_in.wait_requests("pika.check", 2)
    shell.stand_in.behaviour.queue_seconds = 0
    ran = await run
    kinds = [event.get("state") or event["event"] for event in ran.events]
    assert [kind for kind in kinds if kind != "rendering"] == [
        "price",
        "ticket",
        "queued",
        "rendered",
        "done",
    ]
    size = (shell.folder / "photo.mp4").stat().st_size
    assert ran.last == {
        "event": "done",
        "path": "photo.mp4",
        "size": size,
        "charge_micro_usd": 450_000,
        "seed": 5,
    }


@pytest.mark.parametrize("form", ["word", "json", "file"])
async def test_a_ticket_brings_the_video_in_another_process(shell: Shell, form: str) -> None:
    shell.stand_in.behaviour.queue_seconds = math.inf
    process = await shell.program("photo.jpg", "--json")
    assert process.stdout is not None
    await process.stdout.readline()
    told = json.loads(await process.stdout.readline())
    process.kill()
    assert (await shell.ended(process)).code < 0
    shell.stand_in.behaviour.queue_seconds = 0
    (shell.folder / "ticket").write_text(told["ticket"] + "\n")
    plain = json.dumps({"provider": told["provider"], "id": told["id"]})
    word = {"word": told["ticket"], "json": plain, "file": "@ticket"}[form]
    ran = await shell.run("--resume", word, picture=None)
    assert ran.code == 0
    assert f"{told['id']}.mp4" in names_in(shell.folder)
    assert shell.stand_in.paid_submits == 1
    assert "usually" not in ran.err


@pytest.mark.parametrize("wire", ["pika", "fal", "comfy", "comfy-proxy"])
async def test_the_printed_command_resumes_on_every_wire(tmp_path: Path, wire: WireName) -> None:
    async with a_shell(tmp_path, wire) as shell, a_picture(shell) as picture:
        shell.stand_in.behaviour.expire_outputs = True
        ran = await shell.run("-o", "a clip.mp4", picture=picture)
        assert ran.code == Exit.DOWNLOAD_FAILED
        shell.stand_in.behaviour.expire_outputs = False
        again = await shell.run(*ran.resume_arguments(), picture=None)
        assert (again.code, again.out.split(":")[0]) == (Exit.DONE, "a clip.mp4")
        assert shell.stand_in.paid_submits == 1
