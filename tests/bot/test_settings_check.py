"""What `--check` says of a disk that is almost full; `test_startup.py` has the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import settings_check
from bot.base import UnreachableError
from bot.config import Settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from bot.settings_check import ApplicationFacts


async def silent(_settings: Settings) -> ApplicationFacts:
    raise UnreachableError("nobody there")


async def test_little_room_on_the_disk_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings_check, "free_bytes", lambda _folder: 300 * 1_048_576)
    nowhere = "http://127.0.0.1:9"
    settings = Settings.of(
        {
            "discord_token": "t",
            "discord_api_base": nowhere,
            "pika_api_key": "k",
            "pika_api_base": nowhere,
            "data_dir": tmp_path / "to be made",
        }
    )
    findings = [it async for it in settings_check.check(settings, silent)]
    (told,) = [it for it in findings if it.is_advice]
    assert told.text == "0.3 GB are free there: make room, or the bot stops taking clips."
