"""What members were told of their clips, and what is billed and counted for each: all compared.

Prompt and seed name an order, so that what the stand-in Pika bills is found on every wire. What
names jobs is deleted by the bot in time, so `JobNames` remembers it.
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

    from playground.discord import Interaction, Member, Message
    from playground.pika.jobs.job import Job as Render
    from tests.house import House

_OWNER: Final = 1
_ALL: Final = 1_000_000
_JOBS: Final = """
    SELECT jobs.id, jobs.state, jobs.doubt, jobs.failure, jobs.cancelled_by, jobs.removed_at,
        sum(ledger.micro_usd), sum(ledger.member_micro_usd), group_concat(ledger.kind)
    FROM jobs LEFT JOIN ledger ON ledger.job_id = jobs.id GROUP BY jobs.id
"""
_NAMES: Final = """
    SELECT id, interaction_id, reference, json_extract(options_json, '$.prompt') AS prompt,
        json_extract(options_json, '$.seed')
    FROM jobs WHERE prompt NOT NULL
"""


@dataclass(slots=True)
class Asked:
    """A request for a clip.

    Attributes:
        prompt: Says which one it is, to who reads of a difference.
        interaction: In answer to which the clip is shown.
        member: Who asked.
        is_stranger: Whether their guild is closed.
        is_deleted: Whether they have deleted the clip, or tried. Its message goes first: where the
            disk is full then, it is gone and nothing says so, until they press once more.
    """

    prompt: str
    interaction: Interaction
    member: Member
    is_stranger: bool = False
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class JobName:
    """What names a job in the chat, and its order on the bill."""

    interaction_id: int
    reference: str
    prompt: str
    seed: int

    @property
    def order(self) -> str:
        """How `Render` is named too."""
        return f"{self.prompt} ({self.seed})"


@dataclass(slots=True)
class JobNames:
    """Remembers what names jobs, by their ids: read it before it is deleted."""

    known: dict[int, JobName] = field(default_factory=dict)

    def read(self, house: House) -> None:
        """Add those that the database has now."""
        self.known |= {job_id: JobName(*name) for job_id, *name in house.query(_NAMES)}


@dataclass(frozen=True, slots=True)
class Row:
    """A job in the bot's database, with the sums of its entries in micro-USD."""

    name: JobName
    id: int
    state: str
    doubt: str | None
    failure: str | None
    cancelled_by: int | None
    removed_at: int | None
    counted: int
    members: int
    kinds: str


@dataclass(slots=True)
class Books:
    """The figures, and one sentence for each thing that is not as it must be.

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


async def compare(house: House, asked: Sequence[Asked], names: JobNames | None = None) -> Books:
    """Settle what is in doubt by the stand-in's bill, and compare everything.

    `names` has those of jobs whose names may be deleted by now.
    """
    names = names or JobNames()
    names.read(house)
    bills = _bills(house)
    books = Books()
    rows = _rows(house, names)
    books.counted_before = sum(row.counted for row in rows.values())
    books.in_doubt = await _settle_doubts(house, rows, bills)
    rows = _rows(house, names)
    books.billed = house.pika.counters.charged_micro_usd
    books.counted = sum(row.counted for row in rows.values())
    by_interaction = {row.name.interaction_id: row for row in rows.values()}
    spent = Counter[tuple[int, int]]()
    for request in asked:
        row = by_interaction.pop(request.interaction.id, None)
        end = _end(request, row)
        books.ends[end.name] += 1
        name = request.prompt
        problems = list(end.problems)
        if row is not None:
            books.uncalled += not _called_by(request.interaction)
            name = f"{name!r}, job {row.id} ref {row.name.reference}"
            problems += _money(row, request, bills.pop(row.name.order, []))
            spent[request.member.guild.id, request.member.id] += row.members
        books.differences += (f"{name}: {problem}" for problem in problems)
    books.differences += (f"job {row.id} is nobody's" for row in by_interaction.values())
    books.differences += (f"{order!r} was ordered by nobody" for order in bills)
    books.differences += _sums(house, books)
    books.differences += _member_sums(house, spent)
    return books


def _rows(house: House, names: JobNames) -> dict[int, Row]:
    return {row[0]: Row(names.known[row[0]], *row) for row in house.query(_JOBS)}


def _bills(house: House) -> dict[str, list[Render]]:
    """What the stand-in accepted, by the name of the order."""
    bills = defaultdict[str, list["Render"]](list)
    for render in house.pika.jobs.values():
        if not render.refused:
            prompt = render.body.get("prompt", render.body.get("promptText"))
            bills[f"{prompt} ({render.body.get('seed')})"].append(render)
    return dict(bills)


async def _settle_doubts(
    house: House, rows: Mapping[int, Row], bills: Mapping[str, Sequence[Render]]
) -> int:
    async with open_database(house.data_dir / DATABASE) as database:
        service = DoubtService(database, utc_now)
        doubts = await service.list_open(_ALL)
        for doubt in doubts:
            renders = bills.get(rows[doubt.job_id].name.order, ())
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


def _end(request: Asked, row: Row | None) -> _End:
    interaction, message = request.interaction, request.interaction.original
    if row is None:
        return _end_without_job(interaction, message)
    if request.is_stranger:
        return _End("closed", ("a job of a stranger",))
    clips, failures = _shown(interaction, row)
    problems = list(_calls(interaction, row))
    is_gone = request.is_deleted and not clips
    if row.removed_at is not None or is_gone:
        problems += ["removed, and is still shown"] if clips else []
        return _End("removed", tuple(problems))
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
    name = f"animate-{row.id}-{row.name.reference}.mp4"
    messages = list(_messages(interaction))
    clips = [m for m in messages if any(it.filename == name for it in m.attachments)]
    called = f"{interaction.id}-fail"
    failures = [
        m
        for m in messages
        # *Details* has it too, in small print.
        if f"{row.name.reference})" in m.content and "\n-# (" not in m.content and m.nonce != called
    ]
    # Told in private, maybe twice by a process that died after it, they need no line for all.
    alone = [m for m in failures if m.viewer is not None]
    return clips, alone[:1] or failures


def _calls(interaction: Interaction, row: Row) -> Iterator[str]:
    """The messages that notified the member: one, and another where a cancel came after a clip."""
    calls = _called_by(interaction)
    if len(set(calls)) < len(calls) or (len(calls) > 1 and row.cancelled_by is None):
        yield f"called by {', '.join(calls)}"


def _called_by(interaction: Interaction) -> list[str]:
    # Those that have called are deleted in time.
    nonces = [str(m.nonce) for m in interaction.channel.messages.values()]
    return [nonce for nonce in nonces if nonce.startswith(f"{interaction.id}-")]


def _messages(interaction: Interaction) -> Iterator[Message]:
    return (m for m in interaction.channel.messages.values() if not m.deleted)


def _money(row: Row, request: Asked, renders: Sequence[Render]) -> Iterator[str]:
    billed = sum(render.charge_micro_usd for render in renders)
    if len(renders) > 1:
        yield f"ordered {len(renders)} times, {usd(billed)} billed"
    if row.counted != billed:
        how = f"{row.state} {row.failure} {row.doubt}"
        yield f"{how}: {usd(billed)} billed, {usd(row.counted)} counted"
    kinds = row.kinds.split(",")
    if kinds.count("reserve") != 1 or kinds.count("settle") + kinds.count("refund") != 1:
        yield f"its entries are {row.kinds}"
    if row.state == "delivered" and not renders:
        yield "delivered and never ordered"
    # Who cancels their own clip pays for what is made all the same.
    may_pay = row.state == "delivered" or row.cancelled_by == request.member.id
    must_pay = row.state == "delivered"
    if row.members not in {row.counted if must_pay else 0, row.counted if may_pay else 0}:
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


def _member_sums(house: House, spent: Mapping[tuple[int, int], int]) -> Iterator[str]:
    """Hold what each member's clips come to against the ledger, and against the running totals."""
    for what, sql in (("entries", _ENTRIES), ("totals", _TOTALS)):
        found = {(guild, member): amount for guild, member, amount in house.query(sql)}
        for whose in sorted(found.keys() | spent.keys()):
            has, should = found.get(whose, 0), spent.get(whose, 0)
            if has != should:
                yield f"member {whose[1]} spent {usd(should)}, and their {what} say {usd(has)}"


_ENTRIES: Final = """
    SELECT guild_id, member_id, sum(member_micro_usd) FROM ledger GROUP BY guild_id, member_id
"""
# SQLite takes the other columns from the row that has the largest.
_TOTALS: Final = """
    SELECT guild_id, member_id, micro_usd FROM (
        SELECT guild_id, member_id, micro_usd, max(counts_at) FROM member_totals
        GROUP BY guild_id, member_id
    )
"""
