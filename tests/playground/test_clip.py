from __future__ import annotations

import io
import signal
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import av
import pytest
from PIL import ExifTags, Image

from playground.__main__ import main
from playground.demo.clip import to_upload
from playground.demo.plain_text import plain_text, relative
from playground.discord import DiscordStandIn, Upload
from tests.house import photo
from tests.playground.program import playground

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

DEVELOPERS_OWN = "DISCORD_TOKEN=stray\nDEFAULT_LIMIT=nonsense\nPIKA_API_BASE=http://stray.invalid\n"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Stored lying down, with the word to show it upright: 180x320 to whoever looks."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    path = tmp_path / "holiday photo.jpg"
    path.write_bytes(photo(320, 180, exif=exif))
    return path


def test_a_clip_from_the_shell(tmp_path: Path, picture: Path) -> None:
    (tmp_path / ".env").write_text(DEVELOPERS_OWN)
    options = ("--prompt", "the *sun* rises", "--seed", "7", "--resolution", "720p")
    program = playground(
        *("clip", picture, *options, "--out", "clip.mp4"),
        temp=tmp_path,
        env={"PIKA_PROVIDER": "nonsense", "default_limit": "nonsense"},
        is_fresh=True,
    )
    with program as running:
        status, out, err = running.finish()
        assert (status, err) == (0, "")
        assert running.left_behind() == []
    sent = "image:holiday photo.jpg prompt:the *sun* rises seed:7 resolution:720p"
    assert out.startswith(f"Mia in #clips: /animate {sent}\n")
    states = ("thinking", "Accepted", "Rendering", "AI-generated")
    places = [out.index(word) for word in (*states, "[animate-1-", "is ready", "clip.mp4: ")]
    assert places == sorted(places)
    assert "    > the *sun* rises\n    Pika 2.5 · 720p · 5 s · seed 7 · $0.20\n" in out
    assert "4 of 5 clips left today, renews in " in out
    assert "animate (reply, notifies Mia): @Mia, your clip is ready.\n" in out
    with av.open(io.BytesIO((tmp_path / "clip.mp4").read_bytes()), "r") as video:
        stream = video.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert (stream.width, stream.height) == (720, 1280)
    assert out.endswith("720x1280, 5.0 seconds\n")


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("photo.jpg", ("--prompt", "forbidden"), "Pika's content rules refused this picture"),
        ("notes.png", (), "That file is not a picture I can read."),
        ("photo.jpg", ("--seed", "-1"), "The value of “seed” must be between 0 and 4294967295."),
    ],
)
def test_a_refusal_is_the_members_sentence(
    name: str, options: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(photo())
    (tmp_path / "notes.png").write_text("Not a picture, whatever its name says.\n" * 9)
    with playground("clip", name, *options, "--out", "clip.mp4", temp=tmp_path) as running:
        status, _, err = running.finish()
        assert status == 1
        assert err.startswith(sentence)
        assert running.left_behind() == []
    assert not (tmp_path / "clip.mp4").exists()


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path, picture: Path) -> None:
    with playground("clip", picture, "--out", "clip.mp4", temp=tmp_path) as running:
        while "Accepted" not in running.line():
            pass
        assert len(running.bots()) == 1
        running.signal(signal.SIGINT)
        running.signal(signal.SIGINT)
        status, _, err = running.finish()
        assert (status, err) == (130, "")
        assert running.left_behind() == []
    assert not (tmp_path / "clip.mp4").exists()


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path, picture: Path) -> None:
    with playground("clip", picture, "--out", "clip.mp4", temp=tmp_path) as running:
        running.line()
        running.stop_reading()
        assert running.finish() == (128 + signal.SIGPIPE, "", "")
        assert running.left_behind() == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing.jpg", "--out", "clip.mp4"], "missing.jpg cannot be opened"),
        (["folder", "--out", "clip.mp4"], "folder is not a file"),
        (["http://127.0.0.1/photo.jpg", "--out", "clip.mp4"], "is an address"),
        (["x" * 300, "--out", "clip.mp4"], "cannot be opened"),
        (["photo.jpg", "--out", "photo.jpg"], "--out is the picture itself"),
        (["photo.jpg", "--out", "folder"], "folder cannot be written"),
        (["photo.jpg", "--out", "nowhere/clip.mp4"], "nowhere/clip.mp4 cannot be written"),
    ],
)
def test_wrong_usage_is_one_sentence(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "photo.jpg").write_bytes(photo())
    monkeypatch.setattr(sys, "argv", ["playground", "clip", *arguments])
    assert main() == 2
    err = capsys.readouterr().err
    assert sentence in err
    assert len(err.splitlines()) == 1
    assert (tmp_path / "photo.jpg").read_bytes() == photo()


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.JPG", "image/jpeg"),
        ("a.heic", "image/heic"),
        ("a.avif", "image/avif"),
        ("a.webp", "image/webp"),
        ("archive.zip", "application/zip"),
        ("no extension", None),
    ],
)
def test_a_file_goes_as_it_is_with_the_type_of_its_name(
    name: str, content_type: str | None, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(b"12345")
    assert to_upload(tmp_path / name, 5) == Upload(name, b"12345", content_type)
    assert len(to_upload(tmp_path / name, 3).data) > 3


async def test_markdown_becomes_plain_text() -> None:
    guild = DiscordStandIn().world.guild
    mia = guild.member("mia")
    soon = int(NOW.timestamp()) + 3 * 3600
    for markdown, shown in [
        ("**bold** and \\*\\*not\\*\\*", "bold and **not**"),
        ("-# small\n> said\nno -# here", "small\n> said\nno -# here"),
        (f"<@{mia.id}> and <@!{mia.id}>, <@1>", "@Mia and @Mia, @unknown-user"),
        (f"\\<@{mia.id}\\>", f"<@{mia.id}>"),
        (f"renews <t:{soon}:R>", "renews in 3 hours"),
        (f"at <t:{soon}>", "at 22 November 2026 15:00"),
        ("C:\\\\new \\_ \\a", "C:\\new _ \\a"),
    ]:
        assert plain_text(markdown, guild, NOW) == shown


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "now"),
        (1, "in 1 second"),
        (-59.4, "59 seconds ago"),
        (-60, "1 minute ago"),
        (7199, "in 2 hours"),
        (86_400 * 400, "in 1 year"),
    ],
)
def test_spans_are_worded_as_discord_words_them(seconds: float, words: str) -> None:
    assert relative(seconds) == words
