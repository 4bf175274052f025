"""What a value is: frozen data, compared by what it holds."""

from __future__ import annotations

from dataclasses import Field, dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, cast, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """Make of a class what `@dataclass(frozen=True)` makes, in a tenth of the time.

    A dataclass compiles seven functions for each class: half a millisecond of every start and
    10 KB of every idle bot. Here that is the constructor alone, all else is shared, and only the
    type checker holds a value frozen. It has no slots, for which a class has to be made twice.
    `replace`, `asdict` and `fields` take it too. What needs `field`, an order or a base with
    fields stays a dataclass.

    Raises:
        TypeError: A default is a `field`.
    """
    kinds: dict[str, str] = cls.__annotations__
    names = [name for name, kind in kinds.items() if not kind.startswith("ClassVar")]
    members = {
        "__match_args__": tuple(names),
        "__dataclass_fields__": _Fields(),
        "__init__": _constructor(cls, names),
        "__values__": attrgetter(*names),
        "__eq__": _is_equal,
        "__hash__": _hash,
        "__repr__": _repr,
    }
    for name in members.keys() - cls.__dict__.keys():
        setattr(cls, name, members[name])
    return cls


def _constructor(cls: type, names: Sequence[str]) -> Callable[..., None]:
    defaults = {it: cls.__dict__[it] for it in names if it in cls.__dict__}
    if any(isinstance(it, Field) for it in defaults.values()):
        raise TypeError(f"{cls.__name__} has a field of dataclasses, so it has to be one")
    parameters = (f"{it}=defaults[{it!r}]" if it in defaults else it for it in names)
    body = "; ".join(f"self.{it} = {it}" for it in names)
    found: dict[str, Callable[..., None]] = {}
    source = f"def __init__(self, {', '.join(parameters)}): {body}"
    exec(source, {"defaults": defaults}, found)  # noqa: S102 - of names in code, as dataclasses do
    constructor = found["__init__"]
    constructor.__qualname__ = f"{cls.__qualname__}.__init__"  # as errors name it
    return constructor


class _Fields:
    """What `replace`, `asdict` and `fields` read of a dataclass; made when one first does."""

    def __get__(self, instance: object, cls: Any) -> dict[str, Field[Any]]:  # noqa: ANN401 - any value's class
        kinds = {it: cls.__annotations__[it] for it in cls.__match_args__}
        defaults = {it: cls.__dict__[it] for it in kinds if it in cls.__dict__}
        twin: Any = dataclass(type(cls.__name__, (), {"__annotations__": kinds, **defaults}))
        cls.__dataclass_fields__ = twin.__dataclass_fields__
        return cast("dict[str, Field[Any]]", twin.__dataclass_fields__)


def _is_equal(self: Any, other: Any) -> Any:  # noqa: ANN401 - any value
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self.__values__(self) == self.__values__(other)


def _hash(self: Any) -> int:  # noqa: ANN401 - any value
    return hash(self.__values__(self))


def _repr(self: Any) -> str:  # noqa: ANN401 - any value
    fields = (f"{it}={getattr(self, it)!r}" for it in self.__match_args__)
    return f"{type(self).__qualname__}({', '.join(fields)})"
