"""The demo: the local stack with a page in front of it, until somebody stops it."""

import argparse
import asyncio
import socket
import sys
from typing import Final

from playground.demo.clip import UsageError
from playground.page_server.web import serve_page
from playground.stack.stack import open_stack

HOST: Final = "127.0.0.1"
"""The page is for this machine alone."""

PORT: Final = 8800
"""Where the page is unless somebody else is there."""


async def run_demo(arguments: argparse.Namespace) -> None:
    """Print the page's URL and stay until cancelled.

    Raises UsageError where the wanted port is taken, and BotFailed when the bot ends.
    """
    with listen(arguments.port) as listening:
        async with (
            open_stack(verbose=arguments.verbose) as stack,
            serve_page(stack, listening) as url,
        ):
            sys.stdout.write(f"The playground is at {url} (Ctrl-C ends it)\n")
            sys.stdout.flush()
            await stack.bot.run_while_alive(asyncio.Event().wait())


def listen(wanted: int | None) -> socket.socket:
    """A socket at the wanted port, else at `PORT` or a free one; UsageError where it is taken."""
    try:
        return socket.create_server((HOST, PORT if wanted is None else wanted))
    except OSError as error:
        if wanted is None:
            return socket.create_server((HOST, 0))
        sentence = f"Port {wanted} cannot be used ({error.strerror}): give another one, or none."
        raise UsageError(sentence) from None
