"""What members are told of who runs the bot, and of where their pictures go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Operator:
    """Facts from the settings, for `/about` and `/setup`.

    Attributes:
        contact: Who runs the bot and how to reach them, as they wrote it.
        privacy_url: Their privacy policy; `None` for `PRIVACY.md`.
        terms_url: Their terms; `None` for `TERMS.md`.
        source_url: The address of the bot's source.
        provider: The name of the provider, one of `pika.PROVIDERS`.
        retention_days: For which pictures and words are kept after their clips have ended.
        time_zone: Of guilds that have set none.
        data_dir: Where database, pictures and videos are.
    """

    contact: str | None
    privacy_url: str | None
    terms_url: str | None
    source_url: str | None
    provider: str
    retention_days: int
    time_zone: ZoneInfo
    data_dir: Path
