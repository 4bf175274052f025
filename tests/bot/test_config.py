from __future__ import annotations

import os
import re
from dataclasses import FrozenInstanceError, asdict, fields
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.base import Limit
from bot.config import (
    SettingError,
    Settings,
    forget_settings,
    load_settings,
    misspelt_variables,
)

SETTINGS = {it.name for it in fields(Settings)}
GOOD = {"DISCORD_TOKEN": "token-of-discord", "PIKA_API_KEY": "key-of-pika"}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of whoever runs the suite, and no `.env` of theirs."""
    for name in list(os.environ):
        if name.lower() in SETTINGS:
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
        LOG_FORMAT="json",
        HEALTH_ADDRESS="[::1]:9000",
    )
    assert settings.log_format == "json"
    assert settings.health_address == ("::1", 9000)
    assert str(settings.health_address) == "[::1]:9000"
    assert settings.discord_api_base == "http://127.0.0.1:8000/api/v10"
    assert settings.discord_gateway_url == "ws://127.0.0.1:8000/gateway"
    assert settings.pika_api_base == "http://127.0.0.1:9000"
    assert settings.data_dir == tmp_path / "here"
    assert settings.default_limit == Limit.parse("$2/week")
    assert settings.time_zone == ZoneInfo("Asia/Kolkata")
    assert (settings.renders_at_once, settings.log_level) == (7, "DEBUG")


def test_health_is_told_on_this_machine_alone_or_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch).health_address == ("127.0.0.1", 8642)
    assert load(monkeypatch, HEALTH_ADDRESS="off").health_address is None


def test_the_file_is_read_and_the_environment_goes_before_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("DEFAULT_LIMIT=9\nRENDERS_AT_ONCE=2\n")
    settings = load(monkeypatch, RENDERS_AT_ONCE="3")
    assert settings.default_limit == Limit.parse("9")
    assert settings.renders_at_once == 3


# What is written in `.env`, and how


def write(text: str, encoding: str = "utf-8") -> None:
    Path(".env").write_bytes(text.encode(encoding))


GOOD_FILE = "\n".join(f"{name}={value}" for name, value in GOOD.items()) + "\n"


def refusal() -> SettingError:
    with pytest.raises(SettingError) as error:
        load_settings()
    assert_one_line(str(error.value), error.value.setting)
    assert "key-of-pika" not in str(error.value)
    return error.value


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("OWNER_BUDGET_USD_PR_MONTH", "OWNER_BUDGET_USD_PER_MONTH"),
        ("OWNER_BUDGET", "OWNER_BUDGET_USD_PER_MONTH"),
        ("owner_budget_usd_month", "OWNER_BUDGET_USD_PER_MONTH"),
        ("DISCORD_TOKE", "DISCORD_TOKEN"),
        ("TIMEZONE", "TIME_ZONE"),
        ("DATADIR", "DATA_DIR"),
        ("PIKA_API_KEYS_FAL", "PIKA_API_KEYS"),
        ("ALLOWED_GUILD", "ALLOWED_GUILDS"),
    ],
)
def test_a_misspelt_name_is_told_with_the_nearest(name: str, meant: str) -> None:
    write(f"{GOOD_FILE}{name}=1\n")
    error = refusal()
    assert error.setting == name
    assert f"the nearest one is {meant}." in error.problem


def test_a_name_like_none_is_told_too() -> None:
    write(f"{GOOD_FILE}COMPOSE_FILE=1\n")
    assert "none is called nearly so" in refusal().problem


@pytest.mark.parametrize("line", ["S3CR3TPASTED", "S3cr3tPastedAlone==", "S3cr3t.Pasted-x="])
def test_a_key_pasted_alone_is_told_by_its_line(line: str) -> None:
    write(f"# first\n\n{GOOD_FILE}{line}\n")
    error = refusal()
    assert error.setting == ".env"
    assert "line 5" in error.problem
    assert "S3CR3T" not in str(error).upper()


def test_quotes_that_are_not_closed_are_told_by_their_line() -> None:
    write(f'{GOOD_FILE}DEFAULT_LIMIT="5 clips\n')
    assert "line 3" in refusal().problem


@pytest.mark.parametrize("name", ["discord_token", "export DISCORD_TOKEN"])
def test_known_names_may_be_written_as_shells_and_people_do(name: str) -> None:
    write(f"{name}=a\nPIKA_API_KEY='b'\nPIKA_API_KEYS__COMFY_PROXY=c # once\n\n")
    assert load_settings().discord_token.get_secret_value() == "a"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8"])
def test_a_file_with_or_without_a_mark_is_read(encoding: str) -> None:
    write(GOOD_FILE, encoding)
    assert load_settings().pika_api_key.get_secret_value() == "key-of-pika"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_a_file_in_another_encoding_is_told(encoding: str) -> None:
    # Without its mark, UTF-16 of these letters is UTF-8 too, with zeros between them.
    write(GOOD_FILE + "# für alle" * (encoding == "cp1252"), encoding)
    error = refusal()
    assert (error.setting, "UTF-8" in error.problem) == (".env", True)


def test_a_folder_for_a_file_is_told() -> None:
    Path(".env").mkdir()
    assert refusal().setting == ".env"


def test_the_file_that_owners_copy_names_settings_alone(request: pytest.FixtureRequest) -> None:
    text = (request.config.rootpath / ".env.example").read_text(encoding="utf-8")
    lines = re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)
    assert len(lines) > 10
    write(GOOD_FILE + "".join(f"{name}=\n" for name in lines if name not in GOOD))
    load_settings()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("OWNER_BUDGET_USD_PR_MONTH", "OWNER_BUDGET_USD_PER_MONTH"),
        ("LOGLEVEL", "LOG_LEVEL"),
        ("discord_tokn", "DISCORD_TOKEN"),
    ],
)
def test_variables_that_are_nearly_ours_are_found(
    monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    load(monkeypatch, **{name: "1", "PIKA_API_KEYS__FAL": "k", "HOMEPAGE": "x"})
    assert misspelt_variables() == [(name, meant)]


@pytest.mark.parametrize("name", ["PIKA_API_KEYS", "PIKA_API_BASES"])
@pytest.mark.parametrize("value", ["x", '{"fal": "x"}', "[]"])
def test_keys_by_provider_must_name_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(SettingError) as error:
        load(monkeypatch, **{name: value})
    assert (
        str(error.value) == f"{name} must name its provider, as {name}__FAL does. See .env.example."
    )


def test_a_home_is_filled_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert load(monkeypatch, DATA_DIR="~/bot").data_dir == tmp_path / "home" / "bot"


def test_all_that_is_wrong_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingError) as error:
        load(monkeypatch, DEFAULT_LIMIT="lots", TIME_ZONE="Mars/Olympus", LOG_LEVEL="LOUD")
    told = [error.value, *error.value.others]
    assert [it.setting for it in told] == ["DEFAULT_LIMIT", "TIME_ZONE", "LOG_LEVEL"]


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
    assert load(monkeypatch, ALLOWED_GUILDS=value).allowed_guilds == frozenset({11, 22})


@pytest.mark.parametrize("value", [None, ""])
def test_without_allowed_guilds_the_owners_are_looked_up(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    changes = {} if value is None else {"ALLOWED_GUILDS": value}
    assert load(monkeypatch, **changes).allowed_guilds is None


def test_settings_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    with pytest.raises(FrozenInstanceError):
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
    "DATA_DIR": ["~nobody-of-that-name/x"],
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
    "LOG_FORMAT": ["JSON", "xml"],
    "HEALTH_ADDRESS": [
        "8642",
        "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "http://a:1",
        "::1:80",
    ],
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
    for text in (repr(settings), str(settings), str(asdict(settings))):
        assert "token-of-discord" not in text
        assert "key-of-pika" not in text


def test_every_setting_is_explained_to_owners(request: pytest.FixtureRequest) -> None:
    text = (request.config.rootpath / ".env.example").read_text(encoding="utf-8")
    assert [name for name in SETTINGS if name.upper() not in text] == []


def test_no_setting_stays_in_the_environment_that_child_processes_inherit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = {"PIKA_API_KEYS__FAL": "key-of-fal", "discord_tokens": "misspelt", "PATH": "kept"}
    settings = load(monkeypatch, pika_provider="fal", **entries)
    forget_settings()
    assert settings.pika_api_keys["fal"].get_secret_value() == "key-of-fal"
    left = {**GOOD, "pika_provider": "fal", **entries}.keys() & os.environ.keys()
    assert left == {"PATH"}


@pytest.mark.parametrize("text", ["two\nlines", "x" * 201])
def test_a_contact_is_one_short_line(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    with pytest.raises(SettingError, match="OWNER_CONTACT must be one line of at most 200"):
        load(monkeypatch, OWNER_CONTACT=text)
    assert load(monkeypatch, OWNER_CONTACT=" Mia, <@7> ").owner_contact == "Mia, <@7>"


@pytest.mark.parametrize("name", ["PRIVACY_URL", "SOURCE_URL"])
def test_links_are_addresses(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(SettingError, match=f"{name} must be an address"):
        load(monkeypatch, **{name: "example.org"})
    settings = load(monkeypatch, **{name: "https://example.org/a"})
    assert "https://example.org/a" in {settings.privacy_url, settings.source_url}
