"""Holds paid requests against Pika's own catalogue record, found by CONTRACTS_DIR."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema_rs import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.faults import Exchange

RECORD = "pika__pika-2.5__image-to-video.json"


@cache
def _validator() -> Draft202012Validator:
    record = json.loads((Path(os.environ["CONTRACTS_DIR"]) / "pika" / RECORD).read_text("utf-8"))
    return Draft202012Validator(record["input_schema"])


def order_violations(exchanges: Iterable[Exchange]) -> list[str]:
    """One sentence for each way in which a paid request breaks the record."""
    return [
        error.message
        for exchange in exchanges
        if exchange.operation == "pika.submit"
        for error in _validator().iter_errors(exchange.request_json)
    ]
