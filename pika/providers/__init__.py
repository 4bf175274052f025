"""The wires to Pika, one file each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pika.errors import ConfigurationError
from pika.providers.pika import PikaProvider

if TYPE_CHECKING:
    import aiohttp
    from pydantic import SecretStr

    from pika.provider import Provider

PROVIDERS: Final = {PikaProvider.NAME: PikaProvider}


def make_provider(
    name: str, session: aiohttp.ClientSession, key: SecretStr, base: str | None
) -> Provider:
    """Build a provider by the name that settings use; `base=None` is its own default.

    Raises:
        ConfigurationError: The name, key or base cannot work; `code` says which.
    """
    if name not in PROVIDERS:
        raise ConfigurationError(f"one of: {', '.join(PROVIDERS)}", code="provider")
    secret = key.get_secret_value()
    if not secret.strip() or not secret.isprintable() or not secret.isascii():
        raise ConfigurationError("an empty or unprintable key", code="key")
    return PROVIDERS[name](session, key, base)
