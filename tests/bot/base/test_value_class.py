from __future__ import annotations

import pickle
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from typing import ClassVar

import pytest

from bot.base import value


@value
class Point:
    SIDES: ClassVar = 4

    x: int
    y: int = 2
    name: str = "point"

    @property
    def area(self) -> int:
        return self.x * self.y


@value
class Single:
    x: int


def test_constructor_takes_fields_by_place_and_by_name_and_knows_defaults() -> None:
    point = Point(1, name="here")
    assert (point.x, point.y, point.name, point.area, Point.SIDES) == (1, 2, "here", 2, 4)
    for wrong in ((), (1, 2, "a", 4)):
        with pytest.raises(TypeError, match=r"Point.__init__\(\)"):
            Point(*wrong)


def test_values_are_equal_by_class_and_fields() -> None:
    assert Point(1) == Point(1, 2)
    assert Point(1) != Point(1, 3)
    assert len({Point(1), Single(1)}) == 2
    assert len({Point(1), Point(1), Point(2), Single(1), Single(1)}) == 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point([]))  # type: ignore[arg-type]


def test_repr_is_that_of_a_dataclass() -> None:
    assert repr(Point(1, name="a")) == "Point(x=1, y=2, name='a')"


def test_methods_of_its_own_stay() -> None:
    @value
    class Secret:
        key: str

        def __repr__(self) -> str:
            return "Secret()"

    assert repr(Secret("k")) == "Secret()"
    assert Secret("k") == Secret("k")


def test_what_works_on_dataclasses_works_on_values() -> None:
    assert [(it.name, it.type) for it in fields(Point)] == [
        ("x", "int"),
        ("y", "int"),
        ("name", "str"),
    ]
    assert replace(Point(1), y=5) == Point(1, 5)
    assert asdict(Point(3)) == {"x": 3, "y": 2, "name": "point"}
    match Point(7):
        case Point(x, _, _):
            assert x == 7
    assert is_dataclass(Point)


def test_it_survives_a_way_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(Point(4, 5))) == Point(4, 5)


def test_a_field_of_dataclasses_is_refused() -> None:
    with pytest.raises(TypeError, match="Listed has a field"):

        @value
        class Listed:
            items: list[int] = field(default_factory=list)


def test_values_and_dataclasses_with_the_same_fields_are_not_equal() -> None:
    @dataclass(frozen=True)
    class Other:
        x: int

    others: list[object] = [Other(1)]
    assert Single(1) not in others
