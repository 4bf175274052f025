"""Moderators' changes of who may start clips: blocks of members, and pauses for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import service, to_ms, value
from bot.guilds import audit, guild_settings, log_messages
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.guilds.guild_settings import Pause
from bot.guilds.log_messages import LogMessage, LogMessageKind
from bot.moderation import blocks, member_selection
from bot.moderation.authority import ClipAuthority, check_may_block, check_may_unblock
from bot.moderation.blocks import Block
from bot.moderation.clip_selection import ClipSelection
from bot.moderation.clip_service import cancel_selected, select_clips
from bot.moderation.errors import BlockError, BlockProblem, NotPausedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime, timedelta

    from bot.base import Clock, Database, Transaction
    from bot.guilds.audit import Actor, AuditValues
    from bot.moderation.authority import BlockAuthority
    from bot.moderation.clip_selection import SelectedClips
    from bot.moderation.member_selection import NewMembersBlock, Ranks, SelectedMembers

_WHOLE_SERVER: Final = ClipAuthority(manages_server=True)
"""Of who may block or pause: nobody blocks themselves, and what waits costs nothing yet."""


@value
class BlockResult:
    """A new block and its effects.

    Attributes:
        replaced: The member's earlier block.
        running: Their jobs in progress, as they were before.
        cancelled: Whether these were cancelled.
    """

    block: Block
    replaced: Block | None
    running: SelectedClips
    cancelled: bool


@value
class PauseResult:
    """A pause and its effects.

    Attributes:
        earlier: The pause that it changes, whose beginning it keeps.
        waiting: The guild's jobs that Pika has not been asked for, as they were before.
        cancelled: Whether these were cancelled.
    """

    pause: Pause
    earlier: Pause | None
    waiting: SelectedClips
    cancelled: bool


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


@service
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
            selection = ClipSelection(member_id)
            running, revoked = _cancel_or_count(tx, by, selection, now, cancel=cancel_running)
            return BlockResult(block, replaced, running, cancel_running), revoked

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

    async def block_several(
        self, by: Actor, ranks: Ranks, block: NewMembersBlock, *, preview: bool = False
    ) -> tuple[SelectedMembers, SelectedClips]:
        """Block several members who are below the moderator; with `preview` only look for them.

        Returns:
            The members, and their jobs in progress, as they were before.
        """
        now = self.clock()
        until = None if block.interval is None else now + block.interval
        cancel = block.cancel_running and not preview

        def put(tx: Transaction) -> tuple[SelectedMembers, SelectedClips, list[int]]:
            members = member_selection.to_block(tx, by, ranks, block.since, now)
            if members.member_ids and not preview:
                for it in members.member_ids:
                    blocks.put(tx, by.guild_id, Block(it, now, until, by.reason))
                after = {**members.audit_values(), "until": to_ms(until) if until else None}
                audit.record(tx, by.guild_id, _event(by, AuditAction.BLOCK, None, after), now)
            selection = ClipSelection(member_ids=members.member_ids)
            return members, *_cancel_or_count(tx, by, selection, now, cancel=cancel)

        members, running, revoked = await self.database.write(put)
        self.abort_steps(revoked)
        return members, running

    async def unblock_several(
        self, by: Actor, ranks: Ranks, since: datetime, *, preview: bool = False
    ) -> SelectedMembers:
        """Lift the blocks that were put since then; with `preview` only look for them."""
        now = self.clock()

        def remove(tx: Transaction) -> SelectedMembers:
            members = member_selection.to_unblock(tx, by, ranks, since, now)
            if members.member_ids and not preview:
                for it in members.member_ids:
                    blocks.remove(tx, by.guild_id, it)
                event = _event(by, AuditAction.UNBLOCK, None, members.audit_values())
                audit.record(tx, by.guild_id, event, now)
            return members

        return await self.database.write(remove)

    async def blocks(self, guild_id: int) -> list[Block]:
        """The blocks in force in a guild, the newest first."""
        return await self.database.read(lambda tx: blocks.in_force(tx, guild_id, self.clock()))

    async def pause(
        self, by: Actor, interval: timedelta | None = None, *, cancel_waiting: bool = False
    ) -> PauseResult:
        """Let nobody start a clip; jobs that Pika was asked for go on.

        A pause in force keeps its beginning; its reason and its end are replaced.

        Args:
            by: The moderator, and the reason that members read.
            interval: The duration; `None` is until somebody ends the pause.
            cancel_waiting: Cancel the jobs that Pika has not been asked for.
        """
        now = self.clock()
        until = None if interval is None else now + interval

        def put(tx: Transaction) -> tuple[PauseResult, list[int]]:
            earlier = guild_settings.get(tx, by.guild_id).pause_at(now)
            pause = Pause(now if earlier is None else earlier.since, by.reason, until)
            _put_pause(tx, by.guild_id, pause)
            audit.record(tx, by.guild_id, _pause_event(by, earlier, pause), now)
            if until is not None:
                # As of its end: it waits for a day from then on, not from now on.
                log_messages.add(tx, by.guild_id, _pause_ended(by, pause, now), until, until)
            selection = ClipSelection(only_waiting=True)
            waiting, revoked = _cancel_or_count(tx, by, selection, now, cancel=cancel_waiting)
            return PauseResult(pause, earlier, waiting, cancel_waiting), revoked

        # In one transaction: nobody's request comes between the pause and the cancel.
        result, revoked = await self.database.write(put)
        self.abort_steps(revoked)
        return result

    async def resume(self, by: Actor) -> Pause:
        """End the guild's pause, which is returned.

        Raises:
            NotPausedError: The guild is not paused.
        """
        now = self.clock()

        def remove(tx: Transaction) -> Pause:
            earlier = guild_settings.get(tx, by.guild_id).pause_at(now)
            if earlier is None:
                raise NotPausedError
            _put_pause(tx, by.guild_id, None)
            event = _event(by, AuditAction.RESUME, {"paused": True}, {"paused": False})
            audit.record(tx, by.guild_id, event, now)
            return earlier

        return await self.database.write(remove)


def _cancel_or_count(
    tx: Transaction, by: Actor, selection: ClipSelection, now: datetime, *, cancel: bool
) -> tuple[SelectedClips, list[int]]:
    if cancel:
        return cancel_selected(tx, by, _WHOLE_SERVER, selection, now)
    return select_clips(tx, by, _WHOLE_SERVER, selection), []


def _put_pause(tx: Transaction, guild_id: int, pause: Pause | None) -> None:
    """Put a pause in place of the guild's earlier one, whose end is told no more."""
    log_messages.withdraw(tx, guild_id, LogMessageKind.PAUSE_ENDED)
    until = None if pause is None or pause.until is None else to_ms(pause.until)
    guild_settings.put(
        tx,
        guild_id,
        paused_at=None if pause is None else to_ms(pause.since),
        pause_reason=None if pause is None else pause.reason,
        paused_until=until,
    )


def _pause_ended(by: Actor, pause: Pause, now: datetime) -> LogMessage:
    kind = LogMessageKind.PAUSE_ENDED
    data = {"actor": by.actor_id, "since": to_ms(pause.since)}
    return LogMessage(f"{kind}-{to_ms(now)}", kind, data)


def _pause_event(by: Actor, earlier: Pause | None, pause: Pause) -> AuditEvent:
    until = None if pause.until is None else to_ms(pause.until)
    if earlier is None:
        return _event(by, AuditAction.PAUSE, {"paused": False}, {"paused": True, "until": until})
    before = None if earlier.until is None else to_ms(earlier.until)
    reasons = {"reason": earlier.reason, "until": before}, {"reason": by.reason, "until": until}
    return _event(by, AuditAction.PAUSE, *reasons)


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
