"""Jobs as rows: the one place that reads and writes them.

`queued → submitting → rendering → rendered → delivered`, or `→ refused → told`, or
`→ cancelled → told`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from bot.clock import from_ms, to_ms
from bot.errors import LeaseLostError
from pika import Order, Ticket

if TYPE_CHECKING:
    from bot.storage import Row, Transaction, Value
    from pika import Duration, Resolution

LEASE: Final = timedelta(minutes=15)
"""How long a claimed step may take before someone else may carry on."""


class State(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    RENDERING = "rendering"
    RENDERED = "rendered"
    DELIVERED = "delivered"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    TOLD = "told"


class Failure(StrEnum):
    """Why a job ended without a clip. Stored; `cogs` has a sentence for each."""

    MODERATED = "moderated"
    BAD_PICTURE = "bad_picture"
    BAD_INPUT = "bad_input"
    NO_CREDIT = "no_credit"
    BAD_KEY = "bad_key"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    RENDER_FAILED = "render_failed"
    TIMED_OUT = "timed_out"
    IN_DOUBT = "in_doubt"
    UNFETCHED = "unfetched"
    UNREADABLE_VIDEO = "unreadable_video"
    VIDEO_TOO_LARGE = "video_too_large"
    NO_PLACE = "no_place"
    UNDELIVERED = "undelivered"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a member is answered.

    Attributes:
        message_id: The status message that this request was acknowledged with.
        token: Lets its holder edit that message until `token_until`; a secret, and
            `None` once it is of no more use.
        token_until: When the token dies.
    """

    interaction_id: int
    guild_id: int
    channel_id: int
    member_id: int
    message_id: int
    application_id: int
    token: str | None
    token_until: datetime

    def __repr__(self) -> str:
        return f"<Address of interaction {self.interaction_id}>"

    @classmethod
    def of(cls, row: Row) -> Self:
        """Read the columns that `jobs` and `intakes` share."""
        plain = {name: row[name] for name in _ADDRESS if name != "token_until"}
        return cls(**plain, token_until=from_ms(row["token_until"]))

    def columns(self) -> dict[str, Value]:
        """Return the columns that `jobs` and `intakes` share."""
        plain: dict[str, Value] = {name: getattr(self, name) for name in _ADDRESS}
        return plain | {"token_until": to_ms(self.token_until)}


_ADDRESS: Final = (
    "interaction_id",
    "guild_id",
    "channel_id",
    "member_id",
    "message_id",
    "application_id",
    "token",
    "token_until",
)


@dataclass(frozen=True, slots=True)
class Job:
    """One row of `jobs`, as read when it was claimed.

    Attributes:
        upload_limit: The largest file, in bytes, that the chat is believed to take.
        picture_url: Where the chat keeps the original picture, for about a day.
        price_micro_usd: What was reserved.
        charge_micro_usd: What the provider billed, once known to be final.
        claim: Which claim this copy was read under.
        attempts: Failed attempts in the present state.
        failing_since: When the first of those failed.
        reference: The short word that joins a sentence shown to a member with the log.
    """

    id: int
    address: Address
    upload_limit: int
    picture_url: str | None
    provider: str
    prompt: str
    negative_prompt: str
    seed: int
    resolution: Resolution
    duration: Duration
    price_micro_usd: int
    state: State
    idempotency_key: str | None
    order: Order | None
    ticket: Ticket | None
    charge_micro_usd: int | None
    failure: Failure | None
    reference: str
    created_at: datetime
    submitted_at: datetime | None
    claim: int
    attempts: int
    failing_since: datetime | None

    @classmethod
    def of(cls, row: Row) -> Self:
        """Read a row."""
        plain = {name: row[name] for name in _PLAIN}
        order, ticket, failure = row["order_json"], row["ticket_json"], row["failure"]
        return cls(
            **plain,
            address=Address.of(row),
            state=State(row["state"]),
            order=Order.model_validate_json(order) if order else None,
            ticket=Ticket.model_validate_json(ticket) if ticket else None,
            failure=Failure(failure) if failure else None,
            created_at=from_ms(row["created_at"]),
            submitted_at=_instant(row["submitted_at"]),
            failing_since=_instant(row["failing_since"]),
        )

    @property
    def cost_micro_usd(self) -> int:
        """What the clip costs: the real charge where it is known, else the price."""
        return self.price_micro_usd if self.charge_micro_usd is None else self.charge_micro_usd


def _instant(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)


_PLAIN: Final = (
    "id",
    "upload_limit",
    "picture_url",
    "provider",
    "prompt",
    "negative_prompt",
    "seed",
    "resolution",
    "duration",
    "price_micro_usd",
    "idempotency_key",
    "charge_micro_usd",
    "reference",
    "claim",
    "attempts",
)
_LIVE: Final = "state NOT IN ('delivered', 'told')"
_NEXT_DUE: Final = f"""
    SELECT id FROM jobs
    WHERE {_LIVE} AND due_at <= :now AND (state <> 'queued' OR (
        SELECT count(*) FROM jobs
        WHERE state IN ('submitting', 'rendering') OR (state = 'queued' AND due_at > :now)
    ) < :renders)
    ORDER BY due_at, id LIMIT 1
"""


async def insert(tx: Transaction, columns: dict[str, Value]) -> int:
    """Insert a row and return its id."""
    names = ", ".join(columns)
    values = ", ".join(f":{name}" for name in columns)
    row = await tx.one(
        f"INSERT INTO jobs ({names}) VALUES ({values}) RETURNING id",
        columns,
    )
    if row is None:
        raise LookupError("INSERT returned no id")
    return int(row["id"])


async def get(tx: Transaction, job_id: int) -> Job:
    """Return a job.

    Raises:
        LookupError: There is none with this id.
    """
    row = await tx.one("SELECT * FROM jobs WHERE id = :id", {"id": job_id})
    if row is None:
        raise LookupError(f"no job {job_id}")
    return Job.of(row)


async def put_still(tx: Transaction, job_id: int, data: bytes) -> None:
    """Keep a job's picture (a JPEG) until Pika has it."""
    await tx.execute(
        "INSERT INTO stills (job_id, data) VALUES (:job, :data)", {"job": job_id, "data": data}
    )


async def get_still(tx: Transaction, job_id: int) -> bytes:
    """Return a job's picture.

    Raises:
        LookupError: It was dropped.
    """
    row = await tx.one("SELECT data FROM stills WHERE job_id = :job", {"job": job_id})
    if row is None:
        raise LookupError(f"no still of job {job_id}")
    return bytes(row["data"])


async def drop_still(tx: Transaction, job_id: int) -> None:
    """Forget a job's picture."""
    await tx.execute("DELETE FROM stills WHERE job_id = :job", {"job": job_id})


async def claim_next(tx: Transaction, now: datetime, renders_at_once: int) -> Job | None:
    """Claim the job that is due longest, and lease it for `LEASE`.

    Queued jobs are passed over while `renders_at_once` jobs are at the provider, or on
    their way there.
    """
    row = await tx.one(
        f"UPDATE jobs SET due_at = :until, claim = claim + 1 WHERE id = ({_NEXT_DUE}) RETURNING *",
        {"now": to_ms(now), "until": to_ms(now + LEASE), "renders": renders_at_once},
    )
    return None if row is None else Job.of(row)


async def move(tx: Transaction, job: Job, state: State, due: datetime, **columns: Value) -> Job:
    """Put a claimed job into a state, with whatever else changes, and end its lease.

    Failed attempts are forgotten unless `columns` say otherwise.

    Raises:
        LeaseLostError: It was claimed by someone else meanwhile.
    """
    fresh: dict[str, Value] = {"attempts": 0, "failing_since": None}
    changes = {"state": state.value, "due_at": to_ms(due), **fresh, **columns}
    assignments = ", ".join(f"{name} = :{name}" for name in changes)
    row = await tx.one(
        f"UPDATE jobs SET {assignments}"
        " WHERE id = :id AND claim = :claim AND state = :was RETURNING *",
        {**changes, "id": job.id, "claim": job.claim, "was": job.state.value},
    )
    if row is None:
        raise LeaseLostError(f"job {job.id} is no longer under claim {job.claim}")
    return Job.of(row)


async def make_due(tx: Transaction, job: Job, now: datetime) -> None:
    """Let an unclaimed job be claimed at once."""
    await tx.execute(
        "UPDATE jobs SET due_at = :now WHERE id = :id AND claim = :claim",
        {"now": to_ms(now), "id": job.id, "claim": job.claim},
    )


async def live_ids(tx: Transaction) -> set[int]:
    """Return the ids of all jobs that are not at their end."""
    return {row["id"] for row in await tx.all(f"SELECT id FROM jobs WHERE {_LIVE}")}


async def end_leases(tx: Transaction, now: datetime) -> int:
    """Make every live job due at once. Only for the start of the sole process.

    A pause that a provider asked for is cut short by this, which costs one early call.
    """
    return await tx.execute(
        f"UPDATE jobs SET due_at = :now WHERE {_LIVE} AND due_at > :now",
        {"now": to_ms(now)},
    )


async def next_due(tx: Transaction) -> datetime | None:
    """Return when the next step of any live job is due."""
    row = await tx.one(f"SELECT min(due_at) AS due FROM jobs WHERE {_LIVE}")
    return None if row is None or row["due"] is None else from_ms(row["due"])


async def count_ahead(tx: Transaction, job_id: int) -> int:
    """Return how many earlier jobs wait for Pika or are with it."""
    row = await tx.one(
        "SELECT count(*) AS n FROM jobs"
        " WHERE state IN ('queued', 'submitting', 'rendering') AND id < :id",
        {"id": job_id},
    )
    return 0 if row is None else int(row["n"])


async def recent_seconds(
    tx: Transaction, provider: str, resolution: str, duration: int, most: int = 50
) -> list[float]:
    """Return how long the latest jobs of a kind took, from submit to video, in seconds."""
    rows = await tx.all(
        "SELECT rendered_at - submitted_at AS ms FROM jobs"
        " WHERE provider = :provider AND resolution = :resolution AND duration = :duration"
        " AND rendered_at IS NOT NULL ORDER BY rendered_at DESC LIMIT :most",
        {"provider": provider, "resolution": resolution, "duration": duration, "most": most},
    )
    return [row["ms"] / 1000 for row in rows]


async def latest_failures(
    tx: Transaction, guild_id: int, member_id: int, since: datetime, most: int = 3
) -> list[Job]:
    """Return a member's latest jobs that ended without a clip, the newest first."""
    rows = await tx.all(
        "SELECT * FROM jobs WHERE guild_id = :guild AND member_id = :member"
        " AND failure IS NOT NULL AND created_at >= :since ORDER BY id DESC LIMIT :most",
        {"guild": guild_id, "member": member_id, "since": to_ms(since), "most": most},
    )
    return [Job.of(row) for row in rows]


async def count_live(tx: Transaction, guild_id: int, member_id: int) -> int:
    """Return how many clips of a member are still being made."""
    row = await tx.one(
        "SELECT count(*) AS n FROM jobs WHERE guild_id = :guild AND member_id = :member"
        f" AND {_LIVE}",
        {"guild": guild_id, "member": member_id},
    )
    return 0 if row is None else int(row["n"])
