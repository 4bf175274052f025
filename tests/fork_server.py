"""Loaded into the server that forks children: it outlives a bot that is killed as it asks for one.

The bots of the crash tests share one server. CPython's ends with an EOFError where whoever asks is
gone before the request is whole, and every bot after that would have no children; a connection that
was aborted it passes over.
"""

from __future__ import annotations

import errno
from multiprocessing import reduction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socket import socket

_recvfds = reduction.recvfds


def _receive(sock: socket, size: int) -> list[int]:
    try:
        return _recvfds(sock, size)
    except EOFError:
        raise OSError(errno.ECONNABORTED, "whoever asked is gone") from None


reduction.recvfds = _receive
