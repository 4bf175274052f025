"""What a service is: a class that is given what it works with, and holds no data of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
def service(cls: type[T]) -> type[T]:
    """Give a service its constructor: a dataclass that the type checker holds frozen.

    It is itself alone, so it has no comparison, and a repr would show settings and members. To
    freeze it at run time too would make each of them three times as large and as long to start,
    and for slots each class would be made twice.
    """
    # Without a docstring, as at a run with -OO, a dataclass makes one of its signature, slowly.
    cls.__doc__ = cls.__doc__ or cls.__name__
    return dataclass(eq=False, repr=False)(cls)
