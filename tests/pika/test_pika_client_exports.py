"""The public names: complete, importable, each with a docstring."""

from __future__ import annotations

import inspect

import pika
from pika.errors import PikaError


def test_all_is_sorted_complete_and_importable() -> None:
    assert len(set(pika.__all__)) == len(pika.__all__)
    bound = {
        name
        for name, value in vars(pika).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert bound == set(pika.__all__)


def test_every_error_is_exported() -> None:
    def tree(kind: type[PikaError]) -> set[str]:
        return {kind.__name__}.union(*(tree(child) for child in kind.__subclasses__()))

    assert tree(PikaError) <= set(pika.__all__)


def test_every_public_class_and_function_says_what_it_is() -> None:
    silent = [
        name
        for name in pika.__all__
        if (inspect.isclass(value := getattr(pika, name)) or inspect.isfunction(value))
        and not (value.__doc__ or "").strip()
    ]
    assert not silent
