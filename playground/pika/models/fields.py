"""Input fields in the words of JSON Schema, and the strict check of a body against them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["string", "integer", "number", "array", "null"]
"""A JSON type that a field may have."""

Media: TypeAlias = Literal["", "image", "video"]
"""What the URL in a field must lead to; empty where it holds none."""


class FieldError(ValueError):
    """A body that its model does not allow.

    `field` is the name at fault; `problem` is the fault in the vocabulary of FastAPI's `type`.
    """

    def __init__(self, field: str, problem: str, text: str) -> None:
        super().__init__(f"{field}: {text}")
        self.field = field
        self.problem = problem
        self.text = text


@dataclass(frozen=True, slots=True)
class Field:
    """One input field; `default` is no matter where `required`.

    `shortest` and `longest` bound a string's characters or an array's entries, `least` and
    `most` a number; `pattern` holds for the string, or for each entry of the array.
    """

    name: str
    types: tuple[Kind, ...]
    default: object = None
    enum: tuple[object, ...] = ()
    pattern: str = ""
    shortest: int = 0
    longest: int | None = None
    least: float | None = None
    most: float | None = None
    media: Media = ""
    required: bool = False


_PYTHON_TYPES: Final[Mapping[Kind, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "null": (type(None),),
}


def checked(fields: Iterable[Field], body: Mapping[str, object]) -> dict[str, object]:
    """The body with its defaults filled in; raises FieldError.

    Strict: an unknown field is refused, `true` is no integer, and neither is 5.0.
    """
    known = {field.name: field for field in fields}
    for name in body:
        if name not in known:
            raise FieldError(name, "extra_forbidden", "unknown field")
    return {field.name: _checked_value(field, body) for field in known.values()}


def _checked_value(field: Field, body: Mapping[str, object]) -> object:
    if field.name not in body:
        if field.required:
            raise FieldError(field.name, "missing", "required")
        return field.default
    value = body[field.name]
    if type(value) not in {kind for name in field.types for kind in _PYTHON_TYPES[name]}:
        text = f"must be {' or '.join(field.types)}"
        raise FieldError(field.name, f"{field.types[0]}_type", text)
    if field.enum and value not in field.enum:
        raise FieldError(field.name, "enum", f"must be one of {list(field.enum)}")
    _check_bounds(field, value)
    for entry in value if isinstance(value, list) else [value]:
        _check_pattern(field, entry)
    return value


def _check_bounds(field: Field, value: object) -> None:
    if isinstance(value, str | list):
        if len(value) < field.shortest:
            raise FieldError(field.name, "too_short", f"needs at least {field.shortest}")
        if field.longest is not None and len(value) > field.longest:
            raise FieldError(field.name, "too_long", f"allows at most {field.longest}")
    elif isinstance(value, int | float):
        if field.least is not None and value < field.least:
            raise FieldError(field.name, "greater_than_equal", f"must be at least {field.least}")
        if field.most is not None and value > field.most:
            raise FieldError(field.name, "less_than_equal", f"must be at most {field.most}")


def _check_pattern(field: Field, value: object) -> None:
    if not field.pattern or value is None:
        return
    if not isinstance(value, str) or not re.search(field.pattern, value):
        raise FieldError(field.name, "string_pattern_mismatch", f"must match {field.pattern}")
