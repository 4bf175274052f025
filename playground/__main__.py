"""`python -m playground`: the page in a browser, or one clip from the shell."""

import argparse
import asyncio
import io
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any, Final

from playground.demo.clip import Refused, UsageError, make_clip
from playground.demo.page_demo import run_demo
from playground.stack.bot_process import BotFailed

EXIT_FAILED: Final = 1
"""Exit status when there is no video, or the bot came to grief."""

EXIT_USAGE: Final = 2
"""Exit status for a command line that makes no sense."""

_MAX_PORT: Final = 65_535


def main() -> int:
    """Do as the command line says. Returns the exit status."""
    _speak_any_language()
    arguments = _parser().parse_args()
    wants_clip = arguments.command == "clip"
    try:
        signalled = asyncio.run(_run(make_clip(arguments) if wants_clip else run_demo(arguments)))
    except UsageError as error:
        return _complain(error, EXIT_USAGE)
    except (Refused, BotFailed) as error:
        return _complain(error, EXIT_FAILED)
    except BrokenPipeError:
        # Whoever read along has gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    # Being stopped is how the demo ends, and how a clip does not.
    return 128 + signalled if signalled and wants_clip else 0


async def _run(work: Coroutine[Any, Any, None]) -> int:
    """Run the work until it ends or a signal ends it; returns that signal, else 0.

    Further signals are ignored: the work is being cleared away, which takes seconds at most.
    """
    working = asyncio.ensure_future(work)
    received: list[int] = []

    def stop(number: int) -> None:
        if not received:
            working.cancel()
        received.append(number)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, stop, number)
    try:
        await working
    except asyncio.CancelledError:
        if not received:
            raise
    return received[0] if received else 0


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument(
        "--verbose", action="store_true", help="show the bot's log (on standard error)"
    )
    parser = argparse.ArgumentParser(
        prog="python -m playground",
        usage="%(prog)s [--port PORT] [--verbose]\n       %(prog)s clip PHOTO --out CLIP.mp4 …",
        description="Try the bot on this machine, without any account: a page in the browser.",
        parents=[common],
    )
    parser.add_argument("--port", type=_port, help="of the page (default: 8800, or a free one)")
    parser.set_defaults(verbose=False)
    commands = parser.add_subparsers(dest="command", metavar="clip", prog=parser.prog)
    _add_clip(
        commands.add_parser(
            "clip", parents=[common], help="make one clip without a browser (see clip --help)"
        )
    )
    return parser


def _add_clip(parser: argparse.ArgumentParser) -> None:
    parser.description = "Send one /animate, print what the member sees, write the video."
    parser.add_argument("photo", metavar="PHOTO", help="the picture to animate")
    parser.add_argument("--prompt", help="what should move, and how")
    parser.add_argument("--negative-prompt", help="what to avoid")
    parser.add_argument("--seed", type=int, help="the number shown with an earlier clip")
    parser.add_argument("--resolution", metavar="720p|1080p")
    parser.add_argument("--duration", type=int, metavar="5|10", help="in seconds")
    parser.add_argument("--out", required=True, metavar="CLIP.mp4", help="where the video goes")


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= _MAX_PORT:
        raise argparse.ArgumentTypeError(f"{port} is no port: give 0 (a free one) to {_MAX_PORT}")
    return port


def _speak_any_language() -> None:
    """What a terminal cannot show becomes a question mark instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _complain(error: Exception, status: int) -> int:
    sys.stderr.write(f"{error}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
