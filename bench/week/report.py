"""Words what has come of a week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench.outcome import table
from bench.week.level import level_table
from pika import usd

if TYPE_CHECKING:
    from bench.books import Books
    from bench.week.week import Week

_ENDS: Final = (
    *("delivered", "removed", "failed", "in doubt"),
    *("refused", "not taken", "left to Discord"),
)


def report(week: Week, books: Books) -> str:
    """Word the figures, day by day and in sum, and every difference."""
    head = ("requests", *_ENDS, "not called", "billed", "counted")
    row = (
        str(len(week.people.asked)),
        *(str(books.ends[end]) for end in _ENDS),
        str(books.uncalled),
        usd(books.billed),
        usd(books.counted),
    )
    done = table(("done to its end", "times"), [(it, str(n)) for it, n in _done(week)])
    events = f"{week.cuts} power cuts, {week.faults} faults drawn at Discord and Pika."
    copies = f"Opened and compared: {', '.join(week.copies)}."
    wrong = [f"DIFFERS {difference}" for difference in week.differences]
    parts = (table(head, [row]), done, level_table(week.samples), f"{events} {copies}")
    return "\n\n".join((*parts, "\n".join(wrong) or "Nothing differs."))


def _done(week: Week) -> list[tuple[str, int]]:
    return sorted(week.people.done.items(), key=lambda it: -it[1])
