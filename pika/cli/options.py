"""The options of one run, from arguments and environment, checked before anything is sent."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr, ValidationError

from pika.cli.output_file import OutputFile
from pika.cli.pictures import read_picture, safe_stem, stem_of
from pika.cli.problems import UsageError
from pika.cli.tickets import decode_ticket
from pika.inputs import MAX_SEED, Shot
from pika.provider import Account
from pika.providers import PROVIDERS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from pika.models import Ticket

DEFAULT_PROVIDER: Final = "pika"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What one run is to do.

    Attributes:
        work: A shot to order, or the ticket of a job that an earlier run ordered.
        output: The file that the video becomes.
    """

    provider: str
    account: Account
    work: Shot | Ticket
    output: OutputFile


def read_options(options: argparse.Namespace, environ: Mapping[str, str]) -> RunOptions:
    """Check settings, read the picture or the ticket, and see that the output can be written.

    Raises:
        UsageError: One of them cannot be used; nothing was sent.
    """
    chosen = options.provider or environ.get("PIKA_PROVIDER") or DEFAULT_PROVIDER
    if chosen not in PROVIDERS:
        raise UsageError(f"PIKA_PROVIDER must be one of: {', '.join(PROVIDERS)}.")
    account = Account(
        SecretStr(environ.get("PIKA_API_KEY", "")),
        environ.get("PIKA_API_BASE") or None,
        environ.get("PIKA_UPLOAD_BASE") or None,
    )
    if not account.key.get_secret_value().strip():
        raise UsageError("PIKA_API_KEY is not set: export the key of your account.")
    if options.resume is not None:
        ticket = decode_ticket(options.resume)
        _match(ticket, chosen)
        work: Shot | Ticket = ticket
        stem = safe_stem(ticket.id)
    else:
        work = _shot(options, chosen)
        stem = stem_of(options.picture)
    output = OutputFile(Path(options.output or f"{stem}.mp4"), options.force)
    output.require_writable()
    return RunOptions(chosen, account, work, output)


def _match(ticket: Ticket, chosen: str) -> None:
    """Refuse a ticket of another provider: checking it would send that provider this key."""
    if ticket.provider not in PROVIDERS:
        raise UsageError("That ticket is of no provider that is known here.")
    if ticket.provider != chosen:
        raise UsageError(
            f"That ticket is of {ticket.provider}: choose it with --provider {ticket.provider}, "
            "and set PIKA_API_KEY to its key."
        )


def _shot(options: argparse.Namespace, chosen: str) -> Shot:
    picture = read_picture(options.picture, chosen, PROVIDERS[chosen].capabilities)
    given = {
        name: value
        for name in ("prompt", "negative_prompt", "resolution", "duration")
        if (value := getattr(options, name)) is not None
    }
    # Drawn here and not by Pika, which does not tell it: printed, it repeats the motion.
    seed = options.seed if options.seed is not None else secrets.randbelow(MAX_SEED + 1)
    try:
        return Shot(picture=picture, seed=seed, **given)
    except ValidationError as error:
        # The last: of a picture, the one before says that an address is no file.
        wrong = error.errors(include_url=False, include_input=False)[-1]
        # Without pydantic's own text and cause: they show the prompt.
        name = str(wrong["loc"][0]).replace("_", "-")
        raise UsageError(f"The {name} cannot be sent: {wrong['msg']}.") from None
