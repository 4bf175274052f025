"""The owner's settings, from the environment or `.env`: built once, frozen, passed on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from yarl import URL

from bot.base import BotError
from bot.quota.limits import Limit
from bot.setting_names import ENV_FILE_ENCODING, env_file_names, is_known, nearest, slips
from pika import MICRO_USD_PER_USD, PROVIDERS, Account

if TYPE_CHECKING:
    from collections.abc import Mapping

ENV_FILE: Final = Path(".env")
"""Read in the working directory."""
_LONGEST_ID: Final = 20
"""Digits of the largest id that Discord can make."""


def _limit(value: object) -> object:
    return Limit.parse(value) if isinstance(value, str) else value


def _micro_usd(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.strip().lower() == "none":
        return None
    try:
        return Limit.parse(f"${value.strip().removeprefix('$')} a month").amount
    except ValueError as error:
        raise ValueError("must be dollars, such as 100 or 99.50, or `none`") from error


def _zone(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("must be a time zone such as `Europe/Berlin`") from error


def _guild_ids(value: object) -> object:
    if not isinstance(value, str):
        return value
    ids = value.replace(",", " ").split()
    if not all(one.isascii() and one.isdecimal() and len(one) <= _LONGEST_ID for one in ids):
        raise ValueError("must be ids of servers, such as 41771983423143937, separated by commas")
    return frozenset(map(int, ids))


def _channel_id(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not (value.isascii() and value.isdecimal() and len(value) <= _LONGEST_ID):
        raise ValueError("must be the id of a channel, such as 41771983423143937")
    return int(value)


def _folder(value: object) -> object:
    try:
        return Path(value).expanduser() if isinstance(value, str) else value
    except RuntimeError as error:
        raise ValueError("must be a folder, and its `~` names nobody's home") from error


class Settings(BaseSettings):
    """All that an owner may set. `.env.example` explains each for owners."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding=ENV_FILE_ENCODING,
        env_ignore_empty=True,  # a line of .env.example left empty is a setting not made
        env_nested_delimiter="__",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # else a secret with a typing error is printed
        arbitrary_types_allowed=True,
    )

    discord_token: SecretStr
    discord_api_base: str = "https://discord.com/api/v10"
    discord_gateway_url: str = "wss://gateway.discord.gg/"
    pika_provider: str = "pika"
    pika_api_key: SecretStr
    pika_api_base: str | None = None
    pika_upload_base: str | None = None
    pika_history_base: str | None = None
    pika_api_keys: Annotated[dict[str, SecretStr], NoDecode] = Field(default_factory=dict)
    pika_api_bases: Annotated[dict[str, str], NoDecode] = Field(default_factory=dict)
    allowed_guilds: Annotated[frozenset[int] | None, NoDecode, BeforeValidator(_guild_ids)] = None
    """Ids; `None` for the guilds that the application's owner can manage."""
    owner_channel: Annotated[int | None, BeforeValidator(_channel_id)] = None
    """The id of the channel for messages to the owner; `None` for direct messages."""
    data_dir: Annotated[Path, BeforeValidator(_folder)] = Path("data")
    # NoDecode: else pydantic-settings reads `5 a day` and `$100` as JSON.
    default_limit: Annotated[Limit, NoDecode, BeforeValidator(_limit)] = Limit.parse("5 a day")
    time_zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = ZoneInfo("UTC")
    owner_budget_usd_per_month: Annotated[int | None, NoDecode, BeforeValidator(_micro_usd)] = (
        50 * MICRO_USD_PER_USD
    )
    """In micro-USD; the setting itself is in dollars. `None` is without a ceiling, asked for."""
    renders_at_once: int = Field(default=4, ge=1, le=100)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("pika_api_keys", "pika_api_bases", mode="before")
    @classmethod
    def _named_as_providers(cls, value: object, info: Any) -> object:  # noqa: ANN401 - as below
        """Read `PIKA_API_KEYS__COMFY_PROXY` as the key of `comfy-proxy`."""
        if not isinstance(value, dict):
            raise ValueError(f"must name its provider, as {info.field_name.upper()}__FAL does")  # noqa: TRY004 - pydantic asks for it
        named = {str(name).lower().replace("_", "-"): entry for name, entry in value.items()}
        if unknown := named.keys() - PROVIDERS.keys():
            raise ValueError(f"has the unknown provider {min(unknown)}")
        return named

    def other_accounts(self) -> dict[str, Account]:
        """The accounts at providers used earlier, by provider: their clips may still come."""
        return {
            name: Account(key, self.pika_api_bases.get(name))
            for name, key in self.pika_api_keys.items()
            if name != self.pika_provider
        }

    @field_validator("discord_token", "pika_api_key")
    @classmethod
    def _fits_a_header(cls, value: SecretStr) -> SecretStr:
        # Copied with blanks or cut by a "…", it would fail as an HTTP header, far from here.
        secret = value.get_secret_value()
        if secret != secret.strip() or not secret.isascii() or not secret.isprintable():
            raise ValueError("has blanks around it or characters that no key has")
        return value

    @field_validator("discord_api_base", "discord_gateway_url")
    @classmethod
    def _is_an_address(cls, value: str, info: Any) -> str:  # noqa: ANN401 - pydantic's own type is not exported stably
        schemes = {"ws", "wss"} if info.field_name == "discord_gateway_url" else {"http", "https"}
        try:
            url = URL(value)
        except ValueError as error:
            raise ValueError("must be an address") from error
        # No user and password in it: addresses are written to logs.
        if url.scheme not in schemes or not url.host or url.user is not None:
            raise ValueError(f"must be an address that starts with {' or '.join(sorted(schemes))}")
        return value.rstrip("/") if info.field_name == "discord_api_base" else value


def load_settings() -> Settings:
    """Read the environment, then `.env` in the working directory.

    Raises:
        SettingError: For the first setting that is missing, wrong or misspelt.
    """
    _refuse_misspelt()
    try:
        return Settings()
    except ValidationError as error:
        first, *others = [_setting_error(it) for it in error.errors(include_url=False)]
        first.others = tuple(others)
        raise first from None


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


_NAMES: Final = tuple(name.upper() for name in Settings.model_fields)
_BY_PROVIDER: Final = ("PIKA_API_KEYS", "PIKA_API_BASES")


def _setting_error(problem: Mapping[str, Any]) -> SettingError:
    name = str(problem["loc"][0]).upper()
    if problem["type"] == "missing":
        return SettingError(
            name, "is missing: set it in .env or in the environment (see .env.example)."
        )
    sentence = _sentence(problem["msg"].removeprefix("Value error, "))
    return SettingError(name, f"{sentence} See .env.example.")


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
