"""What the owner sees and sets over all guilds: spending, the ceiling, the pause."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from bot.base import from_ms, service, to_ms, value
from bot.guilds import audit, guild_settings
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.guilds.guild_settings import EVERY_GUILD
from bot.quota import ledger
from bot.quota.allowances import AllowanceReader, Ceiling, put_ceiling
from bot.quota.rules import EVERYONE, GUILD

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from bot.base import Clock, Database, Transaction
    from bot.guilds.guild_settings import Pause
    from bot.quota.rules import Rule

log = logging.getLogger(__name__)


@value
class OwnerStatus:
    """The owner's view of all guilds; amounts are in micro-USD.

    Attributes:
        setting: The ceiling of the setting, which is used unless one was commanded.
        used: Spent and reserved this month.
        renews_at: The end of the month, in the owner's time zone.
        used_by_guild: The same by guild, the largest first, without those that used nothing.
        open_jobs: Jobs that have not ended, by state.
        doubtful: Counted for orders in doubt, of any month.
        running_since: When this process began; `None` while it starts or stops.
        stopped: Providers that take no orders from this account, each with the reason.
    """

    ceiling: Ceiling
    setting: int | None
    used: int
    renews_at: datetime
    used_by_guild: Mapping[int, int]
    open_jobs: Mapping[str, int]
    doubts: int
    doubtful: int
    pause: Pause | None
    running_since: datetime | None
    stopped: tuple[tuple[str, str], ...] = ()


@value
class GuildSpending:
    """A guild's limit for everyone and its budgets, and what it used this month in micro-USD."""

    used: int
    rules: tuple[Rule, ...]


@value
class CeilingChange:
    """The ceilings before a change and after it, and what is used of it, in micro-USD."""

    before: Ceiling
    after: Ceiling
    used: int


@service
class OwnerService:
    """Reads all guilds, and changes the ceiling, for the owner of the application.

    Attributes:
        stopped_providers: Tells which take no orders from this account, each with the reason, as
            `LogMessageKind.ACCOUNT_REFUSED` has it.
    """

    database: Database
    allowances: AllowanceReader
    clock: Clock
    stopped_providers: Callable[[], Iterable[tuple[str, str]]] = tuple

    async def status(self) -> OwnerStatus:
        """Everything at this moment."""
        return await self.database.read(lambda tx: self._status(tx, self.clock()))

    async def spending(self, guild_ids: Collection[int]) -> dict[int, GuildSpending]:
        """The spending and limits of guilds, by id."""

        def read(tx: Transaction) -> dict[int, GuildSpending]:
            since = self.allowances.owner.month(self.clock()).start
            return {it: self._spending(tx, it, since) for it in guild_ids}

        return await self.database.read(read)

    async def open_jobs(self, guild_id: int) -> int:
        """The number of a guild's jobs that have not ended."""
        rows = await self.database.read(lambda tx: tx.all(_OF_GUILD, {"guild": guild_id}))
        return int(rows[0][0])

    async def record_leave(self, actor_id: int, guild_id: int) -> None:
        """Put on record that the owner has the bot leave a guild."""
        kind = AuditAction.SETTINGS, AuditSubject.GUILD, guild_id
        event = AuditEvent(actor_id, *kind, {"member": True}, {"member": False})
        await self.database.write(
            lambda tx: audit.record(tx, audit.OWNERS_LOG, event, self.clock())
        )

    async def set_ceiling(self, actor_id: int, micro_usd: int | None) -> CeilingChange:
        """Use a ceiling from the next decision on, instead of the setting; `None` is without."""
        return await self._set_ceiling(actor_id, Ceiling(micro_usd, is_commanded=True))

    async def reset_ceiling(self, actor_id: int) -> CeilingChange:
        """Use the setting again."""
        return await self._set_ceiling(actor_id, Ceiling(self.allowances.owner.monthly_micro_usd))

    async def _set_ceiling(self, actor_id: int, after: Ceiling) -> CeilingChange:
        now = self.clock()

        def put(tx: Transaction) -> CeilingChange:
            before = self.allowances.owner.ceiling(tx)
            put_ceiling(tx, after)
            sides = {"micro_usd": before.micro_usd}, {"micro_usd": after.micro_usd}
            event = AuditEvent(actor_id, AuditAction.BUDGET, AuditSubject.GUILD, 0, *sides)
            audit.record(tx, audit.OWNERS_LOG, event, now)
            return CeilingChange(before, after, self.allowances.owner.used(tx, now))

        change = await self.database.write(put)
        log.info("owner %d changed the ceiling: %s to %s", actor_id, change.before, after)
        return change

    def _status(self, tx: Transaction, now: datetime) -> OwnerStatus:
        owner = self.allowances.owner
        month = owner.month(now)
        first = {"first": to_ms(month.start) // ledger.QUARTER_HOUR_MS}
        spenders = [row["guild_id"] for row in tx.all(_SPENDERS, first)]
        used = {it: ledger.spent_by_guild(tx, it, month.start).micro_usd for it in spenders}
        by_guild = sorted(((it, sum_) for it, sum_ in used.items() if sum_), key=lambda it: -it[1])
        doubts = tx.all(_DOUBTS)[0]
        since = tx.all("SELECT running_since FROM owner_state")[0]["running_since"]
        return OwnerStatus(
            ceiling=owner.ceiling(tx),
            setting=owner.monthly_micro_usd,
            used=owner.used(tx, now),
            renews_at=month.end,
            used_by_guild=dict(by_guild),
            open_jobs={row["state"]: row["jobs"] for row in tx.all(_BY_STATE)},
            doubts=doubts["orders"],
            doubtful=doubts["micro_usd"],
            pause=guild_settings.get(tx, EVERY_GUILD).pause,
            running_since=None if since is None else from_ms(since),
            stopped=tuple(self.stopped_providers()),
        )

    def _spending(self, tx: Transaction, guild_id: int, since: datetime) -> GuildSpending:
        rules = self.allowances.rule_store.of_targets(tx, guild_id, (EVERYONE, GUILD))
        return GuildSpending(ledger.spent_by_guild(tx, guild_id, since).micro_usd, tuple(rules))


# In the words of the partial indexes on open jobs.
_BY_STATE: Final = """
    SELECT state, count(*) AS jobs FROM jobs
    WHERE state NOT IN ('delivered', 'notified') GROUP BY state
"""
_OF_GUILD: Final = """
    SELECT count(*) FROM jobs WHERE state NOT IN ('delivered', 'notified') AND guild_id = :guild
"""
_SPENDERS: Final = """
    SELECT DISTINCT guild_id FROM guild_totals WHERE quarter_hour >= :first AND guild_id <> 0
"""
_DOUBTS: Final = """
    SELECT count(DISTINCT jobs.id) AS orders, coalesce(sum(ledger.micro_usd), 0) AS micro_usd
    FROM jobs JOIN ledger ON job_id = jobs.id WHERE doubt = 'open'
"""
