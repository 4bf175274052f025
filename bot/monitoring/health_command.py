"""`python -m bot health`: asks the running bot whether it is well, for checks of containers.

Run every half a minute, beside the bot: it imports nothing of it but the address.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Final

from bot.monitoring.address import DEFAULT, Address, parse_address

_SETTING: Final = "HEALTH_ADDRESS"
_SECONDS: Final = 10.0
_OK: Final = b"200"


def ask_health() -> int:
    """Write what `/healthz` says; return the exit status, 0 where the bot is well and 1 else."""
    try:
        address = parse_address(_setting() or str(DEFAULT))
    except ValueError as error:
        return _fail(f"{_SETTING} {error}.")
    if address is None:
        return _fail(f"{_SETTING} is off: nobody can be asked.")
    try:
        head, _, body = _get(address.near).partition(b"\r\n\r\n")
    except OSError as error:
        return _fail(f"no answer from http://{address.near}/healthz: {error}.")
    sys.stdout.write(body.decode("utf-8", "replace"))
    return 0 if head.split(b" ", 2)[1:2] == [_OK] else 1


def _setting() -> str:
    """As the settings of the bot are found: the environment, then `.env`."""
    for name, value in os.environ.items():
        if name.upper() == _SETTING and value:
            return value
    if not Path(".env").is_file():
        return ""
    # Not at the top: in a container the environment has the settings.
    from dotenv import dotenv_values  # noqa: PLC0415 - as said above

    values = dotenv_values(".env", encoding="utf-8-sig").items()
    return next((value or "" for name, value in values if name.upper() == _SETTING), "")


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
