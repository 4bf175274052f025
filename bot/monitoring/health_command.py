"""`python -m bot health`: asks the running bot whether it is well, for checks of containers.

Run every half a minute, beside the bot: it imports nothing of it but the address.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from pathlib import Path
from typing import Final

from bot.monitoring.address import DEFAULT, Address, parse_address
from bot.monitoring.bot_identity import bot_id

_SETTING: Final = "HEALTH_ADDRESS"
_TOKEN: Final = "DISCORD_TOKEN"  # noqa: S105 - the name of the setting
_BOT: Final = re.compile(r'"bot": "([0-9]+)"')
_SECONDS: Final = 10.0
_OK: Final = b"200"


def ask_health() -> int:
    """Write what `/healthz` says; return the exit status, 0 where the bot is well and 1 else."""
    try:
        address = parse_address(_setting(_SETTING) or str(DEFAULT))
    except ValueError as error:
        return _fail(f"{_SETTING} {error}.")
    if address is None:
        return _fail(f"{_SETTING} is off: nobody can be asked.")
    try:
        head, _, body = _get(address.near).partition(b"\r\n\r\n")
    except OSError as error:
        return _fail(f"no answer from http://{address.near}/healthz: {error}.")
    text = body.decode("utf-8", "replace")
    if (other := _other_bot(text)) is not None:
        return _fail(
            f"http://{address.near}/healthz is of another bot, with the id {other}: give this one"
            f" a {_SETTING} of its own, and start it again."
        )
    sys.stdout.write(text)
    return 0 if head.split(b" ", 2)[1:2] == [_OK] else 1


def _other_bot(answer: str) -> str | None:
    """The id of the bot that answered, where it is not the one of these settings."""
    # A service's settings may be out of reach here: then nothing is compared.
    ours = bot_id(_setting(_TOKEN))
    found = _BOT.search(answer)
    return None if ours is None or found is None or found[1] == ours else found[1]


def _setting(wanted: str) -> str:
    """As the settings of the bot are found: the environment, then `.env`."""
    for name, value in os.environ.items():
        if name.upper() == wanted and value:
            return value
    if not Path(".env").is_file():
        return ""
    # Not at the top: in a container the environment has the settings.
    from dotenv import dotenv_values  # noqa: PLC0415 - as said above

    values = dotenv_values(".env", encoding="utf-8-sig").items()
    return next((value or "" for name, value in values if name.upper() == wanted), "")


def _get(address: Address) -> bytes:
    with socket.create_connection(address, timeout=_SECONDS) as connection:
        connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    return answer


def _fail(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1
