"""Who may start clips: blocks of single members, and pauses for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.base import to_ms
from bot.guilds import audit, guild_settings
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.jobs import job_store
from bot.moderation import blocks
from bot.moderation.blocks import Block
from bot.moderation.clip_service import IN_PROGRESS, cancel_and_record
from bot.moderation.errors import BlockError, BlockProblem, NotPausedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import timedelta

    from bot.base import Clock, Database, Transaction
    from bot.guilds.audit import Actor, AuditValues
    from bot.guilds.guild_settings import Pause
    from bot.jobs.job import Job


@dataclass(frozen=True, slots=True)
class BlockResult:
    """What came of a block.

    Attributes:
        replaced: The block that the member had.
        cancelled: Their clips that were called off, as they were.
        going_on: How many of their clips are still being made.
    """

    block: Block
    replaced: Block | None
    cancelled: tuple[Job, ...]
    going_on: int


def put_block(tx: Transaction, by: Actor, block: Block) -> Block | None:
    """Put a block in place of any that its member has, and record it.

    Returns:
        The block that they had.

    Raises:
        BlockError: It is the moderator's own self.
    """
    if block.member_id == by.actor_id:
        raise BlockError(BlockProblem.ONESELF, block.member_id)
    replaced = blocks.get(tx, by.guild_id, block.member_id, block.since)
    blocks.put(tx, by.guild_id, block)
    event = _event(by, AuditAction.BLOCK, _until(replaced), _until(block), block.member_id)
    audit.record(tx, by.guild_id, event, block.since)
    return replaced


@dataclass(frozen=True, slots=True)
class BlockService:
    """Blocks and pauses, for the moderators of any guild. All of it is effective at once.

    A block holds for moderators too; who may block may also lift their own, and the record
    shows it.

    Attributes:
        let_go: Told which jobs were taken from their steps; called after every change.
    """

    database: Database
    clock: Clock
    abort_steps: Callable[[Collection[int]], None]

    async def block(
        self, by: Actor, member_id: int, interval: timedelta | None, *, cancel_running: bool
    ) -> BlockResult:
        """Keep a member from starting clips, in place of any block they have.

        Args:
            by: Who blocks, and why; the member reads the reason.
            member_id: Who is blocked, present or not.
            interval: For how long; `None` until somebody lifts it.
            cancel_running: Call off what they have in the making; else it goes on.

        Raises:
            BlockError: It is the moderator's own self.
        """
        now = self.clock()
        block = Block(member_id, now, None if interval is None else now + interval, by.reason)

        def put(tx: Transaction) -> tuple[BlockResult, list[int]]:
            replaced = put_block(tx, by, block)
            running = _running(tx, by.guild_id, member_id)
            doomed = running if cancel_running else []
            taken = [job.id for job in doomed if cancel_and_record(tx, by, job, now)]
            return BlockResult(block, replaced, tuple(doomed), len(running) - len(doomed)), taken

        result, taken = await self.database.write(put)
        self.abort_steps(taken)
        return result

    async def unblock(self, by: Actor, member_id: int) -> Block:
        """Lift a member's block, and return what it was.

        Raises:
            BlockError: They are not blocked.
        """
        now = self.clock()

        def remove(tx: Transaction) -> Block:
            lifted = blocks.get(tx, by.guild_id, member_id, now)
            if lifted is None:
                raise BlockError(BlockProblem.NOT_BLOCKED, member_id)
            blocks.remove(tx, by.guild_id, member_id)
            event = _event(by, AuditAction.UNBLOCK, _until(lifted), None, member_id)
            audit.record(tx, by.guild_id, event, now)
            return lifted

        return await self.database.write(remove)

    async def blocks(self, guild_id: int) -> list[Block]:
        """Return the blocks that hold in a guild, the newest first."""
        return await self.database.read(lambda tx: blocks.in_force(tx, guild_id, self.clock()))

    async def pause(self, by: Actor) -> Pause | None:
        """Let nobody start a clip. What is in the making goes on.

        Returns:
            The pause that there was, of which only the reason changes.
        """
        now = self.clock()

        def put(tx: Transaction) -> Pause | None:
            earlier = guild_settings.get(tx, by.guild_id).pause
            since = now if earlier is None else earlier.since
            guild_settings.put(tx, by.guild_id, paused_at=to_ms(since), pause_reason=by.reason)
            event = _event(by, AuditAction.PAUSE, {"paused": False}, {"paused": True})
            if earlier is not None:
                facts = {"reason": earlier.reason}, {"reason": by.reason}
                event = _event(by, AuditAction.PAUSE, *facts)
            audit.record(tx, by.guild_id, event, now)
            return earlier

        return await self.database.write(put)

    async def resume(self, by: Actor) -> Pause:
        """Let members start clips again, and return the pause that there was.

        Raises:
            NotPausedError: There was none.
        """
        now = self.clock()

        def remove(tx: Transaction) -> Pause:
            earlier = guild_settings.get(tx, by.guild_id).pause
            if earlier is None:
                raise NotPausedError
            guild_settings.put(tx, by.guild_id, paused_at=None, pause_reason=None)
            event = _event(by, AuditAction.RESUME, {"paused": True}, {"paused": False})
            audit.record(tx, by.guild_id, event, now)
            return earlier

        return await self.database.write(remove)


def _running(tx: Transaction, guild_id: int, member_id: int) -> list[Job]:
    return [
        job
        for job in job_store.open_of_guild(tx, guild_id)
        if job.reply_to.member_id == member_id
        and job.state in IN_PROGRESS
        and job.cancelled_by is None
    ]


def _until(block: Block | None) -> AuditValues | None:
    if block is None:
        return None
    return {"until": None if block.until is None else to_ms(block.until)}


def _event(
    by: Actor,
    action: AuditAction,
    before: AuditValues | None,
    after: AuditValues | None,
    member_id: int = 0,
) -> AuditEvent:
    return AuditEvent(
        actor_id=by.actor_id,
        action=action,
        subject_kind=AuditSubject.MEMBER if member_id else AuditSubject.GUILD,
        subject_id=member_id,
        before=before,
        after=after,
        reason=by.reason,
    )
