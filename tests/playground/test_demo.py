from __future__ import annotations

import os
import re
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

from playground.__main__ import main
from playground.demo import page_demo as demo
from tests.playground.program import playground

if TYPE_CHECKING:
    from pathlib import Path


FILES = {"bot.log", "data", "pika"}
"""What a running playground keeps in its folder: log and data of the bot, files of Pika."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped_and_leaves_nothing(
    number: signal.Signals, tmp_path: Path
) -> None:
    with playground(temp=tmp_path, is_fresh=number is signal.SIGINT) as running:
        found = re.search(r"http://127\.0\.0\.1:\d+", running.line())
        assert found is not None
        with urlopen(found[0], timeout=10) as answer:
            assert b"animate-bot playground" in answer.read()
        assert len(running.bots()) == 1
        running.signal(number)
        assert running.finish() == (0, "", "")
        assert running.left_behind() == []


@pytest.mark.parametrize("bot", ["running", "stopped"])
def test_killed_it_leaves_neither_bot_nor_folder(bot: str, tmp_path: Path) -> None:
    with playground("--port", "0", temp=tmp_path) as running:
        url = running.line().split()[4]
        assert len(running.bots()) == 1
        if bot == "stopped":
            stop = Request(f"{url}/api/acts/stop_bot", b"{}", {"Content-Type": "application/json"})
            with urlopen(stop, timeout=10):
                assert running.bots() == []
        (folder,) = (tmp_path / "tmp").iterdir()
        assert {entry.name.partition("-")[0] for entry in folder.iterdir()} == FILES
        running.signal(signal.SIGKILL)
        assert running.finish() == (-signal.SIGKILL, "", "")
        while running.left_behind():
            time.sleep(0.01)


def test_a_signal_to_all_its_processes_is_an_orderly_end(tmp_path: Path) -> None:
    with playground("--port", "0", temp=tmp_path) as running:
        running.line()
        (folder,) = (tmp_path / "tmp").iterdir()
        (keeper,) = set(running.left_behind()) - {folder, *running.bots()}
        assert isinstance(keeper, int)
        os.kill(keeper, signal.SIGTERM)
        running.signal(signal.SIGTERM)
        assert running.finish() == (0, "", "")
        assert running.left_behind() == []


def test_a_bot_that_dies_ends_it_with_one_sentence_and_its_log(tmp_path: Path) -> None:
    with playground("--port", "0", temp=tmp_path) as running:
        assert "http://127.0.0.1:" in running.line()
        (bot,) = running.bots()
        os.kill(bot, signal.SIGKILL)
        status, _, err = running.finish()
        assert status == 1
        assert err.startswith("The bot ended with signal 9. The end of its log:\n    ")
        assert "the gateway is connected" in err
        assert running.left_behind() == []


def test_verbose_lets_the_log_through(tmp_path: Path) -> None:
    with playground("--port", "0", "--verbose", temp=tmp_path) as running:
        running.line()
        running.signal(signal.SIGINT)
        status, out, err = running.finish()
        assert (status, out) == (0, "")
        assert "the gateway is connected" in err


def test_without_a_wanted_port_a_taken_one_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(demo, "PORT", port)
        with demo.listen(None) as listening:
            host, other = listening.getsockname()
            assert host == "127.0.0.1"
            assert other != port


def test_a_taken_port_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(sys, "argv", ["playground", "--port", str(port)])
        assert main() == 2
    assert capsys.readouterr().err.startswith(f"Port {port} cannot be used (Address already in use")
