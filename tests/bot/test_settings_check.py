"""What `--check` says of disk, port, folders and names; `test_startup.py` has the rest."""

from __future__ import annotations

import socket
from collections import namedtuple
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from bot import settings_check
from bot.base import UnreachableError
from bot.config import Settings
from bot.monitoring.address import Address
from tests.watching import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings_check import ApplicationFacts, Finding


@pytest.fixture(autouse=True)
def is_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    # Pika, which is not there, is asked three times.
    monkeypatch.setattr("pika.transport.SAFE_PAUSE", 0.001)


async def silent(_settings: Settings) -> ApplicationFacts:
    raise UnreachableError("nobody there")


async def findings(data_dir: Path, **changes: Any) -> list[Finding]:
    nowhere = "http://127.0.0.1:9"
    chosen = {
        "discord_token": "t",
        "discord_api_base": nowhere,
        "pika_api_key": "k",
        "pika_api_base": nowhere,
        "data_dir": data_dir,
        "health_address": None,
        **changes,
    }
    return [it async for it in settings_check.check(Settings.of(chosen), silent)]


async def test_little_room_on_the_disk_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings_check, "free_bytes", lambda _folder: 300 * 1_048_576)
    (told,) = [it for it in await findings(tmp_path / "to be made") if it.is_advice]
    assert told.text == "0.3 GB are free there: make room, or the bot stops taking clips."


async def test_a_full_disk_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", ["total", "used", "free"])  # noqa: PYI024 - as shutil's
    monkeypatch.setattr("bot.base.folders.shutil.disk_usage", lambda _: usage(9, 8, 1))
    (told,) = [it for it in await findings(tmp_path) if it.is_wrong]
    assert told.text.startswith("DATA_DIR needs 64 MB of free room: make some on its disk.")


async def test_a_port_that_something_else_has_is_told(tmp_path: Path) -> None:
    address = Address("127.0.0.1", free_port())
    told = [it.text for it in await findings(tmp_path, health_address=address)]
    assert not [it for it in told if "HEALTH_ADDRESS" in it]
    with socket.create_server(address):
        found = await findings(tmp_path, health_address=address)
        (advice,) = [it for it in found if it.is_advice]
        words = f"HEALTH_ADDRESS {address} cannot be used (Address already in use): choose"
        assert advice.text.startswith(words)
        # The bot of these very settings has its port, as it should.
        with FileLock(tmp_path / "lock"):
            again = await findings(tmp_path, health_address=address)
            assert not [it for it in again if it.is_advice]


async def test_a_folder_that_takes_no_backups_is_told_before_the_first_night(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    for wrong, words in {
        "file": "BACKUP_DIR cannot be written to.",
        "file/below": f"BACKUP_DIR cannot be made in {tmp_path / 'file'}.",
    }.items():
        changes = {"backup_dir": tmp_path / wrong}
        (told,) = [it for it in await findings(tmp_path, **changes) if it.is_wrong]
        assert told.text.startswith(words)
        none_kept = await findings(tmp_path, **changes, backups_kept=0)
        assert not [it for it in none_kept if it.is_wrong]
    fine = await findings(tmp_path, backup_dir=tmp_path / "to be made" / "later")
    assert not [it for it in fine if it.is_wrong]


async def test_a_misspelt_variable_is_not_marked_as_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEFAULT_LIMITS", "3")
    (told,) = [it for it in await findings(tmp_path) if it.is_advice]
    assert told.text == "DEFAULT_LIMITS in the environment is no setting: is DEFAULT_LIMIT meant?"
