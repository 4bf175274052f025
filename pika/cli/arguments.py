"""The grammar of the command line. No file, setting or provider is looked at here."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final, NoReturn, get_args

from pika.cli.exits import MEANINGS
from pika.cli.problems import UsageError
from pika.inputs import MAX_SEED, Duration, Resolution
from pika.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Sequence

_SETTINGS: Final = """\
settings, from the environment alone:
  PIKA_API_KEY      the provider's key
  PIKA_PROVIDER     what --provider chooses otherwise (default: pika)
  PIKA_API_BASE     another origin of the provider, http(s)://host[:port]
  PIKA_UPLOAD_BASE  another origin of its uploads (fal alone has one)
"""
_OF_NEW_WORK: Final = ("picture", "prompt", "negative_prompt", "seed", "resolution", "duration")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Parse the arguments; an option that was not given is `None`, a flag `False`.

    Raises:
        UsageError: An argument is unknown, malformed, missing or out of place.
        SystemExit: `--help` was printed.
    """
    options = _parser().parse_args(argv)
    if options.resume is None and options.picture is None:
        raise UsageError("Name a picture, or a ticket with --resume; --help explains both.")
    given = [name for name in _OF_NEW_WORK if getattr(options, name) is not None]
    if options.resume is not None and given:
        raise UsageError(f"--resume is about work already ordered: leave out {_option(given[0])}.")
    return options


def _option(name: str) -> str:
    return "the picture" if name == "picture" else f"--{name.replace('_', '-')}"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see --help.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m pika",
        description="Animate a picture with Pika. The price is printed before anything is paid; "
        "Ctrl-C cancels where the provider can.",
        epilog=f"{_SETTINGS}\nexit codes:\n{_codes()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        # An abbreviation that works today would change its meaning with the next option.
        allow_abbrev=False,
    )
    parser.add_argument("picture", nargs="?", metavar="PICTURE_OR_URL", help="JPEG, PNG or WebP")
    _add_shot_options(parser)
    parser.add_argument("--provider", choices=tuple(PROVIDERS), help="which way to Pika")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="default: the picture's name with .mp4, here"
    )
    parser.add_argument("--force", action="store_true", help="overwrite the output")
    parser.add_argument(
        "--resume", metavar="TICKET", help="fetch what was ordered before; @FILE reads the ticket"
    )
    parser.add_argument("--json", action="store_true", help="print events as JSON lines")
    parser.add_argument("--verbose", action="store_true", help="add the provider's own words")
    return parser


def _add_shot_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--prompt", metavar="TEXT", help="what should happen")
    parser.add_argument("--negative-prompt", metavar="TEXT", help="what to avoid")
    parser.add_argument(
        "--seed", type=_seed, metavar="N", help="the same motion again (default: drawn, printed)"
    )
    parser.add_argument("--resolution", choices=get_args(Resolution), help="default: 1080p")
    parser.add_argument(
        "--duration", type=int, choices=get_args(Duration), help="seconds (default: 5)"
    )


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:20]) > MAX_SEED:
        raise argparse.ArgumentTypeError(f"a whole number from 0 to {MAX_SEED}")
    return int(text)


def _codes() -> str:
    return "\n".join(f"  {code.value:>3}  {meaning}" for code, meaning in MEANINGS.items())
