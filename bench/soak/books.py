"""What a soak has come to: what each member was told, and what is billed and counted for each clip.

A prompt names its request, so that what the stand-in Pika bills is found on every wire.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.base.clock import utc_now
from bot.base.database import open_database
from bot.quota.doubts import DoubtService
from cogs.delivery.job_messages import refusal_is_private_text
from pika import usd
from tests.house import DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.soak.plan import Request
    from playground.discord import Interaction, Message
    from playground.pika.jobs.job import Job as Render
    from tests.house import House

_OWNER: Final = 1
_ALL: Final = 1_000_000
_JOBS: Final = """
    SELECT jobs.id, jobs.interaction_id, jobs.state, jobs.reference, jobs.doubt, jobs.failure,
        jobs.cancelled_by,
        json_extract(options_json, '$.prompt') AS prompt, jobs.guild_id,
        sum(ledger.micro_usd), sum(ledger.member_micro_usd), group_concat(ledger.kind)
    FROM jobs LEFT JOIN ledger ON ledger.job_id = jobs.id GROUP BY jobs.id
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A job in the bot's database, with the sums of its entries in micro-USD."""

    id: int
    interaction_id: int
    state: str
    reference: str
    doubt: str | None
    failure: str | None
    cancelled_by: int | None
    prompt: str
    guild_id: int
    counted: int
    members: int
    kinds: str


@dataclass(slots=True)
class Books:
    """The figures of a soak, and one sentence for each thing that is not as it must be.

    Attributes:
        uncalled: Jobs of which a message shows the end, without one that notified the member.
    """

    ends: Counter[str] = field(default_factory=Counter)
    uncalled: int = 0
    in_doubt: int = 0
    billed: int = 0
    counted: int = 0
    counted_before: int = 0
    differences: list[str] = field(default_factory=list)


async def compare(house: House, asked: Sequence[tuple[Request, Interaction]]) -> Books:
    """Settle what is in doubt by the stand-in's bill, and compare everything."""
    bills = _bills(house)
    books = Books()
    rows = _rows(house)
    books.counted_before = sum(row.counted for row in rows.values())
    books.in_doubt = await _settle_doubts(house, rows, bills)
    rows = _rows(house)
    books.billed = house.pika.counters.charged_micro_usd
    books.counted = sum(row.counted for row in rows.values())
    by_interaction = {row.interaction_id: row for row in rows.values()}
    for request, interaction in asked:
        row = by_interaction.pop(interaction.id, None)
        end = _end(request, interaction, row)
        books.ends[end.name] += 1
        books.uncalled += row is not None and not _called_by(interaction)
        name = f"{request.prompt!r}, job {row.id} ref {row.reference}" if row else request.prompt
        books.differences += (f"{name}: {problem}" for problem in end.problems)
        money = _money(row, bills.pop(request.prompt, []))
        books.differences += (f"{name}: {problem}" for problem in money)
    books.differences += (f"job {row.id} is nobody's" for row in by_interaction.values())
    books.differences += (f"{prompt!r} was ordered by nobody" for prompt in bills)
    books.differences += _sums(house, books)
    return books


def _rows(house: House) -> dict[int, Row]:
    return {row[0]: Row(*row) for row in house.query(_JOBS)}


def _bills(house: House) -> dict[str, list[Render]]:
    """What the stand-in accepted, by the prompt."""
    bills = defaultdict[str, list["Render"]](list)
    for render in house.pika.jobs.values():
        if not render.refused:
            bills[str(render.body.get("prompt", render.body.get("promptText")))].append(render)
    return dict(bills)


async def _settle_doubts(
    house: House, rows: Mapping[int, Row], bills: Mapping[str, Sequence[Render]]
) -> int:
    async with open_database(house.data_dir / DATABASE) as database:
        service = DoubtService(database, utc_now)
        doubts = await service.list_open(_ALL)
        for doubt in doubts:
            renders = bills.get(rows[doubt.job_id].prompt, ())
            charge = sum(render.charge_micro_usd for render in renders)
            if charge:
                await service.settle_as_billed(_OWNER, doubt.job_id, charge)
            else:
                await service.settle_as_not_billed(_OWNER, doubt.job_id)
    return len(doubts)


@dataclass(frozen=True, slots=True)
class _End:
    """How a request ended for its member, and what is wrong with that."""

    name: str
    problems: tuple[str, ...] = ()


def _end(request: Request, interaction: Interaction, row: Row | None) -> _End:
    message = interaction.original
    if row is None:
        return _end_without_job(interaction, message)
    if request.guild < 0:
        return _End("closed", ("a job of a stranger",))
    clips, failures = _shown(interaction, row)
    problems = list(_calls(interaction, row))
    if row.state == "delivered":
        if len(clips) != 1 or failures:
            problems.append(
                f"delivered, with {len(clips)} clips and {len(failures)} failures shown"
            )
        return _End("delivered", tuple(problems))
    if row.state != "notified":
        problems.append(f"is {row.state}")
    if clips or len(failures) != 1:
        problems.append(
            f"{row.failure}, with {len(clips)} clips and {len(failures)} failures shown;"
            f" reads {message and message.content!r}"
        )
    return _End("in doubt" if row.doubt else "failed", tuple(problems))


def _end_without_job(interaction: Interaction, message: Message | None) -> _End:
    if not interaction.acknowledged:
        return _End("not taken")
    if message is None or (message.loading and not message.deleted):
        # Discord turns it into "did not respond".
        return _End("left to Discord")
    said = [it.content for it in (message, *interaction.followups) if not it.deleted]
    if any(content and content != refusal_is_private_text() for content in said):
        return _End("refused")
    return _End("", (f"its member was not told why, and reads {said}",))


def _shown(interaction: Interaction, row: Row) -> tuple[list[Message], list[Message]]:
    """The messages that show the clip, and those that say why there is none."""
    name = f"animate-{row.id}-{row.reference}.mp4"
    messages = list(_messages(interaction))
    clips = [m for m in messages if any(it.filename == name for it in m.attachments)]
    called = f"{interaction.id}-fail"
    failures = [m for m in messages if f"{row.reference})" in m.content and m.nonce != called]
    # Told in private, maybe twice by a process that died after it, they need no line for all.
    alone = [m for m in failures if m.viewer is not None]
    return clips, alone[:1] or failures


def _calls(interaction: Interaction, row: Row) -> Iterator[str]:
    """The messages that notified the member: one, and another where a cancel came after a clip."""
    calls = _called_by(interaction)
    if len(set(calls)) < len(calls) or (len(calls) > 1 and row.cancelled_by is None):
        yield f"called by {', '.join(calls)}"


def _called_by(interaction: Interaction) -> list[str]:
    nonces = [str(m.nonce) for m in _messages(interaction)]
    return [nonce for nonce in nonces if nonce.startswith(f"{interaction.id}-")]


def _messages(interaction: Interaction) -> Iterator[Message]:
    return (m for m in interaction.channel.messages.values() if not m.deleted)


def _money(row: Row | None, renders: Sequence[Render]) -> Iterator[str]:
    billed = sum(render.charge_micro_usd for render in renders)
    if len(renders) > 1:
        yield f"ordered {len(renders)} times, {usd(billed)} billed"
    if row is None:
        if renders:
            yield f"ordered without a job, {usd(billed)} billed"
        return
    if row.counted != billed:
        how = f"{row.state} {row.failure} {row.doubt}"
        yield f"{how}: {usd(billed)} billed, {usd(row.counted)} counted"
    kinds = row.kinds.split(",")
    if kinds.count("reserve") != 1 or kinds.count("settle") + kinds.count("refund") != 1:
        yield f"its entries are {row.kinds}"
    if row.state == "delivered" and not renders:
        yield "delivered and never ordered"
    if row.members != (row.counted if row.state == "delivered" else 0):
        yield f"{row.state}, and its member is charged {usd(row.members)}"


def _sums(house: House, books: Books) -> Iterator[str]:
    if books.billed != books.counted:
        yield f"in all {usd(books.billed)} billed, {usd(books.counted)} counted"
    if books.billed > books.counted_before:
        yield f"{usd(books.billed)} billed, and only {usd(books.counted_before)} counted before"
    totals = house.query(
        "SELECT micro_usd FROM guild_totals WHERE guild_id = 0 ORDER BY quarter_hour DESC LIMIT 1"
    )
    total = sum(row[0] for row in totals)
    if total != books.counted:
        yield f"the owner's sum is {usd(total)}"
