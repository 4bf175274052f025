"""Who is sent pictures and words, by the provider of a clip: names, addresses and terms."""

from __future__ import annotations

from typing import Final, NamedTuple


class ProviderTexts(NamedTuple):
    """The service of a provider, as members read of it.

    Attributes:
        is_between: Whether it stands between this bot and Pika.
    """

    name: str
    url: str
    terms: str
    is_between: bool = True

    @property
    def link(self) -> str:
        """Its name as a link, in Markdown."""
        return f"[{self.name}]({self.url})"


_COMFY: Final = ProviderTexts(
    "Comfy", "https://www.comfy.org", "https://www.comfy.org/terms-of-service"
)
PIKA: Final = ProviderTexts(
    "Pika", "https://pika.art", "https://pika.art/terms-of-service", is_between=False
)
PROVIDER_TEXTS: Final = {
    "pika": PIKA,
    "fal": ProviderTexts("fal.ai", "https://fal.ai", "https://fal.ai/legal/terms-of-service"),
    "comfy": _COMFY,
    "comfy-proxy": _COMFY,
}
"""By the name of the provider, as in `pika.PROVIDERS`."""
