"""The wires to Pika by name, one file each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pika.errors import ConfigurationError
from pika.providers.comfy import ComfyProvider
from pika.providers.comfy_proxy import ComfyProxyProvider
from pika.providers.fal import FalProvider
from pika.providers.pika import PikaProvider

if TYPE_CHECKING:
    import aiohttp

    from pika.models import Order, Ticket
    from pika.provider import Account, Provider

PROVIDERS: Final = {
    kind.NAME: kind for kind in (PikaProvider, FalProvider, ComfyProvider, ComfyProxyProvider)
}


def traces_of(provider: str, order: Order | None, ticket: Ticket | None) -> list[str]:
    """Name what a provider may have of an order, for `Pika.erase`; none where it cannot."""
    return PikaProvider.traces(order, ticket) if provider == PikaProvider.NAME else []


def make_provider(name: str, session: aiohttp.ClientSession, account: Account) -> Provider:
    """Build a provider by the name that settings use.

    Raises:
        ConfigurationError: The name, key or a base cannot work; `code` says which.
    """
    if name not in PROVIDERS:
        raise ConfigurationError(f"one of: {', '.join(PROVIDERS)}", code="provider")
    # Not left to the first request: here the start fails, and names the setting that is wrong.
    secret = account.key.get_secret_value()
    if not secret.strip() or not secret.isprintable() or not secret.isascii():
        raise ConfigurationError("a key: it is empty or has characters no key has", code="key")
    return PROVIDERS[name](session, account)
