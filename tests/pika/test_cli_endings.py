"""Every kind of ending has its exit code, its word and its sentence, and shows no secrets."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

import pytest

import pika
from pika.cli import command
from pika.cli.exits import MEANINGS, Exit
from pika.cli.problems import problem_of
from playground.faults import Fault
from tests.pika.cli_runner import ROOT, CliRunner, open_cli, shorten_waits
from tests.pika.samples import names_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from playground.pika import WireName


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shorten_waits(monkeypatch, tmp_path)


@pytest.fixture
async def cli(tmp_path: Path) -> AsyncIterator[CliRunner]:
    async with open_cli(tmp_path) as cli:
        yield cli


@dataclass(frozen=True)
class Case:
    exit: Exit
    kind: str
    knobs: Mapping[str, Any] = field(default_factory=dict)
    fault: Fault | None = None
    wire: WireName = "pika"
    charged: bool = False


MANUAL = (ROOT / "docs" / "client.md").read_text()
_REFUSED = {"Retry-After": "3600", "X-Request-ID": "req_1"}
CASES = [
    Case(Exit.NO_CREDIT, "no_credit", {"refuse_at_submit": "insufficient_balance"}),
    Case(Exit.MODERATED, "moderated", {"outcome": "content_moderation"}),
    Case(Exit.REFUSED, "bad_input", {"refuse_at_submit": "invalid_input"}),
    Case(Exit.REFUSED, "bad_picture", fault=Fault("pika.upload", "reply", status=413)),
    Case(
        Exit.TRY_AGAIN,
        "rate_limited",
        fault=Fault("pika.submit", "reply", status=429, headers=_REFUSED),
    ),
    Case(
        Exit.TRY_AGAIN,
        "unavailable",
        fault=Fault("pika.submit", "reply", status=503, headers=_REFUSED),
    ),
    Case(
        Exit.IN_DOUBT, "in_doubt", fault=Fault("fal.submit", "drop_after"), wire="fal", charged=True
    ),
    Case(
        Exit.IN_DOUBT,
        "in_doubt",
        fault=Fault("pika.submit", "drop_after", times=None),
        charged=True,
    ),
    Case(Exit.IN_DOUBT, "timed_out", {"outcome": "timed_out"}, charged=True),
    Case(Exit.RENDER_FAILED, "render_failed", {"outcome": "provider_error"}),
    Case(Exit.DOWNLOAD_FAILED, "download_failed", {"expire_outputs": True}, charged=True),
    Case(
        Exit.UNEXPECTED,
        "unexpected_reply",
        fault=Fault("pika.upload", "reply", status=200, body={}),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.wire}-{case.kind}")
@pytest.mark.parametrize("verbose", [False, True])
async def test_each_ending(tmp_path: Path, case: Case, *, verbose: bool) -> None:
    async with open_cli(tmp_path, case.wire) as cli:
        for name, value in case.knobs.items():
            setattr(cli.stand_in.behaviour, name, value)
        if case.fault:
            cli.stand_in.faults.add(case.fault)
        ran = await cli.run("--json", *(["--verbose"] if verbose else []))
        assert ran.code == ran.last["exit_code"] == case.exit
        assert (ran.last["event"], ran.last["kind"]) == ("error", case.kind)
        assert ran.last["may_be_charged"] == case.charged
        assert ran.last["message"] in ran.sentences
        assert ("request_id" in ran.last) == verbose
        assert ("In full:" in ran.err) == verbose
        assert names_in(tmp_path) == ["photo.jpg"]


async def test_a_wrong_key(cli: CliRunner) -> None:
    cli.settings["PIKA_API_KEY"] = "pk_wrong_but_secret"
    refusal = {"message": "no such key: pk_wrong_but_secret"}
    cli.stand_in.faults.add(Fault("pika.upload", "reply", status=401, body=refusal))
    for verbose in ([], ["--verbose"]):
        ran = await cli.run("--json", *verbose)
        assert (ran.code, ran.last["kind"]) == (Exit.BAD_KEY, "bad_key")
        assert "pk_wrong" not in ran.out + ran.err


async def test_a_told_wait_is_told(cli: CliRunner) -> None:
    cli.stand_in.faults.add(Fault("pika.submit", "reply", status=429, headers=_REFUSED, times=None))
    ran = await cli.run("--json")
    assert (ran.code, ran.last["retryable"]) == (Exit.TRY_AGAIN, True)
    assert ran.last["retry_after_seconds"] == 3600
    assert "The provider asks to wait 3600 s." in ran.sentences


async def test_a_short_trouble_is_sat_out_and_paid_once(cli: CliRunner) -> None:
    cli.stand_in.faults.add(Fault("pika.submit", "drop_after"))
    cli.stand_in.faults.add(Fault("pika.submit", "reply", status=503))
    assert (await cli.run()).code == 0
    assert cli.stand_in.paid_submits == 1


async def test_a_later_refusal_does_not_undo_a_doubt(cli: CliRunner) -> None:
    cli.stand_in.faults.add(Fault("pika.submit", "drop_after"))
    cli.stand_in.faults.add(Fault("pika.submit", "reply", status=503, headers=_REFUSED))
    ran = await cli.run("--json")
    assert (ran.code, ran.last["kind"]) == (Exit.IN_DOUBT, "in_doubt")
    assert ran.last["may_be_charged"]


async def test_a_ticket_that_nobody_knows_ends_at_once(cli: CliRunner) -> None:
    ran = await cli.run("--resume", '{"provider":"pika","id":"media_0"}', "--json", picture=None)
    assert (ran.code, ran.last["kind"]) == (Exit.REFUSED, "unknown_job")
    assert "python -m pika" not in ran.err


async def test_a_full_disk_leads_back_to_the_ticket(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> int:
        await asyncio.sleep(0)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pika.transport._save", full)
    ran = await cli.run("--json")
    assert (ran.code, ran.last["kind"]) == (Exit.DOWNLOAD_FAILED, "not_saved")
    assert ran.last["may_be_charged"]
    assert ran.resume_arguments()[0] == "--resume"


async def test_a_defect_is_owned_up_to(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pika.submission.after_failed_submit", None)
    cli.stand_in.faults.add(Fault("pika.submit", "reply", status=503))
    ran = await cli.run("--json", "--verbose")
    assert (ran.code, ran.last["kind"]) == (Exit.UNEXPECTED, "defect")
    assert "TypeError" in ran.err


async def test_control_characters_of_the_provider_do_not_reach_the_terminal(cli: CliRunner) -> None:
    words = {"error": {"code": "invalid_input", "message": "\x1b]0;owned\x07\r\n"}}
    cli.stand_in.faults.add(Fault("pika.upload", "reply", status=422, body=words))
    ran = await cli.run("--verbose")
    assert "owned" in ran.err
    assert not {"\x1b", "\x07", "\r"} & set(ran.err)


def test_every_error_of_the_client_has_an_ending_of_its_own() -> None:
    kinds = [
        value
        for value in vars(pika).values()
        if isinstance(value, type) and issubclass(value, pika.PikaError)
    ]
    problems = {kind: problem_of(kind(http_status=400)) for kind in kinds}
    assert len({problem.kind for problem in problems.values()}) == len(kinds)
    for kind, problem in problems.items():
        assert problem.sentence.endswith((".", "?"))
        assert problem.exit != Exit.UNEXPECTED or kind in {
            pika.PikaError,
            pika.UnexpectedReplyError,
        }


async def test_the_example_of_the_manual_runs_and_is_short(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIKA_API_KEY", cli.stand_in.key)
    example = MANUAL.partition("```python\n")[2].partition("```")[0]
    lines = [line for line in example.splitlines() if line.strip()]
    assert len(lines) <= 20
    assert lines.pop() == "asyncio.run(main())"
    told = 'os.environ["PIKA_API_KEY"]'
    code = "\n".join(lines).replace(told, f"{told}, base={cli.stand_in.origin!r}")
    names: dict[str, Any] = {}
    exec(code, names)
    await names["main"]()
    assert "charge_micro_usd" in capsys.readouterr().out
    assert "clip.mp4" in names_in(cli.folder)


def test_the_manual_knows_what_each_wire_takes() -> None:
    for work in get_args(pika.Work):
        (row,) = [line for line in MANUAL.splitlines() if line.startswith(f"| `{work.__name__}` |")]
        cells = [cell.strip() for cell in row.split("|")[3:7]]
        taken = [work in provider.capabilities.works for provider in pika.PROVIDERS.values()]
        assert [bool(cell) for cell in cells] == taken


def test_help_and_manual_tell_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        command.main(["--help"])
    assert ending.value.code == 0
    told = capsys.readouterr().out
    assert set(MEANINGS) == set(Exit)
    for code, meaning in MEANINGS.items():
        assert f"{code.value:>3}  {meaning}" in told
        assert f"| {code.value} | {meaning} |" in MANUAL
