"""What a value breaks of a JSON schema, in words."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_rs import ValidationError, Validator


def schema_errors(validator: Validator, value: Any) -> Iterator[str]:
    """One part of a sentence for each: where, and what is wrong there."""
    for error in validator.iter_errors(value):
        deepest = _deepest(error)
        path = "/".join(map(str, deepest.instance_path))
        yield f"at /{path}: {deepest.message[:300]}"


def _deepest(error: ValidationError) -> ValidationError:
    # Of alternatives, the one that was nearest to being met.
    while alternatives := [*chain.from_iterable(getattr(error.kind, "context", ()))]:
        error = max(alternatives, key=lambda inner: len(inner.instance_path))
    return error
