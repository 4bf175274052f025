"""Where the bot answers whoever watches it. Imports next to nothing, for the health command."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_ADDRESS: Final = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[0-9A-Za-z.-]+):(?P<port>[0-9]{1,5})")
_HIGHEST_PORT: Final = 65_535
_OF_ALL: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked for by settings alone


class Address(NamedTuple):
    """A host, an IPv6 address without its brackets, and a TCP port."""

    host: str
    port: int

    def __str__(self) -> str:
        """As in an URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def near(self) -> Address:
        """Where a program on the same machine reaches it."""
        return Address(_OF_ALL.get(self.host, self.host), self.port)


DEFAULT: Final = Address("127.0.0.1", 8642)


def parse_address(text: str) -> Address | None:
    """Read a setting; `None` where it is `off`.

    Raises:
        ValueError: It is neither; the text tells its owner what it must be.
    """
    text = text.strip()
    if text.lower() == "off":
        return None
    found = _ADDRESS.fullmatch(text)
    if found is None or not 0 < int(found["port"]) <= _HIGHEST_PORT:
        raise ValueError(f"must be an address and a port, such as {DEFAULT}, or `off`")
    return Address(found["host"].strip("[]"), int(found["port"]))
