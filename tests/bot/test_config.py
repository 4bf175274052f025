from __future__ import annotations

import os
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from bot.config import SettingError, Settings, load_settings
from bot.quota.limits import Limit

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"DISCORD_TOKEN": "token-of-discord", "PIKA_API_KEY": "key-of-pika"}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of whoever runs the suite, and no `.env` of theirs."""
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def load(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Settings:
    for name, value in (GOOD | changes).items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_two_secrets_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    assert settings.discord_token.get_secret_value() == "token-of-discord"
    assert settings.pika_api_key.get_secret_value() == "key-of-pika"
    assert settings.discord_api_base == "https://discord.com/api/v10"
    assert settings.discord_gateway_url == "wss://gateway.discord.gg/"
    assert settings.pika_provider == "pika"
    assert settings.pika_api_base is None
    assert settings.default_limit == Limit.parse("5 clips a day")
    assert settings.time_zone == ZoneInfo("UTC")


def test_everything_can_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = load(
        monkeypatch,
        DISCORD_API_BASE="http://127.0.0.1:8000/api/v10/",
        DISCORD_GATEWAY_URL="ws://127.0.0.1:8000/gateway",
        PIKA_API_BASE="http://127.0.0.1:9000",
        DATA_DIR=str(tmp_path / "here"),
        DEFAULT_LIMIT="$2 a week",
        TIME_ZONE="Asia/Kolkata",
        RENDERS_AT_ONCE="7",
        LOG_LEVEL="DEBUG",
    )
    assert settings.discord_api_base == "http://127.0.0.1:8000/api/v10"
    assert settings.discord_gateway_url == "ws://127.0.0.1:8000/gateway"
    assert settings.pika_api_base == "http://127.0.0.1:9000"
    assert settings.data_dir == tmp_path / "here"
    assert settings.default_limit == Limit.parse("$2/week")
    assert settings.time_zone == ZoneInfo("Asia/Kolkata")
    assert (settings.renders_at_once, settings.log_level) == (7, "DEBUG")


def test_the_file_is_read_and_the_environment_goes_before_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("DEFAULT_LIMIT=9\nRENDERS_AT_ONCE=2\nUNKNOWN=ignored\n")
    settings = load(monkeypatch, RENDERS_AT_ONCE="3")
    assert settings.default_limit == Limit.parse("9")
    assert settings.renders_at_once == 3


@pytest.mark.parametrize(
    ("value", "micro_usd"),
    [("100", 100_000_000), ("0.5", 500_000), ("0", 0), ("$20", 20_000_000), ("  7  ", 7_000_000)],
)
def test_the_owners_budget_is_in_dollars(
    monkeypatch: pytest.MonkeyPatch, value: str, micro_usd: int
) -> None:
    settings = load(monkeypatch, OWNER_BUDGET_USD_PER_MONTH=value)
    assert settings.owner_budget_usd_per_month == micro_usd


def test_a_wrong_budget_of_the_owner_is_told_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SettingError) as error:
        load(monkeypatch, OWNER_BUDGET_USD_PER_MONTH="lots")
    assert "must be dollars, such as 100 or 99.50" in str(error.value)


@pytest.mark.parametrize("value", [None, ""])
def test_an_owners_budget_that_is_not_set_is_fifty_dollars(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    changes = {} if value is None else {"OWNER_BUDGET_USD_PER_MONTH": value}
    assert load(monkeypatch, **changes).owner_budget_usd_per_month == 50_000_000


@pytest.mark.parametrize("value", ["none", "None", " NONE "])
def test_none_lifts_the_ceiling(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    assert load(monkeypatch, OWNER_BUDGET_USD_PER_MONTH=value).owner_budget_usd_per_month is None


@pytest.mark.parametrize("value", ["11, 22", "11,22", " 11 22 ", "22,11,"])
def test_allowed_guilds_are_ids(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    assert load(monkeypatch, ALLOWED_GUILDS=value).allowed_guilds == {11, 22}


@pytest.mark.parametrize("value", [None, ""])
def test_without_allowed_guilds_the_owners_are_looked_up(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    changes = {} if value is None else {"ALLOWED_GUILDS": value}
    assert load(monkeypatch, **changes).allowed_guilds is None


def test_settings_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    with pytest.raises(ValidationError):
        settings.renders_at_once = 9  # type: ignore[misc] # what the type forbids, Python must too


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize(
    "value", [None, "", "  ", " S3cr3t", "S3cr3t\n", "S3cr\u00e9t", "S3\tcr3t"]
)
def test_a_secret_that_cannot_be_one_is_told_by_name_alone(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    for other in GOOD.keys() - {name}:
        monkeypatch.setenv(other, GOOD[other])
    if value is not None:
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as error:
        load_settings()
    assert error.value.setting == name
    assert_one_line(str(error.value), name)
    if value and value.strip():
        assert value not in str(error.value)


WRONG = {
    "DISCORD_API_BASE": ["discord.com", "ftp://discord.com", "https://", "https://u:p@host/", "::"],
    "DISCORD_GATEWAY_URL": ["https://gateway.discord.gg", "gateway", "wss://", "ws://u:p@h"],
    "DEFAULT_LIMIT": ["lots", "-1", "1.5 clips", "5 clips a year", "$3 clips"],
    "TIME_ZONE": ["Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "+01:00"],
    "OWNER_BUDGET_USD_PER_MONTH": [
        "lots",
        "-1",
        "1e3",
        "nan",
        "inf",
        "1,000",
        "100 a week",
        "5 clips",
        "$$5",
        "0.0000001",
        "1" * 40,
    ],
    "ALLOWED_GUILDS": ["mine", "1;2", "-1", "1.5", "[1, 2]", "\u0661", "1" * 21],
    "RENDERS_AT_ONCE": ["0", "-3", "101", "many", "1.5"],
    "LOG_LEVEL": ["LOUD", "debug!"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_setting_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(SettingError) as error:
        load(monkeypatch, **{name: value})
    assert error.value.setting == name
    assert_one_line(str(error.value), name)
    assert "key-of-pika" not in str(error.value)


def assert_one_line(sentence: str, name: str) -> None:
    assert sentence.startswith(f"{name} ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    for jargon in ("pydantic", "validation", "Value error", "Traceback", "input_value"):
        assert jargon not in sentence


def test_no_repr_holds_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    for text in (repr(settings), str(settings), settings.model_dump_json()):
        assert "token-of-discord" not in text
        assert "key-of-pika" not in text


def test_every_setting_is_explained_to_owners(request: pytest.FixtureRequest) -> None:
    text = (request.config.rootpath / ".env.example").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if name.upper() not in text] == []
