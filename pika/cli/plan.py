"""What the command line and the environment ask for, checked before anything is sent."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr, ValidationError

from pika.cli.pictures import read_picture, safe_stem, stem_of
from pika.cli.problems import UsageError
from pika.cli.target import Target
from pika.cli.tickets import read_ticket
from pika.inputs import MAX_SEED, Shot
from pika.provider import Account
from pika.providers import PROVIDERS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from pika.models import Ticket

DEFAULT_PROVIDER: Final = "pika"


@dataclass(frozen=True, slots=True)
class Plan:
    """One run.

    Attributes:
        work: What to order, or the ticket of what was ordered.
    """

    provider: str
    account: Account
    work: Shot | Ticket
    target: Target


def make_plan(options: argparse.Namespace, environ: Mapping[str, str]) -> Plan:
    """Look at settings, picture and output.

    Raises:
        UsageError: Something of it cannot work.
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
        ticket = read_ticket(options.resume)
        _match(ticket, chosen)
        work: Shot | Ticket = ticket
        stem = safe_stem(ticket.id)
    else:
        work = _shot(options, chosen)
        stem = stem_of(options.picture)
    target = Target(Path(options.output or f"{stem}.mp4"), options.force)
    target.check()
    return Plan(chosen, account, work, target)


def _match(ticket: Ticket, chosen: str) -> None:
    """Refuse a ticket of another provider, because the key at hand is not for its eyes."""
    if ticket.provider not in PROVIDERS:
        raise UsageError("That ticket is of no provider that is known here.")
    if ticket.provider != chosen:
        raise UsageError(
            f"That ticket is of {ticket.provider}: choose it with --provider {ticket.provider}, "
            "and set PIKA_API_KEY to its key."
        )


def _shot(options: argparse.Namespace, chosen: str) -> Shot:
    picture = read_picture(options.picture, chosen, PROVIDERS[chosen].capabilities)
    wishes = {
        name: value
        for name in ("prompt", "negative_prompt", "resolution", "duration")
        if (value := getattr(options, name)) is not None
    }
    seed = options.seed if options.seed is not None else secrets.randbelow(MAX_SEED + 1)
    try:
        return Shot(picture=picture, seed=seed, **wishes)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]).replace("_", "-")
        raise UsageError(f"The {name} cannot be sent: {first['msg']}.") from None
