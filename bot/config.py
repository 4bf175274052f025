"""The owner's settings, from the environment or `.env`: built once, frozen, passed on."""

from __future__ import annotations

import os
from dataclasses import MISSING, dataclass, field, fields
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import SecretStr
from yarl import URL

from bot.base import BotError, Limit
from bot.monitoring.address import DEFAULT as DEFAULT_HEALTH_ADDRESS
from bot.monitoring.address import Address, parse_address
from bot.setting_names import ENV_FILE_ENCODING, env_file_names, is_known, nearest, slips
from pika import MICRO_USD_PER_USD, PROVIDERS, Account

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")

ENV_FILE: Final = Path(".env")
"""Read in the working directory."""
_LONGEST_ID: Final = 20
"""Digits of the largest id that Discord can make."""
_DEFAULT_LIMIT: Final = Limit.parse("5 a day")
_UTC: Final = ZoneInfo("UTC")


def _secret(text: str) -> SecretStr:
    # Copied with blanks or cut by a "…", it would fail as an HTTP header, far from here.
    if text != text.strip() or not text.isascii() or not text.isprintable():
        raise ValueError("has blanks around it or characters that no key has")
    return SecretStr(text)


def _address(schemes: frozenset[str], text: str) -> str:
    try:
        url = URL(text)
    except ValueError as error:
        raise ValueError("must be an address") from error
    # No user and password in it: addresses are written to logs.
    if url.scheme not in schemes or not url.host or url.user is not None:
        raise ValueError(f"must be an address that starts with {' or '.join(sorted(schemes))}")
    return text


def _api_base(text: str) -> str:
    return _address(frozenset({"http", "https"}), text).rstrip("/")


def _by_provider(
    setting: str, make: Callable[[str], T], given: str | dict[str, str | T]
) -> dict[str, T]:
    """Read `PIKA_API_KEYS__COMFY_PROXY` as the key of `comfy-proxy`."""
    if isinstance(given, str):
        raise ValueError(f"must name its provider, as {setting}__FAL does")  # noqa: TRY004 - as others
    named = {
        name.lower().replace("_", "-"): make(entry) if isinstance(entry, str) else entry
        for name, entry in given.items()
    }
    if unknown := named.keys() - PROVIDERS.keys():
        raise ValueError(f"has the unknown provider {min(unknown)}")
    return named


def _micro_usd(text: str) -> int | None:
    if text.strip().lower() == "none":
        return None
    try:
        return Limit.parse(f"${text.strip().removeprefix('$')} a month").amount
    except ValueError as error:
        raise ValueError("must be dollars, such as 100 or 99.50, or `none`") from error


def _limit_or_off(text: str) -> Limit | None:
    if text.strip().lower() == "off":
        return None
    limit = Limit.parse(text)
    return limit if limit.amount else None


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("must be a time zone such as `Europe/Berlin`") from error


def _guild_ids(text: str) -> frozenset[int]:
    ids = text.replace(",", " ").split()
    if not all(one.isascii() and one.isdecimal() and len(one) <= _LONGEST_ID for one in ids):
        raise ValueError("must be ids of servers, such as 41771983423143937, separated by commas")
    return frozenset(map(int, ids))


def _channel_id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID):
        raise ValueError("must be the id of a channel, such as 41771983423143937")
    return int(text)


def _folder(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError("must be a folder, and its `~` names nobody's home") from error


def _whole_number(lowest: int, highest: int, text: str) -> int:
    number = text.strip()
    if number not in map(str, range(lowest, highest + 1)):
        raise ValueError(f"must be a whole number from {lowest} to {highest}")
    return int(number)


def _line(most: int, text: str) -> str:
    line = text.strip()
    if not line.isprintable() or len(line) > most:
        raise ValueError(f"must be one line of at most {most} characters")
    return line


def _one_of(choices: Sequence[str], text: str) -> str:
    if text not in choices:
        raise ValueError(f"must be one of {', '.join(choices)}")
    return text


_READERS: Final[Mapping[str, Callable[[Any], object]]] = {
    "discord_token": _secret,
    "discord_api_base": _api_base,
    "discord_gateway_url": partial(_address, frozenset({"ws", "wss"})),
    "pika_api_key": _secret,
    "pika_api_keys": partial(_by_provider, "PIKA_API_KEYS", SecretStr),
    "pika_api_bases": partial(_by_provider, "PIKA_API_BASES", str),
    "allowed_guilds": _guild_ids,
    "owner_channel": _channel_id,
    "owner_contact": partial(_line, 200),
    "privacy_url": partial(_address, frozenset({"http", "https"})),
    "terms_url": partial(_address, frozenset({"http", "https"})),
    "source_url": partial(_address, frozenset({"http", "https"})),
    "data_dir": _folder,
    "default_limit": Limit.parse,
    "direct_messages": _limit_or_off,
    "direct_messages_budget_usd_per_month": _micro_usd,
    "time_zone": _zone,
    "owner_budget_usd_per_month": _micro_usd,
    "renders_at_once": partial(_whole_number, 1, 100),
    "retention_days": partial(_whole_number, 0, 3650),
    "backups_kept": partial(_whole_number, 0, 365),
    "backup_dir": _folder,
    "maintenance_hour": partial(_whole_number, 0, 23),
    "log_level": partial(_one_of, ("DEBUG", "INFO", "WARNING", "ERROR")),
    "log_format": partial(_one_of, ("plain", "json")),
    "health_address": parse_address,
}
"""From a setting's text to its value; those not named here are texts."""

DISCORD_API_BASE: Final = "https://discord.com/api/v10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that an owner may set. `.env.example` explains each for owners.

    Not a model of pydantic's, of which the first takes 4 MB of every idle bot.

    Attributes:
        allowed_guilds: Ids; `None` for the guilds that the application's owner can manage.
        owner_channel: The id of the channel for messages to the owner; `None` for direct messages.
        owner_contact: Shown by `/about` as it is written, mentions and Markdown included.
        privacy_url: The owner's own privacy policy, in place of `PRIVACY.md`.
        terms_url: The owner's own terms, in place of `TERMS.md`.
        source_url: Where the source of this bot is, for `/about`.
        direct_messages: What each person may spend in direct messages with the bot; `None` where
            nobody may.
        direct_messages_budget_usd_per_month: What all of them together may spend there, in
            micro-USD as the next; `None` for no more than that.
        owner_budget_usd_per_month: In micro-USD; the setting itself is in dollars. `None` is
            without a ceiling, asked for.
        retention_days: For which pictures, words and the like are kept after their clips have
            ended; 0 for no longer than they are needed.
        backups_kept: So many daily backups; 0 for none.
        backup_dir: Where they are; `None` for `backups` in the data folder.
        maintenance_hour: Of the day in the time zone, for what is done once a day.
        health_address: Where health and metrics are told; `None` for nowhere.
    """

    discord_token: SecretStr
    discord_api_base: str = DISCORD_API_BASE
    discord_gateway_url: str = "wss://gateway.discord.gg/"
    pika_provider: str = "pika"
    pika_api_key: SecretStr
    pika_api_base: str | None = None
    pika_upload_base: str | None = None
    pika_history_base: str | None = None
    pika_api_keys: Mapping[str, SecretStr] = field(default_factory=dict)
    pika_api_bases: Mapping[str, str] = field(default_factory=dict)
    allowed_guilds: frozenset[int] | None = None
    owner_channel: int | None = None
    owner_contact: str | None = None
    privacy_url: str | None = None
    terms_url: str | None = None
    source_url: str | None = None
    data_dir: Path = Path("data")
    default_limit: Limit = _DEFAULT_LIMIT
    direct_messages: Limit | None = None
    direct_messages_budget_usd_per_month: int | None = 10 * MICRO_USD_PER_USD
    time_zone: ZoneInfo = _UTC
    owner_budget_usd_per_month: int | None = 50 * MICRO_USD_PER_USD
    renders_at_once: int = 4
    retention_days: int = 30
    backups_kept: int = 7
    backup_dir: Path | None = None
    maintenance_hour: int = 4
    log_level: str = "INFO"
    log_format: str = "plain"
    health_address: Address | None = DEFAULT_HEALTH_ADDRESS

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Settings:
        """Read texts, by the settings' names in lower case; other values are taken as they are.

        Raises:
            SettingError: For the first setting that is missing or wrong.
        """
        values: dict[str, Any] = {}
        wrong = []
        for it in fields(cls):
            if it.name in given:
                try:
                    values[it.name] = _read(it.name, given[it.name])
                except ValueError as error:
                    sentence = _sentence(str(error))
                    wrong.append(SettingError(it.name.upper(), f"{sentence} See .env.example."))
            elif it.default is it.default_factory is MISSING:
                sentence = "is missing: set it in .env or in the environment (see .env.example)."
                wrong.append(SettingError(it.name.upper(), sentence))
        if wrong:
            wrong[0].others = tuple(wrong[1:])
            raise wrong[0]
        return cls(**values)

    @property
    def retention(self) -> timedelta:
        """The time for which pictures are kept after their clips have ended."""
        return timedelta(days=self.retention_days)

    def other_accounts(self) -> dict[str, Account]:
        """The accounts at providers used earlier, by provider: their clips may still come."""
        return {
            name: Account(key, self.pika_api_bases.get(name))
            for name, key in self.pika_api_keys.items()
            if name != self.pika_provider
        }


def _read(name: str, value: object) -> object:
    return _READERS.get(name, str)(value) if isinstance(value, str | dict) else value


def load_settings() -> Settings:
    """Read the environment, then `.env` in the working directory.

    Raises:
        SettingError: For the first setting that is missing, wrong or misspelt.
    """
    _refuse_misspelt()
    return Settings.of(_given())


def _given() -> dict[str, object]:
    """What the file and the environment say, by the settings' names in lower case."""
    file = dotenv_values(ENV_FILE, encoding=ENV_FILE_ENCODING)
    single: dict[str, object] = {}
    by_provider: dict[str, dict[str, str]] = {}
    for name, text in (*file.items(), *os.environ.items()):
        setting, _, provider = name.lower().partition("__")
        if not text:  # a line of .env.example left empty is a setting not made
            continue
        if provider:
            by_provider.setdefault(setting, {})[provider] = text
        else:
            single[setting] = text
    return {**by_provider, **single}


def misspelt_variables() -> list[tuple[str, str]]:
    """Return environment variables that are nearly a setting, each with that setting.

    They are only warned of: the environment belongs to other programs too.
    """
    strangers = (it for it in os.environ if not is_known(it, _NAMES, _BY_PROVIDER))
    return sorted(slips(strangers, _NAMES))


def forget_settings() -> None:
    """Take settings, misspelt ones too, out of the environment, which child processes inherit."""
    misspelt = {variable for variable, _ in misspelt_variables()}
    for name in list(os.environ):
        if name in misspelt or is_known(name, _NAMES, _BY_PROVIDER):
            del os.environ[name]


def _refuse_misspelt() -> None:
    try:
        written = env_file_names(ENV_FILE)
    except ValueError as error:
        raise SettingError(str(ENV_FILE), str(error)) from None
    for name, line in written:
        if is_known(name, _NAMES, _BY_PROVIDER):
            continue
        meant = nearest(name, _NAMES)
        if meant is None and not name.isupper():
            # It may be part of a key that was pasted alone.
            raise SettingError(str(ENV_FILE), f"has no setting in line {line}. See .env.example.")
        hint = f"the nearest one is {meant}" if meant else "none is called nearly so"
        raise SettingError(name, f"is in {ENV_FILE}, and is no setting: {hint}. See .env.example.")


_NAMES: Final = tuple(it.name.upper() for it in fields(Settings))
_BY_PROVIDER: Final = ("PIKA_API_KEYS", "PIKA_API_BASES")


def _sentence(problem: str) -> str:
    lead = problem[0].lower() + problem[1:]
    if not lead.startswith(("must", "has", "counts")):
        lead = f"is wrong: {lead}"
    return lead if lead.endswith(".") else f"{lead}."


class SettingError(BotError):
    """A setting is missing or wrong.

    Attributes:
        setting: The name in the environment, such as `PIKA_API_KEY`.
        problem: For the owner: what is wrong and what to do, never the value of a secret.
        others: What else is wrong, where more than one setting was looked at.
    """

    others: tuple[SettingError, ...] = ()

    def __init__(self, setting: str, problem: str) -> None:
        super().__init__(f"{setting} {problem}")
        self.setting = setting
        self.problem = problem
