"""What cannot work is refused with one sentence, before anything is sent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pika.cli.exits import Exit
from tests.pika.cli_runner import CliRunner, open_cli, shorten_waits
from tests.pika.samples import JPEG, names_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playground.pika import WireName

URL = "https://pictures.example/a.jpg"


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shorten_waits(monkeypatch, tmp_path)


@pytest.fixture
async def cli(tmp_path: Path) -> AsyncIterator[CliRunner]:
    async with open_cli(tmp_path) as cli:
        yield cli


async def refused(cli: CliRunner, *arguments: str, picture: str | None = "photo.jpg") -> str:
    """The one sentence; the run must have left no trace here nor there."""
    before = names_in(cli.folder)
    ran = await cli.run(*arguments, "--json", picture=picture)
    assert ran.code == Exit.USAGE
    assert not cli.stand_in.exchanges
    assert names_in(cli.folder) == before
    *_, event = ran.events
    assert event["event"] == "error"
    assert event["exit_code"] == 2
    assert not event["may_be_charged"]
    assert ran.sentences[-1] == event["message"]
    assert len(ran.sentences) == len(ran.events)
    return str(event["message"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--resolution", "4k"], "--resolution"),
        (["--duration", "7"], "--duration"),
        (["--duration", "five"], "--duration"),
        (["--seed", "-1"], "--seed"),
        (["--seed", "4294967296"], "4294967295"),
        (["--seed", "1.5"], "--seed"),
        (["--seed", "9" * 5000], "--seed"),
        (["--provider", "sora"], "--provider"),
        (["--api-key", "x"], "--api-key"),
        (["--prom", "x"], "--prom"),
        (["another.jpg"], "another.jpg"),
        (["--prompt", "x" * 10_001], "prompt"),
        (["--prompt", "\udc80"], "prompt"),
        (["-o", "nowhere/clip.mp4"], "No such file or directory"),
        (["-o", "photo.jpg"], "--force"),
        (["-o", ".", "--force"], "folder"),
        (["-o", "x" * 300], "File name too long"),
        (["--resume", "eyJ9"], "leave out the picture"),
    ],
)
async def test_wrong_usage(cli: CliRunner, arguments: list[str], words: str) -> None:
    assert words in await refused(cli, *arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--help"),
        (["--resume", "eyJ9"], "no ticket"),
        (["--resume", "ü"], "no ticket"),
        (["--resume", "{}"], "no ticket"),
        (["--resume", ""], "no ticket"),
        (["--resume", "@nowhere"], "nowhere"),
        (["--resume", "@photo.jpg"], "photo.jpg"),
        (["--resume", '{"provider":"sora","id":"1"}'], "no provider that is known"),
        (["--resume", '{"provider":"fal","id":"1"}'], "--provider fal"),
        (["--resume", '{"provider":"pika","id":"1"}', "--seed", "1"], "leave out --seed"),
    ],
)
async def test_wrong_resumption(cli: CliRunner, arguments: list[str], words: str) -> None:
    assert words in await refused(cli, *arguments, picture=None)


async def test_pictures_that_are_none(cli: CliRunner) -> None:
    files = {
        "empty.jpg": b"",
        "text.png": b"\x89PN, honestly",
        "video.webp": b"RIFF\0\0\0\0AVI ",
        "large.jpg": JPEG + bytes(25_000_000),
    }
    for name, data in files.items():
        (cli.folder / name).write_bytes(data)
    (cli.folder / "folder.jpg").mkdir()
    os.mkfifo(cli.folder / "pipe.jpg")
    sentences = {
        "nothing.jpg": "No such file",
        "folder.jpg": "is a folder",
        "pipe.jpg": "not a file",
        "empty.jpg": "no JPEG, PNG or WebP",
        "text.png": "no JPEG, PNG or WebP",
        "video.webp": "no JPEG, PNG or WebP",
        "large.jpg": "25.0 MB, and 20 MB is the most",
        "ftp://pictures.example/a.jpg": "https://",
        "https://": "picture cannot be sent",
        "https://[": "no address",
        "https://pictures.example/ a.jpg": "picture cannot be sent",
    }
    for picture, words in sentences.items():
        told = await refused(cli, picture=picture)
        assert words in told, picture
        assert "dictionary" not in told, picture


async def test_the_output_is_never_overwritten_unasked(cli: CliRunner) -> None:
    (cli.folder / "photo.mp4").write_bytes(b"mine")
    assert "photo.mp4 is there already" in await refused(cli)
    (cli.folder / "link.mp4").symlink_to("nowhere")
    assert "link.mp4 is there already" in await refused(cli, "-o", "link.mp4")
    assert (cli.folder / "photo.mp4").read_bytes() == b"mine"
    assert (await cli.run("--force")).code == 0
    assert (cli.folder / "photo.mp4").read_bytes() != b"mine"


async def test_a_video_that_takes_the_name_meanwhile_is_kept(cli: CliRunner) -> None:
    first, second = cli.begin(), cli.begin()
    assert (await first).code == (await second).code == 0
    assert names_in(cli.folder) == ["photo-2.mp4", "photo.jpg", "photo.mp4"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PIKA_API_KEY", "", "PIKA_API_KEY is not set"),
        ("PIKA_API_KEY", "  ", "PIKA_API_KEY is not set"),
        ("PIKA_API_KEY", "schlüssel-123", "PIKA_API_KEY is not set, or has characters"),
        ("PIKA_PROVIDER", "sora", "PIKA_PROVIDER must be one of"),
        ("PIKA_API_BASE", "api.pika.example", "PIKA_API_BASE must be http(s)://host[:port]"),
        ("PIKA_API_BASE", "http://127.0.0.1:1/v1", "PIKA_API_BASE must be"),
        ("PIKA_API_BASE", "http://user@127.0.0.1", "PIKA_API_BASE must be"),
    ],
)
async def test_settings_that_cannot_work(cli: CliRunner, name: str, value: str, words: str) -> None:
    cli.settings[name] = value
    assert words in await refused(cli)
    assert value.strip() not in cli.ran[-1].err or name != "PIKA_API_KEY" or not value.strip()


async def test_fal_has_a_base_of_its_uploads(tmp_path: Path) -> None:
    async with open_cli(tmp_path, "fal") as cli:
        cli.settings["PIKA_UPLOAD_BASE"] = "http://127.0.0.1/storage"
        assert "PIKA_UPLOAD_BASE must be" in await refused(cli)


@pytest.mark.parametrize(
    ("wire", "picture", "words"),
    [
        ("comfy", "photo.jpg", "public https address"),
        ("comfy-proxy", URL, "files only"),
    ],
)
async def test_each_wire_takes_pictures_in_its_own_way(
    tmp_path: Path, wire: WireName, picture: str, words: str
) -> None:
    async with open_cli(tmp_path, wire) as cli:
        assert words in await refused(cli, picture=picture)


async def test_the_router_fetches_by_https_alone(tmp_path: Path) -> None:
    async with open_cli(tmp_path, "comfy") as cli:
        cli.settings["PIKA_API_BASE"] = "https://127.0.0.1:1"
        told = await refused(cli, picture="http://pictures.example/a.jpg")
        assert "must be a public https address" in told


async def test_the_argument_wins_over_the_environment(cli: CliRunner) -> None:
    assert "comfy takes only" in await refused(cli, "--provider", "comfy")


async def test_a_key_in_the_wrong_place_is_not_repeated(cli: CliRunner) -> None:
    ran = await cli.run(picture=cli.stand_in.key)
    assert ran.code == Exit.USAGE
    assert "*** cannot be read" in ran.err
