"""The owner's settings, from the environment or `.env`: built once, frozen, passed on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from yarl import URL

from bot.base import BotError
from bot.quota.limits import Limit
from pika import MICRO_USD_PER_USD, PROVIDERS, Account

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


class Settings(BaseSettings):
    """All that an owner may set. `.env.example` explains each for owners."""

    model_config = SettingsConfigDict(
        env_file=".env",
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
    pika_api_keys: dict[str, SecretStr] = Field(default_factory=dict)
    pika_api_bases: dict[str, str] = Field(default_factory=dict)
    allowed_guilds: Annotated[frozenset[int] | None, NoDecode, BeforeValidator(_guild_ids)] = None
    """Ids; `None` for the guilds that the application's owner can manage."""
    data_dir: Path = Path("data")
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
    def _named_as_providers(cls, value: object) -> object:
        """Read `PIKA_API_KEYS__COMFY_PROXY` as the key of `comfy-proxy`."""
        if not isinstance(value, dict):
            return value
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
        SettingError: For the first setting that is missing or wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        name = str(first["loc"][0]).upper()
        if first["type"] == "missing":
            raise SettingError(
                name, "is missing: set it in .env or in the environment (see .env.example)."
            ) from None
        problem = first["msg"].removeprefix("Value error, ")
        raise SettingError(name, f"{_sentence(problem)} See .env.example.") from None


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
    """

    def __init__(self, setting: str, problem: str) -> None:
        super().__init__(f"{setting} {problem}")
        self.setting = setting
        self.problem = problem
