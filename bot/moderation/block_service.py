"""Moderators' changes of who may start clips: blocks of members, and pauses for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.base import to_ms
from bot.guilds import audit, guild_settings
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.jobs import job_store
from bot.moderation import blocks
from bot.moderation.authority import check_may_block, check_may_unblock
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
    from bot.moderation.authority import BlockAuthority


@dataclass(frozen=True, slots=True)
class BlockResult:
    """A new block and its effects.

    Attributes:
        replaced: The member's earlier block.
        cancelled: Their jobs that were cancelled, as they were before.
        going_on: The number of their jobs that are still in progress.
    """

    block: Block
    replaced: Block | None
    cancelled: tuple[Job, ...]
    going_on: int


def put_block(tx: Transaction, by: Actor, authority: BlockAuthority, block: Block) -> Block | None:
    """Put a block in place of the member's earlier one, which is returned, and record it.

    Raises:
        BlockError: The moderator may not block this member.
    """
    check_may_block(authority, by, block.member_id)
    replaced = blocks.get(tx, by.guild_id, block.member_id, block.since)
    blocks.put(tx, by.guild_id, block)
    event = _event(by, AuditAction.BLOCK, _until(replaced), _until(block), block.member_id)
    audit.record(tx, by.guild_id, event, block.since)
    return replaced


@dataclass(frozen=True, slots=True)
class BlockService:
    """Blocks and pauses of any guild, in force from the next decision on.

    A block applies to moderators too, until somebody above them lifts it.

    Attributes:
        abort_steps: Called after each block, with the ids of jobs whose leases were revoked.
    """

    database: Database
    clock: Clock
    abort_steps: Callable[[Collection[int]], None]

    async def block(
        self,
        by: Actor,
        authority: BlockAuthority,
        member_id: int,
        interval: timedelta | None,
        *,
        cancel_running: bool,
    ) -> BlockResult:
        """Keep a member from starting clips, in place of their earlier block.

        Args:
            by: The moderator, and the reason that the member reads.
            authority: The ranks of moderator and member.
            member_id: The member, who need not be in the guild.
            interval: The duration; `None` is until somebody lifts the block.
            cancel_running: Cancel their jobs in progress too.

        Raises:
            BlockError: The moderator may not block this member.
        """
        now = self.clock()
        block = Block(member_id, now, None if interval is None else now + interval, by.reason)

        def put(tx: Transaction) -> tuple[BlockResult, list[int]]:
            replaced = put_block(tx, by, authority, block)
            running = _running(tx, by.guild_id, member_id)
            cancelled = tuple(running) if cancel_running else ()
            revoked = [job.id for job in cancelled if cancel_and_record(tx, by, job, now)]
            going_on = len(running) - len(cancelled)
            return BlockResult(block, replaced, cancelled, going_on), revoked

        # In one transaction: no job of the member is claimed between the block and its cancel.
        result, revoked = await self.database.write(put)
        self.abort_steps(revoked)
        return result

    async def unblock(self, by: Actor, authority: BlockAuthority, member_id: int) -> Block:
        """Lift a member's block, which is returned.

        Raises:
            BlockError: The member is not blocked, or the moderator may not unblock them.
        """
        check_may_unblock(authority, by, member_id)
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
        """The blocks in force in a guild, the newest first."""
        return await self.database.read(lambda tx: blocks.in_force(tx, guild_id, self.clock()))

    async def pause(self, by: Actor) -> Pause | None:
        """Let nobody start a clip; jobs in progress go on.

        Returns:
            The earlier pause, of which only the reason changes.
        """
        now = self.clock()

        def put(tx: Transaction) -> Pause | None:
            earlier = guild_settings.get(tx, by.guild_id).pause
            since = now if earlier is None else earlier.since
            guild_settings.put(tx, by.guild_id, paused_at=to_ms(since), pause_reason=by.reason)
            event = _event(by, AuditAction.PAUSE, {"paused": False}, {"paused": True})
            if earlier is not None:
                reasons = {"reason": earlier.reason}, {"reason": by.reason}
                event = _event(by, AuditAction.PAUSE, *reasons)
            audit.record(tx, by.guild_id, event, now)
            return earlier

        return await self.database.write(put)

    async def resume(self, by: Actor) -> Pause:
        """End the guild's pause, which is returned.

        Raises:
            NotPausedError: The guild is not paused.
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
    # A job that another moderator cancelled keeps that moderator and that reason.
    return [
        job
        for job in job_store.open_of_member(tx, guild_id, member_id)
        if job.state in IN_PROGRESS and job.cancelled_by is None
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
    kind = AuditSubject.MEMBER if member_id else AuditSubject.GUILD
    return AuditEvent(by.actor_id, action, kind, member_id, before, after, by.reason)
