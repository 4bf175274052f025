"""Catalogues of translations, as gettext's `.po` files have them."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LOCALES: Final = Path(__file__).with_name("locales")

_PIECE: Final = 16_384
_FIELD: Final = re.compile(r'^(msg\w+(?:\[\d\])?) ((?:".*"\n?)+)', re.MULTILINE)
_PLURAL: Final = re.compile(r"plural=([^;]+);")


class Catalog(NamedTuple):
    """The translations into a language.

    Attributes:
        texts: By the English text; a tuple of forms where it has one for many.
        form: The number of the form that fits a number.
    """

    texts: Mapping[str, str | tuple[str, ...]]
    form: Callable[[int], int]


def key_of(text: str, context: str = "") -> str:
    """The key of a text that has a context, as gettext joins them."""
    return f"{context}\x04{text}" if context else text


@cache
def read_catalog(name: str) -> Catalog:
    """Read `locales/<name>.po`, once a process. What is not translated is not in it.

    Raises:
        OSError: There is no such file.
    """
    # Where all is in English, nothing of it is needed.
    from gettext import c2py  # noqa: PLC0415 - as said above

    # Not by Babel: it takes a quarter of a second to load, in which nothing else is answered.
    found: dict[str, str | tuple[str, ...]] = {}
    for entry in _entries((LOCALES / f"{name}.po").read_text(encoding="utf-8")):
        key = key_of(entry["msgid"], entry.get("msgctxt", ""))
        forms = tuple(text for field, text in entry.items() if field.startswith("msgstr"))
        if all(forms):
            found[key] = forms if "msgid_plural" in entry else forms[0]
    header = found.pop("", "")
    plural = _PLURAL.search(str(header))
    return Catalog(found, c2py(plural[1] if plural else "n != 1"))


def catalogs_digest() -> str:
    """Digest all catalogues, without reading what is in them."""
    digest = hashlib.sha256()
    for path in sorted(LOCALES.glob("*.po")):
        with path.open("rb") as file:
            # Piece by piece: at each start all of them are a megabyte, which stays resident.
            while piece := file.read(_PIECE):
                digest.update(piece)
    return digest.hexdigest()


def _entries(text: str) -> Iterator[dict[str, str]]:
    for block in text.split("\n\n"):
        entry = {it[1]: _unquote(it[2]) for it in _FIELD.finditer(block)}
        if entry:
            yield entry


def _unquote(lines: str) -> str:
    # What gettext escapes, JSON escapes likewise.
    return "".join(json.loads(line) for line in lines.splitlines())
